/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which other files may an image open?
 *
 * The header of an image is written by whoever had the image, often by the
 * guest inside it, and may name any file: /etc/shadow as its backing file.
 * QEMU is never asked to open a name; we do, if this policy lets us, and
 * hand over the open file.
 *
 * What counts is the real path of the file that was opened, links resolved,
 * so nothing can be swapped between check and use. */
#pragma once
#include <stdbool.h>

#include "base/error.h"

enum policy_kind {
    POLICY_FOLDER, /* files beside the image, and what is allowed by name;
                    * writable only if named after the image */
    POLICY_NONE,   /* no other file at all */
    POLICY_ANY,    /* the image is trusted; still, only allowed URIs */
};

struct policy {
    enum policy_kind kind;
    char **folders; /* real paths: files directly in them may be opened */
    char **allow;   /* real paths: files, or folders and all below them; URIs */
};

/* The policy for the image at PATH (given by the caller, opened as FD).  ALLOW
 * may be NULL; the paths in the environment variable MAYFLY_ALLOW_PATHS,
 * separated by colons, are allowed as well. */
int policy_init(struct policy *p, enum policy_kind kind, const char *path,
    int fd, const char *const *allow, struct error *err);
void policy_clear(struct policy *p);

/* Open the file that the image REFERRER calls NAME.  ROLE is for messages:
 * "backing file".  A relative name is relative to the referrer's folder.
 * Returns the open file and its path. */
int policy_open(const struct policy *p, const char *referrer, const char *role,
    const char *name, bool writable, char **ret_path, struct error *err);

/* Open a file that the caller named: it must be a regular file or a block
 * device.  Merely opening anything else (a FIFO, a tape) could do harm, so the
 * type is checked first. */
int open_image_file(const char *path, bool writable, struct error *err);
