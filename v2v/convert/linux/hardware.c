/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings that only fit the old machine's hardware, or keep the drivers of the
 * new one away: folders that the old hypervisor shared, lists of drivers that
 * must not be loaded, cards that the initramfs configures by name. */
#include <config.h>

#include "v2v/convert/linux/hardware.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit.h"
#include "v2v/convert/linux/net/files.h"
#include "v2v/convert/linux/steps.h"
#include "v2v/convert/linux/report_once.h"
#include "v2v/convert/linux/volume_words.h"

static const char blanks[] = " \t\r\"'";

/* --- drivers that are kept away --- */

/* The driver of the new machine that the N bytes at WORD name, or NULL. */
static const char *
needed_driver(const char *word, size_t n)
{
    static const char *const names[] = {"virtio", "virtio_ring", "virtio_pci",
        "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_blk",
        "virtio_net", "net_failover", "failover"};

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        size_t k = 0;

        if (strlen(names[i]) != n)
            continue;
        while (k < n && (word[k] == '-' ? '_' : word[k]) == names[i][k])
            k++;
        if (k == n)
            return names[i];
    }
    return NULL;
}

static int
tell_driver(struct conversion *c, const char *path, unsigned line,
    const char *what, const char *driver, struct error *err)
{
    cleanup_free char *text =
        text_printf("'%s' keeps the driver %s from loading, which the new "
                    "machine needs",
            what, driver);

    return text ? report_once(c, path, line, text, err) : error_no_memory(err);
}

/* Report what LIST, words with blanks or commas between, has of them. */
static int
check_list(struct conversion *c, const char *path, unsigned line,
    const char *what, const char *list, struct error *err)
{
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, ", \t\"'");
        const char *driver = needed_driver(p, n);

        if (driver && tell_driver(c, path, line, what, driver, err) < 0)
            return -1;
        p += n + (p[n] != 0);
    }
    return 0;
}

/* modprobe.d(5): "blacklist NAME", "install NAME /bin/true", "alias NAME
 * off". */
static int
check_modprobe_line(struct conversion *c, const char *path, unsigned line,
    char *text, struct error *err)
{
    char *rest = text + strspn(text, blanks);
    const char *verb = strsep(&rest, " \t");
    char *name = rest ? rest + strspn(rest, " \t") : NULL;
    size_t n = name ? strcspn(name, " \t\r") : 0;
    const char *driver = name ? needed_driver(name, n) : NULL;
    const char *tail = driver ? name + n + strspn(name + n, blanks) : NULL;

    if (!driver)
        return 0;
    if (!str_equal(verb, "blacklist") &&
        !(str_equal(verb, "install") && !strstr(tail, "modprobe") &&
            !strstr(tail, "insmod")) &&
        !(str_equal(verb, "alias") && str_after(tail, "off")))
        return 0;
    return tell_driver(c, path, line, verb, driver, err);
}

typedef int (*check_line)(struct conversion *c, const char *path, unsigned line,
    char *text, struct error *err);

static int
each_line(struct conversion *c, const char *path, const char *text,
    check_line check, struct error *err)
{
    cleanup_free char *copy = strdup(text);
    char *rest = copy, *line;
    unsigned number = 0;

    if (!copy)
        return error_no_memory(err);
    while ((line = strsep(&rest, "\n"))) {
        number++;
        if (line[strspn(line, " \t")] != '#' &&
            check(c, path, number, line, err) < 0)
            return -1;
    }
    return 0;
}

static int
check_files(struct conversion *c, const char *pattern, check_line check,
    struct error *err)
{
    cleanup_free char **paths = conversion_glob(c, pattern, err);

    if (!paths)
        return -1;
    for (char **path = paths; *path; path++) {
        cleanup_free char *text = conversion_read(c, *path, NULL, err);

        if ((!text && err->code) ||
            (text && each_line(c, *path, text, check, err) < 0))
            return -1;
    }
    return 0;
}

/* --- cards in the initramfs --- */

/* The I-th part of TEXT between colons; those in [...] do not count. */
static char *
part(const char *text, unsigned i)
{
    for (;; text++) {
        size_t n = 0;

        for (bool in = false; text[n] && (in || text[n] != ':'); n++)
            in = text[n] == '[' || (in && text[n] != ']');
        if (i-- == 0)
            return strndup(text, n);
        text += n;
        if (!*text)
            return strdup("");
    }
}

/* Is NAME made by another word of the LINE, "bond=NAME:...", or named there by
 * an address, "ifname=NAME:MAC"? */
