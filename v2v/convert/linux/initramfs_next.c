/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: each tool that makes an initramfs has its own file that
 * says what goes in.  Some find out which drivers the running machine needs;
 * those that are told not to, or that have a list, must be told of virtio.  A
 * file that a shell reads gets a line at its end that adds to what was said
 * before. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/initramfs.h"
#include "v2v/convert/linux/net/shell.h"

static const char why[] = "the new machine's disks are virtio disks";
/* Files that one preset of mkinitcpio can name. */
enum { CONFIGS_MAX = 16 };

static const char what[] = "drivers for every new initramfs";

static bool
any_exists(struct conversion *c, const char *const *paths)
{
    for (; *paths; paths++)
        if (job_exists(&c->job, *paths))
            return true;
    return false;
}

static bool
has_word(const char *text, const char *word)
{
    static const char ends[] = " \t\n\"'(),";
    size_t n = strlen(word);

    for (const char *p = text; (p = strstr(p, word)); p += n)
        if ((p == text || strchr(ends, p[-1])) && strchr(ends, p[n]))
            return true;
    return false;
}

static bool
has_both(const char *text)
{
    return has_word(text, "virtio_pci") && has_word(text, "virtio_blk");
}

/* Write OLD with LINE after it. */
static int
append_line(struct conversion *c, const char *path, const char *old,
    const char *line, struct error *err)
{
    size_t n = old ? strlen(old) : 0;
    cleanup_free char *text = text_printf("%s%s%s\n", old ? old : "",
        n > 0 && old[n - 1] != '\n' ? "\n" : "", line);

    return text ? conversion_write(c, path, text, what, why, err)
                : error_no_memory(err);
}

/* The value of the last assignment to NAME; NULL without an error: none. */
static char *
last_value(const char *text, const char *name, struct error *err)
{
    struct shell_text t = {.text = text};
    cleanup_free char *last = NULL;
    int r;

    for (;;) {
        cleanup_free char *key = NULL, *value = NULL;

        if ((r = shell_next(&t, &key, &value, err)) <= 0)
            return r < 0 ? NULL : steal_pointer(&last);
        if (!str_equal(key, name))
            continue;
        free(last);
        last = steal_pointer(&value);
    }
}

/* --- Debian's initramfs-tools, dracut --- */

/* Has the list a line with this word? */
static bool
has_line(const char *text, const char *word)
{
    for (const char *p = text; *p; p += *p == '\n') {
        const char *rest = str_after(p + strspn(p, " \t"), word);

        if (rest && (!*rest || strchr(" \t\r\n#", *rest)))
            return true;
        p += strcspn(p, "\n");
    }
    return false;
}

static int
remember_debian(struct conversion *c, struct error *err)
{
    static const char path[] = "/etc/initramfs-tools/modules";
    cleanup_free char *old = conversion_read(c, path, NULL, err);

    if (!old && (err->code || !job_is_dir(&c->job, "/etc/initramfs-tools")))
        return err->code ? -1 : 0;
    if (old && has_line(old, "virtio_pci") && has_line(old, "virtio_blk"))
        return 0;
    return append_line(c, path, old, "virtio_pci\nvirtio_blk", err);
}

static int
remember_dracut(struct conversion *c, struct error *err)
{
    static const char folder[] = "/etc/dracut.conf.d";
    static const char *const signs[] = {"/etc/dracut.conf", "/usr/bin/dracut",
        "/usr/sbin/dracut", "/sbin/dracut", NULL};

    if (!job_is_dir(&c->job, folder)) {
        if (!any_exists(c, signs))
            return 0;
        if (mayfly_mkdir_p(c->job.g, folder) < 0)
            return job_fail(&c->job, err);
    }
    return conversion_write(c, "/etc/dracut.conf.d/mayfly.conf",
        "add_drivers+=\" virtio_pci virtio_blk \"\n", what, why, err);
}

/* --- Alpine's mkinitfs --- */

