/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: what the entries of all boot loaders start comes first,
 * with the initramfs that the entry names; then what lies in /boot and looks
 * like a kernel, since an entry may be made for it later.  Which modules belong
 * to an image is read from the image; from its name only if it does not say. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/boot_entries.h"
#include "v2v/convert/linux/kernels.h"

struct finding_kernels {
    struct conversion *c;
    char **versions; /* that have modules */
    char **seen;     /* entries, by what they start */
    char *missing;   /* what a default entry starts and is not there */
    char *settings;  /* of the menu: its text, and what it loads */
    struct boot_entries entries;
};

/* --- versions --- */

static int
list_versions(struct finding_kernels *f, struct error *err)
{
    static const char pattern[] = "/lib/modules/*/modules.dep";
    cleanup_free char **found = conversion_glob(f->c, pattern, err);

    if (!found)
        return -1;
    for (char **p = found; *p; p++) {
        const char *start = strstr(*p, "/modules/");
        const char *end = strrchr(*p, '/');

        start = start ? start + strlen("/modules/") : end;
        cleanup_free char *version =
            strndup(start, end > start ? (size_t)(end - start) : 0);
        if (!version || strv_append(&f->versions, version) < 0)
            return error_no_memory(err);
    }
    return 0;
}

/* Arch has the name of the package beside the modules: "linux" for
 * vmlinuz-linux. */
static char *
version_by_package(
    struct finding_kernels *f, const char *stem, struct error *err)
{
    for (char **v = f->versions; v && *v; v++) {
        cleanup_free char *path = text_printf("/lib/modules/%s/pkgbase", *v);
        cleanup_free char *text =
            path ? conversion_read(f->c, path, NULL, err) : NULL;

        if (!path)
            return error_no_memory(err), NULL;
        if (!text && err->code)
            return NULL;
        if (!text)
            continue;
        text[strcspn(text, "\n")] = 0;
        if (str_equal(text, stem))
            return strdup(*v);
    }
    return NULL;
}

static char *
version_in_image(struct conversion *c, const char *path)
{
    cleanup_free void *header = NULL, *text = NULL;
    size_t n;
    int64_t at;

    if (mayfly_pread(c->job.g, path, KERNEL_HEADER, 0, &header, &n) < 0 ||
        !(at = kernel_version_at(header, n)) ||
        mayfly_pread(c->job.g, path, KERNEL_VERSION_MAX, at, &text, &n) < 0)
        return NULL;

    char *version = strndup(text, n);
    if (version)
        kernel_version_end(version);
    if (version && kernel_version_is_valid(version))
        return version;
    free(version);
    return NULL;
}

/* NULL without an error: unknown. */
static char *
find_version(struct finding_kernels *f, const char *path, struct error *err)
{
    const char *name = strrchr(path, '/') + 1, *known;
    char *version = version_in_image(f->c, path);

    if (version)
        return version;
    version = version_by_package(f, kernel_stem(name), err);
    if (version || err->code)
        return version;
    known = kernel_version_of_name(name, f->versions);
    if (known && !(version = strdup(known)))
        error_no_memory(err);
    return version;
}

/* --- paths as loaders write them --- */

static char *
canonical(struct conversion *c, const char *path, struct error *err)
{
    char *real = NULL;

    if (!job_is_file(&c->job, path))
        return NULL;
    if (mayfly_realpath(c->job.g, path, &real) < 0)
        job_fail(&c->job, err);
    return real;
}

static char *
try_below(struct conversion *c, const char *folder, const char *path,
    struct error *err)
{
    cleanup_free char *whole =
        text_printf("%s%s%s", folder, *path == '/' ? "" : "/", path);

    if (!whole)
        return error_no_memory(err), NULL;
    return canonical(c, whole, err);
}

/* What follows the first of PREFIXES that PATH starts with; NULL: none. */
static const char *
after_one_of(const char *path, const char *const *prefixes)
{
    const char *rest = NULL;

    for (; !rest && *prefixes; prefixes++)
        rest = str_after(path, *prefixes);
    return rest;
}

