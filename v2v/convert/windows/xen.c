/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the Xen drivers are services that start at boot.  One of
 * them, XENFILT, is also a filter of the device classes of the disk's
 * controller: if it is missing, or present without Xen, Windows finds no disk
 * (the filters are set by xenfilt's co-installer in the win-xenfilt project).
 * So the services are disabled and the filters removed in every control set:
 * any of them can be used at the next boot.  The rest is uninstalled when
 * Windows runs. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/windows/windows.h"

static const char why[] = "Xen drivers keep another machine from booting";

/* Those of the Xen project, XenServer and XCP-ng, of older XenServers, and of
 * Red Hat and Novell. */
static const char *const services[] = {"xenagent", "xenbus", "xenbus_monitor",
    "xencons", "xencons_monitor", "xendisk", "xenevtchn", "xenfilt", "xenhid",
    "xeniface", "xeninp", "xenkbd", "xenlite", "xennet", "xennet6", "xenpci",
    "xenscsi", "xensvc", "xenvbd", "xenvesado", "xenvif", "xenvkbd",
    "xenwinsvc", "scsifilt", "InstallAgent", "XenInstall", "rhelfltr",
    "rhelnet", "rhelscsi"};

static const char *const filters[] = {
    "xenfilt", "scsifilt", "xenvbd", "xendisk", "rhelfltr"};

static int
disable_services(struct hive *r, const char *set, struct error *err)
{
    enum { DISABLED = 4 };
    uint32_t start;

    for (size_t i = 0; i < N_ELEMENTS(services); i++) {
        cleanup_free char *key =
            text_printf("%s\\Services\\%s", set, services[i]);

        if (!key)
            return error_no_memory(err);
        if (hive_number(r, key, "Start", DISABLED, &start, err) < 0)
            return -1;
        if (start == DISABLED)
            continue;

        cleanup_free char *what =
            text_printf("%s: the service %s is disabled", set, services[i]);
        if (!what)
            return error_no_memory(err);
        if (hive_set_number(r, key, "Start", DISABLED, err) < 0 ||
            hive_tell(r, what, why, err) < 0)
            return -1;
    }
    return 0;
}

/* Are these N UTF-16 characters the name of a filter? */
static bool
is_filter(const uint8_t *text, size_t n)
{
    char plain[16];

    if (n >= sizeof plain)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[2 * i + 1])
            return false;
        plain[i] = (char)text[2 * i];
    }
    plain[n] = 0;
    for (size_t i = 0; i < N_ELEMENTS(filters); i++)
        if (strcasecmp(plain, filters[i]) == 0)
            return true;
    return false;
}

/* Remove the filters from a list of UTF-16 texts; returns its new size. */
static size_t
take_out(uint8_t *list, size_t size)
{
    size_t used = 0, at = 0;

    while (at + 2 <= size) {
        size_t n = 0;

        while (at + 2 * n + 2 <= size &&
               (list[at + 2 * n] || list[at + 2 * n + 1]))
            n++;
        size_t whole = 2 * n + 2 <= size - at ? 2 * n + 2 : size - at;
        if (!is_filter(list + at, n)) {
            memmove(list + used, list + at, whole);
            used += whole;
        }
        at += whole;
    }
    return used;
}

static int
clean_filters(
    struct hive *r, const char *key, const char *name, struct error *err)
{
    size_t size, left;
    cleanup_free uint8_t *list = hive_get(r, key, name, &size, err);

    if (!list)
        return err->code ? -1 : 0;
    if ((left = take_out(list, size)) == size)
        return 0;

    cleanup_free char *what =
        text_printf("%s: a Xen filter is removed (%s)", key, name);
    if (!what)
        return error_no_memory(err);
    if (hive_set(r, key, name, REGISTRY_TEXTS, list, left, err) < 0)
        return -1;
    return hive_tell(r, what, why, err);
}

static int
clean_classes(struct hive *r, const char *set, struct error *err)
{
    cleanup_free char *top = text_printf("%s\\Control\\Class", set);
    cleanup_strv char **classes = NULL;

    if (!top)
        return error_no_memory(err);
    if (hive_keys(r, top, &classes, err) < 0)
        return -1;
    for (char **name = classes; name && *name; name++) {
        cleanup_free char *key = text_printf("%s\\%s", top, *name);

        if (!key)
            return error_no_memory(err);
        if (clean_filters(r, key, "UpperFilters", err) < 0 ||
            clean_filters(r, key, "LowerFilters", err) < 0)
            return -1;
    }
    return 0;
}

int
windows_xen(struct windows *w, struct hive *system, struct error *err)
{
    for (char **set = w->control_sets; *set; set++)
        if (disable_services(system, *set, err) < 0 ||
            clean_classes(system, *set, err) < 0)
            return -1;
    return 0;
}
