/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A source: what -i names, read into a struct guest.  One source is one file
 * that ends in a table entry; the table is in source.c. */
#pragma once
#include "v2v/machine/guest.h"

struct source {
    const char *name; /* of -i */
    const char *help; /* describes its words */
    bool many;        /* takes more than one word */
    int (*read)(char *const *words, size_t n_words, struct guest *ret,
        struct error *err);
};

extern const struct source source_disk, source_libvirt, source_libvirt_xml,
    source_ova, source_vhd, source_vmx, source_xl, source_xva;

/* NULL for an unknown name. */
const struct source *source_find(const char *name);

/* The I-th, NULL after the last. */
const struct source *source_at(size_t i);
