/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char *
copy(const char *text, bool *failed)
{
    char *own = text ? strdup(text) : NULL;

    *failed |= text && !own;
    return own;
}

static void
clear_finding(struct finding *f)
{
    free(f->path);
    free(f->what);
    free(f->why);
    undo_clear(&f->undo);
}

static int
add(struct report *report, enum finding_level level, const char *path,
    const char *what, const char *why, struct undo *undo, struct error *err)
{
    bool failed = false;
    struct finding *more =
        reallocarray(report->findings, report->n_findings + 1, sizeof *more);

    if (!more)
        return error_no_memory(err);
    report->findings = more;

    struct finding f = {
        .level = level,
        .path = copy(path, &failed),
        .what = copy(what, &failed),
        .why = copy(why, &failed),
    };
    if (failed) {
        clear_finding(&f);
        return error_no_memory(err);
    }
    if (undo) {
        f.undo = *undo;
        *undo = (struct undo){0};
    }
    more[report->n_findings++] = f;
    return 0;
}

int
report_add(struct report *report, enum finding_level level, const char *path,
    const char *what, const char *why, struct error *err)
{
    return add(report, level, path, what, why, NULL, err);
}

int
report_change(struct report *report, const char *path, const char *what,
    const char *why, struct undo *undo, struct error *err)
{
    return add(report, FINDING_CHANGE, path, what, why, undo, err);
}

enum finding_level
report_worst(const struct report *report)
{
    enum finding_level worst = FINDING_NOTE;

    for (size_t i = 0; i < report->n_findings; i++)
        if (report->findings[i].level > worst)
            worst = report->findings[i].level;
    return worst;
}

const char *
report_readiness(const struct report *report)
{
    switch (report_worst(report)) {
    case FINDING_BLOCKED:
        return "Blocked";
    case FINDING_REVIEW:
        return "Review";
    case FINDING_NOTE:
    case FINDING_CHANGE:
        break;
    }
    return "Ready";
}

void
report_clear(struct report *report)
{
    for (size_t i = 0; i < report->n_findings; i++)
        clear_finding(&report->findings[i]);
    free(report->findings);
    *report = (struct report){0};
}

void
undo_clear(struct undo *undo)
{
    free(undo->before);
    *undo = (struct undo){0};
}
