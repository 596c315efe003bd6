/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/systems.h"

#include "base/cleanup.h"
#include "base/strv.h"

static const struct guest_system *const systems[] = {
    &system_linux,
    &system_windows,
};

const struct guest_system *
system_at(size_t i)
{
    return i < N_ELEMENTS(systems) ? systems[i] : NULL;
}

const struct guest_system *
system_find(const char *type)
{
    for (size_t i = 0; i < N_ELEMENTS(systems); i++)
        if (str_equal(systems[i]->type, type))
            return systems[i];
    return NULL;
}
