/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An empty data library for ICU, in the form that ICU's sources call stub
 * data: a valid header and no items.  libxml2 is linked to ICU for exotic
 * character sets, which the appliance has no use for, and the real data
 * would be a fifth of its memory.
 *
 * The symbol carries ICU's major version; build.sh gives the file the name
 * that the appliance's ICU looks for. */
#include <stdint.h>

struct icu_data {
    uint16_t header_size;
    uint8_t magic1, magic2;
    struct {
        uint16_t size, reserved;
        uint8_t big_endian, charset_family, sizeof_char, reserved2;
        uint8_t format[4], format_version[4], data_version[4];
    } info;
    char padding[8];
    uint32_t count, reserved[3];
};

const struct icu_data icu_stub_data __attribute__((aligned(16))) = {
    .header_size = 32,
    .magic1 = 0xda,
    .magic2 = 0x27,
    .info =
        {
            .size = 20,
            .sizeof_char = 2,
            .format = {'T', 'o', 'C', 'P'},
            .format_version = {1},
        },
};

#define VERSION(n)                                                             \
    extern const struct icu_data icudt##n##_dat                                \
        __attribute__((alias("icu_stub_data")));
#define TEN(n)                                                                 \
    VERSION(n##0)                                                              \
    VERSION(n##1)                                                              \
    VERSION(n##2)                                                              \
    VERSION(n##3)                                                              \
    VERSION(n##4)                                                              \
    VERSION(n##5)                                                              \
    VERSION(n##6)                                                              \
    VERSION(n##7)                                                              \
    VERSION(n##8)                                                              \
    VERSION(n##9)
TEN(6)
TEN(7)
TEN(8)
TEN(9)