static bool
is_explained(const char *line, const char *name)
{
    static const char *const words[] = {
        "ifname=", "bond=", "bridge=", "team=", "vlan="};

    for (size_t i = 0; i < N_ELEMENTS(words); i++)
        for (const char *p = line; (p = strstr(p, words[i])); p++) {
            const char *rest = str_after(p + strlen(words[i]), name);

            if (rest && (strchr(": \t\"'", *rest) || !*rest))
                return true;
        }
    return false;
}

static int
check_card(struct conversion *c, const char *path, unsigned line,
    const char *text, const char *name, struct error *err)
{
    static const char *const words[] = {"dhcp", "on", "any", "off", "none",
        "both", "auto", "auto6", "dhcp4", "dhcp6", "link6", "link-local",
        "either6", "ibft", "bootp", "rarp"};
    enum net_manner manner;

    if (!isalpha((unsigned char)name[0]) || strchr(name, '.') ||
        is_explained(text, name))
        return 0;
    for (size_t i = 0; i < N_ELEMENTS(words); i++)
        if (str_equal(name, words[i]))
            return 0;
    if (net_files_manner(c, &manner, err) < 0)
        return -1;
    /* The kernel's own count is the same on the new machine. */
    if (manner != NET_BY_PLACE && str_after(name, "eth"))
        return 0;
    cleanup_free char *said = text_printf(
        "the initramfs configures the network card %s, but may call it by "
        "another name on the new machine",
        name);
    return said ? report_once(c, path, line, said, err) : error_no_memory(err);
}

/* "ip=ens192:dhcp", "DEVICE=ens192",
 * "ip=ADDRESS:SERVER:GATEWAY:MASK:HOST:ens192:off", "bond=bond0:ens192,ens224",
 * "bootdev=ens192". */
static int
check_network_word(struct conversion *c, const char *path, unsigned line,
    const char *text, const char *key, const char *value, struct error *err)
{
    bool ip = str_equal(key, "ip") || str_equal(key, "IP");
    bool list = str_equal(key, "bond") || str_equal(key, "bridge") ||
                str_equal(key, "team") || str_equal(key, "vlan");

    /* DEVICE= is that of Debian's initramfs.conf. */
    if (!ip && !list && !str_equal(key, "bootdev") &&
        !(str_equal(key, "DEVICE") && str_after(path, "/etc/initramfs-tools/")))
        return 0;
    cleanup_free char *first = part(value, list ? 1 : 0);
    if (!first)
        return error_no_memory(err);
    /* After a name the parts are other ones: ens192:dhcp:1500:MAC. */
    cleanup_free char *sixth =
        ip && !isalpha((unsigned char)first[0]) ? part(value, 5) : strdup("");
    if (!sixth)
        return error_no_memory(err);
    char *rest = first, *name;
    while ((name = strsep(&rest, ",")))
        if (check_card(c, path, line, text, name, err) < 0)
            return -1;
    return check_card(c, path, line, text, sixth, err);
}

/* The kernel takes no longer command line.  Each word about a card is compared
 * with the whole line. */
enum { LINE_MAX_BYTES = 4096 };

static int
check_words(struct conversion *c, const char *path, unsigned line, char *text,
    struct error *err)
{
    if (strlen(text) > LINE_MAX_BYTES && strchr(text, '='))
        return report_once(
            c, path, line, "the line is too long to be looked at", err);
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, blanks);
        cleanup_free char *word = strndup(p, n);
        char *value = word ? strchr(word, '=') : NULL;

        if (!word)
            return error_no_memory(err);
        p += n + (p[n] != 0);
        if (!value)
            continue;
        *value++ = 0;
        if (str_after(word, "omit_drivers"))
            return check_list(c, path, line, "omit_drivers", p, err);
        if ((strstr(word, "blacklist") &&
                check_list(c, path, line, word, value, err) < 0) ||
            check_network_word(c, path, line, text, word, value, err) < 0 ||
            volume_word_check(c, path, line, word, value, err) < 0)
            return -1;
        /* IP="..." of a shell */
        if (!*value && str_equal(word, "IP")) {
            cleanup_free char *quoted = strndup(p, strcspn(p, "\"'"));

            if (!quoted)
                return error_no_memory(err);
            if (check_network_word(c, path, line, text, word, quoted, err) < 0)
                return -1;
        }
    }
    return 0;
}

int
hardware_check_words(
    struct conversion *c, const char *path, const char *text, struct error *err)
{
    return each_line(c, path, text, check_words, err);
}

/* --- folders that the old hypervisor shared --- */

/* Cut the next word off *REST. */
static char *
cut_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t\r");
    size_t n = strcspn(word, " \t\r");

    *rest = word + n + (word[n] != 0);
    word[n] = 0;
    return word;
}

