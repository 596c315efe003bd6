/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of a system, for people and programs: each section is read by one
 * file.  A section is a list of rows, each about one thing, with the file and
 * line that says so; the inspector's table says what type a value has.  What
 * cannot be read is a note, and nothing here fails the call. */
#pragma once
#include <mayfly-types.h>

#include <stdbool.h>

struct call;
struct mounted_guest;

enum { FACT_SECTIONS = 18 };

struct fact_sections {
    bool wanted[FACT_SECTIONS];
};

/* Those with these NAMES; -1: the call failed, there is no such section. */
int facts_choose(struct call *c, const char *const *names, uint32_t n,
    struct fact_sections *ret);

/* Read those of OPAQUE, a struct fact_sections. */
void facts_read(struct call *c, int root, struct mounted_guest *guest,
    struct mayfly_inspection_root *s, void *opaque);
