/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that people give us by mistake, and what they should do instead.  To
 * use the bytes as they are, say format raw. */
#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "lib/disk/format.h"

static const struct foreign {
    uint16_t offset;
    uint8_t length;
    char magic[17];
    const char *advice;
} foreign[] = {
    {0, 8, "QFI\xfb\0\0\0\1",
        "a qcow image of version 1; convert it with qemu-img convert"},
    {0, 4, "QED\0", "a qed image; convert it with qemu-img convert"},
    {0, 16, "WithoutFreeSpace",
        "a parallels image; convert it with qemu-img convert"},
    {0, 16, "WithouFreSpacExt",
        "a parallels image; convert it with qemu-img convert"},
    {0, 4, "COWD", "an extent of a vmdk; give the descriptor file instead"},
    {0, 16, "\xbe\xba\xfe\xca\0\0\0\0\1\0\0\0\2\0\0\0",
        "an extent of a vmdk; give the descriptor file instead"},
    {0, 6,
        "\xfd"
        "7zXZ\0",
        "compressed with xz; unpack it with unxz first"},
    {0, 3, "\x1f\x8b\x08", "compressed with gzip; unpack it with gunzip first"},
    {0, 4, "\x28\xb5\x2f\xfd",
        "compressed with zstd; unpack it with unzstd first"},
    {0, 4, "BZh9", "compressed with bzip2; unpack it with bunzip2 first"},
    {0, 4, "\x04\x22\x4d\x18",
        "compressed with lz4; unpack it with unlz4 first"},
    {0, 9, "\x89LZO\0\r\n\x1a\n",
        "compressed with lzop; unpack it with lzop -d first"},
    {0, 5, "VMA\0\0",
        "a backup of Proxmox VE; unpack it there with vma extract first"},
    {0, 8, "MSWIM\0\0\0", "a WIM archive; apply it to a disk first"},
    {0, 8, "EVF\t\r\n\xff\0",
        "an EnCase image; convert it with ewfexport first"},
    {0, 15, "partclone-image",
        "an image of partclone; restore it to a disk first"},
    {0, 4, "sprs", "a sparse image of macOS; convert it with hdiutil first"},
    {0, 16, "Bochs Virtual HD",
        "a bochs image; convert it with qemu-img convert"},
    {0, 4, "PK\3\4", "a zip archive; unpack it first"},
    {0, 6, "7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"},
    {257, 5, "ustar", "a tar or OVA archive; unpack it with tar first"},
};

const char *
foreign_advice(const struct image_source *src, const uint8_t head[IMAGE_HEAD])
{
    (void)src;
    for (size_t i = 0; i < N_ELEMENTS(foreign); i++) {
        const struct foreign *f = &foreign[i];

        if (memcmp(head + f->offset, f->magic, f->length) == 0)
            return f->advice;
    }
    return NULL;
}
