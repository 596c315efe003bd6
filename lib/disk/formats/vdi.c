/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VirtualBox disk images; numbers little-endian.  QEMU reads images of version
 * 1.1 with 1 MiB blocks and no parent; the rest is refused here with the
 * reason. */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "lib/disk/format.h"
#include "base/bytes.h"
#include "base/zeroes.h"

enum {
    LENGTH = 512,
    SIGNATURE = (int)0xbeda107f,
    VERSION_1_1 = 0x00010001,
    TYPE_DYNAMIC = 1,
    TYPE_STATIC = 2,
    TYPE_DIFFERENCING = 4,
    BLOCK = 1 << 20,
    BLOCKS_MAX = 0x3fffffff,
};

static bool
probe(const struct image_source *src, const uint8_t head[IMAGE_HEAD])
{
    (void)src;
    return get_le32(head + 64) == (uint32_t)SIGNATURE;
}

static int
read_header(struct image_source *src, struct image_header *h, struct error *err)
{
    uint8_t b[LENGTH];

    if (source_read(src, b, sizeof b, 0, "the end of the header", err) < 0)
        return -1;

    uint32_t version = get_le32(b + 68), type = get_le32(b + 76);
    uint64_t map = get_le32(b + 340), data = get_le32(b + 344);
    uint32_t blocks = get_le32(b + 384), used = get_le32(b + 388);

    if (version != VERSION_1_1)
        return error_set(err, ENOTSUP, "vdi of unknown version %u.%u",
            version >> 16, version & 0xffff);
    h->variant = type == TYPE_STATIC ? "static" : "dynamic";
    h->size = get_le64(b + 368);
    h->cluster_size = BLOCK;
    /* The zeroed fields are the UUIDs of the parent. */
    if (type == TYPE_DIFFERENCING || !is_zeroes(b + 424, 32))
        return error_set(err, ENOTSUP,
            "vdi that needs a parent image; merge it first "
            "(VBoxManage clonemedium)");
    if (type != TYPE_DYNAMIC && type != TYPE_STATIC)
        return error_set(err, ENOTSUP, "vdi of unknown type %u", type);
    if (get_le32(b + 360) != 512 || get_le32(b + 376) != BLOCK)
        return error_set(err, ENOTSUP,
            "vdi with sectors of %u and blocks of %u bytes", get_le32(b + 360),
            get_le32(b + 376));
    if (map % 512 || data % 512 || blocks > BLOCKS_MAX || used > blocks ||
        h->size > (uint64_t)blocks * BLOCK)
        return error_set(err, EINVAL, "corrupt: bad vdi header");
    if (!source_holds(src, map, (uint64_t)blocks * 4))
        return source_truncated(src, map, "the block map", err);

    uint64_t last = data + (used ? used - 1 : 0) * (uint64_t)BLOCK;
    if (used > 0 && !source_holds(src, last, 1))
        return source_truncated(src, last, "data of the disk", err);
    return 0;
}

const struct image_kind image_vdi = {
    .name = "vdi",
    .format = IMAGE_VDI,
    .probe = probe,
    .read = read_header,
};
