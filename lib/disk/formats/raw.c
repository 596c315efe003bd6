/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a raw disk contains, for messages only: no decision depends on it. */
#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "lib/disk/format.h"

static const struct content {
    const char *name;
    uint32_t offset;
    uint8_t length;
    char magic[9];
} contents[] = {
    {"gpt", 512, 8, "EFI PART"},
    {"luks", 0, 6, "LUKS\xba\xbe"},
    {"iso9660", 32769, 5, "CD001"},
    {"ext", 1080, 2, "\x53\xef"},
    {"xfs", 0, 4, "XFSB"},
    {"btrfs", 65600, 8, "_BHRfS_M"},
    {"ntfs", 3, 8, "NTFS    "},
    {"bitlocker", 3, 8, "-FVE-FS-"},
    {"vfat", 82, 5, "FAT32"},
    {"vfat", 54, 4, "FAT1"},
    {"lvm2", 512, 8, "LABELONE"},
    {"swap", 4086, 8, "SWAPSPAC"},
    {"squashfs", 0, 4, "hsqs"},
    {"erofs", 1024, 4, "\xe2\xe1\xf5\xe0"},
    {"f2fs", 1024, 4, "\x10\x20\xf5\xf2"},
    {"mbr", 510, 2, "\x55\xaa"},
};

const char *
raw_content(const struct image_source *src, const uint8_t head[IMAGE_HEAD])
{
    for (size_t i = 0; i < N_ELEMENTS(contents); i++) {
        const struct content *c = &contents[i];
        uint8_t b[8];

        if (c->offset + c->length <= IMAGE_HEAD)
            memcpy(b, head + c->offset, c->length);
        else if (!source_peek(src, b, c->length, c->offset))
            continue;
        if (memcmp(b, c->magic, c->length) == 0)
            return c->name;
    }
    return NULL;
}
