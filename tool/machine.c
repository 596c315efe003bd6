/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>

#include "base/strv.h"

static FILE *
open_number(const char *text, struct error *err)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    FILE *f = NULL;

    if (text[0] < '0' || text[0] > '9' || *end || n > INT_MAX)
        error_set(err, EINVAL, "invalid file descriptor '%s'", text);
    else if (fcntl((int)n, F_SETFD, FD_CLOEXEC) < 0 ||
             !(f = fdopen((int)n, "w")))
        error_errno(err, errno, "cannot write to the open file %s", text);
    return f;
}

FILE *
tool_machine_open(const char *format, struct error *err)
{
    const char *number = format ? str_after(format, "fd:") : NULL;
    const char *name = format ? str_after(format, "file:") : NULL;
    FILE *f = NULL;

    if (!format || str_equal(format, "stream:stdout"))
        return stdout;
    if (str_equal(format, "stream:stderr"))
        return stderr;
    if (number)
        return open_number(number, err);
    if (!name)
        error_set(err, EINVAL,
            "invalid value '%s': use stream:stdout, stream:stderr, fd:NUMBER "
            "or file:NAME",
            format);
    else if (!(f = fopen(name, "we")))
        error_errno(err, errno, "cannot write %s", name);
    return f;
}
