/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/copy/import_target.h"

int
import_open(struct import *to, uint64_t size, struct error *err)
{
    to->options.size = size;
    return image_open(&to->image, &to->options, err);
}

int
import_begin(struct import *to, uint64_t size, struct error *err)
{
    return import_open(to, size, err) < 0
               ? -1
               : image_stream_open(&to->stream, &to->image, err);
}

int
import_write(struct import *to, const uint8_t *data, size_t size,
    uint64_t offset, struct error *err)
{
    return image_stream_write(&to->stream, data, size, offset, err);
}
