/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of operations: those on files by name; customize, whose files they
 * must not remove; machine-id, since a package that is installed may have made
 * one; then those on file systems and volumes that are not mounted. */
#include <config.h>

#include "sysprep/sysprep.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "sysprep/operations.h"
#include "tool/signals.h"

static bool
applies(const struct work *w, enum systems systems)
{
    static const char *const red_hat[] = {"fedora", "rhel", "centos",
        "scientificlinux", "oraclelinux", "redhat-based", "rocky", "almalinux",
        "amazonlinux", NULL};
    static const char *const rhel[] = {
        "rhel", "centos", "rocky", "almalinux", "oraclelinux", NULL};
    const struct mayfly_inspection_root *root = w->job.root;

    switch (systems) {
    case ON_ANY:
        return true;
    case ON_UNIX:
        return !str_equal(root->type, "windows");
    case ON_LINUX:
        return str_equal(root->type, "linux");
    case ON_RED_HAT:
        return str_equal(root->type, "linux") &&
               job_is_distro(&w->job, red_hat);
    case ON_RHEL:
        return str_equal(root->type, "linux") && job_is_distro(&w->job, rhel);
    case ON_RPM:
        return str_equal(root->package_format, "rpm");
    case ON_YUM:
        return str_equal(root->package_management, "yum") ||
               str_equal(root->package_management, "dnf");
    }
    return false;
}

static void
begin(struct work *w, const struct sysprep_operation *o)
{
    w->name = o->name;
    w->n_removed = w->n_changed = w->n_made = 0;
}

/* "logfiles: 12 removed" */
static void
report(struct work *w, bool verbose)
{
    cleanup_free char *removed = text_printf("%zu removed", w->n_removed);
    cleanup_free char *changed =
        text_printf("%s%zu changed", w->n_removed ? ", " : "", w->n_changed);
    cleanup_free char *made = text_printf(
        "%s%zu made", w->n_removed || w->n_changed ? ", " : "", w->n_made);

    if (!removed || !changed || !made)
        return;
    if (w->n_removed || w->n_changed || w->n_made)
        job_say(&w->job, false, "%s: %s%s%s", w->name,
            w->n_removed ? removed : "", w->n_changed ? changed : "",
            w->n_made ? made : "");
    else if (verbose)
        job_say(&w->job, false, "%s: nothing to do", w->name);
}

static int
run_mounted(struct work *w, const struct sysprep_operation *o,
    const struct sysprep *s, struct error *err)
{
    if (!o->patterns && !o->run)
        return 0;
    begin(w, o);
    if (!applies(w, o->systems)) {
        if (s->verbose)
            job_say(&w->job, false, "%s: not for this system", o->name);
        return 0;
    }
    if (o->patterns &&
        remove_matches(w, o->patterns, o->except, o->only_files, err) < 0)
        return error_context(err, "%s", o->name);
    if (o->run && o->run(w, err) < 0)
        return error_context(err, "%s", o->name);
    report(w, s->verbose);
    return 0;
}

static int
run_named(struct work *w, const struct sysprep *s, const char *name,
    struct error *err)
{
    for (size_t i = 0; i < n_sysprep_operations; i++)
        if (str_equal(sysprep_operations[i].name, name) &&
            selection_has(&s->settings, name))
            return run_mounted(w, &sysprep_operations[i], s, err);
    return 0;
}

static int
run_all_mounted(struct work *w, const struct sysprep *s, struct error *err)
{
    for (size_t i = 0; i < n_sysprep_operations; i++) {
        const struct sysprep_operation *o = &sysprep_operations[i];

        if (!selection_has(&s->settings, o->name) || o->run == run_machine_id)
            continue;
        if (tool_interrupted())
            return -1;
        if (run_mounted(w, o, s, err) < 0)
            return -1;
    }
    if (w->update_store && update_store(w, err) < 0)
        return -1;
    if (s->run.customize.n_steps > 0 &&
        customize_run(
            &s->run.customize, w->job.g, w->job.root, w->job.sayer, err) < 0)
        return -1;
    return run_named(w, s, "machine-id", err);
}

static int
run_all_unmounted(struct work *w, const struct sysprep *s, struct error *err)
{
    for (size_t i = 0; i < n_sysprep_operations; i++) {
        const struct sysprep_operation *o = &sysprep_operations[i];

        if (!o->run_unmounted || !selection_has(&s->settings, o->name))
            continue;
        begin(w, o);
        if (!applies(w, o->systems))
            continue;
        if (o->run_unmounted(w, err) < 0)
            return error_context(err, "%s", o->name);
        report(w, s->verbose);
    }
    return 0;
}

int
sysprep_guest(void *opaque, struct job *job,
    struct mayfly_inspection_root *root, struct error *err)
{
    const struct sysprep *s = opaque;
    struct work w = {
        .job = *job,
        .settings = &s->settings,
        .list = s->run.dry_run || s->verbose,
        .mounts = s->run.mount_options,
    };
    int r = run_all_mounted(&w, s, err);

    (void)root;
    strv_free(w.homes);
    strv_free(w.led_away);
    free(w.own);
    if (r == 0 && mayfly_umount_all(job->g) < 0)
        r = job_fail(&w.job, err);
    return r < 0 ? r : run_all_unmounted(&w, s, err);
}
