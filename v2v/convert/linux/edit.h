/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits of texts without side effects: each returns a new text that the caller
 * frees, or NULL with an error. */
#pragma once
#include "base/error.h"

/* The new name of a device such as "/dev/xvda2", to be freed; NULL without an
 * error to keep the name, NULL with an error to stop. */
typedef char *(*edit_rename)(
    void *opaque, const char *device, struct error *err);

/* The words of a kernel's command line: rename devices in root=, resume= and
 * the like; Xen consoles become ttyS0; words for Xen only are removed. */
char *edit_command_line(
    const char *line, edit_rename rename, void *opaque, struct error *err);

/* The lines of a boot loader's file that hold a command line: their first word
 * is linux, kernel, append, options or the like; also the "# kopt=" and "#
 * defoptions=" of Debian's menu.lst. */
char *edit_loader_lines(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* Settings of a shell file whose name starts with PREFIX: their values are
 * command lines. */
char *edit_shell_settings(const char *text, const char *prefix,
    edit_rename rename, void *opaque, struct error *err);

/* Column N (from 0) of each line that is not a comment: a device name, as in
 * fstab and crypttab. */
char *edit_column(const char *text, unsigned column, edit_rename rename,
    void *opaque, struct error *err);

/* Lines for which DROP returns true become comments. */
char *edit_comment_out(
    const char *text, int (*drop)(const char *line), struct error *err);

/* TEXT with each FROM replaced. */
char *edit_replace(
    const char *text, const char *from, const char *to, struct error *err);
