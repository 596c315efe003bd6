/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the appliance has overlays of the disks.  When all is
 * done and it has ended, they are written into the images; on any failure
 * before that, the images are as they were.  A dry run does the same on
 * overlays that are thrown away. */
#include <config.h>

#include "sysprep/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "tool/overlays.h"
#include "tool/tool.h"

/* A line with the time since the start. */
static void
say(void *opaque, bool always, const char *text)
{
    const struct run_options *o = opaque;

    if (o->quiet && !always)
        return;
    /* Names in it are the guest's: it must not be able to write a line. */
    cleanup_free char *shown = text_escape(text);
    tool_progress_clear();
    printf("[%6.1f] %s\n", monotonic_seconds() - o->start, shown ? shown : "");
    fflush(stdout);
}

static int
add_disks(const struct run_options *o, const struct tool *t,
    struct overlays *overlays, struct mayfly *g)
{
    struct tool disks = *t;

    disks.read_only = o->dry_run;
    return o->dry_run || o->no_overlay ? tool_add_disks(&disks, g)
                                       : overlays_add(overlays, t, g);
}

static int
start(const struct run_options *o, const struct tool *t,
    struct overlays *overlays, struct mayfly *g)
{
    int code;

    if (o->network && customize_wants_network(&o->customize) &&
        mayfly_set_network(g, true) < 0)
        return tool_fail(g, TOOL_APPLIANCE, NULL);
    if ((o->memsize && mayfly_set_memsize(g, o->memsize) < 0) ||
        (o->smp && mayfly_set_smp(g, o->smp) < 0))
        return tool_fail(g, TOOL_USAGE, NULL);
    code = add_disks(o, t, overlays, g);
    return code == TOOL_OK ? tool_launch(g) : code;
}

static int
work_on(const struct run_options *o, struct mayfly *g,
    struct mayfly_inspection_root *root, guest_work work, void *opaque)
{
    cleanup_error struct error err = {0};
    const struct sayer sayer = {say, (void *)(uintptr_t)o};
    struct job job = {
        .g = g, .customize = &o->customize, .root = root, .sayer = &sayer};

    if (tool_mount_whole_guest(g, root, o->mount_options, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    return work(opaque, &job, root, &err) < 0 ? tool_give_up(&err, TOOL_FAILED)
                                              : TOOL_OK;
}

static int
use_appliance(const struct run_options *o, const struct tool *t,
    struct overlays *overlays, struct mayfly *g, guest_work work, void *opaque)
{
    struct mayfly_inspection *found = NULL;
    int code = start(o, t, overlays, g);

    if (code == TOOL_OK)
        code = tool_inspect(t, g, NULL, &found);
    if (code != TOOL_OK)
        return code;
    if (found->n_roots == 0) {
        cleanup_free char *what = tool_describe_nothing(found);

        tool_error("no operating system found%s", what ? what : "");
        code = TOOL_NO_OS;
    } else {
        tool_say_notes(found, &found->roots[0]);
        code = attach_disks(&o->attach, t, g);
    }
    for (uint32_t i = 0; i < found->n_roots && code == TOOL_OK; i++) {
        struct mayfly_inspection_root *root = &found->roots[i];

        if (found->n_roots > 1) {
            cleanup_free char *text =
                text_printf("%s (%s)", root->root, root->product_name);
            say((void *)(uintptr_t)o, false, text ? text : root->root);
        }
        code = work_on(o, g, root, work, opaque);
    }
    mayfly_free_inspection(found);
    if (code == TOOL_OK && mayfly_shutdown(g) < 0)
        code = tool_fail(g, TOOL_FAILED, NULL);
    return code;
}

int
run_on_guests(const struct run_options *o, const struct tool *t,
    guest_work work, void *opaque)
{
    cleanup_mayfly struct mayfly *g = NULL;
    cleanup_overlays struct overlays overlays = {0};

    if (t->n_disks == 0)
        tool_misuse("no disk: give one with -a, or a domain with -d");
    if (!(g = tool_handle(t)))
        return TOOL_FAILED;
    say((void *)(uintptr_t)o, false, "Examining the guest");
    int code = use_appliance(o, t, &overlays, g, work, opaque);
    if (code == TOOL_OK && tool_interrupted())
        code = tool_exit_code(TOOL_FAILED);
    if (code == TOOL_OK && overlays.n) {
        say((void *)(uintptr_t)o, false, "Writing the changes into the image");
        code = overlays_commit(&overlays, t, g);
    }
    if (code == TOOL_OK)
        say((void *)(uintptr_t)o, false,
            o->dry_run ? "Nothing was changed: this was a dry run"
                       : "Finishing off");
    tool_signals_watch(NULL);
    tool_progress_clear();
    return code;
}

/* --- options --- */

#define FIELD(name) offsetof(struct run_options, name)

static const struct tool_option shared[] = {
    {NULL, 0, NULL, "Work", NULL, 0},
    {"dry-run", 'n', NULL, "do it on a copy, and change nothing", tool_set_flag,
        FIELD(dry_run)},
    {"dryrun", 0, NULL, NULL, tool_set_flag, FIELD(dry_run)},
    {"no-overlay", 0, NULL,
        "write to the images at once; a failure leaves them half changed",
        tool_set_flag, FIELD(no_overlay)},
    {"mount-options", 0, "MP:OPTS[;MP:OPTS..]",
        "options with which to mount the guest's file systems", tool_set_text,
        FIELD(mount_options)},
    {"quiet", 'q', NULL, "print no messages, only errors and passwords",
        tool_set_flag, FIELD(quiet)},
    {NULL, 0, NULL, "Appliance", NULL, 0},
    {"memsize", 'm', "MIB",
        "memory of the appliance in MiB, 256 to 65536; default: 2048",
        tool_set_number, FIELD(memsize)},
    {"smp", 0, "N", "processors of the appliance, 1 to 255; default: 1",
        tool_set_number, FIELD(smp)},
};

static const struct tool_option networks[] = {
    {"network", 0, NULL, NULL, tool_set_flag, FIELD(network)},
    {"no-network", 0, NULL, NULL, tool_clear_flag, FIELD(network)},
};

size_t
run_add_options(
    struct tool_option *table, size_t n, size_t offset, bool network)
{
    size_t used = 0;

    for (size_t i = 0; i < N_ELEMENTS(shared) && used < n; i++) {
        table[used] = shared[i];
        table[used++].offset += offset;
    }
    used += attach_options(
        table + used, n - used, offset + offsetof(struct run_options, attach));
    for (size_t i = 0; i < N_ELEMENTS(networks) && used < n; i++) {
        table[used] = networks[i];
        table[used].offset += offset;
        table[used++].help = i == 0 ? network ? "give commands of the guest a "
                                                "network (default)"
                                              : "give commands of the guest a "
                                                "network"
                             : network ? "give them no network"
                                       : "give them no network (default)";
    }
    return used;
}
