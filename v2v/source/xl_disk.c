/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk is "target, format, vdev, access", by NAME= or in this order;
 * "target=" takes the rest of the item, commas included.  Before xl the form
 * was "PREFIX:target,vdev,access", and prefixes can be stacked:
 * tap:qcow2:/file. */
#include <config.h>

#include "v2v/source/xl_disk.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/machine/device_name.h"

enum { WORD_MAX = 4096 };

/* The parts of an item found so far. */
struct spec {
    char *target, *format, *vdev, *access;
    bool cdrom;
};

static void
clear_spec(struct spec *s)
{
    free(s->target);
    free(s->format);
    free(s->vdev);
    free(s->access);
}

/* --- names of devices --- */

static char *
device_name(const char *prefix, unsigned disk, unsigned partition)
{
    char letters[DEVICE_LETTERS];

    device_letters(disk, letters);
    return partition ? text_printf("%s%s%u", prefix, letters, partition)
                     : text_printf("%s%s", prefix, letters);
}

/* The number in xenstore: a major and minor number of old Linux, or bit 28 set
 * and a 20-bit disk number. */
static char *
name_of_number(unsigned long number)
{
    unsigned n = (unsigned)number, minor = n & 0xff;

    if (n & 1U << 28)
        return device_name("xvd", n >> 8 & 0xfffff, n & 0xff);
    switch (n >> 8) {
    case 202:
        return device_name("xvd", minor >> 4, minor & 15);
    case 8:
        return device_name("sd", minor >> 4, minor & 15);
    case 3:
        return device_name("hd", minor >> 6, minor & 63);
    case 22:
        return device_name("hd", 2 + (minor >> 6), minor & 63);
    default:
        return NULL;
    }
}

/* d0p2 */
static char *
name_of_numbers(const char *vdev)
{
    char *end = NULL;
    unsigned long disk, partition = 0;

    if (vdev[0] != 'd' || !isdigit((unsigned char)vdev[1]))
        return NULL;
    disk = strtoul(vdev + 1, &end, 10);
    if (*end == 'p' && isdigit((unsigned char)end[1]))
        partition = strtoul(end + 1, &end, 10);
    if (*end || disk > 0xfffff || partition > 255)
        return NULL;
    return device_name("xvd", (unsigned)disk, (unsigned)partition);
}

char *
xl_vdev_name(const char *vdev, struct error *err)
{
    const char *plain = str_after(vdev, "/dev/");
    char *name = NULL, *end = NULL, letters[DEVICE_LETTERS];
    unsigned partition;

    if (!plain)
        plain = vdev;
    errno = 0;
    if (device_split(plain, letters, &partition)) {
        name = strdup(plain);
    } else if (isdigit((unsigned char)plain[0])) {
        unsigned long number = strtoul(plain, &end, 0);

        if (!*end && number <= UINT32_MAX)
            name = name_of_number(number);
    } else {
        name = name_of_numbers(plain);
    }
    if (!name && errno == ENOMEM)
        error_no_memory(err);
    else if (!name)
        error_set(err, EINVAL, "unknown disk name '%s'", vdev);
    return name;
}

/* --- the item --- */

static bool
is_format(const char *word)
{
    static const char *const formats[] = {
        "raw", "qcow", "qcow2", "vhd", "vhdx", "qed", "vmdk", "aio"};

    for (size_t i = 0; i < N_ELEMENTS(formats); i++)
        if (str_equal(word, formats[i]))
            return true;
    return false;
}

static bool
is_access(const char *word)
{
    return str_equal(word, "r") || str_equal(word, "ro") ||
           str_equal(word, "w") || str_equal(word, "rw") ||
           str_equal(word, "w!");
}

static int
put(char **field, const char *value, struct error *err)
{
    free(*field);
    *field = strdup(value);
    return *field ? 0 : error_no_memory(err);
}

/* Strip the old prefixes from a target; there may be several. */
static int
strip_prefixes(struct spec *s, const char *target, struct error *err)
{
    static const char *const dropped[] = {
        "phy:", "file:", "aio:", "tap:", "tap2:", "tapdisk:", "ioemu:"};
    static const char *const scripts[] = {
        "iscsi:", "nbd:", "enbd:", "drbd:", "rbd:"};

    for (bool more = true; more;) {
        size_t n = strcspn(target, ":/");
        cleanup_free char *word = target[n] == ':' ? strndup(target, n) : NULL;

        more = false;
        if (word && is_format(word)) {
            if (!str_equal(word, "aio") && put(&s->format, word, err) < 0)
                return -1;
            target += n + 1;
            more = true;
        }
        for (size_t i = 0; i < N_ELEMENTS(dropped); i++) {
            const char *rest = str_after(target, dropped[i]);

            if (rest) {
                target = rest;
                more = true;
            }
        }
    }
    for (size_t i = 0; i < N_ELEMENTS(scripts); i++)
        if (str_after(target, scripts[i]))
            return error_set(err, ENOTSUP,
                "the disk '%s' needs a Xen block script; attach it here and "
                "give the block device",
                target);
    return put(&s->target, target, err);
}

