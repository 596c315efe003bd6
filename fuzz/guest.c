/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's readers of a guest's files.  The first byte of an input chooses
 * the file that the rest becomes; then everything is read. */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/fstab.h"
#include "appliance/agent/inspect/system.h"
#include "appliance/agent/inspect/volume.h"
#include "appliance/agent/packages/packages.h"
#include "base/file.h"
#include "fuzz/fuzz.h"
#include "tests/unit/call.h"

static const char *const paths[] = {
    "var/lib/dpkg/status",
    "lib/apk/db/installed",
    "var/lib/pacman/local/x/desc",
    "etc/os-release",
    "etc/fstab",
    "etc/crypttab",
    "etc/mdadm.conf",
    "bin/ls",
    "etc/redhat-release",
    "etc/SuSE-release",
    "etc/lsb-release",
    "etc/debian_version",
    "etc/hostname",
    "etc/sysconfig/network",
    "etc/favicon.png",
    "bin/freebsd-version",
    "etc/release",
    "etc/motd",
    "etc/rc.conf",
    "etc/version",
    "usr/lib/opkg/status",
    "var/db/xbps/pkgdb-0.38.plist",
    "var/db/pkg/a/b-1/LICENSE",
};

/* rpm is read by librpm, in a process of its own. */
static const char *
no_rpm(struct call *c, int root, struct list *packages, const char **ret_reason)
{
    (void)c, (void)root, (void)packages;
    *ret_reason = "not here";
    return NULL;
}

const struct package_reader rpm_reader = {.format = "rpm", .read = no_rpm};

/* Hives are read by libhivex. */
const struct package_reader windows_reader = {
    .format = "windows", .read = no_rpm};

static char folder[] = "/tmp/mayfly-fuzz.XXXXXX";

static void
remove_folder(void)
{
    remove_tree(AT_FDCWD, folder);
}

static int
make_root(void)
{
    if (!mkdtemp(folder))
        abort();
    atexit(remove_folder);
    int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
        char path[64];

        snprintf(path, sizeof path, "%s", paths[i]);
        for (char *p = path; (p = strchr(p, '/')); *p++ = '/') {
            *p = '\0';
            mkdirat(root, path, 0700);
        }
    }
    return root;
}

static void
check_packages(struct call *c, int root)
{
    static const char *const formats[] = {"opkg", "xbps", "ebuild", "pkgsrc",
        "slackware", "deb", "apk", "pacman"};

    for (size_t i = 0; i < N_ELEMENTS(formats); i++) {
        struct list packages = {0};
        const char *reason;

        packages_read(c, root, formats[i], &packages, &reason);
        const struct mayfly_application2 *p = packages.items;
        for (uint32_t k = 0; k < packages.n; k++)
            HOLDS(p[k].app2_name[0] &&
                  strlen(p[k].app2_name) <= PACKAGE_NAME_MAX &&
                  strlen(p[k].app2_description) <= PACKAGE_TEXT_MAX &&
                  p[k].app2_epoch >= 0);
    }
}

static void
check_mounts(struct call *c, int root, struct mayfly_inspection_root *s)
{
    struct volume volumes[] = {
        {.kind = VOLUME_DISK, .device = call_strdup(c, "/dev/sda")},
        {.kind = VOLUME_PARTITION, .device = call_strdup(c, "/dev/sda1")},
        {.kind = VOLUME_ARRAY, .device = call_strdup(c, "/dev/md127")},
    };
    struct volumes v = {.items = volumes, .n = N_ELEMENTS(volumes)};
    struct list notes = {0};

    for (size_t i = 0; i < v.n; i++) {
        struct volume *x = &volumes[i];
        x->kernel_name = x->device;
        x->type = x->label = x->uuid = x->mapped_name = x->mapped_uuid =
            x->partition_uuid = x->partition_name = "";
        x->array_uuid = x->array_name = "a:0";
    }
    s->root = call_strdup(c, "/dev/sda1");
    fstab_read(c, root, &v, s, &notes);
    volume_resolve(c, &v, root, "/dev/mapper/a");
    volume_resolve(c, &v, root, "/dev/md0");
    HOLDS(s->n_mountpoints > 0);
}

static void
check_detectors(struct call *c, int root)
{
    static const struct detector *const detectors[] = {&freebsd_detector,
        &netbsd_detector, &openbsd_detector, &hurd_detector, &minix_detector};

    for (size_t i = 0; i < N_ELEMENTS(detectors); i++) {
        struct mayfly_inspection_root s;

        system_init(&s);
        detectors[i]->role(c, root);
        detectors[i]->read(c, root, &s);
        HOLDS(strlen(s.version_id) <= 255 && strlen(s.osinfo) <= 255);
        HOLDS(s.major_version >= 0 && s.minor_version >= 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int root = -1;
    struct mayfly_inspection_root s;
    const char *reason;
    uint32_t n;

    if (root < 0)
        root = make_root();
    if (size == 0)
        return 0;
    const char *path = paths[data[0] % N_ELEMENTS(paths)];
    int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write_all(fd, data + 1, size - 1) < 0)
        abort();
    close(fd);

    struct call *c = test_call_new();
    system_init(&s);
    release_read(c, root, &s);
    s.hostname = hostname_read(c, root);
    s.arch = arch_read(c, root);
    distro_derive(c, root, &s);
    HOLDS(strlen(s.id) <= 255 && strlen(s.product_name) <= 65535);
    HOLDS(s.major_version >= 0 && s.minor_version >= 0);
    check_detectors(c, root);
    icon_read(c, root, &s, true, false, &n);
    arch_of_file(c, root, "/etc/hostname", &reason);
    check_packages(c, root);
    check_mounts(c, root, &s);
    test_call_free(c);
    unlinkat(root, path, 0);
    return 0;
}
