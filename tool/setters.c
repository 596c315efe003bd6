/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The setters for the common kinds of options. */
#include <config.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/strv.h"
#include "tool/options.h"

int
tool_set_nothing(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    (void)opaque, (void)option, (void)value, (void)err;
    return 0;
}

int
tool_set_flag(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    (void)value, (void)err;
    *(bool *)((char *)opaque + o->offset) = true;
    return 0;
}

int
tool_clear_flag(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    (void)value, (void)err;
    *(bool *)((char *)opaque + o->offset) = false;
    return 0;
}

int
tool_set_text(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    (void)err;
    *(const char **)((char *)opaque + o->offset) = value;
    return 0;
}

int
tool_add_text(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    if (strv_append((char ***)((char *)opaque + o->offset), value) < 0)
        return error_no_memory(err);
    return 0;
}

int
tool_set_number(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    char *end;

    errno = 0;
    long n = strtol(value, &end, 10);
    if (end == value || *end || errno || n < 0 || n > INT_MAX)
        return error_set(
            err, EINVAL, "'%s' is not a number from 0 to %d", value, INT_MAX);
    *(int *)((char *)opaque + o->offset) = (int)n;
    return 0;
}
