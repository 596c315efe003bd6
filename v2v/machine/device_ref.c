/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/machine/device_ref.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/machine/device_name.h"

static const char *const tags[] = {"UUID", "LABEL", "PARTUUID", "PARTLABEL"};

static size_t
digits(const char *s)
{
    return strspn(s, "0123456789");
}

/* "7", but not "07" or "7x"; 0 if it is no number. */
static unsigned
whole_number(const char *s)
{
    size_t n = digits(s);

    return n && n <= 4 && !s[n] && s[0] != '0' ? (unsigned)strtoul(s, NULL, 10)
                                               : 0;
}

static bool
set_text(
    struct device_ref *r, enum device_kind kind, const char *text, size_t n)
{
    if (n == 0 || n > DEVICE_TEXT_MAX)
        return false;
    r->kind = kind;
    memcpy(r->text, text, n);
    r->text[n] = 0;
    return true;
}

/* --- tags --- */

/* udev writes what is unsafe in a file name as \xHH. */
static void
decode(char *text)
{
    char *to = text;

    for (const char *p = text; *p; p++) {
        if (p[0] == '\\' && p[1] == 'x' && isxdigit((unsigned char)p[2]) &&
            isxdigit((unsigned char)p[3])) {
            char hex[3] = {p[2], p[3], 0};

            *to++ = (char)strtoul(hex, NULL, 16);
            p += 3;
        } else {
            *to++ = *p;
        }
    }
    *to = 0;
}

static bool
set_tag(struct device_ref *r, const char *tag, const char *value)
{
    size_t n = strlen(value);

    if (n >= 2 && (*value == '"' || *value == '\'') && value[n - 1] == *value)
        value++, n -= 2;
    r->tag = tag;
    if (!set_text(r, DEVICE_TAG, value, n))
        return false;
    decode(r->text);
    return true;
}

static bool parse_link(const char *rest, struct device_ref *r);

/* "ID=wwn-0x5000-part1" is /dev/disk/by-id/wwn-0x5000-part1. */
static bool
parse_id(const char *value, struct device_ref *r)
{
    char link[sizeof "by-id/" + DEVICE_TEXT_MAX];
    size_t n = strlen(value);

    if (n >= 2 && (*value == '"' || *value == '\'') && value[n - 1] == *value)
        value++, n -= 2;
    if (n == 0 || n > DEVICE_TEXT_MAX)
        return false;
    snprintf(link, sizeof link, "by-id/%.*s", (int)n, value);
    return parse_link(link, r);
}

static bool
parse_tag(const char *name, struct device_ref *r)
{
    const char *id = str_after(name, "ID=");

    if (id)
        return parse_id(id, r);
    for (size_t i = 0; i < N_ELEMENTS(tags); i++) {
        const char *value = str_after(name, tags[i]);

        if (value && *value == '=')
            return set_tag(r, tags[i], value + 1);
    }
    return false;
}

/* --- links of udev --- */

/* The number at the end of TEXT after the last WORD in it; -1: none. */
static int
number_after(const char *text, const char *word)
{
    const char *found = NULL;

    for (const char *p = text; (p = strstr(p, word)); p++)
        found = p + strlen(word);
    if (!found || digits(found) == 0 || digits(found) > 3)
        return -1;
    return atoi(found);
}

/* Some links say which disk it is by a number that counts the disks.  Others
 * have a serial or an address, which only the old machine knows. */
static int
number_of_link(const char *text)
{
    static const struct {
        const char *word;
        int first;
    } words[] = {{"google-persistent-disk-", 0}, {"drive-scsi", 0},
        {"drive-virtio", 0}, {"drive-ide", 0}, {"drive-sata", 0}, {"-ata-", 1},
        {"-nvme-", 1}};
    unsigned host, channel, target, lun;
    const char *scsi = strstr(text, "-scsi-");
    const char *vbd = strstr(text, "xen-vbd-");

    if (vbd) {
        unsigned long n = strtoul(vbd + strlen("xen-vbd-"), NULL, 10);

        return n >= 51712 && n < 51712 + 256 ? (int)((n - 51712) / 16) : -1;
    }
    if (scsi &&
        sscanf(scsi, "-scsi-%u:%u:%u:%u", &host, &channel, &target, &lun) ==
            4 &&
        target < 64 && lun < 64)
        return (int)(target ? target : lun);
    for (size_t i = 0; i < N_ELEMENTS(words); i++) {
        int n = number_after(text, words[i].word);

        if (n >= words[i].first)
            return n - words[i].first;
    }
    return -1;
}