/* A loader sees one file system, and of btrfs all subvolumes. */
char *
kernels_file(struct conversion *c, const char *written, const char *folder,
    const char *base, struct error *err)
{
    static const char *const roots[] = {"$root", "${root}", "boot():", NULL};
    static const char *const beside[] = {
        "$prefix/", "${prefix}/", "${config_directory}/", NULL};
    cleanup_free char *text = strdup(written);
    const char *path = text, *rest;
    char *found;

    if (!text)
        return error_no_memory(err), NULL;
    for (char *p = text; *p; p++)
        if (*p == '\\')
            *p = '/';
    if (*path == '(' && strchr(path, ')'))
        path = strchr(path, ')') + 1;
    if ((rest = after_one_of(path, roots)))
        path = rest;
    if ((rest = after_one_of(path, beside)))
        return try_below(c, folder, rest, err);
    if (!*path || *path == '$')
        return NULL;
    if (*path != '/' &&
        ((found = try_below(c, folder, path, err)) || err->code))
        return found;
    if ((found = try_below(c, base, path, err)) || err->code ||
        (found = try_below(c, "", path, err)) || err->code ||
        (found = try_below(c, "/boot", path, err)) || err->code)
        return found;
    for (char **at = c->system_partitions; at && *at; at++)
        if ((found = try_below(c, *at, path, err)) || err->code)
            return found;
    for (const char *p = path; *p == '/' && (p = strchr(p + 1, '/'));)
        if ((found = try_below(c, "", p, err)) || err->code)
            return found;
    return NULL;
}

/* --- entries --- */

static bool
is_unified(const char *path)
{
    size_t n = strlen(path);

    return n > 4 && strcasecmp(path + n - 4, ".efi") == 0;
}

static int
add_unified(struct finding_kernels *f, const char *path, bool in_menu,
    struct error *err)
{
    cleanup_free char *version = unified_version(f->c, path, err);
    size_t before = f->c->n_kernels;

    if (!version)
        return err->code ? -1 : 0;
    if (kernel_add(f->c, path, version, NULL, in_menu, err) < 0)
        return -1;
    if (f->c->n_kernels > before) {
        free(steal_pointer(&f->c->kernels[before].initrd));
        f->c->kernels[before].is_unified = true;
    }
    return 0;
}

static int
add_started(struct finding_kernels *f, const struct boot_entry *x,
    const char *folder, const char *base, bool is_default, struct error *err)
{
    struct conversion *c = f->c;
    const char *settings = f->settings ? f->settings : "";
    cleanup_free char *kernel = entries_expand(x->kernel, settings, err);
    cleanup_free char *archive =
        kernel ? entries_expand(x->initrd ? x->initrd : "", settings, err)
               : NULL;
    if (!archive)
        return -1;
    cleanup_free char *key =
        text_printf("%s %s %d", kernel, archive, is_default);

    if (!key)
        return error_no_memory(err);
    if (strv_contains(f->seen, key))
        return 0;
    if (strv_append(&f->seen, key) < 0)
        return error_no_memory(err);

    cleanup_free char *image = kernels_file(c, kernel, folder, base, err);
    if (!image && !err->code && is_default && !f->missing &&
        !(f->missing = strdup(kernel)))
        return error_no_memory(err);
    if (!image)
        return err->code ? -1 : 0;
    if (is_unified(image))
        return add_unified(f, image, true, err);
    cleanup_free char *initrd =
        *archive ? kernels_file(c, archive, folder, base, err) : NULL;
    cleanup_free char *version = err->code ? NULL : find_version(f, image, err);
    if (err->code)
        return -1;
    /* A test of the memory is no kernel, and has no initramfs. */
    if (!version && !initrd)
        return 0;
    if (kernel_add(c, image,
            version ? version : kernel_stem(strrchr(image, '/') + 1), initrd,
            true, err) < 0)
        return -1;
    for (size_t i = 0; is_default && i < c->n_kernels; i++) {
        struct kernel *k = &c->kernels[i];

        /* Two images may share an initramfs: then they are one here. */
        k->is_default |= initrd ? k->initrd && str_equal(k->initrd, initrd)
                                : str_equal(k->image, image);
    }
    return 0;
}

static int
add_entries(struct finding_kernels *f, const char *folder, const char *base,
    struct error *err)
{
    const struct boot_entry *first = entries_default(&f->entries);
    int r = 0;

    for (size_t i = 0; r == 0 && i < f->entries.n; i++) {
        const struct boot_entry *x = &f->entries.items[i];

        if (x->kernel)
            r = add_started(f, x, folder, base, x == first, err);
    }
    entries_clear(&f->entries);
    free(steal_pointer(&f->settings));
    return r;
}

/* The entry that GRUB saved, in the environment beside its settings or in the
 * usual places. */
