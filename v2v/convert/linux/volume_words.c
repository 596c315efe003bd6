/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of dracut's by which the initramfs waits for a volume: if it is not
 * there, the start ends in the emergency shell. */
#include <config.h>

#include "v2v/convert/linux/volume_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/device_learn.h"
#include "v2v/convert/linux/report_once.h"

/* GROUP/VOLUME, or GROUP alone. */
static bool
has_logical(const struct volumes *v, const char *name)
{
    size_t n = strlen(name);

    for (char **p = v->logical; p && *p; p++) {
        const char *own = str_after(*p, "/dev/");

        if (own && strncmp(own, name, n) == 0 &&
            (!own[n] || (own[n] == '/' && !strchr(name, '/'))))
            return true;
    }
    return false;
}

/* The UUID of a LUKS device, or the beginning of one; "luks-" may precede. */
static bool
has_locked(const struct volumes *v, const char *uuid)
{
    const char *rest = str_after(uuid, "luks-");
    size_t n = strcspn(rest ? rest : uuid, "=");

    for (size_t i = 0; i < v->n; i++)
        if (str_equal(v->items[i].type, "crypto_LUKS") &&
            strncasecmp(v->items[i].uuid, rest ? rest : uuid, n) == 0)
            return true;
    return false;
}

/* dracut takes colons or dashes in any place; blkid gives one form. */
static bool
has_member(const struct volumes *v, const char *uuid)
{
    for (size_t i = 0; i < v->n; i++) {
        const char *a = v->items[i].uuid, *b = uuid;

        if (!str_equal(v->items[i].type, "linux_raid_member"))
            continue;
        for (;; a++, b++) {
            a += strspn(a, ":-");
            b += strspn(b, ":-");
            if (!*a || strncasecmp(a, b, 1) != 0)
                break;
        }
        if (!*a && !*b)
            return true;
    }
    return false;
}

int
volume_word_check(struct conversion *c, const char *path, unsigned line,
    const char *key, const char *value, struct error *err)
{
    static const struct {
        const char *key;
        bool (*has)(const struct volumes *v, const char *name);
    } words[] = {
        {"rd.lvm.lv", has_logical},
        {"rd_LVM_LV", has_logical},
        {"rd.lvm.vg", has_logical},
        {"rd_LVM_VG", has_logical},
        {"rd.luks.uuid", has_locked},
        {"rd_LUKS_UUID", has_locked},
        {"rd.luks.name", has_locked},
        {"rd.md.uuid", has_member},
        {"rd_MD_UUID", has_member},
    };

    for (size_t i = 0; i < N_ELEMENTS(words); i++) {
        if (!str_equal(words[i].key, key) || !*value)
            continue;
        struct volumes *v = device_volumes(c, err);
        if (!v)
            return -1;
        if (words[i].has(v, value))
            continue;
        cleanup_free char *said =
            text_printf("%s=%s is not on the guest's disks, and the start "
                        "waits for it",
                key, value);
        if (!said)
            return error_no_memory(err);
        if (report_once(c, path, line, said, err) < 0)
            return -1;
    }
    return 0;
}
