/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: GRUB's boot sector holds the number of the sector with
 * the start of the core image; the first sector of that holds, at its end, a
 * list of where the rest is.  Both are patched for a contiguous core that
 * starts at sector FIRST. */
#include <config.h>

#include "v2v/disks/loader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"

enum {
    SECTOR = 512,
    /* After the place of a GPT, so that it fits both tables. */
    FIRST = 34,
    CODE_END = 440,        /* of the boot sector; then the table */
    KERNEL_AT = 0x5c,      /* in the boot sector, 64 bits */
    DRIVE_CHECK = 0x66,    /* a jump that a disk, not a floppy, does not need */
    LIST_AT = SECTOR - 12, /* in the core: start, 64 bits; length, 16 */
    CORE_MAX = 900 << 10,
};

static char *
loader_file(const char *name, size_t max, size_t *ret_size, struct error *err)
{
    const char *folder = getenv("MAYFLY_LOADER");
    cleanup_free char *path =
        text_printf("%s/%s", folder ? folder : LOADER_FOLDER, name);

    if (!path)
        return error_no_memory(err), NULL;

    char *data = read_file(path, max, ret_size, err);
    if (!data && err->code == ENOENT)
        error_set(err, ENOTSUP,
            "the disk needs a boot loader, and Mayfly was built without one "
            "(%s)",
            path);
    return data;
}

int
loader_write(uint8_t *head, size_t size, size_t *ret_end, struct error *err)
{
    size_t boot_size, core_size;
    cleanup_free char *boot = loader_file("boot.img", SECTOR, &boot_size, err);
    cleanup_free char *core =
        boot ? loader_file("core.img", CORE_MAX, &core_size, err) : NULL;

    if (!core)
        return -1;

    size_t sectors = (core_size + SECTOR - 1) / SECTOR;
    if (boot_size != SECTOR || core_size <= SECTOR ||
        sectors > size / SECTOR - FIRST)
        return error_set(err, EINVAL, "the boot loader is damaged");
    memcpy(head, boot, CODE_END);
    head[DRIVE_CHECK] = head[DRIVE_CHECK + 1] = 0x90;

    put_le64(head + KERNEL_AT, FIRST);
    put_le64(core + LIST_AT, FIRST + 1);
    put_le16(core + LIST_AT + 8, (uint16_t)(sectors - 1));
    memcpy(head + (size_t)FIRST * SECTOR, core, core_size);
    *ret_end = (FIRST + sectors) * SECTOR;
    return 0;
}
