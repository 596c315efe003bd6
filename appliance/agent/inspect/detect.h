/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Detectors: what is this file system, by the files in it?  One file each,
 * ending in its table entry; adding one is the file, its entry below and its
 * line in detect.c. */
#pragma once
#include <mayfly-types.h>

#include "appliance/agent/call/call.h"

struct call;
struct volumes;

struct detector {
    /* The role of the file system below ROOT ("root", "boot", ...), or NULL:
     * not one of mine. */
    const char *(*role)(struct call *c, int root);
    /* For "root": type of the system, and what there is to read of it.  ROOT
     * has the other file systems of the system mounted in it. */
    const char *type;
    void (*read)(struct call *c, int root, struct mayfly_inspection_root *s);
    /* Which of ALL it calls by letters; NULL: it does not. */
    void (*map_drives)(struct call *c, int root, const struct volumes *all,
        struct mayfly_inspection_root *s);
};

extern const struct detector freebsd_detector, netbsd_detector,
    openbsd_detector, hurd_detector, minix_detector;
extern const struct detector linux_detector, windows_detector, dos_detector,
    parts_detector;

/* Drive letters in the registry of Windows. */
void windows_map_drives(struct call *c, int root, const struct volumes *all,
    struct mayfly_inspection_root *s);

/* The first detector that claims it, or NULL; *ret_role is "other" then. */
const struct detector *detect(struct call *c, int root, const char **ret_role);
