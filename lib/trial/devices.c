/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The disks of an ordinary machine have to be there when it starts: its bus has
 * no place to plug them in later.  So their nodes (lib/disk/node.h) are written
 * on the command line, and the files that these name are passed as
 * descriptors. */
#include <config.h>

#include "lib/trial/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/disk/disk.h"
#include "lib/disk/node.h"
#include "lib/disk/overlay.h"
#include "lib/handle/handle.h"

enum { FIRST_FILE = 3 };

int
devices_add_file(struct devices *d, int fd, struct error *err)
{
    if (d->n_files == PROCESS_FILES_MAX)
        return error_set(err, E2BIG, "its disks are made of more than %d files",
            PROCESS_FILES_MAX);
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FILE);
    if (copy < 0)
        return error_errno(err, errno, "cannot hand over a file");
    d->files[d->n_files] = copy;
    return FIRST_FILE + d->n_files++;
}

/* As a set of one file, /dev/fdset/NUMBER; a node_add_fd. */
static int
add_set(void *opaque, int fd, struct error *err)
{
    struct devices *d = opaque;
    int number = devices_add_file(d, fd, err);

    if (number < 0)
        return -1;
    if (strv_append(&d->argv, "-add-fd") < 0 ||
        strv_printf(&d->argv, "fd=%d,set=%d", number, number) < 0)
        return error_no_memory(err);
    return number;
}

static int
refuse_server(void *opaque, const struct disk *d, bool writable,
    const char *name, struct error *err)
{
    (void)opaque, (void)d, (void)writable, (void)name;
    return error_set(err, ENOTSUP, "a remote disk cannot be booted here");
}

/* Takes over NODE. */
static int
add_node(struct devices *d, struct json_object *node, const char *name,
    struct error *err)
{
    struct json_object *text = node ? json_object_new_string(name) : NULL;
    const char *json = NULL;

    if (!node)
        return -1;
    if (text && json_object_object_add(node, "node-name", text) == 0)
        json = json_object_to_json_string_ext(node, JSON_C_TO_STRING_PLAIN);
    int result = json && strv_append(&d->argv, "-blockdev") == 0 &&
                         strv_append(&d->argv, json) == 0
                     ? 0
                     : error_no_memory(err);
    json_object_put(node);
    return result;
}

static int
add_disk(struct devices *d, struct mayfly *g, const struct disk *disk, size_t i,
    size_t order, struct error *err)
{
    const struct node_builder builder = {add_set, refuse_server, NULL, d};
    cleanup_free char *name = text_printf("disk%zu", i);

    if (disk_is_remote(disk))
        return error_set(err, ENOTSUP, "a remote disk cannot be booted here");
    cleanup_close int overlay =
        overlay_open(handle_tmpdir(g), disk_size(disk), err);
    if (overlay < 0)
        return -1;
    struct json_object *node = node_to_read(&builder, disk, err);
    if (node)
        node = node_of_overlay(&builder, overlay, node, err);
    if (!name)
        error_no_memory(err);
    if (!node || !name || add_node(d, node, name, err) < 0)
        return -1;
    if (strv_append(&d->argv, "-device") < 0 ||
        strv_printf(&d->argv,
            "virtio-blk-pci,drive=%s,bootindex=%zu,logical_block_size=%d,"
            "physical_block_size=%d",
            name, order, disk->block_size, disk->block_size) < 0)
        return error_no_memory(err);
    return 0;
}

int
devices_add_disks(
    struct devices *d, struct mayfly *g, size_t first, struct error *err)
{
    for (size_t i = 0; i < g->n_disks; i++) {
        /* QEMU's orders begin at 1 and differ. */
        size_t order = i == first ? 1 : i + 2;

        if (g->disks[i] && add_disk(d, g, g->disks[i], i, order, err) < 0) {
            cleanup_free char *shown = text_escape(g->disks[i]->path);

            return error_context(err, "%s", shown ? shown : "?");
        }
    }
    return 0;
}

/* Wherever the distribution installs it. */
static int
open_firmware(void)
{
    static const char *const paths[] = {"/usr/share/OVMF/OVMF_CODE_4M.fd",
        "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_CODE.fd",
        "/usr/share/edk2/x64/OVMF_CODE.4m.fd"};
    int fd = -1;

    for (size_t i = 0; fd < 0 && i < N_ELEMENTS(paths); i++)
        fd = open(paths[i], O_RDONLY | O_CLOEXEC);
    return fd;
}

int
devices_add_firmware(struct devices *d, struct error *err)
{
    cleanup_close int fd = open_firmware();

    if (fd < 0)
        return error_set(err, ENOENT,
            "it needs UEFI firmware, which is not installed (OVMF)");
    int set = add_set(d, fd, err);
    if (set < 0)
        return -1;
    if (strv_append(&d->argv, "-blockdev") < 0 ||
        strv_printf(&d->argv,
            "driver=file,node-name=firmware,read-only=on,locking=off,"
            "filename=/dev/fdset/%d",
            set) < 0 ||
        strv_append(&d->argv, "-machine") < 0 ||
        strv_append(&d->argv, "pflash0=firmware") < 0)
        return error_no_memory(err);
    return 0;
}

void
devices_clear(struct devices *d)
{
    for (int i = 0; i < d->n_files; i++)
        close(d->files[i]);
    strv_free(d->argv);
    *d = (struct devices){0};
}
