/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-v2v: converts guests from Xen and other hypervisors to KVM. */
#include <config.h>

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/machine.h"
#include "tool/progress.h"
#include "tool/tool.h"
#include "v2v/convert/systems.h"
#include "v2v/foreign.h"
#include "v2v/manual.h"
#include "v2v/run.h"

#define FIELD(name) offsetof(struct v2v_options, name)

static int
set_source(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct v2v_options *r = opaque;

    (void)option;
    r->source = source_find(value);
    r->has_source = true;
    if (!r->source && foreign_source(value))
        return error_set(
            err, ENOTSUP, "no '%s': %s", value, foreign_source(value));
    return r->source ? 0
                     : error_set(err, EINVAL,
                           "'%s' is not one of disk, libvirt, xl, libvirtxml, "
                           "vhd, xva, ova, vmx",
                           value);
}

static int
set_connection(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    struct v2v_options *r = opaque;

    (void)option;
    r->input_connection = value;
    return foreign_connection(value, err);
}

static int
set_target_option(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    (void)opaque, (void)option;
    return foreign_target_option(value, err);
}

static int
set_input_format(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    static const char *const names[] = {"raw", "qcow2", "qcow", "qed", "vdi",
        "vhdx", "vmdk", "vpc", "parallels", "luks"};
    struct v2v_options *r = opaque;

    (void)option;
    r->input_format = value;
    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (str_equal(value, names[i]))
            return 0;
    return error_set(err, EINVAL,
        "'%s' is not one of raw, qcow2, qcow, qed, vdi, vhdx, vmdk, vpc, "
        "parallels, luks",
        value);
}

static int
set_allocation(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    (void)opaque, (void)option;
    if (str_equal(value, "sparse"))
        return 0;
    return error_set(err, ENOTSUP, "%s",
        str_equal(value, "preallocated")
            ? "images are sparse; run qemu-img convert -O raw -o "
              "preallocation=full on the result"
            : "it must be sparse");
}

static int
set_block_driver(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    (void)opaque, (void)option;
    if (str_equal(value, "virtio-blk") || str_equal(value, "virtio"))
        return 0;
    return error_set(err, ENOTSUP, "%s",
        str_equal(value, "virtio-scsi")
            ? "disks are virtio-blk disks; the drivers for virtio-scsi are "
              "installed as well, so change the bus of the made machine"
            : "it must be virtio-blk");
}

static int
set_target(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct v2v_options *r = opaque;

    (void)option;
    r->target = target_find(value);
    if (!r->target && foreign_target(value))
        return error_set(
            err, ENOTSUP, "no '%s': %s", value, foreign_target(value));
    return r->target ? 0
                     : error_set(err, EINVAL,
                           "'%s' is not one of local, libvirt, qemu, json, "
                           "kubevirt, openstack, ova, ovirt, proxmox, null",
                           value);
}

static int
set_format(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct v2v_options *r = opaque;

    (void)option;
    if (!str_equal(value, "raw") && !str_equal(value, "qcow2"))
        return error_set(err, EINVAL, "'%s' is neither raw nor qcow2", value);
    r->format = value;
    return 0;
}

static int
set_phase(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct v2v_options *r = opaque;

    (void)option;
    r->phase = phase_find(value);
    return r->phase
               ? 0
               : error_set(err, EINVAL,
                     "'%s' is not one of full, delta, rehearse, final", value);
}

static int
set_machine_readable(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    struct v2v_options *r = opaque;

    (void)option;
    if (!(r->machine = tool_machine_open(value, err)))
        return -1;
    tool_progress_parts(r->machine);
    return 0;
}

static int
add_nic_rule(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    char **const *list = (void *)((char *)opaque + option->offset);

    if (tool_add_text(opaque, option, value, err) < 0)
        return -1;
    return nics_check_last(*list, err);
}

/* virt-v2v counts bits, with units of 1000. */
static int
set_bandwidth(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct v2v_options *r = opaque;
    char *end;
    unsigned long long n = strtoull(value, &end, 10);
    const char *units = "KMG",
               *upper = *end ? strchr(units, *end & ~0x20) : NULL;

    (void)option;
    for (const char *u = units; upper && u <= upper; u++)
        n = n > UINT64_MAX / 1000 ? 0 : n * 1000;
    end += upper != NULL;
    if (value[0] < '0' || value[0] > '9' || *end || n < 8)
        return error_set(err, EINVAL,
            "invalid rate '%s'; give bits per second, such as 500K or 10M",
            value);
    r->bwlimit = n / 8;
    return 0;
}

