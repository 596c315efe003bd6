/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/source/xxhash64.h"

#include <endian.h>
#include <string.h>

static const uint64_t prime[] = {
    0x9e3779b185ebca87,
    0xc2b2ae3d27d4eb4f,
    0x165667b19e3779f9,
    0x85ebca77c2b2ae63,
    0x27d4eb2f165667c5,
};

static uint64_t
rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static uint64_t
le64_at(const uint8_t *p)
{
    uint64_t value;

    memcpy(&value, p, sizeof value);
    return le64toh(value);
}

static uint64_t
mix(uint64_t lane, uint64_t input)
{
    return rotate(lane + input * prime[1], 31) * prime[0];
}

/* Four lanes of 8 bytes each, as far as there are whole rounds. */
static uint64_t
rounds(const uint8_t **p, size_t *left)
{
    uint64_t lane[4] = {prime[0] + prime[1], prime[1], 0, 0 - prime[0]};

    for (; *left >= 32; *left -= 32)
        for (int i = 0; i < 4; i++, *p += 8)
            lane[i] = mix(lane[i], le64_at(*p));

    uint64_t hash = rotate(lane[0], 1) + rotate(lane[1], 7) +
                    rotate(lane[2], 12) + rotate(lane[3], 18);
    for (int i = 0; i < 4; i++)
        hash = (hash ^ mix(0, lane[i])) * prime[0] + prime[3];
    return hash;
}

uint64_t
xxhash64(const void *data, size_t size)
{
    const uint8_t *p = data;
    size_t left = size;
    uint64_t hash = size >= 32 ? rounds(&p, &left) : prime[4];

    hash += size;
    for (; left >= 8; left -= 8, p += 8)
        hash = rotate(hash ^ mix(0, le64_at(p)), 27) * prime[0] + prime[3];
    if (left >= 4) {
        uint32_t word;

        memcpy(&word, p, sizeof word);
        hash =
            rotate(hash ^ le32toh(word) * prime[0], 23) * prime[1] + prime[2];
        left -= 4, p += 4;
    }
    for (; left > 0; left--, p++)
        hash = rotate(hash ^ *p * prime[4], 11) * prime[0];
    hash = (hash ^ hash >> 33) * prime[1];
    hash = (hash ^ hash >> 29) * prime[2];
    return hash ^ hash >> 32;
}
