/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of every program, from one table: parsing, --help,
 * --version, the manual page and the shells' completion. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "tool/keys.h"

/* Groups of options that programs share. */
enum tool_group {
    TOOL_DISKS = 1 << 0,   /* -a -d -c --format --blocksize */
    TOOL_MODE = 1 << 1,    /* --ro --rw */
    TOOL_MOUNTS = 1 << 2,  /* -i -m */
    TOOL_SECRETS = 1 << 3, /* --key --keys-from-stdin --echo-keys */
    TOOL_NETWORK = 1 << 4, /* --network --no-network */
    TOOL_ALONE = 1 << 5,   /* not even those that all have, as --verbose */
    TOOL_ALLOW = 1 << 6,   /* --allow, which TOOL_DISKS has as well */
};

struct tool_manual;

/* One option.  A row with neither name nor letter but with help is a heading
 * of --help; a row of zeros ends the table. */
struct tool_option {
    const char *name;  /* of --name, or NULL.  "-on": written -on, and --on is
                          taken as well */
    char letter;       /* of -x, or 0 */
    const char *value; /* the value's name in the help; NULL: none; "[X]":
                        * optional, as --name=X */
    const char *help;  /* one line, without a period; NULL: a spelling that
                        * only the manual has */
    /* Called in the order of the command line; VALUE is NULL without a value.
     * On failure the error text follows "--name: ". */
    int (*set)(void *opaque, const struct tool_option *option,
        const char *value, struct error *err);
    size_t offset; /* for the setters below: offset of the field in *opaque */
};

/* Setters for the common kinds: nothing, for scripts that give what has no
 * meaning here; bool = true; bool = false; const char * = the
 * value; char ** (strv) with the value appended; int from a decimal number that
 * is not negative. */
int tool_set_nothing(void *opaque, const struct tool_option *option,
    const char *value, struct error *err);
int tool_set_flag(void *opaque, const struct tool_option *option,
    const char *value, struct error *err);
int tool_clear_flag(void *opaque, const struct tool_option *option,
    const char *value, struct error *err);
int tool_set_text(void *opaque, const struct tool_option *option,
    const char *value, struct error *err);
int tool_add_text(void *opaque, const struct tool_option *option,
    const char *value, struct error *err);
int tool_set_number(void *opaque, const struct tool_option *option,
    const char *value, struct error *err);

struct tool_program {
    const char *name;    /* mayfly-inspector */
    const char *summary; /* one line for --help and the manual */
    const char *usage;   /* lines after the name, separated by "\n" */
    const struct tool_option *options; /* the program's own */
    unsigned groups;                   /* enum tool_group */
    const struct tool_manual *manual;
    bool takes_disks; /* its words are disks, as those of -a */
    bool read_only;   /* it never writes to a disk, with or without --ro */
    /* Words that may follow the options, for completion: returns the I-th or
     * NULL.  NULL: file names follow. */
    const char *(*words)(size_t i);
    /* Is --ro the default for this user?  NULL: it is not. */
    bool (*read_only_default)(void);
};

struct tool_disk {
    const char *file;     /* name or URI, as given */
    const char *format;   /* NULL: detected from the header */
    int blocksize;        /* 0: default, 512 or 4096 */
    const char *snapshot; /* internal snapshot to show; NULL: none */
    bool network_uri;     /* PROTOCOL://... other than file:// */
    bool writable;        /* even with --ro: the program has just made it */
    bool read_only;       /* even without --ro: the domain has it read-only */
    const char *domain; /* in place of a file, until tool_parse has finished */
};

struct tool_mount {
    char *device, *mountpoint, *options, *fstype; /* last two may be NULL */
};

/* The values of the shared options. */
struct tool {
    const struct tool_program *program;
    struct tool_disk *disks;
    size_t n_disks;
    struct tool_mount *mounts;
    size_t n_mounts;
    struct tool_keys keys;
    const char *libvirt_uri; /* -c; NULL: libvirt's default */
    char **kept;             /* texts that the disks of domains refer to */
    bool inspect;            /* -i */
    bool read_only;          /* --ro */
    bool read_write;         /* --rw */
    bool network;            /* --network */
    const char *policy;      /* --allow none, named or folder; NULL: folder */
    char **allow;            /* --allow PATH */
    bool verbose;            /* -v */
    bool trace;              /* -x */
    char **words;            /* the words that are not options; part of argv */
    size_t n_words;
    /* While the command line is read: the last --format and --blocksize, and
     * those not yet followed by an -a. */
    struct {
        const char *format, *unused;
        int blocksize;
    } scan;
};

/* Read the command line. --help, --version and misuse end the program here, the
 * last with TOOL_USAGE and one line that says what to do.  A missing image or
 * domain ends it with TOOL_INPUT.  Also installs the signal handlers and sets
 * the name. */
void tool_parse(struct tool *t, const struct tool_program *program, int argc,
    char **argv, void *opaque);

/* Add a disk that will exist when tool_add_disks runs; it has this format and
 * is writable even with --ro. */
int tool_add_new_disk(
    struct tool *t, const char *file, const char *format, struct error *err);

/* Add the disk that another struct tool_disk describes. */
int tool_take_disk(
    struct tool *t, const struct tool_disk *disk, struct error *err);

/* Add a disk as -a does; for programs that take images as plain words. */
int tool_add_disk(struct tool *t, const char *file, struct error *err);

/* The words are disks, as for the old virt-inspector: add them, if -a and the
 * like have not.  Exits if that fails. */
void tool_take_words(struct tool *t);

void tool_free(struct tool *t);

#define cleanup_tool __attribute__((cleanup(tool_free)))
