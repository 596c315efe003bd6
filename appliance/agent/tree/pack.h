/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees of the guest as libarchive knows them: packed into an archive, or
 * copied to another place of the guest. */
#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/agent/tree/file_queue.h"

struct archive;
struct call;

struct pack {
    struct call *c;
    struct archive *to;
    const char *prefix;          /* put before each path: "./", "/new/place/" */
    const char *const *excludes; /* patterns of GNU tar; NULL: none */
    uint32_t n_excludes;
    bool xattrs, selinux, acls;
    bool names;   /* name the owner root */
    bool to_disk; /* `to` writes files: keep holes */
    /* Used by the packing itself. */
    const char *top; /* for errors */
    struct archive_entry_linkresolver *links;
    struct archive *disk; /* reads ACLs and attributes */
    char *block;
    struct file_queue queue;
};

/* All of the directory FD, which is closed, its own entry first.  Must be
 * called within the guest's root (guest_root_enter), and so the next one. */
int pack_directory(struct pack *p, int fd, const char *directory);

/* One file, or a directory with all below it, as PATH (the prefix comes
 * before it); DIR and NAME say where it is, SHOWN is for errors. */
int pack_file(struct pack *p, int dir, const char *name, const char *path,
    const char *shown);
