/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
struct call;
struct list;

struct found_filesystem {
    char *mountable, *type;
};
/* What list_filesystems gives. */
int filesystems_find(struct call *c, struct list *ret);