static int
take_named(struct spec *s, const char *word, bool *ret_known, struct error *err)
{
    static const char *const ignored[] = {"backend=", "backendtype=",
        "specification=", "discard-enable=", "transport="};
    const char *value;

    *ret_known = true;
    if ((value = str_after(word, "format=")))
        return put(&s->format, value, err);
    if ((value = str_after(word, "vdev=")))
        return put(&s->vdev, value, err);
    if ((value = str_after(word, "access=")))
        return put(&s->access, value, err);
    if (str_equal(word, "cdrom") || str_equal(word, "devtype=cdrom")) {
        s->cdrom = true;
        return 0;
    }
    if ((value = str_after(word, "script=")))
        return error_set(err, ENOTSUP,
            "a disk needs the Xen block script '%s'; attach it here and give "
            "the block device",
            value);
    if (str_after(word, "devtype=") || str_equal(word, "discard") ||
        str_equal(word, "no-discard") || str_equal(word, "direct-io-safe") ||
        str_equal(word, "trusted") || str_equal(word, "untrusted"))
        return 0;
    for (size_t i = 0; i < N_ELEMENTS(ignored); i++)
        if (str_after(word, ignored[i]))
            return 0;
    *ret_known = false;
    return 0;
}

/* A word without NAME= is the next of target, format, vdev, access.  The old
 * form has no format, so vdev may come second. */
static int
take_placed(
    struct spec *s, const char *word, unsigned *place, struct error *err)
{
    if (*place == 0) {
        *place = 1;
        return strip_prefixes(s, word, err);
    }
    if (*place == 1 && (!*word || is_format(word))) {
        *place = 2;
        return *word ? put(&s->format, word, err) : 0;
    }
    if (*place <= 2) {
        *place = 3;
        return put(&s->vdev, word, err);
    }
    if (*place == 3) {
        *place = 4;
        return *word ? put(&s->access, word, err) : 0;
    }
    return error_set(err, EINVAL, "a disk has an unexpected word: '%s'", word);
}

static int
split(const char *text, struct spec *s, struct error *err)
{
    unsigned place = 0;

    for (;;) {
        text += strspn(text, " \t\n");

        const char *target = str_after(text, "target=");
        if (target)
            return strip_prefixes(s, target, err);

        size_t n = strcspn(text, ","), end = n;
        bool known;
        while (end > 0 && strchr(" \t\n", text[end - 1]))
            end--;
        cleanup_free char *word = strndup(text, end);
        if (!word)
            return error_no_memory(err);
        if (take_named(s, word, &known, err) < 0 ||
            (!known && take_placed(s, word, &place, err) < 0))
            return -1;
        if (!text[n])
            return 0;
        text += n + 1;
    }
}

/* Xen's "vhd" is QEMU's "vpc"; "aio" was an access method, not a format. */
static const char *
format_name(const char *format)
{
    if (str_equal(format, "vhd"))
        return "vpc";
    return str_equal(format, "aio") ? "raw" : format;
}

static int
settle(struct spec *s, struct guest_disk *ret, struct error *err)
{
    char *suffix = s->vdev ? strchr(s->vdev, ':') : NULL;

    if (suffix) {
        *suffix = 0;
        s->cdrom |= str_equal(suffix + 1, "cdrom");
    }
    if (!s->vdev || !s->vdev[0])
        return error_set(err, EINVAL, "a disk without vdev");
    if (s->access && s->access[0] && !is_access(s->access))
        return error_set(err, EINVAL, "invalid access '%s'", s->access);
    ret->removable = s->cdrom;
    ret->read_only = s->cdrom || (s->access && s->access[0] == 'r' &&
                                     !str_equal(s->access, "rw"));
    if (!s->target || !s->target[0]) {
        if (!s->cdrom)
            return error_set(err, EINVAL, "a disk without target");
    } else {
        ret->path = s->target[0] == '/' ? strdup(s->target)
                                        : text_printf("/dev/%s", s->target);
        if (!ret->path)
            return error_no_memory(err);
    }
    /* The default is raw: xl does not detect the format either. */
    if (!(ret->format = strdup(
              format_name(s->format && s->format[0] ? s->format : "raw"))))
        return error_no_memory(err);
    ret->name = xl_vdev_name(s->vdev, err);
    return ret->name ? 0 : -1;
}

int
xl_disk_parse(const char *spec, struct guest_disk *ret, struct error *err)
{
    struct spec s = {0};
    int r = -1;

    if (strlen(spec) > WORD_MAX)
        return error_set(err, EINVAL, "the text of a disk is too long");
    if (split(spec, &s, err) == 0)
        r = settle(&s, ret, err);
    clear_spec(&s);
    if (r < 0)
        return error_context(err, "disk '%s'", spec);
    return 0;
}
