/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers are written out byte by byte: a machine's own order must not
 * matter, nor where they lie. */
#include <config.h>

#include "base/bytes.h"

#include "tests/unit/test.h"

static const uint8_t bytes[] = {
    0x00, 0x81, 0x02, 0xf3, 0x04, 0x95, 0x06, 0xa7, 0x08};

TEST(reads_big_endian)
{
    CHECK(get_be16(bytes + 1) == 0x8102);
    CHECK(get_be32(bytes + 1) == 0x8102f304);
    CHECK(get_be64(bytes + 1) == 0x8102f3049506a708);
}

TEST(reads_little_endian)
{
    CHECK(get_le16(bytes + 1) == 0x0281);
    CHECK(get_le32(bytes + 1) == 0x04f30281);
    CHECK(get_le64(bytes + 1) == 0x08a7069504f30281);
}

/* VALUE written at the second of ten bytes is the N of EXPECTED, and nothing
 * beside them. */
#define CHECK_PUT(put, value, ...)                                             \
    do {                                                                       \
        static const uint8_t expected[] = {__VA_ARGS__};                       \
        uint8_t place[10], n = sizeof expected;                                \
                                                                               \
        memset(place, 0xee, sizeof place);                                     \
        put(place + 1, value);                                                 \
        CHECK(memcmp(place + 1, expected, n) == 0);                            \
        CHECK(place[0] == 0xee && place[n + 1] == 0xee);                       \
    } while (0)

TEST(writes_big_endian)
{
    CHECK_PUT(put_be16, 0x8102, 0x81, 0x02);
    CHECK_PUT(put_be32, 0x8102f304, 0x81, 0x02, 0xf3, 0x04);
    CHECK_PUT(put_be64, 0x8102f3049506a708, 0x81, 0x02, 0xf3, 0x04, 0x95, 0x06,
        0xa7, 0x08);
}

TEST(writes_little_endian)
{
    CHECK_PUT(put_le16, 0x8102, 0x02, 0x81);
    CHECK_PUT(put_le32, 0x8102f304, 0x04, 0xf3, 0x02, 0x81);
    CHECK_PUT(put_le64, 0x8102f3049506a708, 0x08, 0xa7, 0x06, 0x95, 0x04, 0xf3,
        0x02, 0x81);
}
