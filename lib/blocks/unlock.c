/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: only QEMU knows whether a key opens an image, and only
 * by opening it, so each encrypted file is opened alone in a block server with
 * one key after the other.  Which one it was is kept for the nodes that are
 * made later, here or in the appliance. */
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

    for (struct disk_file *f = d->file; f; f = f->backing) {
        if (!is_locked(f))
            continue;
        if (!s && g->n_keys > 0 &&
            block_server_start(g, BLOCKS_HERE, &s, err) < 0)
            return -1;
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
