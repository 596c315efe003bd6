# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sample of a disk format: a sector with a magic and the size, then the data.
recipe='A disk format'
checks=(tests/unit/header fuzz/replay.sh)

apply()
{
    create lib/disk/formats/toy.c << 'END'
/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Toy images: a sector with a magic and the size of the disk, then the data. */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/disk/format.h"

enum { HEADER = 512 };

static const char magic[8] = {'T', 'O', 'Y', ' ', 'D', 'I', 'S', 'K'};

static bool
probe(const struct image_source *src, const uint8_t head[IMAGE_HEAD])
{
    (void)src;
    return memcmp(head, magic, sizeof magic) == 0;
}

static int
read_header(struct image_source *src, struct image_header *h, struct error *err)
{
    uint8_t b[HEADER];

    if (source_read(src, b, sizeof b, 0, "the end of the header", err) < 0)
        return -1;
    h->size = get_le64(b + 8);
    if (h->size % 512 != 0)
        return error_set(err, EINVAL, "corrupt: bad toy header");
    if (!source_holds(src, HEADER, h->size))
        return source_truncated(src, HEADER, "data of the disk", err);
    return 0;
}

const struct image_kind image_toy = {
    .name = "toy",
    .format = IMAGE_TOY,
    .probe = probe,
    .read = read_header,
};
END
    after lib/disk/format.h 'extern const struct image_kind image_vhdx;' \
        <<< 'extern const struct image_kind image_toy;'
    before lib/disk/header.h '^    IMAGE_FORMATS,' <<< '    IMAGE_TOY,'
    after lib/disk/header.c '^    &image_vhdx,' <<< '    &image_toy,'
    before lib/disk/module.mk '^	lib/disk/formats/vdi.c' << 'END'
	lib/disk/formats/toy.c \
END
    edit lib/disk/header.c 's/vdi, vpc or vhdx/vdi, vpc, vhdx or toy/'
    after lib/disk/names.c '^        \{"\.vhdx", ' \
        <<< '        {".toy", IMAGE_TOY},'
    edit tool/shared_options.c 's/"vpc; default/"vpc, toy; default/'
    edit api/calls/disks.api 's/^#   vhd) or vhdx\./#   vhd), vhdx or toy./'
    edit api/calls/disks.api 's/(also called vhd) or vhdx\./(vhd), vhdx or toy./'
    append tests/unit/images.h << 'END'

static inline struct bytes
make_toy(void)
{
    struct bytes b = bytes_new(3 * 512);

    memcpy(b.p, "TOY DISK", 8);
    put_le(b.p + 8, 1024, 8);
    return b;
}
END
    after tests/unit/header.c 'check_good\(make_vhdx, ' \
        <<< '    check_good(make_toy, IMAGE_TOY, 1024, NULL);'
    append tests/unit/header.c << 'END'

TEST(toy_faults)
{
    static const struct fault faults[] = {
        {8, 1023, 8, "bad toy header"},
        {8, 0, 8, "disk of 0 bytes"},
        {8, 1536, 8, "truncated: data of the disk"},
        {8, UINT64_MAX - 511, 8, "truncated: data of the disk"},
    };

    check_faults(make_toy, put_le, faults, N_ELEMENTS(faults));
    check_every_byte(make_toy, 512);
    check_every_length(make_toy, IMAGE_TOY, 1, 3 * 512);
}
END
    after tests/disk/hostile.py '^MAGICS = ' \
        <<< '          (0, b"TOY DISK"),'
    after fuzz/seeds.py '^    save\(folder, "gpt"' \
        <<< '    save(folder, "toy", b"TOY DISK\0\4" + 1534 * b"\0")'
}

use()
{
    { printf 'TOY DISK\0\4'; head -c 1534 /dev/zero; } > toy.img
    same toy mayfish disk-format toy.img
    same 1024 mayfish disk-virtual-size toy.img
    expect_error any 'use raw, qcow2, .* or toy' \
        mayfish --format=none -a toy.img run
}
