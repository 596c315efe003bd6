/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What inspection could not read or find, for the user. */
#pragma once

struct call;
struct list;

/* Add a struct mayfly_inspection_note to NOTES. */
void inspection_note(struct call *c, struct list *notes, const char *subject,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same, with one of the reasons of inspection_note in inspection.api. */
void inspection_reason(struct call *c, struct list *notes, const char *subject,
    const char *reason, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
