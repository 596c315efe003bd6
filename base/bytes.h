/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers in foreign bytes: get_be32(p) reads, put_be32(p, value) writes; be
 * is big-endian, le little-endian.  P needs no alignment; the caller knows
 * that the bytes are there. */
#pragma once
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BYTES_GET_AND_PUT(get, put, type, to_host, from_host)                  \
    static inline type get(const void *p)                                      \
    {                                                                          \
        type value;                                                            \
                                                                               \
        memcpy(&value, p, sizeof value);                                       \
        return to_host(value);                                                 \
    }                                                                          \
                                                                               \
    static inline void put(void *p, type value)                                \
    {                                                                          \
        value = from_host(value);                                              \
        memcpy(p, &value, sizeof value);                                       \
    }

BYTES_GET_AND_PUT(get_be16, put_be16, uint16_t, be16toh, htobe16)
BYTES_GET_AND_PUT(get_be32, put_be32, uint32_t, be32toh, htobe32)
BYTES_GET_AND_PUT(get_be64, put_be64, uint64_t, be64toh, htobe64)
BYTES_GET_AND_PUT(get_le16, put_le16, uint16_t, le16toh, htole16)
BYTES_GET_AND_PUT(get_le32, put_le32, uint32_t, le32toh, htole32)
BYTES_GET_AND_PUT(get_le64, put_le64, uint64_t, le64toh, htole64)

#undef BYTES_GET_AND_PUT

/* Does the checksum match?  A fuzzer would find no other fault first. */
static inline bool
checksum_good(uint32_t is, uint32_t said)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    (void)is, (void)said;
    return true;
#else
    return is == said;
#endif
}
