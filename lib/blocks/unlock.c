/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: only QEMU knows whether a key opens an image, and only
 * by opening it, so each encrypted file is opened alone in a block server with
 * one key after the other.  Which one it was is kept for the nodes that are
 * made later, here or in the appliance.
 *
 * QEMU does as much work for a key as the header asks for, which a damaged or
 * hostile one can make hours: so its numbers are looked at first, and then a
 * try has a deadline. */
#include <config.h>

#include "lib/blocks/unlock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/blocks/server.h"
#include "lib/disk/disk.h"
#include "lib/handle/handle.h"
#include "lib/handle/secret.h"
#include "lib/qemu/qmp.h"

/* QEMU makes a key slot that takes its machine two seconds: a few million. This
 * is a minute of a machine of today. */
#define ITERATIONS_MAX 100000000u

enum { UNLOCK_TIMEOUT = 60 /* seconds, for one key */ };

static bool
is_locked(const struct disk_file *f)
{
    return f->header.encrypted && !f->key;
}

/* The file by any name, also by that in its folder. */
static bool
is_meant(const struct image_key *k, const struct disk_file *f)
{
    const char *name = strrchr(f->path, '/');
    struct stat st;

    if (!k->image || str_equal(k->image, f->path) ||
        (name && str_equal(k->image, name + 1)))
        return true;
    return stat(k->image, &st) == 0 && st.st_dev == f->device &&
           st.st_ino == f->inode;
}

static int
name_file(const struct disk *d, const struct disk_file *f, struct error *err)
{
    cleanup_free char *shown = f == d->file ? NULL : text_escape(f->path);

    return shown ? error_context(err, "its backing file %s", shown) : -1;
}

/* The first slot that asks for too much, or -1. */
static int
find_heavy(const struct luks_work *w)
{
    for (int i = 0; i < (int)N_ELEMENTS(w->slots); i++)
        if (w->slots[i] > ITERATIONS_MAX)
            return i;
    return -1;
}

/* QEMU tries the slots in order, so those before a heavy one are of use. */
static int
check_work(const struct luks_work *w, struct error *err)
{
    int heavy = find_heavy(w);
    bool useful = heavy < 0;

    if (w->digest > ITERATIONS_MAX)
        return error_set(err, EINVAL,
            "its LUKS header asks for %u iterations to check a key, more than "
            "%u; it is damaged, or made to keep the machine busy",
            w->digest, ITERATIONS_MAX);
    for (int i = 0; i < heavy; i++)
        useful |= w->slots[i] != 0;
    return useful ? 0
                  : error_set(err, EINVAL,
                        "key slot %d of its LUKS header asks for %u "
                        "iterations, more than %u; it is damaged, or made to "
                        "keep the machine busy",
                        heavy, w->slots[heavy], ITERATIONS_MAX);
}

static int
explain_timeout(const struct luks_work *w, struct error *err)
{
    int heavy = find_heavy(w);

    if (heavy >= 0)
        return error_set(err, ETIMEDOUT,
            "no key slot of its LUKS header opens with the key before slot %d, "
            "which asks for %u iterations; QEMU did not get past that within "
            "%d seconds",
            heavy, w->slots[heavy], UNLOCK_TIMEOUT);
    return error_set(err, ETIMEDOUT,
        "QEMU did not derive its LUKS key within %d seconds; the header asks "
        "for too many iterations",
        UNLOCK_TIMEOUT);
}

/* Does one of its own open it?  Keys for this file come first. */
static int
unlock(struct mayfly *g, struct block_server *s, struct disk_file *f,
    struct error *err)
{
    cleanup_error struct error why = {0};
    size_t tried = 0;

    for (int own = 1; own >= 0; own--)
        for (size_t i = 0; i < g->n_keys; i++) {
            const struct image_key *k = &g->keys[i];

            if ((k->image != NULL) != own || !is_meant(k, f))
                continue;
            tried++;
            error_clear(&why);
            if (block_server_try_key(s, f, k->secret, &why))
                return f->key = k->secret, 0;
            if (why.code == ETIMEDOUT) {
                g->disk_failed = true;
                return explain_timeout(&f->header.luks, err);
            }
            if (why.code == ECANCELED || why.code == EPIPE)
                return error_move(err, &why);
        }
    if (!tried)
        return error_set(err, ENOKEY,
            "it is encrypted (LUKS in qcow2) and there is no key for it; give "
            "one: --key all:key:PASSPHRASE or --key all:file:PATH");
    return error_set(err, ENOKEY,
        "it is encrypted (LUKS in qcow2) and no key opens it; give another one "
        "with --key (QEMU: %s)",
        error_text(&why));
}

int
unlock_disk(struct mayfly *g, struct disk *d, struct error *err)
{
    cleanup_block_server struct block_server *s = NULL;

    g->disk_failed = false;
    for (struct disk_file *f = d->file; f; f = f->backing) {
        if (!is_locked(f))
            continue;
        if (check_work(&f->header.luks, err) < 0) {
            g->disk_failed = true;
            return name_file(d, f, err);
        }
        if (!s && g->n_keys > 0) {
            if (block_server_start(g, BLOCKS_HERE, &s, err) < 0)
                return -1;
            qmp_set_timeout(block_server_qmp(s), UNLOCK_TIMEOUT);
        }
        if (unlock(g, s, f, err) < 0)
            return name_file(d, f, err);
    }
    return s ? block_server_stop(steal_pointer(&s), err) : 0;
}

int
unlock_disks(struct mayfly *g, struct error *err)
{
    for (size_t i = 0; i < g->n_disks; i++)
        if (g->disks[i] && unlock_disk(g, g->disks[i], err) < 0) {
            cleanup_free char *shown = text_escape(g->disks[i]->path);

            return error_context(err, "%s", shown ? shown : "?");
        }
    return 0;
}

void
keys_clear(struct mayfly *g)
{
    for (size_t i = 0; i < g->n_keys; i++) {
        free(g->keys[i].image);
        secret_free(g->keys[i].secret);
    }
    free(g->keys);
    g->keys = NULL;
    g->n_keys = 0;
}

/* --- the call --- */

MAYFLY_PUBLIC int
mayfly_add_image_key(struct mayfly *g, const void *key, size_t size,
    const struct mayfly_add_image_key_options *options)
{
    const char *image = options && options->set & MAYFLY_ADD_IMAGE_KEY_IMAGE
                            ? options->image
                            : NULL;
    struct image_key *more;

    error_clear(&g->error);
    handle_trace(g, "add_image_key ***");
    if (!(more = realloc(g->keys, (g->n_keys + 1) * sizeof *more)))
        return error_no_memory(&g->error);
    g->keys = more;
    more += g->n_keys;
    *more = (struct image_key){.secret = secret_new(size)};
    if (!more->secret || (image && !(more->image = strdup(image)))) {
        secret_free(more->secret);
        return error_no_memory(&g->error);
    }
    memcpy(more->secret->bytes, key, size);
    g->n_keys++;
    return 0;
}