static bool
parse_opaque(const char *path, struct device_ref *r)
{
    const char *part = NULL;

    for (const char *p = path; (p = strstr(p, "-part")); p += 5)
        if (whole_number(p + 5))
            part = p;
    r->partition = part ? whole_number(part + 5) : 0;
    if (!set_text(r, DEVICE_OPAQUE, path,
            part ? (size_t)(part - path) : strlen(path)))
        return false;
    r->disk = number_of_link(r->text);
    return true;
}

/* What the guest itself made has the same name on any machine. */
static bool
is_own_link(const char *id)
{
    static const char *const own[] = {
        "dm-name-", "dm-uuid-", "md-uuid-", "md-name-", "lvm-pv-uuid-"};

    /* A multipath device is a disk of the old machine. */
    if (str_after(id, "dm-uuid-mpath-") || str_after(id, "dm-uuid-part") ||
        str_after(id, "dm-name-mpath"))
        return false;
    for (size_t i = 0; i < N_ELEMENTS(own); i++)
        if (str_after(id, own[i]))
            return true;
    return false;
}

static bool
parse_link(const char *rest, struct device_ref *r)
{
    static const char *const folders[] = {
        "by-uuid/", "by-label/", "by-partuuid/", "by-partlabel/"};
    const char *name;

    for (size_t i = 0; i < N_ELEMENTS(folders); i++)
        if ((name = str_after(rest, folders[i])))
            return set_tag(r, tags[i], name);
    if ((name = str_after(rest, "by-id/")) && is_own_link(name)) {
        r->tag = "";
        return set_text(r, DEVICE_TAG, name, strlen(name));
    }
    return parse_opaque(rest, r);
}

/* --- by the place of the disk --- */

static bool
parse_letters(const char *name, struct device_ref *r)
{
    if (!device_split(name, r->letters, &r->partition))
        return false;
    r->disk = 0;
    for (const char *p = r->letters; *p; p++)
        r->disk = r->disk * 26 + (*p - 'a') + 1;
    r->disk--;

    size_t n = strlen(name);
    while (n && isdigit((unsigned char)name[n - 1]))
        n--;
    return set_text(r, DEVICE_PLACE, name, n);
}

/* nvme1n1p2, mmcblk0p2, cciss/c0d1p2, dasda1: a number for the disk, and after
 * SEPARATOR one for the partition. */
static bool
parse_numbers(const char *name, struct device_ref *r)
{
    static const struct {
        const char *before, *between, *separator;
    } forms[] = {{"nvme", "n1", "p"}, {"mmcblk", "", "p"},
        {"cciss/c0d", "", "p"}, {"ida/c0d", "", "p"}, {"rd/c0d", "", "p"},
        {"pmem", "", "p"}, {"nbd", "", "p"}, {"vblk", "", "p"}};

    for (size_t i = 0; i < N_ELEMENTS(forms); i++) {
        const char *p = str_after(name, forms[i].before);
        size_t n = p ? digits(p) : 0;
        const char *rest = n ? str_after(p + n, forms[i].between) : NULL;

        if (!rest || n > 3)
            continue;
        if (*rest) {
            const char *part = str_after(rest, forms[i].separator);

            if (!part || !(r->partition = whole_number(part)))
                continue;
        }
        r->disk = atoi(p);
        return set_text(r, DEVICE_PLACE, name, (size_t)(rest - name));
    }
    return false;
}

/* --- what is no disk --- */

