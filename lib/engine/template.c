/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CACHE/KEY/
 *     memory   the RAM, sparse; QEMU maps it copy-on-write
 *     state    the devices, as QEMU's migration wrote them
 *     record   lines "name value": what the other two must look like
 *
 * QEMU before 8.2 opens the RAM for writing though it never writes, so one that
 * was taken over could change the appliance of all later runs.  The record
 * holds inode, size and change time of the file: any write changes the last,
 * and only root can set it back.  It is compared before every use and after
 * every run.  Anything unexpected ends the template.
 *
 * Files are flushed to the disk before the folder gets its name, so a crash of
 * the machine cannot leave one that only looks whole. */
#include <config.h>

#include "lib/engine/template.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/strv.h"
#include "lib/engine/cache.h"
#include "lib/engine/record.h"

char *
template_hash(const void *data, size_t size)
{
    cleanup_hash struct hash *h = hash_new(HASH_SHA256);

    if (!h)
        return NULL;
    hash_feed(h, data, size);
    return hash_hex(h);
}

static int
open_parts(int folder, uid_t user, struct saved_appliance *t, struct error *err)
{
    struct record r = {0};
    cleanup_free char *text =
        engine_cache_read(folder, "record", RECORD_MAX, NULL, err);
    if (!text || record_parse(text, &r, err) < 0)
        return -1;

    int64_t age = (int64_t)time(NULL) - r.created;
    if (age < -86400 || age > (int64_t)TEMPLATE_DAYS * 86400)
        return error_set(err, ESTALE, "it is too old");

    t->memory =
        engine_cache_open_file(folder, "memory", user, &t->memory_stat, err);
    if (t->memory < 0)
        return -1;
    if (!record_matches(&r, &t->memory_stat))
        return error_set(err, ESTALE, "its memory file has been changed");

    t->state = engine_cache_read(
        folder, "state", TEMPLATE_STATE_MAX, &t->state_size, err);
    if (!t->state)
        return -1;
    cleanup_free char *hash = template_hash(t->state, t->state_size);
    if (!hash || !str_equal(hash, r.state_hash))
        return error_set(err, ESTALE, "its state file is damaged");
    memcpy(t->qemu, r.qemu, sizeof t->qemu);
    t->created = r.created;
    return 0;
}

int
template_open(int cache, const char *key, uid_t user,
    struct saved_appliance *ret, struct error *err)
{
    struct saved_appliance t = {.memory = -1};
    cleanup_close int folder =
        openat(cache, key, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0 && errno == ENOENT)
        return error_set(err, ENOENT, "none has been made yet");
    if (folder >= 0)
        close(steal_fd(&folder));
    folder = engine_cache_open_folder(cache, key, err);
    if (folder < 0 || !(t.key = strdup(key)) ||
        open_parts(folder, user, &t, err) < 0) {
        template_close(&t);
        if (err->code != ENOMEM && err->code != EMFILE && err->code != ENFILE)
            remove_tree(cache, key);
        return -1;
    }
    *ret = t;
    return 0;
}

void
template_close(struct saved_appliance *t)
{
    if (t->memory >= 0)
        close(t->memory);
    free(t->state);
    free(t->key);
    *t = (struct saved_appliance){.memory = -1};
}

bool
template_changed(const struct saved_appliance *t)
{
    struct record before = {0};
    struct stat now;

    record_memory(&before, &t->memory_stat);
    if (fstat(t->memory, &now) < 0)
        return true;
    /* Someone has discarded it: that changes the time as well. */
    if (now.st_nlink == 0)
        return false;
    return !record_matches(&before, &now);
}

void
template_discard(int cache, const struct saved_appliance *t)
{
    cleanup_free char *path = text_printf("%s/memory", t->key);
    struct stat st;

    if (path && fstatat(cache, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        st.st_ino == t->memory_stat.st_ino)
        remove_tree(cache, t->key);
}
