/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/name.h"

static const char *program_name = "mayfly";

void
tool_set_name(const char *name)
{
    program_name = name;
}

const char *
tool_name(void)
{
    return program_name;
}
