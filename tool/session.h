/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the shared options to a handle that is ready for work.
 *
 *     struct tool t;
 *     tool_parse(&t, &program, argc, argv, &own);
 *     cleanup_mayfly struct mayfly *g = NULL;
 *     int code = tool_start(&t, &g);
 *     if (code == 0)
 *         code = do_the_job(g);
 *     return tool_end(g, code);
 *
 * Each step reports its error and returns the exit code of enum tool_exit. */
#pragma once
#include <mayfly.h>
#include <stdbool.h>

#include "tool/exit.h"
#include "tool/options.h"

struct mayfly_add_drive_options;
struct mayfly_inspection;
struct mayfly_inspection_root;
struct mayfly_inspect_options;

static inline void
tool_closep(struct mayfly **g)
{
    mayfly_close(*g);
}

#define cleanup_mayfly __attribute__((cleanup(tool_closep)))

/* A handle with -v, -x, the network, progress, warnings and signals set up,
 * without disks.  NULL if out of memory, which is reported. */
struct mayfly *tool_handle(const struct tool *t);

/* Give the keys of --key to a handle that tool_handle has not made. */
int tool_give_image_keys(const struct tool *t, struct mayfly *g);

/* Put --allow into the options of a disk. */
void tool_allow(const struct tool *t, struct mayfly_add_drive_options *options);

/* Add the disks of -a; read-only if t->read_only. */
int tool_add_disks(const struct tool *t, struct mayfly *g);

/* The exit code for the errno of a launch or an export. */
int tool_disk_code(int code);

/* Launch. */
int tool_launch(struct mayfly *g);

/* Inspect with the keys of --key, asking for those that are missing.  The
 * caller frees the result.  There may be no roots; if that is for lack of a key
 * it fails with TOOL_KEYS. */
int tool_inspect(const struct tool *t, struct mayfly *g,
    const struct mayfly_inspect_options *options,
    struct mayfly_inspection **ret);

/* The same, which leaves what to do without a key to the caller. */
int tool_inspect_as_is(const struct tool *t, struct mayfly *g,
    const struct mayfly_inspect_options *options,
    struct mayfly_inspection **ret);

/* TOOL_KEYS with an error if it is for lack of a key that there are no
 * roots. */
int tool_locked(const struct mayfly_inspection *found);

/* What the disks hold, if that is no operating system: ": /dev/sda1: it holds
 * ZFS, ...", to follow the sentence; the caller frees it.  NULL: no memory. */
char *tool_describe_nothing(const struct mayfly_inspection *found);

/* Warn of what inspection could not read.  Of a guest on ROOT: only what is
 * neither a file system nor a mount point of it, which are tried again; NULL:
 * all. */
void tool_say_notes(const struct mayfly_inspection *found,
    const struct mayfly_inspection_root *root);

/* Mount what the guest mounts, "/" first.  That has to work; without another
 * file system the guest can still be used, and a warning says so. */
int tool_mount_guest(struct mayfly *g, struct mayfly_inspection_root *root,
    bool read_only, struct error *err);

/* The same, to write; an error if any of its file systems cannot be mounted.
 * OPTIONS: "MOUNTPOINT:OPTIONS;...", or NULL. */
int tool_mount_whole_guest(struct mayfly *g,
    struct mayfly_inspection_root *root, const char *options,
    struct error *err);

/* Mount what -m or -i asks for. */
int tool_mount_all(const struct tool *t, struct mayfly *g);

/* All of the above except the mounts. */
int tool_start(const struct tool *t, struct mayfly **ret);

/* Report the last error of G with CONTEXT (or NULL) before it; returns CODE, or
 * the signal's code if there was one. */
int tool_fail(struct mayfly *g, int code, const char *context);

/* The last error of G as a struct error; always -1. */
int tool_handle_error(struct mayfly *g, struct error *err);

/* Report an error of the program's own; returns CODE as tool_fail does. */
int tool_give_up(const struct error *err, int code);

/* Shut down, so that errors of the last writes are seen, and flush stdout.
 * Returns CODE, or the failure if CODE was 0.  G may be NULL; the caller still
 * closes it. */
int tool_end(struct mayfly *g, int code);
