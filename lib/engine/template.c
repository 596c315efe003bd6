/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CACHE/KEY/
 *     memory   the RAM, sparse; QEMU maps it copy-on-write
 *     state    the devices, as QEMU's migration wrote them
 *     record   lines "name value": what the other two must look like
 *     checked  when the memory was last read whole: the boot of this machine
 *
 * All runs share the memory file, so no QEMU may be able to write to it: one
 * that was taken over would own all other runs, those at this moment
 * included, since a page that was not copied yet follows the file.  Once saved,
 * the file belongs to our user and has no mode bit for writing; Landlock lets
 * QEMU only read it; and where QEMU insists on opening it for writing, it gets
 * something else (lib/qemu/lend.h).
 *
 * Whoever else writes to it is the user, or damage.  That is found, before each
 * use and after each run, by the inode, the size and the time of change; where
 * that time is no proof (memory.h), by reading the whole file each time; and
 * once after each boot of this machine, since what happened to the disk in
 * between leaves no time.  The hash of the state is always compared.  Anything
 * unexpected ends the template, and a run during which it changed fails.
 *
 * Files are flushed to the disk before the folder gets its name, so a crash of
 * the machine cannot leave one that only looks whole. */
#include <config.h>

#include "lib/engine/template.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/strv.h"
#include "lib/engine/memory.h"
#include "lib/engine/record.h"
#include "lib/known/cache.h"

char *
template_hash(const void *data, size_t size)
{
    cleanup_hash struct hash *h = hash_new(HASH_SHA256);

    if (!h)
        return NULL;
    hash_feed(h, data, size);
    return hash_hex(h);
}

/* What the file "checked" must hold; NULL where the kernel does not say. */
static char *
this_boot(const struct stat *memory)
{
    cleanup_error struct error err = {0};
    cleanup_free char *id =
        read_file("/proc/sys/kernel/random/boot_id", 64, NULL, &err);

    return id ? text_printf("%s%jd.%09ld\n", id,
                    (intmax_t)memory->st_ctim.tv_sec, memory->st_ctim.tv_nsec)
              : NULL;
}

static bool
was_checked(int folder, const struct stat *memory)
{
    cleanup_error struct error err = {0};
    cleanup_free char *wanted = this_boot(memory);
    cleanup_free char *found =
        wanted ? engine_cache_read(folder, "checked", 256, NULL, &err) : NULL;

    return found && str_equal(found, wanted);
}

/* If this fails, the next run reads the memory again. */
void
template_mark_checked(int folder, int memory)
{
    cleanup_error struct error why = {0};
    struct stat st;

    if (!memory_time_is_proof(memory) || fstat(memory, &st) < 0)
        return;
    cleanup_free char *text = this_boot(&st);
    if (text)
        engine_cache_write(folder, "checked", text, strlen(text), &why);
}

static int
check_state(struct saved_appliance *t, struct error *err)
{
    t->state = engine_cache_read(
        t->folder, "state", TEMPLATE_STATE_MAX, &t->state_size, err);
    if (!t->state)
        return -1;
    cleanup_free char *hash = template_hash(t->state, t->state_size);
    if (!hash)
        return error_no_memory(err);
    if (!str_equal(hash, t->record.state_hash))
        return error_set(err, ESTALE, "its state file is damaged");
    return 0;
}

static int
open_parts(struct saved_appliance *t, struct error *err)
{
    enum { ANY_WRITE_OR_EXECUTE = 0333 };
    struct stat st;
    cleanup_free char *text =
        engine_cache_read(t->folder, "record", RECORD_MAX, NULL, err);
    if (!text || record_parse(text, t->key, &t->record, err) < 0)
        return -1;

    int64_t age = (int64_t)time(NULL) - t->record.created;
    if (age < -86400 || age > (int64_t)TEMPLATE_DAYS * 86400)
        return error_set(err, ESTALE, "it is too old");

    t->memory = engine_cache_open_file(
        t->folder, "memory", ANY_WRITE_OR_EXECUTE, &st, err);
    if (t->memory < 0)
        return -1;
    if (!record_matches(&t->record, &st))
        return error_set(err, ESTALE, "its memory file has been changed");
    t->unverified =
        !memory_time_is_proof(t->memory) || !was_checked(t->folder, &st);
    return check_state(t, err);
}

/* The time of its last use, for evict.c; to the minute, since a change of the
 * folder may wait for the disk. */
static void
mark_used(int folder)
{
    enum { MINUTE = 60 };
    struct stat st;

    if (fstat(folder, &st) < 0 || time(NULL) - st.st_mtime >= MINUTE)
        futimens(folder, NULL);
}

int
template_open(
    int cache, const char *key, struct saved_appliance *ret, struct error *err)
{
    struct saved_appliance t = {.memory = -1, .folder = -1};
    cleanup_close int folder =
        openat(cache, key, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0 && errno == ENOENT)
        return error_set(err, ENOENT, "none has been made yet");
    t.folder = engine_cache_open_folder(cache, key, err);
    if (t.folder < 0 || !(t.key = strdup(key)) || open_parts(&t, err) < 0) {
        template_close(&t);
        if (err->code != ENOMEM && err->code != EMFILE && err->code != ENFILE)
            remove_tree(cache, key);
        return -1;
    }
    mark_used(t.folder);
    *ret = t;
    return 0;
}

void
template_close(struct saved_appliance *t)
{
    if (t->memory >= 0)
        close(t->memory);
    if (t->folder >= 0)
        close(t->folder);
    free(t->state);
    free(t->key);
    *t = (struct saved_appliance){.memory = -1, .folder = -1};
}

/* 1: it is as it was saved; 0: it is not. */
static int
compare_memory(const struct saved_appliance *t, struct error *err)
{
    cleanup_free char *hash = memory_hash(t->memory, err);

    return hash ? str_equal(hash, t->record.memory_hash) : -1;
}

int
template_verify(struct saved_appliance *t, struct error *err)
{
    int same = compare_memory(t, err);

    if (same < 0)
        return -1;
    if (same == 0)
        return error_set(err, ESTALE, "its memory file is damaged");
    t->unverified = false;
    template_mark_checked(t->folder, t->memory);
    return 0;
}

bool
template_changed(const struct saved_appliance *t)
{
    cleanup_error struct error err = {0};
    struct stat now;

    if (fstat(t->memory, &now) < 0)
        return true;
    /* If someone has discarded it, that has changed the time as well. */
    if (now.st_nlink > 0 && !record_matches(&t->record, &now))
        return true;
    if (now.st_nlink > 0 && memory_time_is_proof(t->memory))
        return false;
    return compare_memory(t, &err) != 1;
}

void
template_discard(int cache, const struct saved_appliance *t)
{
    cleanup_free char *path = text_printf("%s/memory", t->key);
    struct stat st;

    if (path && fstatat(cache, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        st.st_ino == t->record.inode)
        remove_tree(cache, t->key);
}
