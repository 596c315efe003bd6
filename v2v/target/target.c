/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/target/target.h"

#include "base/cleanup.h"
#include "base/strv.h"

const struct target target_null = {
    .name = "null",
    .help = "nothing: convert, report, and discard the result",
};

static const struct target *const targets[] = {
    &target_local,
    &target_libvirt,
    &target_qemu,
    &target_json,
    &target_kubevirt,
    &target_openstack,
    &target_ova,
    &target_ovirt,
    &target_proxmox,
    &target_null,
};

const struct target *
target_at(size_t i)
{
    return i < N_ELEMENTS(targets) ? targets[i] : NULL;
}

const struct target *
target_find(const char *name)
{
    /* Names in other versions of virt-v2v. */
    if (str_equal(name, "disk"))
        return &target_local;
    if (str_equal(name, "rhv") || str_equal(name, "rhev"))
        return &target_ovirt;
    for (size_t i = 0; i < N_ELEMENTS(targets); i++)
        if (str_equal(targets[i]->name, name))
            return targets[i];
    return NULL;
}
