/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/disk/find.h"

#include <string.h>

#include "lib/disk/disk.h"

enum { LETTERS = 26 };

void
disk_target_name(size_t target, char name[DISK_NAME_MAX])
{
    char letters[4];
    int n = 0;

    for (size_t i = target + 1; i > 0; i = (i - 1) / LETTERS)
        letters[n++] = (char)('a' + (i - 1) % LETTERS);
    strcpy(name, "/dev/sd");
    for (size_t at = strlen(name); n > 0; at++) {
        name[at] = letters[--n];
        name[at + 1] = 0;
    }
}

struct disk *
disk_find(const struct mayfly *g, const char *label, size_t *ret_target)
{
    char name[DISK_NAME_MAX];

    for (size_t i = 0; i < g->n_disks; i++) {
        disk_target_name(i, name);
        if (g->disks[i] &&
            (str_equal(label, name) ||
                (g->disks[i]->label && str_equal(label, g->disks[i]->label))))
            return *ret_target = i, g->disks[i];
    }
    return NULL;
}
