/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where Windows keeps things, for its detector and the list of its
 * applications. */
#pragma once
struct call;

/* The folder of Windows below ROOT, as its name is written there; NULL. */
char *windows_systemroot(struct call *c, int root);

/* The hive of that name ("software") in it; NULL. */
char *windows_hive(
    struct call *c, int root, const char *systemroot, const char *name);
