/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A disk that was added to a handle: its image and all files the image needs,
 * opened and checked.  The path of a disk: header.h (what is it?), policy.h
 * (which files may it open?), node.c (QEMU's view of it). */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "lib/disk/header.h"
#include "lib/disk/policy.h"

struct secret; /* lib/handle/secret.h */
struct uri;

enum {
    DISK_CHAIN_MAX = 64, /* images on top of each other */
    DISK_LABEL_MAX = 20, /* bytes: the serial number of a SCSI disk */
};

enum disk_discard { DISCARD_OFF, DISCARD_ON, DISCARD_BEST_EFFORT };

struct disk_options {
    bool read_only;
    const char *format; /* NULL: detect it */
    const char *name;   /* the guest's name for it; only recorded */
    const char *label;  /* its serial number in the appliance */
    int block_size;     /* 512, 4096; 0: 512 */
    enum disk_discard discard;
    bool copy_on_read; /* remote images: keep what has been read */
    bool unsafe; /* ignore flushes: the image is lost if the machine fails */
    enum policy_kind policy;
    const char *snapshot;     /* as the disk was then; NULL: as it is */
    const char *const *allow; /* further files that may be opened, or NULL */
    uint64_t part_start, part_size; /* the image is this part of the file;
                                     * size 0: all of it */
};

/* One open file of the disk, and the files that depend on it. */
struct disk_file {
    char *path; /* for messages, and the base of relative names */
    int fd;
    dev_t device;
    ino_t inode;
    bool is_block_device, writable;
    uint64_t part_start, part_size; /* as of disk_options */
    const char *snapshot;           /* while it is opened: as of disk_options */
    struct image_header header;
    enum image_format backing_format; /* meaningful only if one was given */
    bool backing_format_given;
    struct disk_file *backing, *data_file;
    const struct secret *key;   /* of an encrypted image, once it was found; the
                                 * handle's */
    struct disk_file **extents; /* as many as header.n_extents; an extent
                                 * without a file is NULL */
};

static inline bool
is_same_file(const struct disk_file *a, const struct disk_file *b)
{
    return a->device == b->device && a->inode == b->inode;
}

struct disk {
    char *path; /* as given: file name or URI */
    char *name, *label;
    bool read_only, copy_on_read, unsafe;
    int block_size;
    enum disk_discard discard;
    struct disk_file *file; /* the image; NULL if it is remote */
    struct uri *uri;
    bool format_given; /* of a remote one: FORMAT, else it is read when QEMU is
                        * connected (lib/remote/) */
    enum image_format format;
};

/* Open and check FILENAME, a path or a URI (uri.h).  Errors name it. */
int disk_open(const char *filename, const struct disk_options *options,
    struct disk **ret, struct error *err);
void disk_free(struct disk *d);

/* The size of the disk in bytes; 0 if it is remote. */
uint64_t disk_size(const struct disk *d);

/* The name of its format, a constant; NULL if it is remote. */
const char *disk_format_name(const struct disk *d);

/* True if a server has it. */
bool disk_is_remote(const struct disk *d);

/* True if it is also said to be raw: no header is to be read. */
bool disk_is_plain(const struct disk *d);
