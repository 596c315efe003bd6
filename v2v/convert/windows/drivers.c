/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drivers go to \Windows\Drivers\VirtIO, which becomes one of the folders
 * that Windows searches when it finds a new device. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/windows/driver_files.h"
#include "v2v/convert/windows/windows.h"

static const char why[] = "the new machine's devices are virtio devices";

/* PATH as it is spelled in the guest; missing folders are created. */
static char *
make_folders(struct windows *w, const char *path, struct error *err)
{
    struct job *job = &w->c->job;
    cleanup_free char *real = strdup("");

    while (real && *path) {
        size_t n = 1 + strcspn(path + 1, "/");
        cleanup_free char *longer = text_printf("%s%.*s", real, (int)n, path);

        free(steal_pointer(&real));
        path += n;
        if (!longer)
            break;
        if (mayfly_case_sensitive_path(job->g, longer, &real) < 0 ||
            (*path && !job_is_dir(job, real) && mayfly_mkdir(job->g, real) < 0))
            return job_fail(job, err), NULL;
    }
    if (!real)
        error_no_memory(err);
    return steal_pointer(&real);
}

int
windows_put(struct windows *w, const char *path, const void *data, size_t size,
    const char *what, const char *why_put, struct error *err)
{
    cleanup_undo struct undo undo = {.kind = UNDO_REMOVE};
    struct job *job = &w->c->job;
    cleanup_free char *real = make_folders(w, path, err);

    if (!real)
        return -1;
    /* The old file was another version; it is not kept, so this cannot be
     * undone. */
    if (job_exists(job, real))
        undo.kind = UNDO_NOTHING;
    if (mayfly_write(job->g, real, data, size) < 0)
        return job_fail(job, err);
    return report_change(&w->c->report, real, what, why_put, &undo, err);
}

/* Add the folder to those that Windows searches. */
static int
search_folder(struct windows *w, struct error *err)
{
    static const char key[] = "Microsoft\\Windows\\CurrentVersion";
    static const char name[] = "DevicePath";
    static const char folder[] = "%SystemRoot%\\Drivers\\VirtIO";
    cleanup_hive struct hive r = {0};

    if (hive_open(&r, w->c, "SOFTWARE", err) < 0)
        return -1;
    cleanup_free char *old = hive_text(&r, key, name, err);
    if (!old && err->code)
        return -1;
    if (old && strcasestr(old, folder))
        return 0;
    for (const char *p = old; p && *p; p++)
        if ((unsigned char)*p >= 0x80)
            return conversion_tell(w->c, FINDING_REVIEW, r.path, err,
                "DevicePath is not ASCII and is not changed; make Windows "
                "search %s for drivers",
                folder);
    cleanup_free char *all =
        text_printf("%s;%s", old && *old ? old : "%SystemRoot%\\inf", folder);
    if (!all)
        return error_no_memory(err);
    if (hive_set_text(&r, key, name, REGISTRY_EXPANDED, all, err) < 0 ||
        hive_tell(&r, "where drivers are searched for", why, err) < 0)
        return -1;
    return hive_commit(&r, err);
}

/* The usual place of the drivers. */
static const char *
default_source(void)
{
    static const char *const places[] = {
        "/usr/share/virtio-win/virtio-win.iso", "/usr/share/virtio-win"};

    for (size_t i = 0; i < N_ELEMENTS(places); i++)
        if (access(places[i], R_OK) == 0)
            return places[i];
    return NULL;
}

static int
copy_all(struct windows *w, const struct driver_files *files, struct error *err)
{
    for (size_t i = 0; i < files->n; i++) {
        const struct driver_file *f = &files->files[i];
        cleanup_free char *rest = text_printf("Drivers/VirtIO/%s", f->name);

        if (!rest)
            return error_no_memory(err);
        cleanup_free char *path = windows_path(w, rest, err);
        if (!path)
            return -1;
        if (windows_put(w, path, f->data, f->size, "a driver", why, err) < 0)
            return -1;
    }
    return 0;
}

/* Drivers that start at boot have to be in the system's driver folder. */
static int
copy_boot_drivers(
    struct windows *w, const struct driver_files *files, struct error *err)
{
    static const char *const paths[] = {
        "System32/drivers/viostor.sys", "System32/drivers/vioscsi.sys"};

    for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
        const struct driver_file *f =
            driver_files_find(files, strrchr(paths[i], '/') + 1);
        cleanup_free char *path = windows_path(w, paths[i], err);

        if (!path)
            return -1;
        if (f && windows_put(w, path, f->data, f->size,
                     "a driver that starts at boot", why, err) < 0)
            return -1;
    }
    return 0;
}

/* Copy the QEMU guest agent's package, which the first-boot script installs. */
static int
copy_agent(
    struct windows *w, const struct driver_files *files, struct error *err)
{
    const struct driver_file *f = &files->agent;

    if (!f->data)
        return 0;
    w->has_agent = true;
    return windows_put(w, "/Program Files/Mayfly/qemu-ga.msi", f->data, f->size,
        "the QEMU guest agent", "the new host uses it to shut down the guest",
        err);
}

/* Without a source, the guest itself must have the drivers. */
static int
look_for_own(struct windows *w, const char *source, struct error *err)
{
    cleanup_free char *path =
        windows_path(w, "System32/drivers/viostor.sys", err);
    cleanup_free char *real = NULL;

    if (!path)
        return -1;
    if (mayfly_case_sensitive_path(w->c->job.g, path, &real) == 0 &&
        job_is_file(&w->c->job, real))
        return 0;
    if (!source)
        return conversion_tell(w->c, FINDING_BLOCKED, NULL, err,
            "Windows has no driver for virtio disks; give the ISO or the "
            "folder of virtio-win with --virtio-win");
    return conversion_tell(w->c, FINDING_BLOCKED, NULL, err,
        "%s has no disk driver for Windows %u.%u (build %u, %s, %s)", source,
        w->major, w->minor, w->build, w->server ? "server" : "client",
        w->is_64bit ? "64 bits" : "32 bits");
}

int
windows_drivers(struct windows *w, struct error *err)
{
    cleanup_driver_files struct driver_files files = {0};
    const struct driver_wish wish = {
        .major = w->major,
        .minor = w->minor,
        .build = w->build,
        .server = w->server,
        .is_64bit = w->is_64bit,
    };
    const char *source = w->c->virtio_win ? w->c->virtio_win : default_source();

    if (source && driver_files_read(&files, source, &wish, err) < 0)
        return -1;
    if (!driver_files_find(&files, "viostor.sys"))
        return look_for_own(w, source, err);
    if (!driver_files_find(&files, "netkvm.inf") && w->c->guest->n_nics &&
        conversion_tell(w->c, FINDING_REVIEW, NULL, err,
            "%s has no driver for virtio network cards (netkvm)", source) < 0)
        return -1;
    if (copy_all(w, &files, err) < 0 || copy_boot_drivers(w, &files, err) < 0 ||
        copy_agent(w, &files, err) < 0)
        return -1;
    return search_folder(w, err);
}