/* features="ata base ext4": each is a file with names of modules. */
static int
remember_mkinitfs(struct conversion *c, struct error *err)
{
    static const char path[] = "/etc/mkinitfs/mkinitfs.conf";
    static const char own[] = "/etc/mkinitfs/features.d/virtio.modules";
    static const char *const signs[] = {
        "/sbin/mkinitfs", "/usr/sbin/mkinitfs", path, NULL};
    static const char *const features[] = {
        own, "/usr/share/mkinitfs/features.d/virtio.modules", NULL};
    cleanup_free char *old = conversion_read(c, path, NULL, err);
    cleanup_free char *list = old ? last_value(old, "features", err) : NULL;

    if (err->code)
        return -1;
    if (!any_exists(c, signs))
        return 0;
    if (!any_exists(c, features)) {
        if (mayfly_mkdir_p(c->job.g, "/etc/mkinitfs/features.d") < 0)
            return job_fail(&c->job, err);
        if (conversion_write(c, own,
                "kernel/drivers/block/virtio_blk.ko*\n"
                "kernel/drivers/net/virtio_net.ko*\n"
                "kernel/drivers/virtio/*.ko*\n",
                what, why, err) < 0)
            return -1;
    }
    if (list && has_word(list, "virtio"))
        return 0;
    return append_line(c, path, old, "features=\"$features virtio\"", err);
}

/* --- Arch's mkinitcpio --- */

/* Is the last MODULES= of a file a string, as before version 24? */
static bool
is_string(const char *text)
{
    bool string = false;

    for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        const char *rest = str_after(p + strspn(p, " \t"), "MODULES");

        if (rest && (*rest == '=' || str_after(rest, "+=")))
            string = rest[1 + (*rest == '+')] != '(';
    }
    return string;
}

static int
remember_in(struct conversion *c, const char *path, struct error *err)
{
    cleanup_free char *old = conversion_read(c, path, NULL, err);
    cleanup_free char *list = old ? last_value(old, "MODULES", err) : NULL;

    if (err->code)
        return -1;
    if (!old || (list && has_both(list)) || strstr(old, "+=(virtio_pci virt"))
        return 0;
    return append_line(c, path, old,
        is_string(old) ? "MODULES=\"$MODULES virtio_pci virtio_blk\""
                       : "MODULES+=(virtio_pci virtio_blk)",
        err);
}

/* A preset can name another file: default_config="/etc/own.conf". */
static int
remember_preset(struct conversion *c, const char *path, struct error *err)
{
    cleanup_free char *text = conversion_read(c, path, NULL, err);
    struct shell_text t = {.text = text};
    unsigned files = 0;
    int r;

    if (!text)
        return err->code ? -1 : 0;
    for (;;) {
        cleanup_free char *key = NULL, *value = NULL;
        size_t n;

        if ((r = shell_next(&t, &key, &value, err)) <= 0)
            return r;
        n = strlen(key);
        if (n <= 7 || !str_equal(key + n - 7, "_config") || value[0] != '/')
            continue;
        if (++files > CONFIGS_MAX)
            return conversion_tell(c, FINDING_REVIEW, path, err,
                "it names more than %d files; add virtio_pci and virtio_blk to "
                "MODULES in the others",
                CONFIGS_MAX);
        if (remember_in(c, value, err) < 0)
            return -1;
    }
}

