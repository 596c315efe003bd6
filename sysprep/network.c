/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the configuration of the network says about this machine alone. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "sysprep/mac.h"
#include "sysprep/operations.h"
#include "tool/print.h"

static int
remove_assignments(struct work *w, const char *const *names, struct error *err)
{
    cleanup_free char **paths =
        work_glob(w, "/etc/sysconfig/network-scripts/ifcfg-*", err);

    if (!paths)
        return -1;
    for (size_t i = 0; paths[i]; i++) {
        if (!job_is_file(&w->job, paths[i]))
            continue;
        cleanup_free char *text = job_read(&w->job, paths[i], NULL, err);
        cleanup_free char *changed =
            text ? text_without_assignments(text, names) : NULL;

        if (!changed)
            return text ? error_no_memory(err) : -1;
        if (change_file(w, paths[i], text, changed, err) < 0)
            return -1;
    }
    return 0;
}

int
run_net_hostname(struct work *w, struct error *err)
{
    static const char *const names[] = {"HOSTNAME", "DHCP_HOSTNAME", NULL};

    return remove_assignments(w, names, err);
}

int
run_net_hwaddr(struct work *w, struct error *err)
{
    static const char *const names[] = {"HWADDR", NULL};

    return remove_assignments(w, names, err);
}

/* --- net-mac --- */

/* An address in a form that the edits do not know. */
static void
report_rest(const char *path, const char *text)
{
    size_t line = text_names_own_mac(text);

    if (line)
        tool_warning("net-mac: line %zu of %s may still have a hardware "
                     "address of this machine",
            line, path);
}

static int
change_lines(struct work *w, const char *pattern, char *(*edit)(const char *),
    struct error *err)
{
    cleanup_free char **paths = work_glob(w, pattern, err);

    if (!paths)
        return -1;
    for (size_t i = 0; paths[i]; i++) {
        if (!job_is_file(&w->job, paths[i]))
            continue;
        cleanup_free char *text = job_read(&w->job, paths[i], NULL, err);
        cleanup_free char *changed = text ? edit(text) : NULL;

        if (!changed)
            return text ? error_no_memory(err) : -1;
        if (change_file(w, paths[i], text, changed, err) < 0)
            return -1;
    }
    return 0;
}

static char *
ifcfg_without_mac(const char *text)
{
    static const char *const names[] = {"MACADDR", "LLADDR", NULL};

    return text_without_assignments(text, names);
}

/* Where one interface is found by its address, it is the only one; of several,
 * only the address says which is which. */
static int
change_bound(struct work *w, const char *pattern,
    char *(*edit)(const char *, size_t *), bool check, struct error *err)
{
    cleanup_free char **paths = work_glob(w, pattern, err);
    size_t all = 0;

    if (!paths)
        return -1;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; paths[i]; i++) {
            size_t bound = 0;

            if (!job_is_file(&w->job, paths[i]))
                continue;
            cleanup_free char *text = job_read(&w->job, paths[i], NULL, err);
            cleanup_free char *changed = text ? edit(text, &bound) : NULL;
            if (!changed)
                return text ? error_no_memory(err) : -1;
            all += round == 0 ? bound : 0;
            if (round == 0)
                continue;
            if (bound && all > 1)
                tool_warning("net-mac: %s finds its interface by a hardware "
                             "address, which clones do not have; it stays, "
                             "since there are %zu such interfaces",
                    paths[i], all);
            else if (change_file(w, paths[i], text, changed, err) < 0)
                return -1;
            else if (check)
                report_rest(paths[i], changed);
        }
    }
    return 0;
}

/* A .link file that names the interface of this address is what
 * 70-persistent-net.rules was. */
static int
remove_links(struct work *w, struct error *err)
{
    cleanup_free char **paths =
        work_glob(w, "/etc/systemd/network/*.link{,.d/*.conf}", err);

    if (!paths)
        return -1;
    for (size_t i = 0; paths[i]; i++) {
        size_t bound = 0;

        if (!job_is_file(&w->job, paths[i]))
            continue;
        cleanup_free char *text = job_read(&w->job, paths[i], NULL, err);
        cleanup_free char *changed =
            text ? networkd_without_mac(text, &bound) : NULL;
        if (!changed)
            return text ? error_no_memory(err) : -1;
        if ((bound ? remove_path(w, paths[i], err)
                   : change_file(w, paths[i], text, changed, err)) < 0)
            return -1;
    }
    return 0;
}

int
run_net_mac(struct work *w, struct error *err)
{
    static const char networkd[] =
        "/etc/systemd/network/*.{network,netdev}{,.d/*.conf}";

    if (change_bound(w, "/etc/NetworkManager/system-connections/*",
            keyfile_without_mac, true, err) < 0 ||
        change_bound(w, "/etc/netplan/*.yaml", netplan_without_mac, true, err) <
            0 ||
        change_bound(w, networkd, networkd_without_mac, false, err) < 0 ||
        change_lines(w, "/etc/network/interfaces{,.d/*}", ifupdown_without_mac,
            err) < 0 ||
        change_lines(w, "/etc/sysconfig/network{-scripts,}/ifcfg-*",
            ifcfg_without_mac, err) < 0)
        return -1;
    return remove_links(w, err);
}
