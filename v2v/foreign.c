/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/foreign.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

struct refusal {
    const char *name;
    const char *value; /* NULL: takes none; of a value: unused */
    const char *instead;
};

static const char vddk[] =
    "VMware's library is not used here; export the machine as an OVA "
    "(ovftool), or copy its folder, and use -i ova or -i vmx";
static const char upload[] =
    "nothing is uploaded to oVirt; use -o ovirt -os DIR with an export storage "
    "domain mounted at DIR";
static const char vdsm[] =
    "IDs for VDSM are not set; use -o ovirt -os DIR with an export storage "
    "domain mounted at DIR";

static const struct refusal options[] = {
    {"-io", "OPTION", vddk},
    {"-ip", "FILE",
        "no source here asks for a password; use an SSH key, or export the "
        "machine and use -i ova, vmx or libvirtxml"},
    {"-it", "TRANSPORT", vddk},
    {"-op", "FILE", upload},
    {"bandwidth-file", "FILE",
        "the rate cannot change while disks are copied; use --bwlimit RATE"},
    {"collect", "PATH",
        "use mayfish --ro -a DISK -i copy-out PATH DIR on the source"},
    {"collect-output", "FILE",
        "use mayfish --ro -a DISK -i copy-out PATH DIR on the source"},
    {"compressed", NULL,
        "images are not compressed; run qemu-img convert -c -O qcow2 on the "
        "result"},
    {"dcpath", "PATH", vddk},
    {"debug-overlays", NULL,
        "overlays are not kept; use --report FILE to see each change, with "
        "what undoes it"},
    {"no-copy", NULL, "use mayfly-v2v plan, or -o null"},
    {"no-trim", "FILESYSTEMS", "use --no-fstrim"},
    {"password-file", "FILE",
        "no source here asks for a password; use an SSH key"},
    {"qemu-boot", NULL, "start DIR/NAME.sh of -o qemu when it is made"},
    {"vddk", "DIR", vddk},
    {"vddk-compression", "TYPE", vddk},
    {"vddk-config", "FILE", vddk},
    {"vddk-cookie", "COOKIE", vddk},
    {"vddk-libdir", "DIR", vddk},
    {"vddk-nfchostport", "PORT", vddk},
    {"vddk-port", "PORT", vddk},
    {"vddk-snapshot", "ID", vddk},
    {"vddk-thumbprint", "THUMBPRINT", vddk},
    {"vddk-transports", "LIST", vddk},
    {"vdsm-compat", "VERSION", vdsm},
    {"vdsm-image-uuid", "UUID", vdsm},
    {"vdsm-ovf-flavour", "FLAVOUR", vdsm},
    {"vdsm-ovf-output", "DIR", vdsm},
    {"vdsm-vm-uuid", "UUID", vdsm},
    {"vdsm-vol-uuid", "UUID", vdsm},
    {"vmtype", "TYPE",
        "oVirt's type of the machine is not set; set it in oVirt"},
};

static const struct refusal targets[] = {
    {"glance", NULL,
        "use -o openstack, whose script uploads the images to Glance by the "
        "openstack command"},
    {"rhv-upload", NULL, upload},
    {"ovirt-upload", NULL, upload},
    {"vdsm", NULL, vdsm},
};

static const struct refusal sources[] = {
    {"esx", NULL, vddk},
    {"vddk", NULL, vddk},
    {"vpx", NULL, vddk},
};

/* Patterns of -oo. */
static const struct refusal target_options[] = {
    {"compressed*", NULL,
        "images are not compressed; run qemu-img convert -c -O qcow2 on the "
        "result"},
    {"qemu-boot*", NULL, "start DIR/NAME.sh of -o qemu when it is made"},
    {"rhv-*", NULL, upload},
    {"ovirt-*", NULL, upload},
    {"vdsm-*", NULL, vdsm},
    {"disk=*", NULL, "the images are DIR/NAME-sda and so on; see -os and -on"},
    {"json-disks-pattern=*", NULL,
        "the images are DIR/NAME-sda and so on; see -os and -on"},
    {"server-id=*", NULL,
        "the script of -o openstack makes images, not volumes of a server; "
        "give the openstack command what else it needs by the environment "
        "(OS_CLOUD)"},
    {"*", NULL,
        "-o openstack takes its settings from the environment (OS_CLOUD), no "
        "other target has any; see -os, -of, -oc and -on"},
};

static const char *
find(const struct refusal *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (str_equal(list[i].name, name))
            return list[i].instead;
    return NULL;
}

static int
refuse(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    (void)opaque;
    if (str_equal(option->name, "-it") && str_equal(value, "ssh"))
        return error_set(err, ENOTSUP,
            "give each disk as ssh://USER@HOST/PATH to -i disk, or copy the "
            "folder of the machine and use -i vmx");
    return error_set(
        err, ENOTSUP, "%s", find(options, N_ELEMENTS(options), option->name));
}

size_t
foreign_options(struct tool_option *ret, size_t max)
{
    size_t n = 0;

    for (; n < N_ELEMENTS(options) && n < max; n++)
        ret[n] = (struct tool_option){
            .name = options[n].name, .value = options[n].value, .set = refuse};
    return n;
}

const char *
foreign_source(const char *name)
{
    return find(sources, N_ELEMENTS(sources), name);
}

const char *
foreign_target(const char *name)
{
    return find(targets, N_ELEMENTS(targets), name);
}

int
foreign_target_option(const char *text, struct error *err)
{
    /* That is what the target does anyway. */
    if (str_equal(text, "create=false"))
        return 0;
    for (size_t i = 0; i < N_ELEMENTS(target_options); i++)
        if (fnmatch(target_options[i].name, text, 0) == 0)
            return error_set(err, ENOTSUP, "%s", target_options[i].instead);
    return 0;
}

int
foreign_connection(const char *uri, struct error *err)
{
    static const char *const vmware[] = {"esx*", "vpx*", "gsx*", "vmware*"};

    for (size_t i = 0; i < N_ELEMENTS(vmware); i++)
        if (fnmatch(vmware[i], uri, 0) == 0)
            return error_set(err, ENOTSUP, "%s", vddk);
    if (fnmatch("hyperv*", uri, 0) == 0)
        return error_set(err, ENOTSUP,
            "the disks of Hyper-V are not read through libvirt; copy the VHDX "
            "files and use -i disk");
    return 0;
}
