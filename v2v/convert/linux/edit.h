/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pure edits of texts: each returns a new text that the caller frees, or NULL
 * with an error. */
#pragma once
#include "base/error.h"

/* What a name of a device, "/dev/xvda2", becomes: a text to be freed; NULL
 * without an error to leave it, NULL with one to stop. */
typedef char *(*edit_rename)(
    void *opaque, const char *device, struct error *err);

/* The words of a kernel's command line: names of devices in root=, resume=
 * and their like; the consoles of Xen become ttyS0; words for Xen only go. */
char *edit_command_line(
    const char *line, edit_rename rename, void *opaque, struct error *err);

/* The lines of a boot loader's file that hold a command line: their first
 * word is one of linux, kernel, append, options and their like; also the
 * "# kopt=" and "# defoptions=" of Debian's menu.lst. */
char *edit_loader_lines(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* Settings of a shell file whose name starts with PREFIX: their values are
 * command lines. */
char *edit_shell_settings(const char *text, const char *prefix,
    edit_rename rename, void *opaque, struct error *err);

/* Column N (from 0) of each line that is no comment: a name of a device.  As
 * fstab, crypttab. */
char *edit_column(const char *text, unsigned column, edit_rename rename,
    void *opaque, struct error *err);

/* Lines for which DROP returns true become comments. */
char *edit_comment_out(
    const char *text, int (*drop)(const char *line), struct error *err);

/* TEXT with each FROM replaced. */
char *edit_replace(
    const char *text, const char *from, const char *to, struct error *err);
