/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The throwaway layer over a disk that is added read-only: the appliance may
 * write (replay a journal, mount read-write to look around), the image never
 * changes. */
#pragma once
#include <stdint.h>

#include "base/error.h"

/* Write an empty qcow2 image of SIZE bytes into the empty file FD. */
int overlay_write(int fd, uint64_t size, struct error *err);

enum { OVERLAY_NAME_MAX = 1023 }; /* bytes of a backing file's name */

/* The same with the backing file BACKING, which is written there as it is, of
 * the format FORMAT. */
int overlay_write_backed(int fd, uint64_t size, const char *backing,
    const char *format, struct error *err);

/* A new file without a name in FOLDER that holds such an image; where FOLDER
 * cannot be written, in /dev/shm. */
int overlay_open(const char *folder, uint64_t size, struct error *err);
