/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removes what only makes sense under the old hypervisor: its drivers in lists
 * of modules, its file system, and its agents, which would wait for it or
 * fail. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit.h"
#include "v2v/convert/linux/steps.h"

static const char why[] = "it only works under the old hypervisor";

/* Is the first word of the line one of these? */
static int
is_module(const char *line)
{
    static const char *const names[] = {"xen-blkfront", "xen_blkfront",
        "xen-netfront", "xen_netfront", "xen-kbdfront", "xenblktap", "xennet",
        "xenblk", "xen-vnif", "xen-vbd", "xen-fbfront", "evtchn", "vmxnet",
        "vmxnet3", "vmw_pvscsi", "vmw_balloon", "vboxguest", "vboxsf",
        "vboxvideo", "vmwgfx", "vmhgfs", "hv_vmbus", "hv_storvsc", "hv_netvsc",
        "hv_utils", "hv_balloon", "hv_sock", "hyperv_fb", "hyperv_drm",
        "hyperv_keyboard", "hid_hyperv", "vmw_vmci", "vmw_vsock_vmci_transport",
        "vboxnetflt", "xen_gntdev", "xen-gntdev", "xen_gntalloc",
        "xen-gntalloc", "xen_privcmd", "xen-privcmd", "xen_evtchn",
        "xen-evtchn", "xenfs", "xen_pcifront", "xen-pcifront", "prl_tg",
        "prl_eth", "prl_fs"};
    const char *word = line + strspn(line, " \t");
    size_t n = strcspn(word, " \t#");

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (strlen(names[i]) == n && strncmp(word, names[i], n) == 0)
            return 1;
    return 0;
}

static int
is_xen_file_system(const char *line)
{
    const char *device = line + strspn(line, " \t");

    return *device != '#' &&
           (strstr(line, "/proc/xen") || str_after(device, "xenfs"));
}

static int
is_xen_sysctl(const char *line)
{
    return str_after(line, "xen.") != NULL;
}

static int
comment_out(struct conversion *c, const char *path, int (*drop)(const char *),
    const char *what, struct error *err)
{
    cleanup_free char *text = conversion_read(c, path, NULL, err);
    if (!text)
        return err->code ? -1 : 0;

    cleanup_free char *changed = edit_comment_out(text, drop, err);
    return changed ? conversion_write(c, path, changed, what, why, err) : -1;
}

/* Stop agents that systemd or System V init starts; the packages stay, so that
 * the guest's package database stays correct. */
static int
stop_services(struct conversion *c, struct error *err)
{
    static const char *const services[] = {"xe-daemon", "xe-linux-distribution",
        "xenstored", "xenstore", "xen-guest-agent", "xendomains", "vmtoolsd",
        "open-vm-tools", "vgauth", "vmware-tools", "vmware-tools-thinprint",
        "vmware-tools-services", "vboxadd", "vboxadd-service", "vboxadd-x11",
        "vboxservice", "virtualbox-guest-utils", "virtualbox-guest-utils-hwe",
        "virtualbox-guest-additions", "prltoolsd", "hypervkvpd", "hypervvssd",
        "hypervfcopyd", "hv-kvp-daemon", "hv-vss-daemon", "hv-fcopy-daemon",
        "hv_kvp_daemon", "hv_vss_daemon", "hv_fcopy_daemon", "walinuxagent",
        "waagent", "google-guest-agent", "google-startup-scripts"};
    static const char *const forms[][2] = {
        {"/etc/systemd/system/*.wants/", ".service"},
        {"/etc/systemd/system/*.requires/", ".service"},
        {"/etc/rc[0-9S].d/S[0-9][0-9]", ""},
        {"/etc/rc.d/rc[0-9S].d/S[0-9][0-9]", ""},
        {"/etc/runlevels/*/", ""},
        {"/etc/runit/runsvdir/*/", ""},
        {"/etc/dinit.d/boot.d/", ""},
    };

    cleanup_free char *list = strdup(services[0]);

    /* One question for each form, not for each service. */
    for (size_t i = 1; list && i < N_ELEMENTS(services); i++) {
        char *longer = text_printf("%s,%s", list, services[i]);

        free(list);
        list = longer;
    }
    for (size_t k = 0; k < N_ELEMENTS(forms); k++) {
        cleanup_free char *pattern =
            list ? text_printf("%s{%s}%s", forms[k][0], list, forms[k][1])
                 : NULL;
        if (!pattern)
            return error_no_memory(err);
        cleanup_free char **links = conversion_glob(c, pattern, err);
        if (!links)
            return -1;
        for (char **link = links; *link; link++)
            if (conversion_remove(
                    c, *link, "the start of a service", why, err) < 0)
                return -1;
    }
    return 0;
}

int
linux_leftovers(struct conversion *c, struct error *err)
{
    static const char *const lists[] = {"/etc/modules",
        "/etc/initramfs-tools/modules", "/etc/modules-load.d/*.conf"};

    for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
        cleanup_free char **paths = conversion_glob(c, lists[i], err);

        if (!paths)
            return -1;
        for (char **path = paths; *path; path++)
            if (comment_out(c, *path, is_module, "modules to load", err) < 0)
                return -1;
    }
    if (comment_out(c, "/etc/fstab", is_xen_file_system, "the Xen file system",
            err) < 0 ||
        comment_out(c, "/etc/sysctl.conf", is_xen_sysctl, "Xen settings", err) <
            0)
        return -1;
    return stop_services(c, err);
}
