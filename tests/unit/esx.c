/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The extents of ESXi's snapshots, good and broken; and the sizes that makers
 * of VHDs write. */
#include <config.h>

#include "base/cleanup.h"
#include "base/vhd.h"
#include "tests/unit/images.h"
#include "tests/unit/test.h"

struct fault {
    size_t offset;
    uint64_t value;
    int width;
    const char *message;
};

static int
try_extent(struct bytes *b, const char *type, uint64_t size, struct error *err)
{
    struct image_source src = bytes_source(b);
    struct image_extent e = {.size = size};

    snprintf(e.type, sizeof e.type, "%s", type);
    return image_read_extent(&src, &e, err);
}

static void
check_extent(struct bytes (*make)(void), const char *type, uint64_t size,
    size_t grain, const struct fault *faults, size_t n)
{
    struct bytes b = make();
    cleanup_error struct error err = {0};

    CHECK(try_extent(&b, type, size, &err) == 0);
    CHECK(try_extent(&b, type, size + 1, &err) < 0);
    CHECK(strstr(error_text(&err), "smaller than the descriptor says"));
    free(b.p);
    for (size_t i = 0; i < n; i++) {
        cleanup_error struct error fault = {0};

        b = make();
        put_le(b.p + faults[i].offset, faults[i].value, faults[i].width);
        int r = try_extent(&b, type, size, &fault);
        if (r == 0 || !strstr(error_text(&fault), faults[i].message)) {
            fprintf(stderr, "%zu: '%s', not '%s'\n", i,
                r == 0 ? "" : error_text(&fault), faults[i].message);
            exit(1);
        }
        free(b.p);
    }
    /* Cut anywhere before the grain, which is last, it is refused. */
    b = make();
    for (size_t keep = 0, all = b.n; keep <= all - grain; keep += 97) {
        cleanup_error struct error cut = {0};

        b.n = keep;
        CHECK(try_extent(&b, type, size, &cut) < 0);
    }
    free(b.p);
}

TEST(cowd)
{
    static const struct fault faults[] = {
        {0, 0, 4, "not a sparse extent of ESXi"},
        {4, 2, 4, "unknown version 2"},
        {12, 0, 4, "bad size of the disk"},
        {16, 0, 4, "bad size of the grains"},
        {16, (128 << 10) + 1, 4, "bad size of the grains"},
        {20, 1 << 20, 4, "truncated: the grain directory"},
        {24, 1, 4, "bad size of the grain directory"},
        {24, UINT32_MAX, 4, "bad size of the grain directory"},
        {4 * 512, 7, 4, "truncated: a grain table"},
        {4 * 512 + 4, UINT32_MAX, 4, "truncated: a grain table"},
        {5 * 512 + 4, 38, 4, "truncated: data of the disk"},
    };

    check_extent(
        make_cowd, "VMFSSPARSE", 8192 * 512, 512, faults, N_ELEMENTS(faults));
}

TEST(sesparse)
{
    static const struct fault faults[] = {
        {0, 0, 4, "not a SESPARSE extent"},
        {8, 0x200000002, 8, "unknown version 200000002"},
        {16, 0, 8, "bad size of the disk"},
        {24, 16, 8, "grains of unknown size"},
        {32, 128, 8, "grains of unknown size"},
        {40, 1, 8, "unknown flags"},
        {300, 1, 1, "unknown flags"},
        {80, UINT64_MAX, 8, "place of the volatile header"},
        {80, 2, 8, "bad volatile header"},
        {512 + 24, 1, 8, "not closed cleanly"},
        {128, UINT64_MAX, 8, "place of the tables"},
        {128, 1 << 20, 8, "truncated: the grain directory"},
        {136, 0, 8, "bad size of the grain directory"},
        {144, 1 << 20, 8, "truncated: a grain table"},
        {2 * 512, 1, 8, "bad entry of the grain directory"},
        {2 * 512, (uint64_t)1 << 60 | 1, 8, "truncated: a grain table"},
        {3 * 512, UINT64_MAX, 8, "bad entry of a grain table"},
        {3 * 512, (uint64_t)3 << 60 | (uint64_t)1 << 48, 8,
            "truncated: data of the disk"},
    };

    check_extent(
        make_sesparse, "SESPARSE", 16 << 20, 4096, faults, N_ELEMENTS(faults));
}

TEST(descriptors)
{
    static const char *const texts[] = {
        "# Disk DescriptorFile\nversion=3\nCID=1\nparentCID=ffffffff\n"
        "createType=\"vmfsSparse\"\nRW 8 VMFSSPARSE \"a-delta.vmdk\"\n",
        "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\n"
        "createType=\"seSparse\"\nRW 8 SESPARSE \"a-sesparse.vmdk\"\n",
    };

    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        struct bytes b = bytes_new(strlen(texts[i]));
        struct image_source src = bytes_source(&b);
        cleanup_image_header struct image_header h = {0};
        cleanup_error struct error err = {0};

        memcpy(b.p, texts[i], b.n);
        CHECK(image_read(&src, NULL, &h, &err) == 0);
        CHECK(h.n_extents == 1 && h.size == 8 * 512);
        CHECK(h.write_refused);
        free(b.p);
    }
}

/* --- sizes of VHDs --- */

/* A footer whose geometry is 4080 sectors, for a disk of 2 MiB. */
static uint64_t
size_by(const char *maker, unsigned cylinders)
{
    uint8_t p[VHD_FOOTER] = {0};
    struct vhd_footer footer;

    vpc_footer(p, VHD_FIXED, 2 << 20, UINT64_MAX);
    memcpy(p + 28, maker, 4);
    put_be(p + 56, cylinders, 2);
    vpc_checksum(p, sizeof p, 64);
    CHECK(vhd_read_footer(p, &footer));
    CHECK(footer.stored == 2 << 20);
    return footer.size;
}

TEST(vhd_sizes)
{
    static const char *const makers[] = {
        "win ", "wa\0\0", "vbox", "tap\0", "d2v ", "CTXS", "qem2", "new!"};

    for (size_t i = 0; i < N_ELEMENTS(makers); i++)
        CHECK(size_by(makers[i], 60) == 2 << 20);
    CHECK(size_by("vpc ", 60) == 60 * 4 * 17 * 512);
    CHECK(size_by("vs  ", 60) == 60 * 4 * 17 * 512);
    CHECK(size_by("qemu", 60) == 60 * 4 * 17 * 512);
    /* A geometry that says nothing, or more than there is. */
    CHECK(size_by("vpc ", 0) == 2 << 20);
    CHECK(size_by("vpc ", 61) == 2 << 20);
}

/* QEMU is made to find the same. */
TEST(vhd_heads)
{
    struct bytes b = make_vpc_dynamic();
    struct image_source src = bytes_source(&b);
    cleanup_image_header struct image_header h = {0}, same = {0};
    cleanup_error struct error err = {0};
    struct vhd_footer footer;

    CHECK(image_read(&src, NULL, &same, &err) == 0 && !same.head);
    memcpy(b.p + 28, "vbox", 4);
    vpc_checksum(b.p, VHD_FOOTER, 64);
    CHECK(image_read(&src, NULL, &h, &err) == 0);
    CHECK(h.size == 8192 && h.write_refused && h.head_size == VHD_FOOTER);
    CHECK(h.head && vhd_read_footer(h.head, &footer) && footer.size == 8192);
    CHECK(memcmp(h.head + 28, "win ", 4) == 0);
    free(b.p);
}
