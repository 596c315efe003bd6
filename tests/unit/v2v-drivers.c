/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/windows/driver_files.h"

#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"

static char folder[] = "/tmp/mayfly-drivers.XXXXXX";

/* A file whose content is its own path. */
static void
put(const char *path)
{
    cleanup_error struct error err = {0};
    cleanup_free char *whole = text_printf("%s/%s", folder, path);
    char *slash = strrchr(whole, '/');

    *slash = 0;
    CHECK(make_directories(whole, 0700, &err) == 0);
    *slash = '/';
    cleanup_close int fd = open(whole, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write_all(fd, path, strlen(path)) == 0);
}

/* Check which folder's drivers the version gets, and that its viostor.sys comes
 * from FROM. */
static void
finds(struct driver_wish wish, const char *version, const char *from)
{
    cleanup_error struct error err = {0};
    cleanup_driver_files struct driver_files files = {0};

    CHECK(driver_files_read(&files, folder, &wish, &err) == 0);
    CHECK_STR(files.version ? files.version : "none", version);

    const struct driver_file *f = driver_files_find(&files, "viostor.sys");
    CHECK((f != NULL) == (from != NULL));
    if (f) {
        cleanup_free char *text = strndup(f->data, f->size);
        CHECK_STR(text, from);
    }
}

TEST(versions_of_windows)
{
    CHECK(mkdtemp(folder));
    put("viostor/w10/amd64/viostor.sys");
    put("viostor/w10/amd64/viostor.pdb");
    put("viostor/w10/x86/viostor.sys");
    put("viostor/2k19/amd64/viostor.sys");
    put("amd64/Win2008R2/VIOSTOR.SYS");
    put("viostor/2k16/ARM64/viostor.sys");
    put("viostor/XP/i386/viostor.sys");
    put("w7.txt");

    finds((struct driver_wish){10, 0, 19045, false, true}, "w10",
        "viostor/w10/amd64/viostor.sys");
    finds((struct driver_wish){10, 0, 19045, false, false}, "w10",
        "viostor/w10/x86/viostor.sys");
    /* The next best for 11 and 2025, which have no drivers of their own. */
    finds((struct driver_wish){10, 0, 22631, false, true}, "w10",
        "viostor/w10/amd64/viostor.sys");
    finds((struct driver_wish){10, 0, 26100, true, true}, "2k19",
        "viostor/2k19/amd64/viostor.sys");
    finds((struct driver_wish){10, 0, 17763, true, true}, "2k19",
        "viostor/2k19/amd64/viostor.sys");
    /* Drivers for a newer version are not used. */
    finds((struct driver_wish){10, 0, 14393, true, true}, "none", NULL);
    finds((struct driver_wish){6, 1, 7601, true, true}, "2k8r2",
        "amd64/Win2008R2/VIOSTOR.SYS");
    finds((struct driver_wish){6, 1, 7601, false, true}, "none", NULL);
    finds((struct driver_wish){5, 1, 2600, false, false}, "xp",
        "viostor/XP/i386/viostor.sys");
    finds((struct driver_wish){7, 7, 1, false, true}, "none", NULL);
    CHECK(remove_tree(AT_FDCWD, folder) == 0);
}

TEST(only_what_is_of_a_driver)
{
    cleanup_error struct error err = {0};
    cleanup_driver_files struct driver_files files = {0};
    struct driver_wish wish = {10, 0, 19045, false, true};

    CHECK(mkdtemp(folder));
    put("viostor/w10/amd64/viostor.inf");
    put("viostor/w10/amd64/viostor.pdb");
    put("by-os/w10/amd64/viostor.inf");
    CHECK(driver_files_read(&files, folder, &wish, &err) == 0);
    CHECK(files.n == 1);
    CHECK(driver_files_find(&files, "viostor.inf"));
    CHECK(!driver_files_find(&files, "viostor.sys"));
    CHECK(remove_tree(AT_FDCWD, folder) == 0);
}
