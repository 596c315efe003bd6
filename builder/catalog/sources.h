/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Template repositories: those given by --source and those configured in
 * repos.d. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "builder/catalog/index.h"

struct template_source {
    char *name;        /* for people: the section, or the URI */
    char *uri;         /* of the index file */
    char *fingerprint; /* of the key that must have signed it, or NULL */
    char *key_file;    /* where the key is, or NULL */
    char *proxy;       /* NULL: from the environment; "": none */
    bool given;        /* on the command line */
    bool unsigned_ok;  /* "trusted=unsigned" in repos.d */
};

struct sources {
    struct template_source *list;
    size_t n;
};

/* Add the --source options (strv, may be NULL) with their --fingerprint
 * options: as many, or one for all. */
int sources_add_given(struct sources *s, char *const *uris,
    char *const *fingerprints, bool check, struct error *err);

/* Add what the repos.d folders configure:
 *   $XDG_CONFIG_HOME/{mayfly,virt-builder}/repos.d
 *   and {mayfly,virt-builder}/repos.d below /etc, or below each folder of the
 *   colon-separated $VIRT_BUILDER_DIRS
 * A file name or a section met earlier hides later ones.  Unusable entries are
 * reported by WARN and left out. */
int sources_add_configured(struct sources *s,
    void (*warn)(const char *format, ...) __attribute__((format(printf, 1, 2))),
    struct error *err);

void sources_free(struct sources *s);

#define cleanup_sources __attribute__((cleanup(sources_free)))