static char *
saved_entry(struct conversion *c, const char *folder, struct error *err)
{
    const char *const folders[] = {folder, "/boot/grub2", "/boot/grub"};

    for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
        cleanup_free char *path = text_printf("%s/grubenv", folders[i]);
        cleanup_free char *text =
            path ? conversion_read(c, path, NULL, err) : NULL;
        char *saved = text ? entries_setting(text, "saved_entry", err) : NULL;

        if (!path)
            return error_no_memory(err), NULL;
        if (saved || err->code)
            return saved;
    }
    return NULL;
}

/* TEXT and what it reads: entries, and values of variables. */
static int
add_menu(struct finding_kernels *f, const char *text, const char *folder,
    const char *base, unsigned depth, struct error *err)
{
    enum { INCLUDES_MAX = 4 };
    cleanup_strv char **included = NULL;
    char *settings =
        text_printf("%s\n%s", f->settings ? f->settings : "", text);

    if (!settings)
        return error_no_memory(err);
    free(f->settings);
    f->settings = settings;
    if (entries_add_menu(&f->entries, text, err) < 0 ||
        entries_included(text, &included, err) < 0)
        return -1;
    for (char **p = included; depth < INCLUDES_MAX && p && *p; p++) {
        cleanup_free char *path = kernels_file(f->c, *p, folder, base, err);
        cleanup_free char *more =
            path ? conversion_read(f->c, path, NULL, err) : NULL;

        if (err->code ||
            (more && add_menu(f, more, folder, base, depth + 1, err) < 0))
            return -1;
    }
    return 0;
}

static int
read_menu(struct finding_kernels *f, const char *path, const char *base,
    struct error *err)
{
    cleanup_free char *folder = path_folder(path);
    cleanup_free char *text = conversion_read(f->c, path, NULL, err);

    if (!folder)
        return error_no_memory(err);
    if (!text)
        return err->code ? -1 : 0;
    f->entries.wanted = entries_setting(text, "default", err);
    if (!err->code && f->entries.wanted &&
        strstr(f->entries.wanted, "saved_entry")) {
        free(f->entries.wanted);
        f->entries.wanted = saved_entry(f->c, folder, err);
    }
    if (err->code || add_menu(f, text, folder, base, 0, err) < 0)
        return -1;
    return add_entries(f, folder, base, err);
}

static int
read_menus(struct finding_kernels *f, const char *pattern, const char *base,
    struct error *err)
{
    cleanup_free char **paths = conversion_glob(f->c, pattern, err);

    if (!paths)
        return -1;
    for (char **path = paths; *path; path++)
        if (read_menu(f, *path, base, err) < 0)
            return -1;
    return 0;
}

/* loader/entries/ID.conf, of GRUB or systemd-boot */
static int
read_singles(struct finding_kernels *f, const char *base, struct error *err)
{
    cleanup_free char *pattern = text_printf("%s/loader/entries/*.conf", base);
    cleanup_free char *settings = text_printf("%s/loader/loader.conf", base);
    if (!pattern || !settings)
        return error_no_memory(err);
    cleanup_free char **paths = conversion_glob(f->c, pattern, err);
    if (!paths)
        return -1;
    if (!paths[0])
        return 0;

    cleanup_free char *text = conversion_read(f->c, settings, NULL, err);
    if (text)
        f->entries.wanted = entries_setting(text, "default", err);
    if (!err->code && !f->entries.wanted)
        f->entries.wanted = saved_entry(f->c, "/boot/grub2", err);
    if (err->code)
        return -1;
    for (char **path = paths; *path; path++) {
        const char *name = strrchr(*path, '/') + 1;
        cleanup_free char *id = strndup(name, strlen(name) - strlen(".conf"));
        cleanup_free char *one = conversion_read(f->c, *path, NULL, err);

        if (!id)
            return error_no_memory(err);
        if ((!one && err->code) ||
            (one && entries_add_one(&f->entries, id, one, err) < 0))
            return -1;
    }
    return add_entries(f, base, base, err);
}