static int
remember_mkinitcpio(struct conversion *c, struct error *err)
{
    static const char path[] = "/etc/mkinitcpio.conf";
    static const char part[] = "/etc/mkinitcpio.conf.d/zz-mayfly.conf";
    cleanup_free char **presets =
        conversion_glob(c, "/etc/mkinitcpio.d/*.preset", err);
    cleanup_free char **parts =
        presets ? conversion_glob(c, "/etc/mkinitcpio.conf.d/*.conf", err)
                : NULL;
    bool resets = false;

    if (!parts || remember_in(c, path, err) < 0)
        return -1;
    for (char **preset = presets; *preset; preset++)
        if (remember_preset(c, *preset, err) < 0)
            return -1;
    /* These are read after the file, and may replace its list. */
    for (char **p = parts; *p; p++) {
        cleanup_free char *text = conversion_read(c, *p, NULL, err);
        cleanup_free char *list =
            text ? last_value(text, "MODULES", err) : NULL;

        if (err->code)
            return -1;
        resets |= list && !has_both(list) && !str_equal(*p, part);
    }
    return resets ? conversion_write(c, part,
                        "MODULES+=(virtio_pci virtio_blk)\n", what, why, err)
                  : 0;
}

/* --- booster --- */

/* Those that the kernel has as modules: booster fails on one that is built
 * in.  "," is before each. */
static char *
booster_modules(const struct kernel *k, const char *old, struct error *err)
{
    static const char *const names[] = {"virtio_pci", "virtio_blk"};
    char *list = strdup("");

    for (size_t i = 0; list && i < N_ELEMENTS(names); i++) {
        cleanup_free char *before = list;
        cleanup_free char *file = text_printf("/%s.ko", names[i]);
        bool wanted = false;

        for (char **m = k->modules; file && m && *m; m++)
            wanted |= strstr(*m, file) && !has_word(old, names[i]);
        list = file ? text_printf("%s%s%s", before, wanted ? "," : "",
                          wanted ? names[i] : "")
                    : NULL;
    }
    if (!list)
        error_no_memory(err);
    return list;
}

/* "modules: a,b" of YAML.  By itself it includes what the machine uses. */
static int
remember_booster(
    struct conversion *c, const struct kernel *k, struct error *err)
{
    static const char path[] = "/etc/booster.yaml";
    static const char *const signs[] = {
        "/usr/bin/booster", "/usr/lib/booster/init", path, NULL};
    cleanup_free char *old = conversion_read(c, path, NULL, err);
    const char *line = old && str_after(old, "modules:") ? old : NULL;

    if (err->code)
        return -1;
    if (!any_exists(c, signs))
        return 0;
    if (old && !line && (line = strstr(old, "\nmodules:")))
        line++;
    if (!line) {
        cleanup_free char *more = booster_modules(k, "", err);
        cleanup_free char *whole =
            more && *more ? text_printf("modules: %s", more + 1) : NULL;

        if (err->code || (more && !*more))
            return err->code ? -1 : 0;
        return whole ? append_line(c, path, old, whole, err)
                     : error_no_memory(err);
    }

    const char *value = line + strlen("modules:");
    size_t n = strcspn(value, "\n#");
    while (n > 0 && isspace((unsigned char)value[n - 1]))
        n--;
    cleanup_free char *list = strndup(value, n);
    if (!list)
        return error_no_memory(err);
    cleanup_free char *more = booster_modules(k, list, err);
    if (!more || !*more)
        return more ? 0 : -1;
    /* A quoted text ends with its quote; other forms are left alone. */
    const char *start = list + strspn(list, " \t");
    bool quoted = *start == '"' || *start == '\'';
    if (!*start || strchr("[{|>&*!", *start) ||
        (quoted && (n < 3 || list[n - 1] != *start)))
        return conversion_tell(c, FINDING_REVIEW, path, err,
            "add virtio_pci and virtio_blk to its modules, or the next "
            "initramfs may lack them");
    n -= quoted;
    cleanup_free char *text = text_printf(
        "%.*s%s%s", (int)(value - old + (ptrdiff_t)n), old, more, value + n);
    return text ? conversion_write(c, path, text, what, why, err)
                : error_no_memory(err);
}

/* --- the mkinitrd of SUSE before dracut, and of Red Hat 5 --- */

