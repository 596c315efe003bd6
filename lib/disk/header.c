/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/disk/header.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/disk/format.h"

enum { SECTOR = 512 };

/* What none of them recognizes is raw. */
static const struct image_kind *const kinds[] = {
    &image_qcow2,
    &image_vmdk,
    &image_vdi,
    &image_vpc,
    &image_vhdx,
};

static const struct image_kind *
kind_of(enum image_format format)
{
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if (kinds[i]->format == format)
            return kinds[i];
    return NULL;
}

const char *
image_format_name(enum image_format format)
{
    const struct image_kind *kind = kind_of(format);

    return kind ? kind->name : "raw";
}

bool
image_format_find(const char *name, enum image_format *ret)
{
    if (str_equal(name, "raw"))
        return *ret = IMAGE_RAW, true;
    if (str_equal(name, "vhd"))
        return *ret = IMAGE_VPC, true;
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if (str_equal(name, kinds[i]->name))
            return *ret = kinds[i]->format, true;
    return false;
}

int
image_format_read(const char *name, enum image_format *ret, struct error *err)
{
    if (!image_format_find(name, ret))
        return error_set(err, EINVAL,
            "unknown format '%s'; use raw, qcow2, vmdk, vdi, vpc or vhdx",
            name);
    return 0;
}

static int
not_that(const struct image_source *src, const struct image_kind *wanted,
    const uint8_t *head, struct error *err)
{
    const char *found = raw_content(src, head);

    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if (kinds[i]->probe(src, head))
            found = kinds[i]->name;
    if (!found)
        found = "raw";
    return error_set(
        err, EINVAL, "not a %s image: it looks like %s", wanted->name, found);
}

static int
read_raw(const struct image_source *src, bool given, const uint8_t *head,
    struct image_header *h, struct error *err)
{
    const char *advice = given ? NULL : foreign_advice(src, head);

    if (advice)
        return error_set(err, ENOTSUP, "%s", advice);
    if (src->size == 0)
        return error_set(err, EINVAL, "the file is empty");
    h->variant = raw_content(src, head);
    /* QEMU uses whole sectors only; the rest of the last one reads as zeros. */
    h->size = (src->size + SECTOR - 1) / SECTOR * SECTOR;
    return 0;
}

/* QEMU takes one of several formats that fit, and another than we would: where
 * two fit, the caller has to say which. */
static int
detect(const struct image_source *src, const uint8_t *head,
    const struct image_kind **ret, struct error *err)
{
    const struct image_kind *found = NULL;

    for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
        if (!kinds[i]->probe(src, head))
            continue;
        if (found)
            return error_set(err, EINVAL,
                "it looks like %s and like %s; give its format (--format)",
                found->name, kinds[i]->name);
        found = kinds[i];
    }

    /* The start of a fixed vpc or of a vdi can hold another header. */
    const char *foreign = found ? foreign_advice(src, head) : NULL;
    if (foreign)
        return error_set(err, EINVAL,
            "it looks like %s and like another (%s); give its format "
            "(--format)",
            found->name, foreign);
    *ret = found;
    return 0;
}

static int
check_size(const struct image_header *h, struct error *err)
{
    if (h->size == 0 || h->size > IMAGE_SIZE_MAX)
        return error_set(err, EINVAL, "corrupt: %s disk of %llu bytes",
            image_format_name(h->format), (unsigned long long)h->size);
    return 0;
}

static int
read_kind(struct image_source *src, const enum image_format *given,
    struct image_header *h, struct error *err)
{
    uint8_t head[IMAGE_HEAD];

    if (!source_peek(src, head, sizeof head, 0))
        return error_errno(err, errno, "cannot read");

    const struct image_kind *kind = given ? kind_of(*given) : NULL;
    if (kind && !kind->probe(src, head))
        return not_that(src, kind, head, err);
    if (!given && detect(src, head, &kind, err) < 0)
        return -1;
    if (!kind)
        return read_raw(src, given, head, h, err);

    h->format = kind->format;
    return kind->read(src, h, err) < 0 ? -1 : check_size(h, err);
}

int
image_read(struct image_source *src, const enum image_format *given,
    struct image_header *ret, struct error *err)
{
    struct image_header h = {0};

    if (read_kind(src, given, &h, err) < 0) {
        image_header_clear(&h);
        return -1;
    }
    *ret = h;
    return 0;
}

int
image_take_snapshot(struct image_source *src, struct image_header *h,
    const char *name, struct error *err)
{
    const struct image_kind *kind = kind_of(h->format);

    if (!kind || !kind->take_snapshot)
        return error_set(err, ENOTSUP, "a %s image has no snapshots",
            image_format_name(h->format));
    return kind->take_snapshot(src, h, name, err) < 0 ? -1 : check_size(h, err);
}

bool
image_refers(const struct image_header *h)
{
    return h->backing || h->has_data_file || h->n_extents > 0;
}

void
image_header_clear(struct image_header *h)
{
    for (uint32_t i = 0; i < h->n_extents; i++)
        free(h->extents[i].file);
    free(h->extents);
    free(h->backing);
    free(h->backing_format);
    free(h->data_file);
    free(h->descriptor);
    free(h->head);
    *h = (struct image_header){0};
}
