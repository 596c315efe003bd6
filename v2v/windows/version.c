/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/windows/windows.h"

static const char version_key[] = "Microsoft\\Windows NT\\CurrentVersion";

/* CurrentVersion stands still at 6.3 since Windows 10, which has numbers. */
static int
read_numbers(struct windows *w, struct registry *r, struct error *err)
{
    cleanup_free char *version =
        registry_text(r, version_key, "CurrentVersion", err);
    cleanup_free char *build =
        err->code ? NULL
                  : registry_text(r, version_key, "CurrentBuildNumber", err);

    if (err->code)
        return -1;
    if (version && sscanf(version, "%u.%u", &w->major, &w->minor) != 2)
        w->major = w->minor = 0;
    w->build = build ? (uint32_t)strtoul(build, NULL, 10) : 0;
    if (registry_number(r, version_key, "CurrentMajorVersionNumber", w->major,
            &w->major, err) < 0 ||
        registry_number(r, version_key, "CurrentMinorVersionNumber", w->minor,
            &w->minor, err) < 0)
        return -1;
    return 0;
}

static int
read_software(struct windows *w, struct error *err)
{
    cleanup_registry struct registry r = {0};

    if (registry_open(&r, w->c, "SOFTWARE", err) < 0 ||
        read_numbers(w, &r, err) < 0)
        return -1;

    cleanup_free char *kind =
        registry_text(&r, version_key, "InstallationType", err);
    cleanup_free char *name =
        err->code ? NULL : registry_text(&r, version_key, "ProductName", err);
    if (err->code)
        return -1;
    w->server = kind ? str_after(kind, "Server") != NULL
                     : name && strstr(name, "Server");
    return 0;
}

static int
read_system(struct windows *w, struct error *err)
{
    cleanup_registry struct registry r = {0};
    cleanup_strv char **keys = NULL;
    uint32_t number;

    if (registry_open(&r, w->c, "SYSTEM", err) < 0 ||
        registry_number(&r, "Select", "Current", 1, &number, err) < 0 ||
        registry_keys(&r, "", &keys, err) < 0)
        return -1;
    if (!(w->current = text_printf("ControlSet%03u", number)))
        return error_set(err, ENOMEM, "no memory");
    for (char **key = keys; key && *key; key++)
        if (strncasecmp(*key, "ControlSet", strlen("ControlSet")) == 0 &&
            strv_append(&w->control_sets, *key) < 0)
            return error_set(err, ENOMEM, "no memory");
    if (!w->control_sets)
        return error_set(err, EINVAL, "%s has no control set", r.path);

    cleanup_free char *key =
        text_printf("%s\\Control\\Session Manager\\Environment", w->current);
    cleanup_free char *arch =
        key ? registry_text(&r, key, "PROCESSOR_ARCHITECTURE", err) : NULL;
    if (err->code)
        return -1;
    w->is_64bit = arch && strcasecmp(arch, "AMD64") == 0;
    if (arch && !w->is_64bit && strcasecmp(arch, "x86") != 0)
        return conversion_tell(w->c, FINDING_BLOCKED, NULL, err,
            "Windows for the processor %s is not converted", arch);
    return 0;
}

int
windows_read_version(struct windows *w, struct error *err)
{
    return read_software(w, err) < 0 ? -1 : read_system(w, err);
}

void
windows_clear(struct windows *w)
{
    free(w->current);
    strv_free(w->control_sets);
    strv_free(w->uninstall);
    *w = (struct windows){0};
}
