/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the primary volume descriptor of an ISO 9660 says: ECMA-119, 8.4. */
#include <config.h>

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/storage/device.h"
#include "base/cleanup.h"
#include "ops-iso.h"

enum {
    SECTOR = 2048,
    DESCRIPTORS_AT = 16, /* in sectors */
    DESCRIPTORS_MAX = 100,
    PRIMARY = 1,
    TERMINATOR = 255,
    DATE_DIGITS = 16, /* YYYYMMDDHHMMSScc, then the zone in quarter hours */
};

/* Padded by blanks. */
static char *
text_at(struct call *c, const uint8_t *d, size_t at, size_t size)
{
    while (size > 0 && (d[at + size - 1] == ' ' || d[at + size - 1] == 0))
        size--;
    return call_strndup(c, (const char *)d + at, size);
}

/* Numbers stand there twice, in little-endian first. */
static uint32_t
number_at(const uint8_t *d, size_t at, size_t size)
{
    uint32_t value = 0;

    for (size_t i = 0; i < size; i++)
        value |= (uint32_t)d[at + i] << (8 * i);
    return value;
}

static int
digits(const uint8_t *d, size_t at, size_t n)
{
    int value = 0;

    for (size_t i = 0; i < n; i++)
        value = value * 10 + (d[at + i] - '0');
    return value;
}

/* -1: not set. */
static int64_t
date_at(const uint8_t *d, size_t at)
{
    bool zero = true;
    struct tm tm;

    for (size_t i = 0; i < DATE_DIGITS; i++) {
        if (d[at + i] < '0' || d[at + i] > '9')
            return -1;
        zero &= d[at + i] == '0';
    }
    if (zero)
        return -1;
    tm = (struct tm){
        .tm_year = digits(d, at, 4) - 1900,
        .tm_mon = digits(d, at + 4, 2) - 1,
        .tm_mday = digits(d, at + 6, 2),
        .tm_hour = digits(d, at + 8, 2),
        .tm_min = digits(d, at + 10, 2),
        .tm_sec = digits(d, at + 12, 2),
    };
    return timegm(&tm) - (int64_t)(int8_t)d[at + DATE_DIGITS] * 15 * 60;
}

/* Takes the file, which is closed before there is anything to allocate. */
static int
read_descriptor(struct call *c, int file, const char *name, uint8_t d[SECTOR])
{
    cleanup_close int fd = file;

    for (int i = 0; i < DESCRIPTORS_MAX; i++) {
        off_t at = (off_t)(DESCRIPTORS_AT + i) * SECTOR;

        if (pread(fd, d, SECTOR, at) != SECTOR ||
            memcmp(d + 1, "CD001", 5) != 0 || d[0] == TERMINATOR)
            break;
        if (d[0] == PRIMARY)
            return 0;
    }
    return call_error(
        c, EINVAL, "%s: no ISO 9660: it has no primary descriptor", name);
}

static struct mayfly_iso_descriptor
descriptor_info(struct call *c, const uint8_t *d)
{
    return (struct mayfly_iso_descriptor){
        .iso_system_id = text_at(c, d, 8, 32),
        .iso_volume_id = text_at(c, d, 40, 32),
        .iso_volume_space_size = number_at(d, 80, 4),
        .iso_volume_set_size = number_at(d, 120, 2),
        .iso_volume_sequence_number = number_at(d, 124, 2),
        .iso_logical_block_size = number_at(d, 128, 2),
        .iso_volume_set_id = text_at(c, d, 190, 128),
        .iso_publisher_id = text_at(c, d, 318, 128),
        .iso_data_preparer_id = text_at(c, d, 446, 128),
        .iso_application_id = text_at(c, d, 574, 128),
        .iso_copyright_file_id = text_at(c, d, 702, 37),
        .iso_abstract_file_id = text_at(c, d, 739, 37),
        .iso_bibliographic_file_id = text_at(c, d, 776, 37),
        .iso_volume_creation_t = date_at(d, 813),
        .iso_volume_modification_t = date_at(d, 830),
        .iso_volume_expiration_t = date_at(d, 847),
        .iso_volume_effective_t = date_at(d, 864),
    };
}

int
op_isoinfo(struct call *c, const struct api_isoinfo_args *args,
    struct api_isoinfo_ret *ret)
{
    int fd = content_open(c, args->isofile);
    uint8_t d[SECTOR];

    if (fd < 0 || read_descriptor(c, fd, args->isofile, d) < 0)
        return -1;
    ret->value = descriptor_info(c, d);
    return 0;
}

int
op_isoinfo_device(struct call *c, const struct api_isoinfo_device_args *args,
    struct api_isoinfo_device_ret *ret)
{
    const char *device = device_check(c, args->device);
    uint8_t d[SECTOR];

    if (!device)
        return -1;
    int fd = open(device, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return call_fail(c, errno, "%s", device);
    if (read_descriptor(c, fd, args->device, d) < 0)
        return -1;
    ret->value = descriptor_info(c, d);
    return 0;
}
