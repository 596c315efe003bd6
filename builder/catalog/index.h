/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index of a template repository: the templates and how to check them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct template_source; /* builder/catalog/sources.h */

struct note {
    char *language; /* NULL: the plain one */
    char *text;
};

struct template
{
    char *id;       /* debian-12 */
    char *arch;     /* normalised: x86_64, aarch64, i686 */
    char *file;     /* below the folder of the index; never leads out of it */
    uint64_t size;  /* virtual bytes */
    char *sha512;   /* of the file as published, lower case; or NULL */
    char *format;   /* of the unpacked image; NULL: not given */
    char *expand;   /* the partition that --size enlarges, or NULL */
    char *lvexpand; /* the logical volume in it, or NULL */
    char *name;     /* for people, or NULL */
    char *osinfo;   /* or NULL */
    char **aliases; /* strv, or NULL */
    struct note *notes;
    uint64_t n_notes;
    uint64_t compressed_size; /* 0: not given */
    int64_t revision;         /* default 1 */
    bool hidden;
    /* Where it comes from; set by the caller. */
    const struct template_source *source;
};

struct index {
    struct template *templates;
    size_t n_templates;
};

/* Read the text of an index, which must be verified already.  Unknown fields
 * are skipped. */
int index_parse(
    const char *text, size_t size, struct index *ret, struct error *err);

void index_free(struct index *index);

#define cleanup_index __attribute__((cleanup(index_free)))

/* The notes in the user's language (LC_ALL, LC_MESSAGES, LANG), else the plain
 * ones, else NULL. */
const char *template_notes(const struct template *t);

/* Does WORD name this template, by id or alias? */
bool template_has_alias(const struct template *t, const char *word);

/* The common name of an architecture: amd64 and x86-64 are x86_64, ... */
const char *arch_normalise(const char *arch);

/* The architecture of this machine. */
const char *arch_host(void);

/* Is FILE a plain path that stays below its folder? */
bool index_file_is_safe(const char *file);
