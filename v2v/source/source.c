/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/source/source.h"

#include "base/cleanup.h"
#include "base/strv.h"

static const struct source *const sources[] = {
    &source_disk,
    &source_xl,
    &source_libvirt,
    &source_libvirt_xml,
    &source_vhd,
    &source_xva,
    &source_ova,
    &source_vmx,
};

const struct source *
source_at(size_t i)
{
    return i < N_ELEMENTS(sources) ? sources[i] : NULL;
}

const struct source *
source_find(const char *name)
{
    /* virt-v2v's other name for -i disk. */
    if (str_equal(name, "local"))
        return &source_disk;
    for (size_t i = 0; i < N_ELEMENTS(sources); i++)
        if (str_equal(sources[i]->name, name))
            return sources[i];
    return NULL;
}
