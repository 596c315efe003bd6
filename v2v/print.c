/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/print.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/tool.h"

/* Text with the addresses of disks in it. */
static void
print_shown(const char *text)
{
    cleanup_free char *shown = text_hide(text);

    tool_print(stdout, shown ? shown : "?");
}

static void
line(const char *name, const char *value)
{
    printf("%-10s ", name);
    print_shown(value);
    putchar('\n');
}

void
present_step(const char *what)
{
    tool_progress_clear();
    tool_print(stdout, what);
    putchar('\n');
    fflush(stdout);
}

void
present_pass(uint64_t read, uint64_t written)
{
    tool_progress_clear();
    printf("%-10s %.1f MiB read, %.1f MiB changed\n", "Copied",
        (double)read / (1 << 20), (double)written / (1 << 20));
    fflush(stdout);
}

static void
print_disks(const struct result *r)
{
    for (size_t i = 0; i < r->disks->n; i++) {
        const struct target_disk *t = &r->disks->items[i];
        cleanup_free char *name = text_printf("Disk vd%s", t->letters);

        printf("%-10s %.1f GiB%s from", name ? name : "Disk",
            (double)t->size / (1 << 30), t->assembled ? ", put together" : "");
        for (size_t k = 0; k < t->n_parts; k++) {
            putchar(' ');
            print_shown(t->parts[k].disk->path);
        }
        if (r->disks->n > 1 && i == r->disks->boot)
            fputs(" (boots first)", stdout);
        putchar('\n');
    }
}

static char *
describe_machine(const struct guest *guest)
{
    unsigned sockets = guest->vcpus > 1 ? guest_sockets(guest) : 0;
    cleanup_free char *in = sockets ? text_printf(" in %u socket%s", sockets,
                                          sockets == 1 ? "" : "s")
                                    : NULL;

    return text_printf("%s, %llu MiB, %u processor%s%s, %zu network card%s, %s",
        guest_kind_name(guest->kind), (unsigned long long)(guest->memory >> 20),
        guest->vcpus, guest->vcpus == 1 ? "" : "s", in ? in : "", guest->n_nics,
        guest->n_nics == 1 ? "" : "s", guest->uefi ? "UEFI" : "BIOS");
}

int
present_source(const struct guest *guest)
{
    cleanup_free char *machine = describe_machine(guest);

    line("Guest", guest->name);
    line("Machine", machine ? machine : "");
    for (size_t i = 0; i < guest->n_disks; i++) {
        const struct guest_disk *d = &guest->disks[i];
        const char *format = d->removable ? "removable" : d->format;
        cleanup_free char *text = text_printf("%s%s%s%s%s",
            d->member ? d->member
            : d->path ? d->path
                      : "empty",
            d->name ? " as " : "", d->name ? d->name : "", format ? ", " : "",
            format ? format : "");

        line("Disk", text ? text : "");
    }
    for (size_t i = 0; i < guest->n_nics; i++) {
        const struct guest_nic *nic = &guest->nics[i];
        cleanup_free char *text = text_printf("%s on %s %s%s%s", nic->mac,
            nic->is_bridge ? "bridge" : "network",
            nic->network ? nic->network : "default",
            nic->is_place_sure ? ", in the place of " : "",
            nic->is_place_sure ? nic->names[0] : "");

        line("Card", text ? text : "");
    }
    for (char **note = guest->notes; note && *note; note++)
        line("Note", *note);
    return tool_finish_output(TOOL_OK);
}

static void
print_machine(const struct result *r)
{
    cleanup_free char *machine = describe_machine(r->guest);
    const char *product = r->root->product_name;
    /* Debian's product name is just "12.7". */
    bool bare = isdigit((unsigned char)product[0]);
    cleanup_free char *system = text_printf("%s%s%s on %s",
        bare ? r->root->distro : "", bare ? " " : "", product, r->root->root);

    line("Guest", r->guest->name);
    line("Machine", machine ? machine : "");
    line("System", system ? system : "");
    print_disks(r);
}

static void
print_finding(const struct finding *f)
{
    fputs("  ", stdout);
    if (f->path) {
        tool_print(stdout, f->path);
        fputs(": ", stdout);
    }
    tool_print(stdout, f->what);
    if (f->why) {
        fputs(" (", stdout);
        tool_print(stdout, f->why);
        putchar(')');
    }
    putchar('\n');
}

static void
print_findings(
    const struct report *report, enum finding_level level, const char *heading)
{
    bool any = false;

    for (size_t i = 0; i < report->n_findings; i++) {
        if (report->findings[i].level != level)
            continue;
        if (!any)
            printf("%s:\n", heading);
        any = true;
        print_finding(&report->findings[i]);
    }
}

static void
print_notes(const struct guest *guest)
{
    if (!guest->notes)
        return;
    printf("Assumed:\n");
    for (char **note = guest->notes; *note; note++) {
        fputs("  ", stdout);
        print_shown(*note);
        putchar('\n');
    }
}

static void
print_all(const struct report *report)
{
    print_findings(report, FINDING_BLOCKED, "Blocked by");
    print_findings(report, FINDING_REVIEW, "Look at");
    print_findings(report, FINDING_CHANGE, "Changes");
    print_findings(report, FINDING_NOTE, "Notes");
}

int
present_plan(const struct result *result, bool json, struct error *err)
{
    tool_progress_clear();
    if (json) {
        cleanup_free char *text = target_json_text(result, err);

        if (!text)
            return -1;
        tool_print(stdout, text);
        return 0;
    }
    print_machine(result);
    line("Readiness", report_readiness(result->report));
    print_notes(result->guest);
    print_all(result->report);
    return 0;
}

void
present_blocked(const struct result *result)
{
    for (size_t i = 0; i < result->report->n_findings; i++) {
        const struct finding *f = &result->report->findings[i];

        if (f->level == FINDING_BLOCKED)
            tool_error(
                "%s%s%s", f->path ? f->path : "", f->path ? ": " : "", f->what);
    }
}

void
present_result(const struct result *result)
{
    tool_progress_clear();
    print_machine(result);
    print_notes(result->guest);
    print_findings(result->report, FINDING_REVIEW, "Look at");
    print_findings(result->report, FINDING_CHANGE, "Changed");
    print_findings(result->report, FINDING_NOTE, "Notes");
    for (char *const *path = result->images; path && *path; path++)
        line("Made", *path);
    printf("%-10s %.1f s, without the copy\n", "Converted", result->seconds);
    fflush(stdout);
}
