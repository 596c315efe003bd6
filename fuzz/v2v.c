/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of other hypervisors that describe a guest to mayfly-v2v.  The
 * first byte chooses the reader. */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fuzz/fuzz.h"
#include "v2v/source/manifest.h"
#include "v2v/source/ovf.h"
#include "v2v/source/reader.h"
#include "v2v/source/vhd_image.h"
#include "v2v/source/xl_disk.h"
#include "v2v/source/xl_grammar.h"
#include "v2v/source/xva_metadata.h"

static void
try_xl(const char *data, size_t size, struct error *err)
{
    cleanup_xl struct xl_config config = {0};
    cleanup_guest struct guest guest = {0};

    if (xl_parse(data, size, &config, err) < 0) {
        HOLDS(config.n_settings == 0);
        return;
    }
    HOLDS(config.n_settings <= XL_SETTINGS_MAX);
    for (char *const *item = xl_list(&config, "disk"); item && *item; item++) {
        struct guest_disk *disk = guest_add_disk(&guest, err);

        if (!disk || xl_disk_parse(*item, disk, err) < 0)
            return;
        HOLDS(disk->name && disk->format && (disk->path || disk->removable));
    }
}

/* A run is never empty and never longer than requested. */
static void
walk_vhd(struct vhd_image *v, struct error *err)
{
    uint64_t end = v->size / VHD_SECTOR, n;

    for (uint64_t at = 0, steps = 0; at < end && steps < 1000; at += n) {
        enum vhd_place place;
        uint64_t offset;

        n = end - at < 4096 ? end - at : 4096;
        uint64_t asked = n;
        if (vhd_find(v, at, &n, &place, &offset, err) < 0)
            return;
        HOLDS(n > 0 && n <= asked);
        steps++;
    }
}

static void
try_vhd(const void *data, size_t size, struct error *err)
{
    cleanup_close int fd = memfd_create("image", MFD_CLOEXEC);
    cleanup_close int folder = open("/proc/self/fd", O_DIRECTORY | O_CLOEXEC);
    struct vhd_image v;
    char name[16];

    if (fd < 0 || folder < 0 || write(fd, data, size) != (ssize_t)size)
        return;
    snprintf(name, sizeof name, "%d", fd);
    if (vhd_open(folder, name, &v, err) < 0)
        return;
    walk_vhd(&v, err);
    vhd_close(&v);
}

static void
try_ovf(const char *data, size_t size, struct error *err)
{
    cleanup_guest struct guest guest = {0};

    if (ovf_read(data, size, &guest, err) < 0)
        return;
    for (size_t i = 0; i < guest.n_disks; i++) {
        const struct guest_disk *d = &guest.disks[i];

        /* A disk without a file is made, and is empty. */
        HOLDS(d->reader == &reader_blank ||
              (d->member && !strchr(d->member, '/')));
    }
}

static void
try_xva(const char *data, size_t size, struct error *err)
{
    cleanup_guest struct guest guest = {0};

    if (xva_metadata_read(data, size, &guest, err) < 0)
        return;
    for (size_t i = 0; i < guest.n_disks; i++)
        HOLDS(guest.disks[i].member && guest.disks[i].name);
}

static void
try_manifest(const char *data, size_t size, struct error *err)
{
    cleanup_free char *text = strndup(data, size);
    cleanup_free char *sum = text ? manifest_sum(text, "disk.vmdk", err) : NULL;
    cleanup_hash struct hash *hash = sum ? manifest_hash(sum) : NULL;

    HOLDS(!sum || hash);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup_error struct error err = {0};

    if (size == 0)
        return 0;

    const char *rest = (const char *)data + 1;
    switch (data[0]) {
    case 'x':
        try_xl(rest, size - 1, &err);
        break;
    case 'v':
        try_vhd(rest, size - 1, &err);
        break;
    case 'o':
        try_ovf(rest, size - 1, &err);
        break;
    case 'a':
        try_xva(rest, size - 1, &err);
        break;
    case 'm':
        try_manifest(rest, size - 1, &err);
        break;
    default:
        break;
    }
    return 0;
}
