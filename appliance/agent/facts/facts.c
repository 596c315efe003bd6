/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/facts/facts.h"

#include <errno.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/inspect/mounted.h"
#include "appliance/agent/inspect/notes.h"
#include "base/strv.h"

static const struct {
    const char *name;
    void (*read)(struct facts *f);
    bool any_system; /* not only Linux and the like */
} sections[FACT_SECTIONS] = {
    {"system", facts_system, false},
    {"users", facts_users, false},
    {"groups", facts_groups, false},
    {"ssh_keys", facts_ssh_keys, false},
    {"sshd", facts_sshd, false},
    {"sudo", facts_sudo, false},
    {"services", facts_services, false},
    {"network", facts_network, false},
    {"mounts", facts_mounts, false},
    {"filesystems", facts_filesystems, true},
    {"kernels", facts_kernels, false},
    {"initramfs", facts_initramfs, false},
    {"boot_entries", facts_boot_entries, false},
    {"boot", facts_boot, true},
    {"security", facts_security, false},
    {"cloud_init", facts_cloud_init, false},
    {"agents", facts_agents, false},
    {"domain", facts_domain, false},
};

int
facts_choose(struct call *c, const char *const *names, uint32_t n,
    struct fact_sections *ret)
{
    *ret = (struct fact_sections){0};
    for (uint32_t i = 0; i < n; i++) {
        bool all = str_equal(names[i], "all"), known = all;

        for (size_t k = 0; k < FACT_SECTIONS; k++)
            if (all || str_equal(names[i], sections[k].name))
                known = ret->wanted[k] = true;
        if (!known)
            return call_error(c, EINVAL, "%s: no section of facts", names[i]);
    }
    return 0;
}

void
facts_read(struct call *c, int root, struct mounted_guest *guest,
    struct mayfly_inspection_root *s, void *opaque)
{
    const struct fact_sections *chosen = opaque;
    struct facts f = {.c = c,
        .root = root,
        .guest = guest,
        .system = s,
        .notes = guest->notes};
    bool left_out = false;

    for (size_t i = 0; i < FACT_SECTIONS; i++) {
        if (!chosen->wanted[i] || call_cancelled(c))
            continue;
        if (str_equal(s->type, "windows") || str_equal(s->type, "dos")) {
            left_out |= !sections[i].any_system;
            if (!sections[i].any_system)
                continue;
        }
        f.section = sections[i].name;
        sections[i].read(&f);
    }
    if (left_out)
        inspection_reason(c, guest->notes, s->root, "facts",
            "facts: of %s only those about boot and file systems are read",
            s->type);
    s->facts = f.rows.items;
    s->n_facts = f.rows.n;
}
