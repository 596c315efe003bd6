/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/systems.h"
#include "v2v/convert/windows/windows.h"

static int
find_leftovers(struct windows *w, struct error *err)
{
    cleanup_hive struct hive software = {0};

    if (hive_open(&software, w->c, "SOFTWARE", err) < 0 ||
        windows_read_policy(w, &software, err) < 0)
        return -1;
    return windows_find_leftovers(w, &software, err);
}

/* Windows keeps the clock in local time by default. */
static int
read_clock(struct windows *w, struct hive *system, struct error *err)
{
    cleanup_free char *key =
        text_printf("%s\\Control\\TimeZoneInformation", w->current);
    uint32_t universal;

    if (!key)
        return error_no_memory(err);
    if (hive_number(system, key, "RealTimeIsUniversal", 0, &universal, err) < 0)
        return -1;
    w->c->local_time = !universal;
    return 0;
}

static int
edit_system(struct windows *w, struct error *err)
{
    cleanup_hive struct hive system = {0};

    if (hive_open(&system, w->c, "SYSTEM", err) < 0 ||
        windows_storage(w, &system, err) < 0 ||
        windows_disks(w, &system, err) < 0 ||
        windows_xen(w, &system, err) < 0 ||
        windows_find_addresses(w, &system, err) < 0 ||
        windows_put_addresses(w, err) < 0 ||
        windows_firstboot(w, &system, err) < 0 ||
        read_clock(w, &system, err) < 0)
        return -1;
    return hive_commit(&system, err);
}

static int
convert(struct conversion *c, struct error *err)
{
    struct windows w = {.c = c};
    int r = windows_read_version(&w, err);

    if (r == 0)
        r = windows_drivers(&w, err);
    if (r == 0)
        r = find_leftovers(&w, err);
    if (r == 0)
        r = edit_system(&w, err);
    if (r == 0)
        r = conversion_tell(c, FINDING_NOTE, NULL, err,
            "no Windows was started to try this: check that it boots, that "
            "all disks are online under their letters, and its addresses");
    windows_clear(&w);
    return r;
}

const struct guest_system system_windows = {
    .type = "windows",
    .check = windows_hibernated,
    .convert = convert,
};
