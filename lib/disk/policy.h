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
#include <stdint.h>

#include "base/error.h"
#include "lib/disk/names.h"

/* In each case also what is allowed by name. */
enum policy_kind {
    POLICY_FOLDER, /* files beside the image; writable only if named after the
                    * image that refers to them */
    POLICY_NAMED,  /* files beside the image that refers to them and named after
                    * it */
    POLICY_IMAGES, /* as POLICY_NAMED; and to read, backing files beside it
                    * whose own names say that they are images, not raw, and
                    * the data file of a disk of exactly that size */
    POLICY_NONE,   /* no other file */
    POLICY_ANY,    /* the image is trusted; still, only plain files */
};

struct policy {
    enum policy_kind kind;
    char **folders;     /* real paths: files directly in them may be opened */
    char **allow;       /* real paths: files, or folders and all below them */
    uint64_t data_size; /* what the data file of the image must have; 0: it
                         * cannot be known */
    bool alone; /* the format was guessed: allowed by name, or refused */
};

/* The policy for the image at PATH (given by the caller, opened as FD).  ALLOW
 * may be NULL; the paths in the environment variable MAYFLY_ALLOW_PATHS,
 * separated by colons, are allowed as well, but not by POLICY_NONE. */
int policy_init(struct policy *p, enum policy_kind kind, const char *path,
    int fd, const char *const *allow, struct error *err);
void policy_clear(struct policy *p);

/* May a header that was only guessed to be of this format, in the file FD, name
 * other files?  The guest of a raw disk can write any header there, so the
 * file's own name has to say the format; a device has none. */
bool policy_trusts_guess(int fd, enum image_format format);

/* Open the file that the image REFERRER calls NAME and uses as ROLE.  A
 * relative name is relative to the referrer's folder.  Returns the open file
 * and its path. */
int policy_open(const struct policy *p, const char *referrer,
    enum file_role role, const char *name, bool writable, char **ret_path,
    struct error *err);

/* Open a file that the caller named: it must be a regular file or a block
 * device.  Merely opening anything else (a FIFO, a tape) could do harm, so the
 * type is checked first. */
int open_image_file(const char *path, bool writable, struct error *err);