static bool
has_option(const char *options, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = options; (p = strstr(p, name)); p++)
        if ((p == options || p[-1] == ',') && (!p[n] || p[n] == ','))
            return true;
    return false;
}

struct share {
    char *device, *type, *options;
};

/* Is the line of fstab one for such a folder?  The parts are in TEXT. */
static bool
is_share(char *text, struct share *ret)
{
    static const char *const types[] = {"vboxsf", "vmhgfs", "fuse.vmhgfs-fuse",
        "prl_fs", "fuse.prl_fsd", "virtiofs", "drvfs"};
    bool p9;

    ret->device = cut_word(&text);
    cut_word(&text);
    ret->type = cut_word(&text);
    ret->options = cut_word(&text);
    if (ret->device[0] == '#')
        return false;
    for (size_t i = 0; i < N_ELEMENTS(types); i++)
        if (str_equal(ret->type, types[i]))
            return true;
    p9 = str_equal(ret->type, "9p") &&
         (has_option(ret->options, "trans=virtio") ||
             has_option(ret->options, "trans=xen"));
    return p9 || (str_equal(ret->type, "fuse") &&
                     (str_after(ret->device, "vmhgfs-fuse") ||
                         str_after(ret->device, ".host:")));
}

static int
check_share(struct conversion *c, const char *path, unsigned line, char *text,
    struct error *err)
{
    struct share s;

    if (!is_share(text, &s))
        return 0;
    cleanup_free char *said = text_printf(
        "%s (%s) was shared by the old hypervisor and is not on the new "
        "machine",
        s.device, s.type);
    return said ? report_once(c, path, line, said, err) : error_no_memory(err);
}

/* A mount unit as the line of fstab that would be the same; one that asks which
 * hypervisor it is on is skipped on another. */
static int
check_unit(struct conversion *c, const char *path, struct error *err)
{
    static const char *const keys[] = {"What=", "Type=", "Options="};
    enum { N_KEYS = N_ELEMENTS(keys) };
    cleanup_free char *text = conversion_read(c, path, NULL, err);
    char *rest = text, *line;
    const char *value[N_KEYS] = {"-", "-", "-"};
    unsigned number = 0, type_line = 1;

    if (!text)
        return err->code ? -1 : 0;
    while ((line = strsep(&rest, "\n"))) {
        number++;
        line += strspn(line, " \t");
        if (str_after(line, "ConditionVirtualization="))
            return 0;
        for (size_t i = 0; i < N_KEYS; i++)
            if (str_after(line, keys[i]) && line[strlen(keys[i])]) {
                value[i] = line + strlen(keys[i]);
                type_line = i == 1 ? number : type_line;
            }
    }
    cleanup_free char *entry =
        text_printf("%s - %s %s", value[0], value[1], value[2]);
    return entry ? check_share(c, path, type_line, entry, err)
                 : error_no_memory(err);
}

static int
check_units(struct conversion *c, struct error *err)
{
    cleanup_free char **paths =
        conversion_glob(c, "/etc/systemd/system/*.mount", err);

    if (!paths)
        return -1;
    for (char **path = paths; *path; path++)
        if (check_unit(c, *path, err) < 0)
            return -1;
    return 0;
}

/* Without it the guest does not get past the mounts of its start. */
static int
stops_the_start(const char *line)
{
    cleanup_free char *copy = strdup(line);
    struct share s;

    return copy && is_share(copy, &s) && !has_option(s.options, "noauto") &&
           !has_option(s.options, "nofail");
}

static int
drop_shares(struct conversion *c, struct error *err)
{
    static const char path[] = "/etc/fstab";
    cleanup_free char *text = conversion_read(c, path, NULL, err);

    if (!text)
        return err->code ? -1 : 0;
    if (each_line(c, path, text, check_share, err) < 0)
        return -1;
    cleanup_free char *changed = edit_comment_out(text, stops_the_start, err);
    return changed ? conversion_write(c, path, changed,
                         "folders that the old hypervisor shared",
                         "the guest would wait for them", err)
                   : -1;
}

int
linux_hardware(struct conversion *c, struct error *err)
{
    static const char *const drivers[] = {"/etc/modprobe.d/*.conf",
        "/lib/modprobe.d/*.conf", "/etc/modprobe.conf",
        "/usr/local/lib/modprobe.d/*.conf"};

    for (size_t i = 0; i < N_ELEMENTS(drivers); i++)
        if (check_files(c, drivers[i], check_modprobe_line, err) < 0)
            return -1;
    return check_units(c, err) < 0 ? -1 : drop_shares(c, err);
}
