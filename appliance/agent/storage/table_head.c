/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/storage/table_head.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"

enum {
    SECTOR = 512,
    HEAD = TABLE_LARGE_SECTOR + SECTOR,
    FIRST_ENTRY = 446,
    ENTRY = 16,
    TYPE_AT = 4,
    TYPE_PROTECTIVE = 0xee,
};

static bool
is_gpt(const uint8_t *p)
{
    return memcmp(p, "EFI PART", 8) == 0;
}

/* The copy is in the last sector, and says where it is. */
static bool
has_copy(int fd, off_t size, unsigned sector)
{
    uint8_t b[32] = {0};

    return size >= (off_t)sector &&
           pread(fd, b, sizeof b, size - (off_t)sector) == sizeof b &&
           is_gpt(b) && get_le64(b + 24) == (uint64_t)size / sector - 1;
}

struct table_head
table_head(const char *device)
{
    uint8_t b[HEAD] = {0};
    cleanup_close int fd = open(device, O_RDONLY | O_CLOEXEC);
    struct table_head h = {.readable = fd >= 0 && pread(fd, b, HEAD, 0) > 0};

    for (int i = 0; i < 4; i++)
        h.protective |= b[FIRST_ENTRY + i * ENTRY + TYPE_AT] == TYPE_PROTECTIVE;
    h.protective &= b[SECTOR - 2] == 0x55 && b[SECTOR - 1] == 0xaa;
    h.gpt = is_gpt(b + SECTOR);
    h.large_gpt = is_gpt(b + TABLE_LARGE_SECTOR);

    off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    h.large_copy = h.protective && !h.gpt && !h.large_gpt && size > 0 &&
                   !has_copy(fd, size, SECTOR) &&
                   has_copy(fd, size, TABLE_LARGE_SECTOR);
    return h;
}

bool
table_has_large_sectors(const char *device)
{
    struct table_head h = table_head(device);

    return h.protective && !h.gpt && (h.large_gpt || h.large_copy);
}
