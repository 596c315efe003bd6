/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The contents of the regular files of a tree, one stream of rounds:
 *
 *     u32 files, u32 bytes of the table
 *     table: for each file { u64 size, u32 group, string path }
 *     for each file that brings its content: the content, and then padding
 *     up to a multiple of BULK_ALIGN (wire/frame.h)
 *
 * The stream ends after a round.  The names of a file with several names share
 * a group, numbered from 1 in the order of their first names; only the first
 * name brings the content.  Group 0: the file has just this name.
 *
 * Thanks to the padding, what the agent reads from a disk past its page cache
 * goes straight into the bulk area: the emulated processor neither copies nor
 * examines it. */
#pragma once
#include "wire/wire.h"

enum {
    CONTENTS_HEADER = 8,
    CONTENTS_FILES = 256, /* in one round */
    CONTENTS_PATH = 4095, /* longest path in bytes */
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

/* False if it is not a valid one. */
bool contents_get_round(
    const uint8_t in[CONTENTS_HEADER], struct contents_round *ret);

/* The reader's flag says whether that was a file. */
void contents_get_file(struct wire_reader *r, struct contents_file *ret);