static int
set_sector_size(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    struct v2v_options *r = opaque;

    (void)option;
    if (!str_equal(value, "512") && !str_equal(value, "4096"))
        return error_set(
            err, EINVAL, "invalid size '%s': use 512 or 4096", value);
    r->sector_size = str_equal(value, "512") ? 512 : 4096;
    return 0;
}

/* 10M: ten mebibytes per second. */
static int
set_bwlimit(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct v2v_options *r = opaque;
    char *end;
    unsigned long long n = strtoull(value, &end, 10);
    const char *units = "KMGT", *unit = *end ? strchr(units, *end) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

    (void)option;
    end += unit != NULL;
    if (value[0] < '0' || value[0] > '9' || *end || n == 0 ||
        n > ((uint64_t)1 << 60) >> shift)
        return error_set(err, EINVAL,
            "invalid rate '%s'; give bytes per second, such as 500K or 10M",
            value);
    r->bwlimit = (uint64_t)n << shift;
    return 0;
}

static int
set_root(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct v2v_options *r = opaque;

    (void)option;
    if (value[0] != '/' && !str_equal(value, "first") &&
        !str_equal(value, "single") && !str_equal(value, "ask"))
        return error_set(
            err, EINVAL, "'%s' is not ask, single, first or a device", value);
    r->root = value;
    return 0;
}

