/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU gets to read instead of a descriptor. */
#include <config.h>

#include "base/cleanup.h"
#include "lib/disk/formats/vmdk_text.h"
#include "tests/unit/test.h"

static void
rewritten(const char *text, uint32_t n, const char *want)
{
    char first[] = "/dev/fdset/1", second[] = "/dev/fdset/2";
    char *names[] = {first, second};
    cleanup_free char *got = vmdk_text_rewrite(text, names, n);

    CHECK_STR(got, want);
}

TEST(rewrite)
{
    rewritten("a=b\n", 0, "a=b\n");
    rewritten("a=b\n\n\nRW 7 FLAT \"/etc/shadow\" 9\n\nc=d\n", 1,
        "a=b\nRW 7 FLAT \"/dev/fdset/1\" 9\nc=d\n");
    rewritten("RW 7 SPARSE \"x\"\nRW 8 SPARSE \"y\"", 2,
        "RW 7 SPARSE \"/dev/fdset/1\"\nRW 8 SPARSE \"/dev/fdset/2\"\n");
    /* QEMU would skip these. */
    rewritten("RDONLY 7 FLAT \"x\" 1\nRW 8 ZERO\n", 2,
        "RW 7 FLAT \"/dev/fdset/1\" 1\nRW 8 FLAT \"/dev/fdset/2\" 0\n");
    rewritten("RW \t 12 ZERO", 1, "RW 12 FLAT \"/dev/fdset/1\" 0\n");
}

TEST(extent_lines)
{
    CHECK(vmdk_is_extent("RW 1 ZERO"));
    CHECK(vmdk_is_extent("RDONLY 1 ZERO"));
    CHECK(!vmdk_is_extent("RWX 1 ZERO"));
    CHECK(!vmdk_is_extent("createType=\"RW 1\""));
    CHECK(!vmdk_is_extent(""));
}
