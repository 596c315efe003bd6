/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which kernels are installed, which one will boot, and does it support the new
 * machine?  A PV guest may have no kernel at all: it was a file on the host,
 * which is then copied into the guest. */
#include <config.h>

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/steps.h"

enum { KERNELS_MAX = 64, VERSION_MAX = 128 };

/* --- drivers --- */

/* The line for NAME in modules.dep or modules.builtin. */
static const char *
find_module(const char *list, const char *name)
{
    cleanup_free char *file = text_printf("/%s.ko", name);

    for (const char *line = list; file && line && *line;) {
        const char *end = line + strcspn(line, ":\n");
        const char *found =
            memmem(line, (size_t)(end - line), file, strlen(file));

        if (found &&
            (found + strlen(file) == end || found[strlen(file)] == '.'))
            return line;
        line = strchr(line, '\n');
        line += line != NULL;
    }
    return NULL;
}

/* Add the module of the line, "PATH: NEEDED NEEDED...", and what it needs. */
static int
add_modules(struct kernel *k, const char *line, struct error *err)
{
    size_t n = strcspn(line, "\n");
    cleanup_free char *copy = strndup(line, n);
    char *rest = copy, *word;

    if (!copy)
        return error_no_memory(err);
    while ((word = strsep(&rest, ": ")))
        if (*word && !strv_contains(k->modules, word) &&
            strv_append(&k->modules, word) < 0)
            return error_no_memory(err);
    return 0;
}

/* Does the kernel have driver NAME? A module is recorded if NEEDED at boot. */
static int
look_for(struct kernel *k, const char *dependencies, const char *builtin,
    const char *name, bool needed, bool *ret, struct error *err)
{
    const char *line = find_module(dependencies, name);

    *ret = line || find_module(builtin, name);
    return line && needed ? add_modules(k, line, err) : 0;
}

static int
find_drivers(struct conversion *c, struct kernel *k, struct error *err)
{
    cleanup_free char *dep_path =
        text_printf("/lib/modules/%s/modules.dep", k->version);
    cleanup_free char *builtin_path =
        text_printf("/lib/modules/%s/modules.builtin", k->version);

    if (!dep_path || !builtin_path)
        return error_no_memory(err);

    cleanup_free char *dep = conversion_read(c, dep_path, NULL, err);
    cleanup_free char *builtin = conversion_read(c, builtin_path, NULL, err);
    bool bus = false;

    if (err->code)
        return -1;
    k->has_modules = dep;
    if (look_for(k, dep ? dep : "", builtin ? builtin : "", "virtio_pci", true,
            &bus, err) < 0 ||
        look_for(k, dep ? dep : "", builtin ? builtin : "", "virtio_blk", true,
            &k->has_block, err) < 0 ||
        look_for(k, dep ? dep : "", builtin ? builtin : "", "virtio_net", false,
            &k->has_net, err) < 0)
        return -1;
    k->has_block &= bus;
    return 0;
}

/* --- those of the guest --- */

static char *
find_initrd(struct conversion *c, const char *version, struct error *err)
{
    static const char *const patterns[][2] = {
        {"/boot/initrd.img-", ""},
        {"/boot/initramfs-", ".img"},
        {"/boot/initrd-", ""},
        {"/boot/initrd-", ".img"},
        {"/boot/initramfs-", ""},
    };

    for (size_t i = 0; i < N_ELEMENTS(patterns); i++) {
        cleanup_free char *path =
            text_printf("%s%s%s", patterns[i][0], version, patterns[i][1]);

        if (!path)
            return error_no_memory(err), NULL;
        if (job_is_file(&c->job, path))
            return steal_pointer(&path);
    }
    return NULL;
}

static int
add_kernel(struct conversion *c, const char *image, const char *version,
    struct error *err)
{
    struct kernel *more;

    if (c->n_kernels == KERNELS_MAX || strlen(version) > VERSION_MAX)
        return 0;
    if (!(more = reallocarray(c->kernels, c->n_kernels + 1, sizeof *more)))
        return error_no_memory(err);
    c->kernels = more;

    struct kernel *k = &more[c->n_kernels++];
    *k = (struct kernel){
        .image = strdup(image),
        .version = strdup(version),
        .initrd = find_initrd(c, version, err),
    };
    if (!k->image || !k->version)
        return error_no_memory(err);
    return find_drivers(c, k, err);
}

static int
find_kernels(struct conversion *c, struct error *err)
{
    static const char *const patterns[] = {
        "/boot/vmlinuz-*", "/boot/vmlinux-*", "/boot/kernel-*"};

    for (size_t i = 0; i < N_ELEMENTS(patterns); i++) {
        cleanup_free char **found = conversion_glob(c, patterns[i], err);

        if (!found)
            return -1;
        for (char **path = found; *path; path++) {
            const char *version =
                *path + strlen(patterns[i]) - 1; /* the star */

            if (!strstr(version, "rescue") && !strchr(version, '/') &&
                add_kernel(c, *path, version, err) < 0)
                return -1;
        }
    }
    return 0;
}

/* The newest first: a loader boots that by default. */
static int
by_version(const void *a, const void *b)
{
    const struct kernel *x = a, *y = b;

    return strverscmp(y->version, x->version);
}

/* --- one from the host --- */

/* A PC kernel contains its version as a text, which its header points to; for
 * old and other kernels it is taken from the file's name. */
static char *
version_of_file(const char *path, struct error *err)
{
    enum { HEADER = 0x210, MAGIC_AT = 0x202, POINTER_AT = 0x20e };
    uint8_t header[HEADER];
    char text[VERSION_MAX + 1] = "";
    uint16_t pointer = 0;
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return error_errno(err, errno, "cannot open the kernel %s", path), NULL;
    if (pread(fd, header, sizeof header, 0) == sizeof header &&
        memcmp(header + MAGIC_AT, "HdrS", 4) == 0)
        memcpy(&pointer, header + POINTER_AT, sizeof pointer);
    if (pointer && pread(fd, text, VERSION_MAX, 0x200 + le16toh(pointer)) > 0) {
        text[strcspn(text, " \n")] = 0;
    } else {
        const char *name = strstr(path, "vmlinuz-");

        if (name)
            strncpy(text, name + strlen("vmlinuz-"), VERSION_MAX);
    }
    if (!text[0] || text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789.-+_~")])
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

static int
bring_in_kernel(struct conversion *c, struct error *err)
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
    return add_kernel(c, image, version, err);
}

int
linux_kernels(struct conversion *c, struct error *err)
{
    if (find_kernels(c, err) < 0)
        return -1;
    if (c->n_kernels == 0 && c->guest->kernel && bring_in_kernel(c, err) < 0)
        return -1;
    if (c->n_kernels == 0)
        return c->guest->kernel
                   ? 0
                   : conversion_tell(c, FINDING_BLOCKED, "/boot", err,
                         "the guest has no kernel; give one with --kernel and "
                         "--initrd");
    qsort(c->kernels, c->n_kernels, sizeof *c->kernels, by_version);

    const struct kernel *k = &c->kernels[0];
    if (!k->has_modules)
        return conversion_tell(c, FINDING_REVIEW, k->image, err,
            "the guest has no modules of its kernel %s", k->version);
    if (!k->has_block)
        return conversion_tell(c, FINDING_BLOCKED, k->image, err,
            "the kernel %s has no driver for virtio disks", k->version);
    if (!k->has_net && c->guest->n_nics)
        return conversion_tell(c, FINDING_REVIEW, k->image, err,
            "the kernel %s has no driver for virtio network cards", k->version);
    return 0;
}
