/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/engine/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/strv.h"

int
record_parse(const char *text, struct record *ret, struct error *err)
{
    struct record r = {0};
    int end = 0;

    if (sscanf(text,
            "qemu %31s state %64s created %" SCNd64 " memory %" SCNu64
            " %" SCNu64 " %" SCNd64 " %" SCNd64 " %n",
            r.qemu, r.state_hash, &r.created, &r.inode, &r.size,
            &r.change_seconds, &r.change_nanoseconds, &end) != 7 ||
        text[end])
        return error_set(err, EINVAL, "its record is damaged");
    *ret = r;
    return 0;
}

char *
record_text(const struct record *r)
{
    return text_printf("qemu %s\nstate %s\ncreated %" PRId64 "\nmemory %" PRIu64
                       " %" PRIu64 " %" PRId64 " %" PRId64 "\n",
        r->qemu, r->state_hash, r->created, r->inode, r->size,
        r->change_seconds, r->change_nanoseconds);
}

void
record_memory(struct record *r, const struct stat *st)
{
    r->inode = st->st_ino;
    r->size = (uint64_t)st->st_size;
    r->change_seconds = st->st_ctim.tv_sec;
    r->change_nanoseconds = st->st_ctim.tv_nsec;
}

bool
record_matches(const struct record *r, const struct stat *st)
{
    return r->inode == st->st_ino && r->size == (uint64_t)st->st_size &&
           r->change_seconds == st->st_ctim.tv_sec &&
           r->change_nanoseconds == st->st_ctim.tv_nsec;
}
