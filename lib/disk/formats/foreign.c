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
    {4, 6, "1AY&SY", "compressed with bzip2; unpack it with bunzip2 first"},
    {0, 4, "LZIP", "compressed with lzip; unpack it with lzip -d first"},
    {0, 6, "Rar!\x1a\7", "a rar archive; unpack it first"},
    {0, 4, "\x3a\xff\x26\xed",
        "a sparse image of Android; unpack it with simg2img first"},
    {0, 16, "#!/bin/sh\n#V2.0 ",
        "a cloop image; convert it with qemu-img convert"},
    {0, 7, "EVF2\r\n\x81", "an EnCase image; convert it with ewfexport first"},
    {0, 8, "AFF10\r\n\0", "an image of AFF; convert it with affconvert first"},
    {0, 3, "\xfe\xef\1", "an image of Ghost; restore it to a disk first"},
    {0, 16, "version https://", "a pointer of Git LFS; get the file first"},
    {0, 5, "<?xml", "an XML file, not a disk"},
    {0, 14, "<!DOCTYPE html", "a web page, not a disk"},
    {0, 14, "<!doctype html", "a web page, not a disk"},
    {0, 6, "<html>", "a web page, not a disk"},
    {0, 10, ".encoding ", "a configuration of VMware, not a disk"},
    {0, 16, "#!/usr/bin/vmwar", "a configuration of VMware, not a disk"},
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

/* It has a footer, of version 4 and 512 bytes, in place of a header. */
static bool
is_dmg(const struct image_source *src)
{
    enum { FOOTER = 512 };
    static const uint8_t magic[] = {'k', 'o', 'l', 'y', 0, 0, 0, 4, 0, 0, 2, 0};
    uint8_t found[sizeof magic];

    return src->size > FOOTER &&
           source_peek(src, found, sizeof found, src->size - FOOTER) &&
           memcmp(found, magic, sizeof magic) == 0;
}

const char *
foreign_advice(const struct image_source *src, const uint8_t head[IMAGE_HEAD])
{
    for (size_t i = 0; i < N_ELEMENTS(foreign); i++) {
        const struct foreign *f = &foreign[i];

        if (memcmp(head + f->offset, f->magic, f->length) == 0)
            return f->advice;
    }
    return is_dmg(src)
               ? "a dmg image of macOS; convert it with qemu-img convert"
               : NULL;
}
