/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Do the kernels that can boot support the new machine? */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/kernels.h"
#include "v2v/convert/linux/steps.h"

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

/* The one that boots first: what the loader's settings say, else the newest
 * that has modules. */
static int
by_rank(const void *a, const void *b)
{
    const struct kernel *x = a, *y = b;

    if (x->is_default != y->is_default)
        return x->is_default ? -1 : 1;
    if (x->has_modules != y->has_modules)
        return x->has_modules ? -1 : 1;
    return strverscmp(y->version, x->version);
}

static void
free_kernel(struct kernel *k)
{
    free(k->version);
    free(k->image);
    free(k->initrd);
    strv_free(k->modules);
}

/* A file like a kernel that has no modules and that no entry starts is not one
 * that matters, if there are others. */
static void
drop_others(struct conversion *c)
{
    size_t n = 0;

    if (!c->kernels[0].has_modules)
        return;
    for (size_t i = 0; i < c->n_kernels; i++) {
        struct kernel *k = &c->kernels[i];

        if (i == 0 || k->has_modules || k->in_menu)
            c->kernels[n++] = *k;
        else
            free_kernel(k);
    }
    c->n_kernels = n;
}

/* --- what to say of them --- */

static int
examine_first(struct conversion *c, struct error *err)
{
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

static int
examine_others(struct conversion *c, struct error *err)
{
    for (size_t i = 1; i < c->n_kernels; i++) {
        const struct kernel *k = &c->kernels[i];

        if (k->has_modules && !k->has_block &&
            conversion_tell(c, FINDING_REVIEW, k->image, err,
                "the kernel %s has no driver for virtio disks; it does not "
                "start on the new machine",
                k->version) < 0)
            return -1;
    }
    return 0;
}

int
linux_kernels(struct conversion *c, struct error *err)
{
    if (kernels_find(c, err) < 0)
        return -1;
    if (c->n_kernels == 0 && c->guest->kernel && kernel_bring_in(c, err) < 0)
        return -1;
    if (c->n_kernels == 0)
        return c->guest->kernel
                   ? 0
                   : conversion_tell(c, FINDING_BLOCKED, "/boot", err,
                         "the guest has no kernel; give one with --kernel and "
                         "--initrd");
    qsort(c->kernels, c->n_kernels, sizeof *c->kernels, by_rank);
    drop_others(c);
    return examine_first(c, err) < 0 ? -1 : examine_others(c, err);
}
