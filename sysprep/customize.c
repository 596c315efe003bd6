/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-customize: change the guest in an image that there is. */
#include <config.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "sysprep/manual.h"
#include "sysprep/run.h"
#include "tool/tool.h"

static int
customize_guest(void *opaque, struct job *job,
    struct mayfly_inspection_root *root, struct error *err)
{
    const struct run_options *o = opaque;

    if (customize_run(&o->customize, job->g, root, job->sayer, err) < 0)
        return -1;
    return mayfly_umount_all(job->g) < 0 ? job_fail(job, err) : 0;
}

int
main(int argc, char **argv)
{
    enum { MAX_ROWS = 120 };
    static struct tool_option table[MAX_ROWS];
    static const struct tool_option heading = {
        NULL, 0, NULL, "Guest, in the order of the command line", NULL, 0};
    size_t n = 0;
    const struct tool_program program = {
        .name = "mayfly-customize",
        .summary = "customise the guest in a disk image",
        .usage = "-a DISK [-a DISK...] [OPTION...]\n-d DOMAIN [OPTION...]",
        .options = table,
        .groups = TOOL_DISKS | TOOL_SECRETS,
        .manual = &customize_manual,
    };
    struct run_options o = {.start = monotonic_seconds(),
        .network = true,
        .customize = {.keep_identity = true}};
    cleanup_tool struct tool t;

    n += run_add_options(table, MAX_ROWS, 0, true);
    table[n++] = heading;
    customize_options(table + n, MAX_ROWS - n - 1, RUN_CUSTOMIZE);
    tool_parse(&t, &program, argc, argv, &o);
    if (t.n_words)
        tool_misuse("unknown word '%s'; disks are given with -a", t.words[0]);
    if (o.customize.n_steps == 0)
        tool_misuse("nothing to do: give options such as --hostname");
    int code = run_on_guests(&o, &t, customize_guest, &o);
    customize_free(&o.customize);
    attached_free(&o.attach);
    return tool_finish_output(tool_exit_code(code));
}