static int
read_loaders(struct finding_kernels *f, struct error *err)
{
    static const char *const menus[] = {"/boot/grub/grub.cfg",
        "/boot/grub2/grub.cfg", "/boot/grub.cfg", "/boot/grub/custom.cfg",
        "/boot/grub2/custom.cfg", "/boot/grub/menu.lst", "/boot/grub/grub.conf",
        "/boot/extlinux/extlinux.conf", "/boot/extlinux.conf", "/extlinux.conf",
        "/boot/syslinux/*.cfg"};
    static const char *const on_partition[] = {"/EFI/*/grub.cfg",
        "/grub/grub.cfg", "/grub2/grub.cfg", "/EFI/*/elilo.conf",
        "/EFI/*/refind.conf", "/syslinux/*.cfg", "/EFI/*/syslinux.cfg",
        "/extlinux/extlinux.conf", "/extlinux.conf", "/syslinux.cfg"};

    for (size_t i = 0; i < N_ELEMENTS(menus); i++)
        if (read_menus(f, menus[i], "/boot", err) < 0)
            return -1;
    if (read_singles(f, "/boot", err) < 0)
        return -1;
    for (char **at = f->c->system_partitions; at && *at; at++) {
        for (size_t i = 0; i < N_ELEMENTS(on_partition); i++) {
            cleanup_free char *pattern =
                text_printf("%s%s", *at, on_partition[i]);

            if (!pattern)
                return error_no_memory(err);
            if (read_menus(f, pattern, *at, err) < 0)
                return -1;
        }
        if (!str_equal(*at, "/boot") && read_singles(f, *at, err) < 0)
            return -1;
    }
    return 0;
}

/* --- what lies about --- */

static bool
is_no_image(const char *name)
{
    static const char *const endings[] = {
        ".hmac", ".sig", ".map", ".gz.sig", ".efi", ".signed"};
    size_t n = strlen(name);

    for (size_t i = 0; i < N_ELEMENTS(endings); i++) {
        size_t m = strlen(endings[i]);

        if (n > m && str_equal(name + n - m, endings[i]))
            return true;
    }
    return strstr(name, "rescue");
}

static int
add_lying(struct finding_kernels *f, const char *path, struct error *err)
{
    if (is_no_image(path))
        return 0;
    cleanup_free char *image = canonical(f->c, path, err);
    if (!image)
        return err->code ? -1 : 0;

    cleanup_free char *version = find_version(f, image, err);
    if (err->code)
        return -1;
    const char *stem = kernel_stem(strrchr(image, '/') + 1);
    return kernel_add(f->c, image, version ? version : stem, NULL, false, err);
}

static int
add_matching(struct finding_kernels *f, const char *at, const char *pattern,
    int (*add)(struct finding_kernels *f, const char *path, struct error *err),
    struct error *err)
{
    cleanup_free char *whole = text_printf("%s%s", at, pattern);
    if (!whole)
        return error_no_memory(err);
    cleanup_free char **found = conversion_glob(f->c, whole, err);
    if (!found)
        return -1;
    for (char **path = found; *path; path++)
        if (add(f, *path, err) < 0)
            return -1;
    return 0;
}

static int
add_lying_unified(
    struct finding_kernels *f, const char *path, struct error *err)
{
    return add_unified(f, path, true, err);
}

static int
look_about(struct finding_kernels *f, struct error *err)
{
    static const char *const patterns[] = {
        "/vmlinuz*", "/vmlinux-*", "/kernel-*", "/bzImage*", "/Image-*"};

    for (size_t i = 0; i < N_ELEMENTS(patterns); i++)
        if (add_matching(f, "/boot", patterns[i], add_lying, err) < 0)
            return -1;
    for (char **at = f->c->system_partitions; at && *at; at++)
        if (add_matching(f, *at, "/EFI/Linux/*.efi", add_lying_unified, err) <
                0 ||
            (!str_equal(*at, "/boot") &&
                add_matching(f, *at, "/vmlinuz*", add_lying, err) < 0))
            return -1;
    return 0;
}

/* Some guests have settings of a second loader that is not in use; only if none
 * of them has a default that exists, the one that is may be broken. */
static int
tell_missing(struct finding_kernels *f, struct error *err)
{
    for (size_t i = 0; i < f->c->n_kernels; i++)
        if (f->c->kernels[i].is_default)
            return 0;
    return !f->missing ? 0
           : strchr(f->missing, '$')
               ? conversion_tell(f->c, FINDING_REVIEW, NULL, err,
                     "the boot loader's default entry starts %s, a variable "
                     "whose value is not known before it starts",
                     f->missing)
               : conversion_tell(f->c, FINDING_REVIEW, NULL, err,
                     "the boot loader's default entry starts %s, which is not "
                     "on the guest's disks",
                     f->missing);
}

int
kernels_find(struct conversion *c, struct error *err)
{
    struct finding_kernels f = {.c = c};
    int r = list_versions(&f, err);

    if (r == 0)
        r = read_loaders(&f, err);
    if (r == 0)
        r = look_about(&f, err);
    if (r == 0)
        r = tell_missing(&f, err);
    free(f.missing);
    free(f.settings);
    strv_free(f.versions);
    strv_free(f.seen);
    entries_clear(&f.entries);
    return r;
}