/* Those of customize/ follow. */
static const struct tool_option own_options[] = {
    {NULL, 0, NULL, "Source", NULL, 0},
    {"input", 'i', "SOURCE",
        "what is converted: disk (default), libvirt, xl, libvirtxml, vhd, "
        "xva, ova or vmx",
        set_source, 0},
    {"-ic", 0, "URI", "connection of -i libvirt; default: that of virsh",
        set_connection, 0},
    {"-if", 0, "FORMAT", "format of the disks of -i disk; default: detected",
        set_input_format, 0},
    {"blocksize", 0, "BYTES",
        "sector size of the source's disks: 512 or 4096; default: detected",
        set_sector_size, 0},
    {"print-source", 0, NULL, "print what the source says, and stop",
        tool_set_flag, FIELD(print_source)},
    {"root", 0, "ROOT",
        "which of several systems: single (default), ask, first or a device",
        set_root, 0},
    {"kernel", 0, "FILE", "kernel for a guest that has none", tool_set_text,
        FIELD(kernel)},
    {"initrd", 0, "FILE", "initramfs of --kernel", tool_set_text,
        FIELD(initrd)},
    {"modules", 0, "DIR", "modules of --kernel; default: those beside it",
        tool_set_text, FIELD(modules)},
    {NULL, 0, NULL, "Target", NULL, 0},
    {"output", 'o', "TARGET",
        "what is made: local (default), libvirt, qemu, json, kubevirt, "
        "openstack, ova, ovirt, proxmox or null",
        set_target, 0},
    {"-os", 0, "DIR", "folder for the result; default: the current one",
        tool_set_text, FIELD(folder)},
    {"-of", 0, "FORMAT", "format of the images: raw (default) or qcow2",
        set_format, 0},
    {"-oc", 0, "URI", "connection of -o libvirt; default: that of virsh",
        tool_set_text, FIELD(connection)},
    {"-on", 0, "NAME", "name of the new machine; default: as the source says",
        tool_set_text, FIELD(name)},
    {"phase", 0, "PHASE",
        "copy while the source runs: full, delta, rehearse or final", set_phase,
        0},
    {"bitmap", 0, "NAME",
        "QEMU dirty bitmap of the source that marks what has changed",
        tool_set_text, FIELD(bitmap)},
    {"bwlimit", 0, "RATE",
        "read at most RATE bytes a second, as 10M (units K, M, G, T); default: "
        "no limit",
        set_bwlimit, 0},
    {"parallel", 0, "N", "copy at most N disks at the same time; default: all",
        tool_set_number, FIELD(parallel)},
    {"in-place", 0, NULL, "change the source itself, after a rehearsal",
        tool_set_flag, FIELD(in_place)},
    {"bridge", 'b', "IN:OUT",
        "connect cards of bridge IN to bridge OUT; OUT alone: all cards",
        add_nic_rule, FIELD(nics.bridges)},
    {"network", 'n', "IN:OUT",
        "connect cards of libvirt network IN to network OUT", add_nic_rule,
        FIELD(nics.networks)},
    {"mac", 0, "MAC:WHAT:VALUE",
        "for one card: network:OUT, bridge:OUT, or for Windows "
        "ip:ADDRESS[,GATEWAY[,LENGTH[,SERVER...]]]",
        tool_add_text, FIELD(nics.macs)},
    {NULL, 0, NULL, "Conversion", NULL, 0},
    {"rebuild-initramfs", 0, NULL,
        "make a new initramfs, even if the guest's has the drivers",
        tool_set_flag, FIELD(rebuild_initramfs)},
    {"virtio-win", 0, "PATH", "drivers for Windows: an ISO or a folder",
        tool_set_text, FIELD(virtio_win)},
    {"memsize", 0, "MIB", "memory of the appliance; default: as it needs",
        tool_set_number, FIELD(memsize)},
    {"smp", 0, "N", "processors of the appliance; default: 1", tool_set_number,
        FIELD(smp)},
    {"no-fstrim", 0, NULL, "copy blocks that the guest has freed as well",
        tool_clear_flag, FIELD(trim)},
    {"verify-boot", 0, NULL,
        "boot the result, without a network, up to its login prompt",
        tool_set_flag, FIELD(verify)},
    {"boot-timeout", 0, "SECONDS",
        "how long --verify-boot may take, in seconds; default: 300",
        tool_set_number, FIELD(timeout)},
    {"report", 0, "FILE", "write what was done, and how to undo it, as JSON",
        tool_set_text, FIELD(report)},
    {NULL, 'O', "FILE",
        "write what was found, in the XML of virt-v2v-inspector(1)",
        tool_set_text, FIELD(inspection)},
    {"json", 0, NULL, "print the plan as JSON", tool_set_flag, FIELD(json)},
    {"machine-readable", 0, "[FORMAT]",
        "print what this program can do, or the progress, for programs",
        set_machine_readable, 0},
    {"quiet", 'q', NULL, "print no messages, only errors and passwords",
        tool_set_flag, FIELD(quiet)},
    {"-oa", 0, "ALLOCATION", NULL, set_allocation, 0},
    {"-oo", 0, "OPTION", NULL, set_target_option, 0},
    {"bandwidth", 0, "RATE", NULL, set_bandwidth, 0},
    {"block-driver", 0, "DRIVER", NULL, set_block_driver, 0},
    {NULL, 0, NULL,
        "Guest, after the conversion, in the order of the command line", NULL,
        0},
};

static const char *
word_at(size_t i)
{
    static const char *const words[] = {"plan", "inspect"};

    return i < N_ELEMENTS(words) ? words[i] : NULL;
}

/* Features that virt-v2v also has are named as there. */
static void
print_features(FILE *f)
{
    fputs("mayfly-v2v\nmac-option\nmac-ip-option\n", f);
    for (size_t i = 0; source_at(i); i++)
        fprintf(f, "input:%s\n", source_at(i)->name);
    for (size_t i = 0; target_at(i); i++)
        fprintf(f, "output:%s\n", target_at(i)->name);
    for (size_t i = 0; system_at(i); i++)
        fprintf(f, "convert:%s\n", system_at(i)->type);
    fputs("phases\nverify-boot\n", f);
}

