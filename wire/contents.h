/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The contents of the regular files of a tree, one stream of rounds:
 *
 *     u32 files, u32 bytes of the table
 *     table: for each file { u64 size, u32 group, string path }
 *     for each file that brings its content: the content, and then whatever
 *     fills it up to a multiple of BULK_ALIGN (wire/frame.h)
 *
 * It ends after a round.  A file of several names has a group, from 1 on in
 * the order of their first names; the first brings the content, the later
 * ones do not.  0: it has but this name.
 *
 * Filled up like that, what the agent reads from a disk past its page cache
 * goes into the bulk area from where it lies: nothing is copied, nor looked
 * at, by the emulated processor. */
#pragma once
#include "wire/wire.h"

enum {
    CONTENTS_HEADER = 8,
    CONTENTS_FILES = 256, /* in one round */
    CONTENTS_PATH = 4095, /* bytes of a path */
    CONTENTS_FILE = 16,   /* bytes of a file in the table, without its path */
    CONTENTS_TABLE = CONTENTS_FILES * (CONTENTS_FILE + CONTENTS_PATH),
};

struct contents_round {
    uint32_t files, table;
};

struct contents_file {
    uint64_t size;
    uint32_t group;
    const char *path; /* read: in the reader's arena */
};

void contents_put_round(struct wire_writer *w, const struct contents_round *r);
void contents_put_file(struct wire_writer *w, const struct contents_file *f);

/* False if it cannot be one. */
bool contents_get_round(
    const uint8_t in[CONTENTS_HEADER], struct contents_round *ret);

/* The reader tells by its flag whether that was a file. */
void contents_get_file(struct wire_reader *r, struct contents_file *ret);
