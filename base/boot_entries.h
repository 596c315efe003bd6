/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the entries of a boot loader start.  Only texts are read. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct boot_entry {
    char *kernel, *initrd; /* as written; NULL: none */
    char *id, *title;      /* what a default names; "" */
    char *number;          /* "0", or "1>0" in a submenu */
    char *options;         /* the kernel's command line; NULL: none */
    char *search;          /* "UUID=..." of GRUB's search; NULL: none */
    unsigned line;         /* where it starts in its text, from 1 */
};

struct boot_entries {
    struct boot_entry *items;
    size_t n;
    char *wanted; /* the default, as written; NULL: not said */
};

/* A grub.cfg or menu.lst with several entries, or a configuration of syslinux
 * or elilo. */
int entries_add_menu(
    struct boot_entries *e, const char *text, struct error *err);

/* An entry of the Boot Loader Specification, ID.conf. */
int entries_add_one(struct boot_entries *e, const char *id, const char *text,
    struct error *err);

/* The value of NAME=VALUE or "NAME VALUE" in TEXT, to be freed; NULL without
 * an error: none. */
char *entries_setting(const char *text, const char *name, struct error *err);

/* The files that TEXT has read, as written: source, configfile, load_env -f of
 * GRUB, include of syslinux. */
int entries_included(const char *text, char ***ret_paths, struct error *err);

/* WRITTEN with the variables that SETTINGS set; others stay. */
char *entries_expand(
    const char *written, const char *settings, struct error *err);

/* Where the statements of an entry begin that is on LINE as a whole, "menuentry
 * x { linux ...; }"; NULL: it is not. */
const char *entries_short_body(const char *line);

/* The entry that starts by default; NULL: unknown. */
const struct boot_entry *entries_default(const struct boot_entries *e);

void entries_clear(struct boot_entries *e);
#define cleanup_entries __attribute__((cleanup(entries_clear)))