static void
check_words(struct v2v_options *r, struct tool *tool)
{
    /* As with virt-v2v, a connection is one of libvirt. */
    if (r->input_connection && !r->has_source)
        r->source = &source_libvirt;
    if (tool->n_words > 0 && (str_equal(tool->words[0], "plan") ||
                                 str_equal(tool->words[0], "inspect"))) {
        r->plan = true;
        r->only_inspection =
            r->inspection && str_equal(tool->words[0], "inspect");
        r->json |= str_equal(tool->words[0], "inspect");
        tool->words++;
        tool->n_words--;
    }
    if (r->json && !r->plan)
        tool_misuse("--json needs plan; use --report for a conversion");
    if (r->inspection && str_equal(r->inspection, "-") && !r->only_inspection)
        tool_misuse("-O - needs inspect; give a file");
    if (r->inspection && r->phase)
        tool_misuse("-O needs a whole conversion: no --phase");
    if (tool->n_words == 0)
        tool_misuse("nothing to convert; give %s", r->source->help);
    if (tool->n_words > 1 && !r->source->many)
        tool_misuse("too many words, from '%s' on", tool->words[1]);
    if (r->target->format && !str_equal(r->format, r->target->format))
        tool_misuse(
            "-o %s takes -of %s only", r->target->name, r->target->format);
    if (r->phase && (r->plan || r->in_place || !r->target->copies))
        tool_misuse("--phase makes a copy: no plan, no --in-place, no -o null");
    if (r->input_connection && r->source != &source_libvirt)
        tool_misuse("-ic needs -i libvirt");
    if (r->input_format && r->source != &source_disk)
        tool_misuse("-if needs -i disk; other sources name their formats");
    if (r->print_source && (r->plan || r->in_place || r->phase))
        tool_misuse("--print-source converts nothing: give it alone");
    if (r->memsize && (r->memsize < 256 || r->memsize > 65536))
        tool_misuse("--memsize: give a number from 256 to 65536");
    if (r->smp > 255)
        tool_misuse("--smp: give a number from 1 to 255");
    if (r->connection && r->target != &target_libvirt)
        tool_misuse("-oc needs -o libvirt");
    if (r->verify && r->target->packs)
        tool_misuse(
            "--verify-boot needs images; -o %s packs them", r->target->name);
    if (r->bitmap && !r->phase)
        tool_misuse("--bitmap needs --phase");
    if (r->phase == PHASE_REHEARSE)
        r->plan = true;
    if (r->in_place && r->source == &source_ova)
        tool_misuse("an OVA cannot be changed in place");
    if (r->in_place)
        r->target = &target_null;
    if (r->initrd && !r->kernel)
        tool_misuse("--initrd needs --kernel");
}

int
main(int argc, char **argv)
{
    enum { MAX_ROWS = 160 };
    static struct tool_option table[MAX_ROWS];
    const size_t n_own = N_ELEMENTS(own_options);
    size_t n;
    const struct tool_program program = {
        .name = "mayfly-v2v",
        .summary =
            "convert virtual machines from Xen and other hypervisors to KVM",
        .usage = "[-i SOURCE] [-o TARGET] [-os DIR] [OPTION...] FILE...\n"
                 "plan [-i SOURCE] [OPTION...] FILE...\n"
                 "inspect [-i SOURCE] [OPTION...] FILE...",
        .options = table,
        .groups = TOOL_SECRETS | TOOL_ALLOW,
        .manual = &v2v_manual,
        .words = word_at,
    };
    struct v2v_options r = {
        .source = &source_disk,
        .target = &target_local,
        .folder = ".",
        .format = "raw",
        .trim = true,
        .timeout = 300,
        .virtio_win = getenv("VIRTIO_WIN"),
        .customize.keep_identity = true,
    };
    cleanup_tool struct tool tool;

    /* What is refused comes last but one: before the heading of the guest's. */
    memcpy(table, own_options, (n_own - 1) * sizeof *table);
    n = n_own - 1 + foreign_options(table + n_own - 1, MAX_ROWS - n_own);
    table[n++] = own_options[n_own - 1];
    customize_options(table + n, MAX_ROWS - n - 1, FIELD(customize));
    tool_parse(&tool, &program, argc, argv, &r);
    if (r.machine && tool.n_words == 0) {
        print_features(r.machine);
        return tool_finish_output(
            fflush(r.machine) == 0 ? TOOL_OK : TOOL_FAILED);
    }
    check_words(&r, &tool);
    /* A machine of strangers: its disks may name their own parts.  Disks that
     * the user named one by one may also be snapshots of others beside them. */
    if (!tool.policy)
        tool.policy = r.source == &source_disk ? "images" : "named";

    int code = convert_machine(&r, &tool);
    customize_free(&r.customize);
    nic_wishes_clear(&r.nics);
    return tool_finish_output(tool_exit_code(code));
}
