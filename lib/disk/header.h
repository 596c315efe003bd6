/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is this image?  Reads the headers of a disk image without trusting a
 * byte of them, and reports what QEMU would need to open it: the format, the
 * size, and above all which other files it refers to.
 *
 * Nothing here opens a file: whether a named file may be opened is policy.h's
 * question. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "lib/disk/image_source.h"

enum image_format {
    IMAGE_RAW,
    IMAGE_QCOW2,
    IMAGE_VMDK,
    IMAGE_VDI,
    IMAGE_VPC,
    IMAGE_VHDX,
    IMAGE_FORMATS,
};

enum {
    IMAGE_NAME_MAX = 4096,    /* bytes of the name of another file */
    IMAGE_EXTENTS_MAX = 1024, /* extents of a vmdk */
};

/* Largest disk: what QEMU can address. */
#define IMAGE_SIZE_MAX ((uint64_t)1 << 62)

/* One line of a vmdk descriptor. */
struct image_extent {
    uint64_t size;   /* bytes of the disk it holds */
    uint64_t offset; /* bytes into the file; flat extents only */
    char type[16];   /* FLAT, SPARSE, ZERO, VMFS, VMFSSPARSE, SESPARSE */
    char *file;      /* as named in the line; NULL for ZERO */
    bool writable;
    bool read_only; /* of a type that QEMU does not write */
};

/* The iterations of LUKS's key derivation: QEMU does what the header asks
 * for. */
struct luks_work {
    uint32_t slots[8]; /* 0: no key */
    uint32_t digest;   /* to check a key */
};

struct image_header {
    enum image_format format;
    const char *variant;   /* "v3", "streamOptimized", "dynamic"; for raw, its
                            * contents ("gpt", "iso9660"); or NULL */
    uint64_t size;         /* of the disk in it, in bytes */
    uint32_t cluster_size; /* the unit of allocation; 0: none */

    /* Other files, by their names in the header: not to be trusted. */
    char *backing;        /* NULL: none */
    char *backing_format; /* NULL: not given */
    char *data_file;      /* qcow2: the file that holds the data */
    bool has_data_file;   /* ... which may be true without a name */
    bool data_file_raw;   /* that is the disk as it is */
    struct image_extent *extents;
    uint32_t n_extents;
    char *descriptor; /* vmdk: the text that lists the extents */

    /* What takes the place of the first bytes of the file, which is only read
     * then and whose size is also needed: of a snapshot, or of a header that
     * QEMU would read in another way; else NULL. */
    uint8_t *head;
    uint32_t head_size; /* whole sectors */
    uint64_t file_size;

    /* The first bytes of the file are the disk, whatever follows: QEMU's
     * driver for the format is not needed. */
    bool plain;

    bool encrypted; /* by LUKS inside the image; qcow2 only */
    struct luks_work luks;

    /* Why it cannot be opened that way, or NULL. */
    const char *write_refused, *read_only_refused;
};

/* "qcow2"; QEMU's name for the driver. */
const char *image_format_name(enum image_format format);

/* By name; "vhd" is another name of vpc.  False if it is unknown. */
bool image_format_find(const char *name, enum image_format *ret);

/* The same for a caller's word: an error names those that there are. */
int image_format_read(
    const char *name, enum image_format *ret, struct error *err);

/* Read the headers.  With GIVEN the image has to be of that format (any file
 * can be raw); without, the format is detected from the start of the file, and
 * an unknown one is raw.  Errors do not name the file: "truncated: ...", "not a
 * qcow2 image: it looks like vmdk". */
int image_read(struct image_source *src, const enum image_format *given,
    struct image_header *ret, struct error *err);

/* Turn the header that image_read has read into that of the disk as it was at
 * the snapshot NAME. */
int image_take_snapshot(struct image_source *src, struct image_header *h,
    const char *name, struct error *err);

/* A file of a vmdk that has no meaning without its descriptor. */
int image_read_extent(struct image_source *src,
    const struct image_extent *extent, struct error *err);

/* True if the image cannot be read without another file. */
bool image_refers(const struct image_header *h);

void image_header_clear(struct image_header *h);

#define cleanup_image_header __attribute__((cleanup(image_header_clear)))
