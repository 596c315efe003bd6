/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a QEMU's installation a cage shows. */
#include <config.h>

#include "lib/qemu/places.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "tests/unit/test.h"

/* A name that is no pattern. */
#define PREFIX "[a]*"

static const char *const folders[] = {PREFIX, PREFIX "/bin", PREFIX "/lib",
    PREFIX "/lib/qemu", PREFIX "/lib/python3", PREFIX "/lib64",
    PREFIX "/lib/x86_64-linux-gnu", PREFIX "/lib/x86_64-linux-gnu/qemu",
    PREFIX "/lib/private", PREFIX "/libexec", PREFIX "/share",
    PREFIX "/share/qemu", PREFIX "/share/keyrings", "a"};

static const char *const files[] = {PREFIX "/bin/qemu", PREFIX "/lib/liba.so.1",
    PREFIX "/lib/secret", PREFIX "/lib64/libb.so",
    PREFIX "/lib/private/libc.so", PREFIX "/lib/x86_64-linux-gnu/libd.so.0",
    "a/bin"};

static bool
shows(const struct places *p, const char *home, const char *name)
{
    cleanup_free char *path = text_printf("%s/%s", home, name);
    size_t found = 0;

    CHECK(path);
    for (size_t i = 0; i < p->n; i++)
        found += str_equal(p->list[i].path, path);
    CHECK(found <= 1);
    return found;
}

TEST(installation_in_a_home)
{
    char home[] = "/tmp/mayfly-places-XXXXXX";
    cleanup_error struct error err = {0};
    struct places p = {0};

    CHECK(mkdtemp(home));
    int fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(fd >= 0);
    for (size_t i = 0; i < N_ELEMENTS(folders); i++)
        CHECK(mkdirat(fd, folders[i], 0755) == 0);
    for (size_t i = 0; i < N_ELEMENTS(files); i++) {
        int made = openat(fd, files[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

        CHECK(made >= 0);
        close(made);
    }
    cleanup_free char *binary = text_printf("%s/" PREFIX "/bin/qemu", home);
    const struct place_request r = {.binary = binary};
    CHECK(places_list(&r, &p, &err) == 0);

    CHECK(shows(&p, home, PREFIX "/bin"));
    CHECK(shows(&p, home, PREFIX "/libexec"));
    CHECK(shows(&p, home, PREFIX "/share/qemu"));
    CHECK(shows(&p, home, PREFIX "/lib/qemu"));
    CHECK(shows(&p, home, PREFIX "/lib/x86_64-linux-gnu/qemu"));
    CHECK(shows(&p, home, PREFIX "/lib/liba.so.1"));
    CHECK(shows(&p, home, PREFIX "/lib64/libb.so"));
    CHECK(shows(&p, home, PREFIX "/lib/x86_64-linux-gnu/libd.so.0"));

    CHECK(!shows(&p, home, PREFIX));
    CHECK(!shows(&p, home, PREFIX "/share"));
    CHECK(!shows(&p, home, PREFIX "/lib"));
    CHECK(!shows(&p, home, PREFIX "/lib64"));
    CHECK(!shows(&p, home, PREFIX "/lib/python3"));
    CHECK(!shows(&p, home, PREFIX "/lib/private"));
    CHECK(!shows(&p, home, PREFIX "/lib/secret"));
    CHECK(!shows(&p, home, PREFIX "/lib/private/libc.so"));
    CHECK(!shows(&p, home, "a/bin"));
    places_clear(&p);

    for (size_t i = N_ELEMENTS(files); i-- > 0;)
        CHECK(unlinkat(fd, files[i], 0) == 0);
    for (size_t i = N_ELEMENTS(folders); i-- > 0;)
        CHECK(unlinkat(fd, folders[i], AT_REMOVEDIR) == 0);
    close(fd);
    CHECK(rmdir(home) == 0);
}

TEST(a_system_s_own_has_no_more)
{
    cleanup_error struct error err = {0};
    const struct place_request r = {.binary = "/usr/bin/env"};
    struct places p = {0};

    CHECK(places_list(&r, &p, &err) == 0);
    CHECK(!shows(&p, "/usr", "share/qemu"));
    places_clear(&p);
}
