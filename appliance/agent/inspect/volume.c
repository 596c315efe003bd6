/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/inspect/volume.h"

#include <stdlib.h>
#include <string.h>

#include "base/strv.h"

struct volume *
volume_find(const struct volumes *v, const char *device)
{
    for (uint32_t i = 0; i < v->n; i++) {
        if (str_equal(v->items[i].device, device))
            return &v->items[i];
    }
    return NULL;
}

unsigned
volume_number(const struct volume *disk, const struct volume *v)
{
    const char *rest = str_after(v->device, disk->device);

    if (v->kind != VOLUME_PARTITION || !rest)
        return 0;
    rest += *rest == 'p';
    size_t n = strspn(rest, "0123456789");
    return n > 0 && n < 6 && !rest[n] ? (unsigned)strtoul(rest, NULL, 10) : 0;
}

struct volume *
volume_disk(const struct volumes *v, uint32_t i)
{
    for (uint32_t k = 0; k < v->n; k++) {
        if (v->items[k].kind == VOLUME_DISK && i-- == 0)
            return &v->items[k];
    }
    return NULL;
}
