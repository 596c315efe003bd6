/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running qemu-img, for what we do not do ourselves: writing the headers of new
 * images.  It never sees an image that header.c has not accepted. */
#pragma once
#include <stdint.h>

#include "base/error.h"

/* Run it with ARGV (argv[0] is "qemu-img") for an image of SIZE bytes and wait;
 * its complaint becomes the error. */
int run_img(const char *const *argv, uint64_t size, struct error *err);
