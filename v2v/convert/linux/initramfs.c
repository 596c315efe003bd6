/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the initramfs needs the drivers for the disk and its
 * bus.  Most have them and are left alone, since making one takes minutes in an
 * appliance without KVM. One that lacks them gets a second archive after the
 * first, as the kernel allows, with the modules and the indexes by which udev
 * finds them.  Disk names stored in the initramfs are corrected in the same
 * way.  Only --rebuild-initramfs runs the guest's own tool. */
#include <config.h>

#include "v2v/convert/linux/initramfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/kernels.h"
#include "v2v/convert/linux/names.h"
#include "v2v/convert/linux/steps.h"
#include "v2v/machine/device_ref.h"

static const char why[] = "the new machine's disks are virtio disks";

/* --- what is in the initramfs --- */

/* The folder of modules in the initramfs.  If /lib is a link to usr/lib there,
 * a folder lib would replace the link, and programs would not find their
 * libraries. */
static const char *
module_prefix(char *const *names)
{
    bool merged = false;

    for (; *names; names++) {
        const char *rest = str_after(*names, "./");
        const char *name = rest ? rest : *names;

        if (str_after(name, "lib/"))
            return "lib/modules";
        merged |= str_after(name, "usr/lib/") != NULL;
    }
    return merged ? "usr/lib/modules" : "lib/modules";
}

static bool
holds_program(char *const *names, const char *program)
{
    for (; *names; names++) {
        const char *rest = str_after(*names, "./");

        if (str_equal(rest ? rest : *names, program))
            return true;
    }
    return false;
}

/* Add FILE from the guest's folder of modules. */
static int
copy_file(struct conversion *c, struct addition *x, const char *prefix,
    const char *version, const char *file, struct error *err)
{
    cleanup_free char *from = text_printf("/lib/modules/%s/%s", version, file);
    cleanup_free char *to = text_printf("%s/%s/%s", prefix, version, file);
    cleanup_free void *data = NULL;
    size_t size;

    if (!from || !to)
        return error_no_memory(err);
    if (mayfly_read_file(c->job.g, from, &data, &size) < 0)
        return job_fail(&c->job, err);
    return addition_add(x, to, data, size, err);
}

static int
add_drivers(struct conversion *c, struct addition *x, const struct kernel *k,
    char *const *names, bool *ret_added, struct error *err)
{
    static const char *const indexes[] = {"modules.dep", "modules.dep.bin",
        "modules.alias", "modules.alias.bin", "modules.softdep",
        "modules.symbols", "modules.symbols.bin", "modules.order",
        "modules.builtin", "modules.builtin.bin", "modules.builtin.alias.bin",
        "modules.builtin.modinfo"};
    const char *prefix = module_prefix(names);

    for (char **m = k->modules; m && *m; m++) {
        if (initramfs_holds(names, *m))
            continue;
        if (copy_file(c, x, prefix, k->version, *m, err) < 0)
            return -1;
        *ret_added = true;
    }
    for (size_t i = 0; *ret_added && i < N_ELEMENTS(indexes); i++) {
        cleanup_free char *path =
            text_printf("/lib/modules/%s/%s", k->version, indexes[i]);

        if (!path)
            return error_no_memory(err);
        if (job_is_file(&c->job, path) &&
            copy_file(c, x, prefix, k->version, indexes[i], err) < 0)
            return -1;
    }
    return 0;
}

/* --- disk names in it --- */

/* Correct a file of the initramfs that names disks. */
static int
correct(struct conversion *c, struct addition *x, const struct kernel *k,
    const char *name, bool *ret_added, struct error *err)
{
    cleanup_free char *reported = text_printf("%s: %s", k->initrd, name);
    cleanup_free void *data = NULL;
    size_t size;

    if (!reported)
        return error_no_memory(err);
    if (mayfly_initrd_cat(c->job.g, k->initrd, name, &data, &size) < 0)
        return job_fail(&c->job, err);

    cleanup_free char *text = strndup(data, size);
    if (!text)
        return error_no_memory(err);
    cleanup_free char *changed = names_edit_inner(c, name, reported, text, err);
    if (err->code)
        return -1;
    if (!changed || str_equal(changed, text))
        return 0;
    *ret_added = true;
    return addition_add(x, name, changed, strlen(changed), err);
}

