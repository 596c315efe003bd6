/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From and to qcow2. */
#pragma once
#include <stdint.h>

#include "base/error.h"

/* Copy the content of the qcow2 image in file IMAGE, which must not need other
 * files, to the empty file RAW. More than MAX bytes are an error. */
int convert_to_raw(int image, int raw, uint64_t max, struct error *err);

/* Write to the empty file IMAGE a qcow2 image of SIZE bytes with the content of
 * the raw file BASE at its start. */
int convert_to_qcow2(int base, int image, uint64_t size, struct error *err);
