/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel of the list: its drivers and its initramfs. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/kernels.h"

enum { KERNELS_MAX = 64 };

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
    k->has_modules = dep || builtin;
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

/* --- the list --- */

static char *
try_initrd(struct conversion *c, const char *folder, const char *name,
    struct error *err)
{
    static const char *const patterns[][2] = {
        {"initrd.img-", ""},
        {"initramfs-", ".img"},
        {"initrd-", ""},
        {"initrd-", ".img"},
        {"initramfs-", ""},
        {"initramfs-genkernel-x86_64-", ""},
    };

    for (size_t i = 0; name[0] && i < N_ELEMENTS(patterns); i++) {
        cleanup_free char *path = text_printf(
            "%s/%s%s%s", folder, patterns[i][0], name, patterns[i][1]);

        if (!path)
            return error_no_memory(err), NULL;
        if (job_is_file(&c->job, path))
            return steal_pointer(&path);
    }
    return NULL;
}

/* Next to the image, by what follows "vmlinuz-" in its name or by the
 * version. */
static char *
find_initrd(struct conversion *c, const char *image, const char *version,
    struct error *err)
{
    const char *slash = strrchr(image, '/');
    cleanup_free char *folder = strndup(image, (size_t)(slash - image));
    char *found;

    if (!folder)
        return error_no_memory(err), NULL;
    found = try_initrd(c, folder, kernel_stem(slash + 1), err);
    if (!found && !err->code)
        found = try_initrd(c, folder, version, err);
    if (!found && !err->code && !str_equal(folder, "/boot"))
        found = try_initrd(c, "/boot", version, err);
    return found;
}

static struct kernel *
find_same(struct conversion *c, const char *image, const char *initrd)
{
    for (size_t i = 0; i < c->n_kernels; i++) {
        struct kernel *k = &c->kernels[i];

        if (initrd ? k->initrd && str_equal(k->initrd, initrd)
                   : str_equal(k->image, image))
            return k;
    }
    return NULL;
}

int
kernel_add(struct conversion *c, const char *image, const char *version,
    const char *initrd, bool in_menu, struct error *err)
{
    cleanup_free char *own =
        initrd ? strdup(initrd) : find_initrd(c, image, version, err);
    struct kernel *more, *same;

    if (err->code || (initrd && !own))
        return err->code ? -1 : error_no_memory(err);
    if ((same = find_same(c, image, own))) {
        same->in_menu |= in_menu;
        return 0;
    }
    if (c->n_kernels == KERNELS_MAX || strlen(version) > KERNEL_VERSION_MAX)
        return 0;
    if (!(more = reallocarray(c->kernels, c->n_kernels + 1, sizeof *more)))
        return error_no_memory(err);
    c->kernels = more;

    struct kernel *k = &more[c->n_kernels++];
    *k = (struct kernel){.image = strdup(image),
        .version = strdup(version),
        .initrd = steal_pointer(&own),
        .in_menu = in_menu};
    if (!k->image || !k->version)
        return error_no_memory(err);
    return find_drivers(c, k, err);
}
