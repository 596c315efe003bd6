/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libarchive's objects, tied to a call: its stream, its memory, its end. */
#pragma once
#include <archive.h>

struct archive;
struct call;

/* Options of archive_write_disk that restore all there is. */
enum {
    UNPACK_ALL = ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM |
                 ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_UNLINK,
};

/* Fail the call with libarchive's error. */
int pack_fail(struct call *c, struct archive *a, const char *shown);

/* Open an archive on the call's stream. */
int pack_write_stream(struct call *c, struct archive *a);
int pack_read_stream(struct call *c, struct archive *a);

/* New ones, freed at the end of the call. */
struct archive *pack_new_reader(struct call *c);
struct archive *pack_new_writer(struct call *c);
struct archive *pack_new_disk_writer(struct call *c, int flags);
