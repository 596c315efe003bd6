/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subvolumes of a btrfs, from its root tree by the kernel's search.
 *
 * Theory of operation.  A subvolume has one back reference in the tree of
 * roots: item (id, ROOT_BACKREF, id of the one above) with the inode of the
 * folder it is in and its name there.  The folder's own path comes from
 * INO_LOOKUP; both put together up to the top give the path.  The kernel has
 * checked the items, but we check their lengths ourselves. */
#include <config.h>

#include "appliance/agent/storage/subvolumes.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <string.h>
#include <sys/ioctl.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "base/cleanup.h"

enum { SUBVOLUMES_MAX = 65536, DEPTH_MAX = 64 };

struct reference {
    uint64_t id, parent;
    char *name; /* from the top of the parent */
};

/* The path of a folder within its subvolume: "" or "a/b/". */
static char *
folder_path(struct call *c, int fd, uint64_t subvolume, uint64_t inode)
{
    struct btrfs_ioctl_ino_lookup_args args = {
        .treeid = subvolume, .objectid = inode};

    if (inode == BTRFS_FIRST_FREE_OBJECTID ||
        ioctl(fd, BTRFS_IOC_INO_LOOKUP, &args) < 0)
        return call_strdup(c, "");
    args.name[sizeof args.name - 1] = '\0';
    return call_strdup(c, args.name);
}

static void
take_reference(struct call *c, int fd,
    const struct btrfs_ioctl_search_header *h, const uint8_t *data,
    struct list *ret)
{
    struct btrfs_root_ref ref;

    if (h->len < sizeof ref)
        return;
    memcpy(&ref, data, sizeof ref);
    size_t n = le16toh(ref.name_len);
    if (n > h->len - sizeof ref)
        return;
    char *name = call_strndup(c, (const char *)data + sizeof ref, n);
    char *folder = folder_path(c, fd, h->offset, le64toh(ref.dirid));
    *list_add(c, ret, struct reference) = (struct reference){
        .id = h->objectid,
        .parent = h->offset,
        .name = call_printf(c, "%s%s", folder, name),
    };
}

/* One page of items; the key moves past the last of them. */
static int
search_page(struct call *c, int fd, struct btrfs_ioctl_search_args *args,
    struct list *ret)
{
    size_t at = 0;

    args->key.nr_items = 4096;
    if (ioctl(fd, BTRFS_IOC_TREE_SEARCH, args) < 0)
        return call_fail(c, errno, "subvolumes of btrfs");
    for (uint32_t i = 0; i < args->key.nr_items; i++) {
        struct btrfs_ioctl_search_header h;

        if (sizeof args->buf - at < sizeof h)
            return call_error(c, EIO, "subvolumes of btrfs: bad answer");
        memcpy(&h, args->buf + at, sizeof h);
        at += sizeof h;
        if (sizeof args->buf - at < h.len)
            return call_error(c, EIO, "subvolumes of btrfs: bad answer");
        if (h.type == BTRFS_ROOT_BACKREF_KEY)
            take_reference(c, fd, &h, (uint8_t *)args->buf + at, ret);
        at += h.len;
        args->key.min_objectid = h.objectid;
        args->key.min_type = h.type;
        args->key.min_offset = h.offset + 1;
    }
    return ret->n > SUBVOLUMES_MAX
               ? call_error(c, E2BIG, "more than %d subvolumes", SUBVOLUMES_MAX)
               : 0;
}

static int
read_references(struct call *c, int fd, struct list *ret)
{
    struct btrfs_ioctl_search_args args = {
        .key = {
            .tree_id = BTRFS_ROOT_TREE_OBJECTID,
            .min_objectid = BTRFS_FIRST_FREE_OBJECTID,
            .max_objectid = BTRFS_LAST_FREE_OBJECTID,
            .min_type = BTRFS_ROOT_BACKREF_KEY,
            .max_type = BTRFS_ROOT_BACKREF_KEY,
            .max_offset = UINT64_MAX,
            .max_transid = UINT64_MAX,
        }};

    do
        if (search_page(c, fd, &args, ret) < 0)
            return -1;
    while (args.key.nr_items > 0);
    return 0;
}

static const struct reference *
find_reference(const struct list *references, uint64_t id)
{
    const struct reference *r = references->items;
    uint32_t low = 0, high = references->n;

    /* In order of ids: so the tree was read. */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (r[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < references->n && r[low].id == id ? &r[low] : NULL;
}

int
btrfs_subvolumes(struct call *c, const char *target, struct list *ret)
{
    struct list references = {0};
    cleanup_close int fd = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return call_fail(c, errno, "%s", target);
    if (read_references(c, fd, &references) < 0)
        return -1;
    const struct reference *r = references.items;
    for (uint32_t i = 0; i < references.n; i++) {
        const struct reference *above = &r[i];
        char *path = call_strdup(c, r[i].name);

        for (int depth = 0;
             depth < DEPTH_MAX &&
             (above = find_reference(&references, above->parent));
             depth++)
            path = call_printf(c, "%s/%s", above->name, path);
        *list_add(c, ret, struct subvolume) =
            (struct subvolume){r[i].id, r[i].parent, path};
    }
    return 0;
}

int
btrfs_default_subvolume(struct call *c, const char *target, uint64_t *ret)
{
    /* The item (6, DIR_ITEM, hash of "default") of the root tree. */
    struct btrfs_ioctl_search_args args = {
        .key = {
            .tree_id = BTRFS_ROOT_TREE_OBJECTID,
            .min_objectid = BTRFS_ROOT_TREE_DIR_OBJECTID,
            .max_objectid = BTRFS_ROOT_TREE_DIR_OBJECTID,
            .min_type = BTRFS_DIR_ITEM_KEY,
            .max_type = BTRFS_DIR_ITEM_KEY,
            .max_offset = UINT64_MAX,
            .max_transid = UINT64_MAX,
            .nr_items = 1,
        }};
    struct btrfs_ioctl_search_header h;
    struct btrfs_dir_item item;
    cleanup_close int fd = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return call_fail(c, errno, "%s", target);
    if (ioctl(fd, BTRFS_IOC_TREE_SEARCH, &args) < 0)
        return call_fail(c, errno, "default subvolume of btrfs");
    memcpy(&h, args.buf, sizeof h);
    if (args.key.nr_items < 1 || h.len < sizeof item) {
        *ret = BTRFS_FS_TREE_OBJECTID;
        return 0;
    }
    memcpy(&item, args.buf + sizeof h, sizeof item);
    *ret = le64toh(item.location.objectid);
    return 0;
}
