/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The age of a kernel, from its image; images that lie. */
#include <config.h>

#include "lib/engine/kernel_age.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "tests/unit/test.h"

/* 2026-12-01 */
enum { NOW = 1796083200 };

static void
expect_age(const char *banner, const char *want)
{
    cleanup_free char *text = kernel_age_text(banner, NOW);

    CHECK_STR(text, want);
}

TEST(ages)
{
    expect_age("6.1.0-50-amd64 (debian-kernel@lists.debian.org) #1 SMP "
               "PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-11-19)",
        "6.1.0-50-amd64 of 2026-11-19, 12 days old");
    expect_age("6.8.0-45-generic (buildd@lcy02) #45-Ubuntu SMP PREEMPT_DYNAMIC "
               "Fri Aug 30 12:02:39 UTC 2024",
        "6.8.0-45-generic of 2024-08-30, 822 days old; mayfly-appliance "
        "update makes a newer one");
    expect_age("6.1 (2027-01-01)", "6.1 of 2027-01-01, 0 days old");
    expect_age("6.1 (x)", "6.1, age unknown");
    expect_age("", "unknown");
}

static int
banner_of(const uint8_t *data, size_t size, char **ret)
{
    cleanup_error struct error err = {0};
    char folder[] = "/var/tmp/mayfly-test.XXXXXX";

    CHECK(mkdtemp(folder) && chdir(folder) == 0);
    int fd = open("kernel", O_WRONLY | O_CREAT, 0600);
    CHECK(fd >= 0 && write_all(fd, data, size) == 0);
    close(fd);
    int r = kernel_banner(folder, ret, &err);
    CHECK(chdir("/") == 0 && remove_tree(AT_FDCWD, folder) == 0);
    return r;
}

TEST(images)
{
    static uint8_t image[0x20000];
    char *banner = NULL;

    memcpy(image + 0x202, "HdrS", 4);
    image[0x20f] = 0x01;
    strcpy((char *)image + 0x300, "6.1 (2026-11-19)");
    CHECK(banner_of(image, sizeof image, &banner) == 0);
    CHECK_STR(banner, "6.1 (2026-11-19)");
    free(steal_pointer(&banner));

    /* Cut off in the header, before the text and in it. */
    CHECK(banner_of(image, 0x20f, &banner) < 0 && !banner);
    CHECK(banner_of(image, 0x300, &banner) < 0 && !banner);
    CHECK(banner_of(image, 0x303, &banner) == 0);
    CHECK_STR(banner, "6.1");
    free(steal_pointer(&banner));

    /* The text of the last place, without an end. */
    image[0x20e] = image[0x20f] = 0xff;
    memset(image + 0x200, 'x', sizeof image - 0x200);
    memcpy(image + 0x202, "HdrS", 4);
    image[0x20e] = image[0x20f] = 0xff;
    CHECK(banner_of(image, sizeof image, &banner) == 0);
    CHECK(strlen(banner) == 255);
    free(steal_pointer(&banner));
    image[0x202] = 0;
    CHECK(banner_of(image, sizeof image, &banner) < 0 && !banner);
}
