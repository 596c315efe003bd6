/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits of texts without side effects: each returns a new text that the caller
 * frees, or NULL with an error. */
#pragma once
#include "base/error.h"

/* A name of a device in a text. */
struct edit_name {
    const char *name; /* "/dev/xvda2", "UUID=1-2", "801" */
    unsigned line;    /* of the text, from 1 */
    const char *key;  /* what it is the value of: "root" of root=NAME; or "" */
    /* fstab: where it is mounted and as what; crypttab: NULL and "swap" if its
     * content is made at each start; else NULL. */
    const char *folder, *type;
};

/* The new name of a device, to be freed; NULL without an error to keep the
 * name, NULL with an error to stop. */
typedef char *(*edit_rename)(
    void *opaque, const struct edit_name *name, struct error *err);

/* The words of a kernel's command line: rename devices wherever a word has
 * one; Xen consoles become ttyS0; words for Xen only are removed. */
char *edit_command_line(
    const char *line, edit_rename rename, void *opaque, struct error *err);

/* A boot loader's file: lines whose first word is linux, kernel, append,
 * options or the like hold a command line; also the "# kopt=" and "#
 * defoptions=" of Debian's menu.lst.  In other lines that are not a title,
 * devices are renamed. */
char *edit_loader_lines(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* Settings of a shell file: the values of those named like a command line are
 * command lines, in the others devices are renamed. */
char *edit_shell_settings(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* Column N (from 0) of each line that is not a comment: a device name, as in
 * device.map. */
char *edit_column(const char *text, unsigned column, edit_rename rename,
    void *opaque, struct error *err);

/* The device and the options of each line. */
char *edit_fstab(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* The device, the key's place and the options of each line. */
char *edit_crypttab(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* veritytab and integritytab: two devices after the name, and options. */
char *edit_mapped_table(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* mdadm.conf: arrays are looked for on all partitions, and known by their
 * UUID. */
char *edit_mdadm(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* All devices outside of comments. */
char *edit_names(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* Rules of udev: also names without a folder are looked at, but not changed. */
char *edit_rules(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* Names of disks in sysfs, and words that are such a name, without a folder:
 * looked at, but not changed. */
char *edit_sysfs(
    const char *text, edit_rename rename, void *opaque, struct error *err);
char *edit_disk_lists(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* Lines for which DROP returns true become comments. */
char *edit_comment_out(
    const char *text, int (*drop)(const char *line), struct error *err);

/* TEXT with each FROM replaced. */
char *edit_replace(
    const char *text, const char *from, const char *to, struct error *err);
