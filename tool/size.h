/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes as people write them. */
#pragma once
#include <stdint.h>

#include "base/error.h"

/* "10G", "512M", "1.5T", "4096b" or plain bytes; the units b K M G T are
 * powers of 1024.  Neither zero nor above 2^62. */
int size_parse(const char *text, uint64_t *ret, struct error *err);

/* For people: "468.7M", into BUFFER, which is returned. */
const char *size_text(uint64_t bytes, char buffer[static 24]);
