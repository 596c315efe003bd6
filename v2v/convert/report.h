/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a conversion did and found, for people and programs.  Each change keeps
 * what is needed to undo it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* From harmless to fatal; the worst one decides the guest's readiness. */
enum finding_level {
    FINDING_NOTE,
    FINDING_CHANGE,
    FINDING_REVIEW,  /* it will probably run, but review this */
    FINDING_BLOCKED, /* it will not run as it is */
};

enum undo_kind {
    UNDO_NOTHING,
    UNDO_REMOVE,   /* the file did not exist */
    UNDO_CONTENT,  /* the file's content */
    UNDO_LINK,     /* the path was a link to this */
    UNDO_TRUNCATE, /* the file had this size */
    UNDO_REGISTRY, /* a .reg file with this text undoes it */
};

struct undo {
    enum undo_kind kind;
    char *before; /* CONTENT, LINK, REGISTRY */
    uint64_t size;
};

struct finding {
    enum finding_level level;
    char *path; /* in the guest; NULL if it is not about a file */
    char *what, *why;
    struct undo undo;
};

struct report {
    struct finding *findings;
    size_t n_findings;
};

/* Add a finding; PATH and WHY may be NULL. */
int report_add(struct report *report, enum finding_level level,
    const char *path, const char *what, const char *why, struct error *err);

/* Add a change with its undo data, which is moved out of *undo. */
int report_change(struct report *report, const char *path, const char *what,
    const char *why, struct undo *undo, struct error *err);

enum finding_level report_worst(const struct report *report);

/* "Ready", "Review" or "Blocked". */
const char *report_readiness(const struct report *report);

void report_clear(struct report *report);
#define cleanup_report __attribute__((cleanup(report_clear)))

void undo_clear(struct undo *undo);
#define cleanup_undo __attribute__((cleanup(undo_clear)))