static int
correct_names(struct conversion *c, struct addition *x, const struct kernel *k,
    char *const *names, bool *ret_added, struct error *err)
{
    for (; *names; names++)
        if (names_in_initramfs(c, *names) &&
            correct(c, x, k, *names, ret_added, err) < 0)
            return -1;
    return 0;
}

/* What dracut waits for is the name of a script: devexists-\x2fdev\x2fsda2.sh.
 * PATH is as long as NAME. */
static bool
is_waited_for(const char *name, char *path)
{
    const char *p = strstr(name, "/initqueue/finished/devexists-");
    char *to = path;

    if (!p)
        return false;
    for (p += strlen("/initqueue/finished/devexists-"); *p; p++) {
        if (str_equal(p, ".sh"))
            break;
        if (str_after(p, "\\x2f")) {
            *to++ = '/';
            p += strlen("x2f");
        } else {
            *to++ = *p;
        }
    }
    *to = 0;
    return true;
}

static int
tell_waits(struct conversion *c, const struct kernel *k, char *const *names,
    struct error *err)
{
    for (; *names; names++) {
        cleanup_free char *path = malloc(strlen(*names) + 1);
        struct device_ref ref;

        if (!path)
            return error_no_memory(err);
        if (is_waited_for(*names, path) && device_parse(path, &ref) &&
            (ref.kind == DEVICE_PLACE || ref.kind == DEVICE_OPAQUE) &&
            !str_after(path, "/dev/vd") &&
            conversion_tell(c, FINDING_REVIEW, k->initrd, err,
                "it waits for %s, a name of the old machine; make it again "
                "with --rebuild-initramfs",
                path) < 0)
            return -1;
    }
    return 0;
}

static const char links_what[] =
    "names of network cards, in an archive after the first";
static const char links_why[] =
    "udev names a card here, and an old one does so only once";

static int
append(struct conversion *c, struct addition *x, const char *initrd,
    const char *what, const char *reason, struct error *err)
{
    const char *data;
    size_t size;
    int64_t before;

    if (mayfly_filesize(c->job.g, initrd, &before) < 0)
        return job_fail(&c->job, err);
    if (addition_finish(x, (uint64_t)before, &data, &size, err) < 0)
        return -1;
    return conversion_append(c, initrd, data, size, what, reason, err);
}

static int
extend(struct conversion *c, struct addition *x, const struct kernel *k,
    struct error *err)
{
    const char *initrd = k->initrd;
    cleanup_free char **names = NULL;
    bool drivers = false, corrected = false, links = false;

    if (mayfly_initrd_list(c->job.g, initrd, &names) < 0)
        return conversion_tell(c, FINDING_REVIEW, initrd, err,
            "it cannot be read, so it may lack the drivers");
    if (tell_waits(c, k, names, err) < 0 ||
        add_drivers(c, x, k, names, &drivers, err) < 0 ||
        correct_names(c, x, k, names, &corrected, err) < 0 ||
        initramfs_add_links(c, x, k, names, &links, err) < 0)
        return -1;
    if (!k->has_modules && !initramfs_holds(names, "virtio_blk.ko") &&
        conversion_tell(c, FINDING_REVIEW, initrd, err,
            "it has no driver for virtio disks, and the guest has no modules "
            "of the kernel %s",
            k->version) < 0)
        return -1;
    if (!drivers && !corrected && !links)
        return 0;
    if (drivers && initramfs_remember(c, k, err) < 0)
        return -1;
    /* That of Red Hat 5 loads drivers by a list in its script. */
    if (drivers && holds_program(names, "bin/nash") &&
        conversion_tell(c, FINDING_REVIEW, initrd, err,
            "its script loads only the drivers that it lists; make it again "
            "with --rebuild-initramfs, or in the guest before the conversion "
            "with mkinitrd --with virtio_blk --with virtio_pci") < 0)
        return -1;

