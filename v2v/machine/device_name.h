/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of disks: xvdb3 is the third partition of the second disk, whatever
 * comes before the letters. */
#pragma once
#include <stdbool.h>

enum { DEVICE_LETTERS = 4 };

/* 0 is "a", 26 is "aa". */
void device_letters(unsigned index, char letters[DEVICE_LETTERS]);

/* Split a name, with or without "/dev/"; the partition is 0 for a whole disk.
 * Returns false for another name. */
bool device_split(
    const char *name, char letters[DEVICE_LETTERS], unsigned *ret_partition);
