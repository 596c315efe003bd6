/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/windows/windows.h"

static int
read_system(struct windows *w, struct error *err)
{
    cleanup_hive struct hive r = {0};
    cleanup_strv char **keys = NULL;

    if (hive_open(&r, w->c, "SYSTEM", err) < 0 ||
        hive_keys(&r, "", &keys, err) < 0)
        return -1;
    for (char **key = keys; key && *key; key++)
        if (strncasecmp(*key, "ControlSet", strlen("ControlSet")) == 0 &&
            strv_append(&w->control_sets, *key) < 0)
            return error_no_memory(err);
    if (!w->control_sets)
        return error_set(err, EINVAL, "%s has no control set", r.path);

    cleanup_free char *key =
        text_printf("%s\\Control\\Session Manager\\Environment", w->current);
    cleanup_free char *arch =
        key ? hive_text(&r, key, "PROCESSOR_ARCHITECTURE", err) : NULL;
    if (err->code)
        return -1;
    w->is_64bit = arch && strcasecmp(arch, "AMD64") == 0;
    if (arch && !w->is_64bit && strcasecmp(arch, "x86") != 0)
        return conversion_tell(w->c, FINDING_BLOCKED, NULL, err,
            "Windows for the processor %s is not supported", arch);
    return 0;
}

int
windows_read_version(struct windows *w, struct error *err)
{
    const struct mayfly_inspection_root *root = w->c->job.root;

    w->major = (uint32_t)root->major_version;
    w->minor = (uint32_t)root->minor_version;
    w->build = (uint32_t)strtoul(root->build_id, NULL, 10);
    w->server = strstr(root->product_variant, "Server") ||
                strstr(root->product_name, "Server");
    w->current = strdup(root->windows_current_control_set);
    if (!w->current)
        return error_no_memory(err);
    if (!w->current[0])
        return error_set(err, EINVAL, "Windows has no current control set");
    return read_system(w, err);
}

char *
windows_path(const struct windows *w, const char *rest, struct error *err)
{
    char *path = text_printf("%s/%s", w->c->job.root->windows_systemroot, rest);

    if (!path)
        error_no_memory(err);
    return path;
}

void
windows_clear(struct windows *w)
{
    free(w->current);
    strv_free(w->control_sets);
    strv_free(w->uninstall);
    for (size_t i = 0; i < w->n_found; i++)
        nic_clear(&w->found[i]);
    free(w->found);
    *w = (struct windows){0};
}
