/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header reader.
 *
 * Some formats spread their tables over megabytes, so an input that starts
 * with "SPRS" is a sparse file: u32 size, then records of u32 offset, u16
 * length and that many bytes; all else is zero.  (Numbers little-endian.) */
#include <config.h>

#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "fuzz/fuzz.h"
#include "lib/disk/formats/vmdk_text.h"
#include "lib/disk/header.h"

enum {
    SPARSE_MAX = 64 << 20,
    RECORD = 6,
    RECORDS_AT = 8,
    TABLES_BUDGET = 1 << 20,
};

struct input {
    const uint8_t *data;
    size_t size;
};

static int
pread_plain(void *opaque, void *data, size_t n, uint64_t offset)
{
    const struct input *in = opaque;

    HOLDS(offset <= in->size && n <= in->size - offset);
    memcpy(data, in->data + offset, n);
    return 0;
}

static int
pread_sparse(void *opaque, void *data, size_t n, uint64_t offset)
{
    const struct input *in = opaque;

    memset(data, 0, n);
    for (size_t at = RECORDS_AT; in->size - at >= RECORD;) {
        uint64_t start = get_le32(in->data + at);
        size_t length = get_le16(in->data + at + 4);

        at += RECORD;
        if (length > in->size - at)
            break;
        uint64_t from = start > offset ? start : offset;
        uint64_t end =
            start + length < offset + n ? start + length : offset + n;
        if (from < end)
            memcpy((uint8_t *)data + (from - offset),
                in->data + at + (from - start), (size_t)(end - from));
        at += length;
    }
    return 0;
}

static struct image_source
open_input(struct input *in)
{
    struct image_source src = {
        .size = in->size,
        .pread = pread_plain,
        .opaque = in,
        .budget = TABLES_BUDGET,
    };

    if (in->size >= RECORDS_AT && memcmp(in->data, "SPRS", 4) == 0) {
        src.size = get_le32(in->data + 4) % SPARSE_MAX;
        src.pread = pread_sparse;
    }
    return src;
}

static void
check_name(const char *name, size_t max)
{
    HOLDS(!name || (*name && strlen(name) <= max));
}

static void
check_rewrite(const struct image_header *h)
{
    char name[] = "/dev/fdset/1", *names[IMAGE_EXTENTS_MAX];

    for (uint32_t i = 0; i < h->n_extents; i++)
        names[i] = name;
    cleanup_free char *text =
        vmdk_text_rewrite(h->descriptor, names, h->n_extents);
    HOLDS(text);
}

static void
check_header(const struct image_header *h)
{
    HOLDS(h->format < IMAGE_FORMATS);
    HOLDS(h->size > 0 && h->size <= IMAGE_SIZE_MAX);
    HOLDS(h->n_extents <= IMAGE_EXTENTS_MAX);
    check_name(h->backing, IMAGE_NAME_MAX);
    check_name(h->backing_format, IMAGE_NAME_MAX);
    check_name(h->data_file, IMAGE_NAME_MAX);
    for (uint32_t i = 0; i < h->n_extents; i++)
        check_name(h->extents[i].file, IMAGE_NAME_MAX);
    if (h->n_extents > 0)
        check_rewrite(h);
}

/* One line without control characters, whatever the image holds. */
static void
check_error(const struct error *err)
{
    HOLDS(err->code != 0 && err->text);
    for (const char *p = err->text; *p; p++)
        HOLDS((unsigned char)*p >= 0x20 && *p != 0x7f);
}

/* The header, and that of a snapshot named as in seeds.py. */
static void
check_snapshot(struct image_source *src, struct image_header *h)
{
    cleanup_error struct error err = {0};

    check_header(h);
    if (image_take_snapshot(src, h, "s", &err) < 0) {
        check_error(&err);
        return;
    }
    check_header(h);
    HOLDS(h->head && get_be64(h->head + 24) == h->size);
    HOLDS(get_be64(h->head + 40) < src->size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};

    for (int format = -1; format < IMAGE_FORMATS; format++) {
        cleanup_image_header struct image_header h = {0};
        cleanup_error struct error err = {0};
        struct image_source src = open_input(&in);
        enum image_format given = (enum image_format)format;

        if (image_read(&src, format < 0 ? NULL : &given, &h, &err) < 0)
            check_error(&err);
        else
            check_snapshot(&src, &h);
    }

    static const char *const types[] = {"SPARSE", "VMFSSPARSE", "SESPARSE"};
    for (size_t i = 0; i < N_ELEMENTS(types); i++) {
        struct image_extent extent = {.size = 1 << 20};
        struct image_source src = open_input(&in);
        cleanup_error struct error err = {0};

        strcpy(extent.type, types[i]);
        if (image_read_extent(&src, &extent, &err) < 0)
            check_error(&err);
    }
    return 0;
}
