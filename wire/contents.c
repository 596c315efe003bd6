/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "wire/contents.h"

void
contents_put_round(struct wire_writer *w, const struct contents_round *r)
{
    wire_put_u32(w, r->files);
    wire_put_u32(w, r->table);
}

void
contents_put_file(struct wire_writer *w, const struct contents_file *f)
{
    wire_put_u64(w, f->size);
    wire_put_u32(w, f->group);
    wire_put_string(w, f->path, CONTENTS_PATH);
}

bool
contents_get_round(
    const uint8_t in[CONTENTS_HEADER], struct contents_round *ret)
{
    struct wire_reader r = {.p = in, .left = CONTENTS_HEADER};

    ret->files = wire_get_u32(&r);
    ret->table = wire_get_u32(&r);
    return ret->files > 0 && ret->files <= CONTENTS_FILES &&
           ret->table <= CONTENTS_TABLE;
}

void
contents_get_file(struct wire_reader *r, struct contents_file *ret)
{
    ret->size = wire_get_u64(r);
    ret->group = wire_get_u32(r);
    ret->path = wire_get_string(r, CONTENTS_PATH);
    if (ret->size > INT64_MAX)
        r->bad = true;
}
