/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/engine/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/strv.h"

static char *
hash_of(const char *text, size_t size, const char *key)
{
    cleanup_hash struct hash *h = hash_new(HASH_SHA256);

    if (!h)
        return NULL;
    hash_feed(h, text, size);
    hash_feed(h, key, strlen(key));
    return hash_hex(h);
}

int
record_parse(
    const char *text, const char *key, struct record *ret, struct error *err)
{
    const char *last = strstr(text, "record ");
    cleanup_free char *hash =
        last ? hash_of(text, (size_t)(last - text), key) : NULL;
    cleanup_free char *line = hash ? text_printf("record %s\n", hash) : NULL;
    struct record r = {0};

    if (last && !line)
        return error_no_memory(err);
    if (!last || !str_equal(last, line) ||
        sscanf(text,
            "qemu %31s state %64s memory %64s created %" SCNd64 " file %" SCNu64
            " %" SCNu64 " %" SCNd64 " %" SCNd64,
            r.qemu, r.state_hash, r.memory_hash, &r.created, &r.inode, &r.size,
            &r.change_seconds, &r.change_nanoseconds) != 8)
        return error_set(err, EINVAL, "its record is damaged");
    *ret = r;
    return 0;
}

char *
record_text(const struct record *r, const char *key)
{
    cleanup_free char *text =
        text_printf("qemu %s\nstate %s\nmemory %s\ncreated %" PRId64
                    "\nfile %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 "\n",
            r->qemu, r->state_hash, r->memory_hash, r->created, r->inode,
            r->size, r->change_seconds, r->change_nanoseconds);
    cleanup_free char *hash = text ? hash_of(text, strlen(text), key) : NULL;

    return hash ? text_printf("%srecord %s\n", text, hash) : NULL;
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
