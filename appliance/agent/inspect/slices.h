/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How BSD divides a slice (a partition of MBR) once more, and how it calls the
 * parts: /dev/ada0s1a, /dev/wd0a, 8a3f5c2e9d1b7046.a */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct volume;
struct volumes;

enum { BSD_PARTS_MAX = 22, BSD_DUID = 8, BSD_LABEL_SIZE = 512 };

struct bsd_label {
    uint8_t duid[BSD_DUID]; /* OpenBSD's number of the disk */
    unsigned n;
    /* In sectors of 512 bytes of the disk; size 0: not used. */
    struct {
        uint64_t start, size;
    } parts[BSD_PARTS_MAX];
};

/* The label in the second sector of a slice: START and SIZE are its sectors. */
bool bsd_label_parse(const uint8_t sector[BSD_LABEL_SIZE], uint64_t start,
    uint64_t size, struct bsd_label *ret);

/* The same, from the device. */
bool bsd_label_read(const struct volume *v, struct bsd_label *ret);

/* Is V a slice whose parts are devices of their own here? */
bool bsd_is_slice(const struct volumes *all, const struct volume *v);

/* The device that a BSD calls NAME in its /dev, or NULL. */
const char *bsd_resolve(const struct volumes *v, const char *name);

/* The same for a name of OpenBSD without a path: DUID.LETTER. */
const char *bsd_resolve_duid(const struct volumes *v, const char *name);
