/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/disks/disks.h"
#include "v2v/machine/device_name.h"
#include "v2v/source/manifest.h"

#include "tests/unit/test.h"

#include "base/cleanup.h"

TEST(device_names)
{
    char letters[DEVICE_LETTERS];
    unsigned partition;

    CHECK(device_split("/dev/xvda2", letters, &partition));
    CHECK_STR(letters, "a");
    CHECK(partition == 2);
    CHECK(device_split("sdzz", letters, &partition));
    CHECK_STR(letters, "zz");
    CHECK(partition == 0);
    CHECK(!device_split("/dev/xvd1", letters, &partition));
    CHECK(!device_split("/dev/xvda01", letters, &partition));
    CHECK(!device_split("/dev/xvda1x", letters, &partition));
    CHECK(!device_split("/dev/mapper/xvda1", letters, &partition));
    device_letters(0, letters);
    CHECK_STR(letters, "a");
    device_letters(26, letters);
    CHECK_STR(letters, "aa");
    device_letters(701, letters);
    CHECK_STR(letters, "zz");
}

TEST(manifests)
{
    static const char sha1[] = "0123456789012345678901234567890123456789";
    cleanup_free char *text = NULL;
    cleanup_error struct error err = {0};

    CHECK(
        asprintf(&text, "SHA1(a)= %s\r\n\nSha1 (b.vmdk) = %s", sha1, sha1) > 0);
    cleanup_free char *a = manifest_sum(text, "a", &err);
    cleanup_free char *b = manifest_sum(text, "b.vmdk", &err);
    CHECK(a && strncmp(a, "sha1:", 5) == 0);
    CHECK_STR(a, b);
    CHECK(!manifest_sum(text, "c", &err) && err.code == 0);
    CHECK(!manifest_sum("SHA1(a)= 0123\n", "a", &err) && err.code != 0);
    error_clear(&err);
    CHECK(!manifest_sum("SHA1(a)= 0123\n", "b", &err) && err.code != 0);
    error_clear(&err);
    /* A byte order mark; the names that Oracle and Home Assistant write. */
    free(steal_pointer(&text));
    CHECK(
        asprintf(&text, "\xef\xbb\xbfSHA-1(./a)= %s\r\nSHA2-256(b)= %s%.24s\n",
            sha1, sha1, sha1) > 0);
    cleanup_free char *hyphen = manifest_sum(text, "a", &err);
    cleanup_free char *two = manifest_sum(text, "b", &err);
    CHECK_STR(hyphen, a);
    CHECK(two && strncmp(two, "sha256:", 7) == 0);
    CHECK(!manifest_sum("MD5(a)= 0123\n", "a", &err) && err.code != 0);
}

static void
add(struct guest *guest, const char *name)
{
    cleanup_error struct error err = {0};
    struct guest_disk *d = guest_add_disk(guest, &err);

    CHECK(d && (d->path = strdup("/x")));
    CHECK(!name || (d->name = strdup(name)));
}

/* Partitions and whole disks, in any order, become disks in order. */
TEST(disks)
{
    cleanup_error struct error err = {0};
    cleanup_guest struct guest guest = {0};
    cleanup_disks struct disks disks = {0};

    add(&guest, "xvdb");
    add(&guest, "xvda2");
    add(&guest, "xvda1");
    CHECK(disks_sort(&guest, &disks, &err) == 0);
    CHECK(disks.n == 2);
    CHECK_STR(disks.items[0].letters, "a");
    CHECK(disks.items[0].assembled && disks.items[0].n_parts == 2);
    CHECK(disks.items[0].parts[0].number == 1);
    CHECK(disks.items[0].parts[1].disk == &guest.disks[1]);
    CHECK(!disks.items[1].assembled);

    cleanup_free char *device = disks_device(&disks, "/dev/hdb3");
    CHECK_STR(device, "/dev/sdb3");
    CHECK(!disks_device(&disks, "/dev/xvda3"));
    CHECK(!disks_device(&disks, "/dev/xvdc1"));
}

static void
check_device(const struct disks *disks, const char *name, const char *expected)
{
    cleanup_free char *device = disks_device(disks, name);

    CHECK_STR(device ? device : "", expected);
}

/* Names of several kinds: each keeps its own disk. */
TEST(disks_of_several_buses)
{
    cleanup_error struct error err = {0};
    cleanup_guest struct guest guest = {0};
    cleanup_disks struct disks disks = {0};

    add(&guest, "vda");
    add(&guest, "sda");
    add(&guest, "nvme0n1");
    add(&guest, "vdb");
    CHECK(disks_sort(&guest, &disks, &err) == 0);
    CHECK(disks.n == 4);
    check_device(&disks, "/dev/vda1", "/dev/sda1");
    check_device(&disks, "/dev/sda1", "/dev/sdb1");
    check_device(&disks, "/dev/nvme0n1p3", "/dev/sdc3");
    check_device(&disks, "/dev/nvme0n1", "/dev/sdc");
    check_device(&disks, "/dev/vdb", "/dev/sdd");
    check_device(&disks, "/dev/nvme1n1", "");
    check_device(&disks, "/dev/sdb1", "");
    CHECK_STR(disks.items[3].letters, "d");
}

/* IDE disks are sd to a kernel of today, but not if another is. */
TEST(disks_of_ide)
{
    cleanup_error struct error err = {0};
    cleanup_guest struct guest one = {0}, two = {0};
    cleanup_disks struct disks disks = {0}, both = {0};

    add(&one, "vda");
    add(&one, "hda");
    CHECK(disks_sort(&one, &disks, &err) == 0);
    check_device(&disks, "/dev/sda1", "/dev/sdb1");
    check_device(&disks, "/dev/hda1", "/dev/sdb1");
    check_device(&disks, "/dev/xvda1", "");
    add(&two, "sda");
    add(&two, "hda");
    CHECK(disks_sort(&two, &both, &err) == 0);
    check_device(&both, "/dev/hda1", "/dev/sdb1");
}

TEST(boot_order)
{
    struct disks disks = {.n = 4, .boot = 2};

    CHECK(disks_boot_order(&disks, 2) == 1);
    CHECK(disks_boot_order(&disks, 0) == 2);
    CHECK(disks_boot_order(&disks, 1) == 3);
    CHECK(disks_boot_order(&disks, 3) == 4);
}

TEST(disks_refused)
{
    cleanup_error struct error err = {0};
    cleanup_guest struct guest guest = {0};
    cleanup_disks struct disks disks = {0};

    CHECK(disks_sort(&guest, &disks, &err) < 0);
    add(&guest, "xvda");
    add(&guest, "xvda1");
    CHECK(disks_sort(&guest, &disks, &err) < 0);
    CHECK(strstr(error_text(&err), "both as a whole disk and as partitions"));
}