    return append(c, x, initrd,
        drivers     ? "drivers, in an archive after the first"
        : corrected ? "disk names, in an archive after the first"
                    : links_what,
        drivers || corrected ? why : links_why, err);
}

/* What the guest's own tool leaves out of those. */
static int
add_links(struct conversion *c, struct addition *x, const struct kernel *k,
    struct error *err)
{
    cleanup_free char **names = NULL;
    bool links = false;

    if (mayfly_initrd_list(c->job.g, k->initrd, &names) < 0)
        return job_fail(&c->job, err);
    if (initramfs_add_links(c, x, k, names, &links, err) < 0)
        return -1;
    return links ? append(c, x, k->initrd, links_what, links_why, err) : 0;
}

static int
with_addition(struct conversion *c, const struct kernel *k,
    int (*run)(struct conversion *, struct addition *, const struct kernel *,
        struct error *),
    struct error *err)
{
    struct addition *x = addition_open(err);
    int r = x ? run(c, x, k, err) : -1;

    addition_close(x);
    return r;
}

/* --- the guest's own tool --- */

static int
rebuild(struct conversion *c, const struct kernel *k, struct error *err)
{
    static const struct {
        const char *program, *command;
        bool wants_file; /* before the version */
    } tools[] = {
        {"/usr/sbin/update-initramfs", "update-initramfs -u -k", false},
        {"/usr/bin/dracut", "dracut -f --add-drivers 'virtio_blk virtio_pci'",
            true},
        {"/usr/sbin/dracut", "dracut -f --add-drivers 'virtio_blk virtio_pci'",
            true},
        {"/sbin/mkinitfs", "mkinitfs", false},
    };
    cleanup_undo struct undo undo = {0};

    /* They are passed to a shell. */
    if (strchr(k->version, '\'') || strchr(k->initrd, '\''))
        return error_set(err, EINVAL, "a kernel has a bad version");
    /* The tool would look for the drivers of the appliance's disks. */
    if (k->modules && initramfs_remember(c, k, err) < 0)
        return -1;
    for (size_t i = 0; i < N_ELEMENTS(tools); i++) {
        cleanup_free char *output = NULL, *command = NULL;

        if (!job_is_file(&c->job, tools[i].program))
            continue;
        command = text_printf("PATH=/usr/sbin:/usr/bin:/sbin:/bin %s %s%s%s "
                              "'%s'",
            tools[i].command, tools[i].wants_file ? "'" : "",
            tools[i].wants_file ? k->initrd : "",
            tools[i].wants_file ? "'" : "", k->version);
        if (!command)
            return error_no_memory(err);
        if (mayfly_sh(c->job.g, command, &output) < 0)
            return job_fail(&c->job, err);
        if (report_change(&c->report, k->initrd,
                "rebuilt by the guest's own tool", "--rebuild-initramfs", &undo,
                err) < 0)
            return -1;
        return with_addition(c, k, add_links, err);
    }
    return conversion_tell(c, FINDING_REVIEW, k->initrd, err,
        "the guest has no tool that makes an initramfs");
}

int
linux_initramfs(struct conversion *c, struct error *err)
{
    for (size_t i = 0; i < c->n_kernels; i++) {
        const struct kernel *k = &c->kernels[i];
        int r = 0;

        if (k->is_unified)
            r = unified_check(c, k, err);
        else if (k->initrd)
            r = c->rebuild_initramfs ? rebuild(c, k, err)
                                     : with_addition(c, k, extend, err);
        else if (k->modules)
            r = conversion_tell(c, FINDING_REVIEW, k->image, err,
                "the kernel has no initramfs, and its drivers are modules");
        if (r < 0)
            return -1;
    }
    return 0;
}
