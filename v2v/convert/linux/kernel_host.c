/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PV guest may have no kernel at all: it was a file on the host, which is
 * then copied into the guest. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/kernels.h"

static char *
version_of_file(const char *path, struct error *err)
{
    uint8_t header[KERNEL_HEADER];
    char text[KERNEL_VERSION_MAX + 1] = "";
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return error_errno(err, errno, "cannot open the kernel %s", path), NULL;
    ssize_t n = pread(fd, header, sizeof header, 0);
    int64_t at = kernel_version_at(header, n > 0 ? (size_t)n : 0);
    if (at && pread(fd, text, KERNEL_VERSION_MAX, at) > 0) {
        kernel_version_end(text);
    } else {
        const char *name = strstr(path, "vmlinuz-");

        if (name)
            strncpy(text, name + strlen("vmlinuz-"), KERNEL_VERSION_MAX);
    }
    if (!kernel_version_is_valid(text))
        return error_set(err, EINVAL,
                   "cannot find the version of the kernel %s", path),
               NULL;
    return strdup(text);
}

static int
bring_in(struct conversion *c, const char *from, const char *to,
    const char *what, struct error *err)
{
    cleanup_undo struct undo undo = {.kind = UNDO_REMOVE};

    if (mayfly_mkdir_p(c->job.g, "/boot") < 0 ||
        mayfly_upload(c->job.g, from, to) < 0)
        return job_fail(&c->job, err);
    return report_change(&c->report, to, what,
        "the guest was started with a kernel from the host", &undo, err);
}

/* The kernel's own configuration, which the guest's tools need to make an
 * initramfs for it, is next to it, named by version. */
static int
bring_in_settings(struct conversion *c, const char *version, struct error *err)
{
    const char *kernel = c->guest->kernel, *slash = strrchr(kernel, '/');
    cleanup_free char *from = text_printf("%.*sconfig-%s",
        slash ? (int)(slash + 1 - kernel) : 0, kernel, version);
    cleanup_free char *to = text_printf("/boot/config-%s", version);

    if (!from || !to)
        return error_no_memory(err);
    if (job_is_file(&c->job, to))
        return 0;
    if (access(from, R_OK) == 0)
        return bring_in(c, from, to, "the kernel's configuration", err);
    return conversion_tell(c, FINDING_REVIEW, to, err,
        "it is not next to the kernel either; without it the guest may not be "
        "able to make a new initramfs");
}

/* The host's folder with the modules: the given one or one below it, or for a
 * kernel in the host's /boot, the usual place.  NULL without an error if not
 * found. */
static char *
find_modules(const struct conversion *c, const char *version, struct error *err)
{
    const char *given = c->modules, *kernel = c->guest->kernel;
    const char *slash = strrchr(kernel, '/');
    int n = slash ? (int)(slash + 1 - kernel) : 0;
    char *const places[] = {
        given ? text_printf("%s/%s", given, version) : strdup(""),
        strdup(given ? given : ""),
        text_printf("%.*s../lib/modules/%s", n, kernel, version),
    };
    char *found = NULL;

    for (size_t i = 0; i < N_ELEMENTS(places); i++) {
        cleanup_free char *place = places[i];
        cleanup_free char *list =
            place ? text_printf("%s/modules.dep", place) : NULL;

        if (!list)
            error_no_memory(err);
        else if (!found && (place[0] != 0) && access(list, R_OK) == 0)
            found = realpath(place, NULL);
    }
    return found;
}

/* A guest that has the modules keeps its own. */
static int
bring_in_modules(struct conversion *c, const char *version, struct error *err)
{
    cleanup_free char *to = text_printf("/lib/modules/%s", version);
    cleanup_free char *from = find_modules(c, version, err);
    cleanup_undo struct undo undo = {.kind = UNDO_REMOVE};

    if (!to)
        return error_no_memory(err);
    if (!from && c->modules && !err->code)
        return error_set(err, ENOENT,
            "%s has no modules of the kernel %s (no modules.dep)", c->modules,
            version);
    if (!from || job_is_dir(&c->job, to))
        return err->code ? -1 : 0;

    cleanup_free char *copied =
        text_printf("/lib/modules/%s", strrchr(from, '/') + 1);
    if (!copied)
        return error_no_memory(err);
    if (mayfly_mkdir_p(c->job.g, "/lib/modules") < 0 ||
        mayfly_copy_in(c->job.g, from, "/lib/modules") < 0 ||
        (!str_equal(copied, to) && mayfly_mv(c->job.g, copied, to) < 0))
        return job_fail(&c->job, err);
    return report_change(&c->report, to, "the modules of the kernel",
        "the guest was started with a kernel from the host", &undo, err);
}

int
kernel_bring_in(struct conversion *c, struct error *err)
{
    const struct guest *guest = c->guest;

    c->kernel_from_host = true;
    if (access(guest->kernel, R_OK) < 0)
        return conversion_tell(c, FINDING_BLOCKED, NULL, err,
            "the kernel %s is not on this machine; give it with --kernel and "
            "--initrd",
            guest->kernel);
    if (guest->ramdisk && access(guest->ramdisk, R_OK) < 0)
        return conversion_tell(c, FINDING_BLOCKED, NULL, err,
            "the initramfs %s is not on this machine; give it with --kernel "
            "and --initrd",
            guest->ramdisk);

    cleanup_free char *version = version_of_file(guest->kernel, err);
    if (!version)
        return -1;

    cleanup_free char *image = text_printf("/boot/vmlinuz-%s", version);
    cleanup_free char *initrd = text_printf("/boot/initrd.img-%s", version);
    if (!image || !initrd)
        return error_no_memory(err);
    if (bring_in(c, guest->kernel, image, "the kernel", err) < 0 ||
        (guest->ramdisk &&
            bring_in(c, guest->ramdisk, initrd, "its initramfs", err) < 0) ||
        bring_in_settings(c, version, err) < 0 ||
        bring_in_modules(c, version, err) < 0)
        return -1;
    return kernel_add(c, image, version, NULL, true, err);
}