static bool
is_no_disk(const char *name)
{
    static const char *const words[] = {"null", "zero", "full", "random",
        "urandom", "hwrng", "console", "tty", "ptmx", "stdin", "stdout",
        "stderr", "log", "kmsg", "mem", "port", "cdrom", "cdrw", "dvd", "dvdrw",
        "dvdram", "floppy", "fuse", "kvm", "initctl", "core", "watchdog", "rtc",
        "hpet", "nvram", "psaux", "mouse", "cuse", "nfs", "ram", "kvm",
        "vga_arbiter", "uinput", "btrfs-control", "xconsole", "mapper/control",
        "loop-control", "zfs"};
    static const char *const folders[] = {"pts", "shm", "fd", "input", "snd",
        "net", "bus", "cpu", "dri", "mqueue", "hugepages", "usb", "char",
        "serial", "infiniband", "vfio", "bsg", "oracleasm", "raw", "iso9660",
        "xen"};
    /* Followed by a number. */
    static const char *const numbered[] = {"tty", "ttyS", "ttyAMA", "ttyUSB",
        "hvc", "xvc", "sr", "scd", "fd", "st", "nst", "sg", "loop", "ram",
        "zram", "rtc", "watchdog", "input/event", "vcs", "vcsa", "lp",
        "parport", "usbmon", "fb", "video", "ptp", "cdrom", "dvd", "i2c-",
        "vhost", "tpm", "ipmi"};

    for (size_t i = 0; i < N_ELEMENTS(words); i++)
        if (str_equal(name, words[i]))
            return true;
    for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
        const char *rest = str_after(name, folders[i]);

        if (rest && (*rest == '/' || !*rest))
            return true;
    }
    for (size_t i = 0; i < N_ELEMENTS(numbered); i++) {
        const char *rest = str_after(name, numbered[i]);

        if (rest && digits(rest) && !rest[digits(rest)])
            return true;
    }
    return str_after(name, "vhost-") || !name[0];
}

static bool
parse_array(const char *name, struct device_ref *r)
{
    const char *rest = str_after(name, "md");

    if (!rest ||
        !(*rest == '/' || *rest == '_' || isdigit((unsigned char)*rest)))
        return false;
    return set_text(r, DEVICE_ARRAY, name, strlen(name));
}

static bool
parse_path(const char *name, struct device_ref *r)
{
    const char *rest, *slash = strchr(name, '/');

    if (is_no_disk(name)) {
        r->kind = DEVICE_OTHER;
        return true;
    }
    if ((rest = str_after(name, "disk/")))
        return parse_link(rest, r);
    if ((rest = str_after(name, "mapper/")))
        return set_text(r, DEVICE_MAPPED, rest, strlen(rest));
    if ((rest = str_after(name, "block/")))
        return device_parse_number(rest, r) ||
               set_text(r, DEVICE_OPAQUE, name, strlen(name));
    if (str_equal(name, "root")) {
        r->kind = DEVICE_ROOT;
        return true;
    }
    if (parse_letters(name, r) || parse_numbers(name, r) ||
        parse_array(name, r))
        return true;
    /* dm-0, bcache0, drbd0, dasda1: a number or letters that the running
     * system gave. */
    if (!slash || slash == name || strchr(slash + 1, '/'))
        return parse_opaque(name, r);
    return set_text(r, DEVICE_VOLUME, name, strlen(name));
}

bool
device_parse(const char *name, struct device_ref *ret)
{
    const char *rest = str_after(name, "/dev/");

    *ret = (struct device_ref){.disk = -1, .tag = ""};
    while (rest && *rest == '/')
        rest++;
    return rest ? parse_path(rest, ret) : parse_tag(name, ret);
}

static bool
set_number(unsigned long major, unsigned long minor, struct device_ref *r)
{
    static const struct {
        unsigned major, each, first;
    } disks[] = {
        {8, 16, 0}, {65, 16, 16}, {3, 64, 0}, {22, 64, 2}, {202, 16, 0}};

    for (size_t i = 0; i < N_ELEMENTS(disks); i++) {
        if (disks[i].major != major)
            continue;
        r->disk = (int)(disks[i].first + minor / disks[i].each);
        r->partition = (unsigned)(minor % disks[i].each);
        device_letters((unsigned)r->disk, r->letters);
        r->kind = DEVICE_PLACE;
        snprintf(r->text, sizeof r->text, "sd%s", r->letters);
        return true;
    }
    return false;
}

bool
device_parse_number(const char *text, struct device_ref *ret)
{
    const char *hex = str_after(text, "0x");
    unsigned long number;
    char *end;

    *ret = (struct device_ref){.disk = -1, .tag = ""};
    if (strchr(text, ':')) {
        unsigned long major = strtoul(text, &end, 10);

        if (*end != ':' || end == text || digits(end + 1) == 0 ||
            end[1 + digits(end + 1)])
            return false;
        return set_number(major, strtoul(end + 1, NULL, 10), ret);
    }
    if (!hex)
        hex = text;
    size_t n = strspn(hex, "0123456789abcdefABCDEF");
    if (hex[n] || n < 3 || n > 4)
        return false;
    number = strtoul(hex, NULL, 16);
    return set_number(number >> 8, number & 0xff, ret);
}