static int
remember_suse(struct conversion *c, struct error *err)
{
    static const char path[] = "/etc/sysconfig/kernel";
    static const char *const dracut[] = {"/etc/dracut.conf",
        "/etc/dracut.conf.d", "/usr/bin/dracut", "/usr/sbin/dracut", NULL};
    cleanup_free char *old = conversion_read(c, path, NULL, err);
    cleanup_free char *list =
        old ? last_value(old, "INITRD_MODULES", err) : NULL;

    if (err->code)
        return -1;
    if (!list || has_both(list) || any_exists(c, dracut))
        return 0;
    cleanup_free char *line = text_printf(
        "INITRD_MODULES=\"%s%svirtio_pci virtio_blk\"", list, *list ? " " : "");
    if (!line)
        return error_no_memory(err);
    /* YaST changes the line that it finds, so there has to be only one. */
    const char *at = str_after(old, "INITRD_MODULES=") ? old : NULL;
    for (const char *p = old; (p = strstr(p, "\nINITRD_MODULES=")); p++)
        at = p + 1;
    const char *value = at ? at + strlen("INITRD_MODULES=") : "";
    char quote = *value;
    const char *end =
        quote == '"' || quote == '\'' ? strchr(value + 1, quote) : NULL;
    if (!end)
        return append_line(c, path, old, line, err);
    cleanup_free char *text =
        text_printf("%.*s%s%s", (int)(at - old), old, line, end + 1);
    return text ? conversion_write(c, path, text, what, why, err)
                : error_no_memory(err);
}

/* "alias scsi_hostadapter1 mptspi" */
static int
remember_aliases(struct conversion *c, struct error *err)
{
    static const char path[] = "/etc/modprobe.conf";
    static const char *const tools[] = {"/sbin/mkinitrd", NULL};
    cleanup_free char *old = conversion_read(c, path, NULL, err);
    unsigned number = 0;

    if (err->code)
        return -1;
    if (!old || !strstr(old, "scsi_hostadapter") || has_both(old) ||
        !any_exists(c, tools))
        return 0;
    for (const char *p = old; (p = strstr(p, "scsi_hostadapter")); p++) {
        unsigned long n = strtoul(p + strlen("scsi_hostadapter"), NULL, 10);

        if (n >= number && n < 1000)
            number = (unsigned)n + 1;
    }
    cleanup_free char *lines =
        text_printf("alias scsi_hostadapter%u virtio_pci\n"
                    "alias scsi_hostadapter%u virtio_blk",
            number, number + 1);
    return lines ? append_line(c, path, old, lines, err) : error_no_memory(err);
}

/* --- those whose files are not changed --- */

static int
tell_others(struct conversion *c, struct error *err)
{
    static const struct {
        const char *path, *text;
    } others[] = {
        {"/etc/genkernel.conf",
            "genkernel may leave virtio_pci and virtio_blk out of the next "
            "initramfs; add them to the modules that it loads"},
        {"/etc/mkinitrd.conf",
            "add virtio_pci and virtio_blk to its MODULE_LIST, or the next "
            "initramfs lacks them"},
        {"/etc/tinyramfs/config",
            "add virtio_pci and virtio_blk to its modules, or the next "
            "initramfs lacks them"},
        {"/etc/nixos/configuration.nix",
            "boot.initrd.availableKernelModules needs virtio_pci and "
            "virtio_blk, or the next system does not start"},
    };

    for (size_t i = 0; i < N_ELEMENTS(others); i++)
        if (job_is_file(&c->job, others[i].path) &&
            conversion_tell(c, FINDING_REVIEW, others[i].path, err, "%s",
                others[i].text) < 0)
            return -1;
    return 0;
}

int
initramfs_remember(
    struct conversion *c, const struct kernel *k, struct error *err)
{
    static int (*const tools[])(struct conversion *, struct error *) = {
        remember_debian,
        remember_dracut,
        remember_mkinitfs,
        remember_mkinitcpio,
        remember_suse,
        remember_aliases,
        tell_others,
    };

    for (size_t i = 0; i < N_ELEMENTS(tools); i++)
        if (tools[i](c, err) < 0)
            return -1;
    return remember_booster(c, k, err);
}
