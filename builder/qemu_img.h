/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two conversions that qemu-img does for us. */
#pragma once
#include <stdint.h>

#include "base/error.h"

/* Copy the content of the qcow2 image in file IMAGE, which must not need other
 * files, to the empty file RAW. More than MAX bytes are an error. */
int qemu_img_to_raw(int image, int raw, uint64_t max, struct error *err);

/* Make PATH, which exists and is empty, a qcow2 image of SIZE bytes with the
 * content of the raw file BASE at its start. */
int qemu_img_to_qcow2(
    int base, const char *path, uint64_t size, struct error *err);
