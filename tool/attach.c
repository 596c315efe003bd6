/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/attach.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/tool.h"

static struct attached *
target(void *opaque, const struct tool_option *option)
{
    return (struct attached *)(void *)((char *)opaque + option->offset);
}

static int
add(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct attached *a = target(opaque, option);

    if (strv_append(&a->formats, a->format ? a->format : "") < 0 ||
        strv_append(&a->files, value) < 0)
        return error_no_memory(err);
    return 0;
}

/* "auto" guesses again, as for virt-customize(1). */
static int
set_format(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    (void)err;
    target(opaque, option)->format = str_equal(value, "auto") ? NULL : value;
    return 0;
}

size_t
attach_options(struct tool_option *table, size_t n, size_t offset)
{
    static const struct tool_option rows[] = {
        {"attach", 0, "FILE",
            "give commands of the guest another disk, read-only", add, 0},
        {"attach-format", 0, "FORMAT",
            "format of the disks of --attach that follow: raw, qcow2, ...; "
            "default: auto",
            set_format, 0},
    };
    size_t used = 0;

    for (; used < N_ELEMENTS(rows) && used < n; used++) {
        table[used] = rows[used];
        table[used].offset = offset;
    }
    return used;
}

int
attach_disks(const struct attached *a, const struct tool *t, struct mayfly *g)
{
    for (size_t i = 0; a->files && a->files[i]; i++) {
        struct mayfly_add_drive_options options = {
            .set = MAYFLY_ADD_DRIVE_READONLY,
            .readonly = true,
        };

        if (*a->formats[i]) {
            options.set |= MAYFLY_ADD_DRIVE_FORMAT;
            options.format = a->formats[i];
        }
        tool_allow(t, &options);
        if (mayfly_add_drive(g, a->files[i], &options) < 0)
            return tool_fail(g, TOOL_INPUT, NULL);
    }
    return TOOL_OK;
}

void
attached_free(struct attached *a)
{
    strv_free(a->files);
    strv_free(a->formats);
}
