/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From file systems to operating systems. */
#include <config.h>

#include "appliance/agent/inspect/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/fstab.h"
#include "appliance/agent/inspect/mounted.h"
#include "appliance/agent/inspect/nested.h"
#include "appliance/agent/inspect/notes.h"
#include "appliance/agent/inspect/system.h"
#include "appliance/agent/inspect/volume.h"
#include "appliance/agent/packages/packages.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { ROOTS_MAX = 256 };

/* Windows has no packages, but a list of programs. */
static const char *
packages_format(const struct mayfly_inspection_root *s)
{
    return str_equal(s->type, "windows") ? s->type : s->package_format;
}

static void
read_packages(struct call *c, int root, struct mayfly_inspection_root *s,
    struct list *notes)
{
    struct list packages = {0}, unread = {0};
    const char *reason;
    const char *source =
        packages_read(c, root, packages_format(s), &packages, &reason);

    if (reason)
        inspection_reason(
            c, notes, s->root, "packages", "packages: %s", reason);
    packages_unread(c, root, packages_format(s), &unread);
    char **name = unread.items;
    for (uint32_t i = 0; i < unread.n; i++)
        inspection_reason(c, notes, s->root, "packages",
            "packages: the database of %s is not read", name[i]);
    if (source)
        s->package_source = call_strdup(c, source);
    s->applications = packages.items;
    s->n_applications = packages.n;
}

static int
read_root(struct call *c, struct mounted_guest *guest,
    const struct mounted_volume *item, const struct inspect_wishes *wishes,
    struct mayfly_inspection_root *s)
{
    system_init(s);
    s->root = item->mountable;
    s->type = call_strdup(c, item->detector->type);
    fstab_read(c, item->root, &guest->volumes, s, guest->notes);
    int root = mounted_enter(c, guest, item, s);
    if (root < 0)
        return -1;
    item->detector->read(c, root, s);
    if (item->detector->map_drives)
        item->detector->map_drives(c, root, &guest->volumes, s);
    if (wishes->applications)
        read_packages(c, root, s, guest->notes);
    if (wishes->icon)
        s->icon = icon_read(c, root, s, false, false, &s->n_icon);
    if (wishes->facts)
        wishes->facts(c, root, guest, s, wishes->opaque);
    mounted_leave();
    return 0;
}

/* --- snapshots --- */

static struct mayfly_inspection_mountpoint *
root_mountpoint(const struct mayfly_inspection_root *s)
{
    for (uint32_t i = 0; i < s->n_mountpoints; i++) {
        if (str_equal(s->mountpoints[i].mountpoint, "/"))
            return &s->mountpoints[i];
    }
    return NULL;
}

static bool
is_same_release(const struct mayfly_inspection_root *a,
    const struct mayfly_inspection_root *b)
{
    return str_equal(a->type, b->type) && str_equal(a->distro, b->distro) &&
           str_equal(a->product_name, b->product_name) &&
           a->major_version == b->major_version &&
           a->minor_version == b->minor_version;
}

/* Are both on one device? */
static bool
share_device(const struct volumes *all, const char *a, const char *b)
{
    const char *p = str_after(a, "btrfsvol:"), *q = str_after(b, "btrfsvol:");

    p = p ? p : a;
    q = q ? q : b;
    for (uint32_t i = 0; i < all->n; i++) {
        const char *x = str_after(p, all->items[i].device);
        const char *y = str_after(q, all->items[i].device);

        if (x && y && (!*x || *x == '/') && (!*y || *y == '/'))
            return true;
    }
    return false;
}

/* The system that root I, by its path a snapshot, is one of. */
static const struct mayfly_inspection_root *
snapshot_of(const struct volumes *all, const struct list *roots, uint32_t i)
{
    const struct mayfly_inspection_root *s = roots->items;

    for (uint32_t k = 0; nested_snapshot(s[i].root) && k < roots->n; k++)
        if (!nested_snapshot(s[k].root) &&
            share_device(all, s[i].root, s[k].root))
            return &s[k];
    return NULL;
}

/* A subvolume whose own fstab calls another one "/", which holds the same
 * release, is a snapshot of that; so is one with the path of a snapshot. */
static void
drop_snapshots(struct call *c, const struct volumes *all, struct list *roots,
    struct list *notes)
{
    struct mayfly_inspection_root *s = roots->items;
    struct list kept = {0};

    for (uint32_t i = 0; i < roots->n; i++) {
        const struct mayfly_inspection_mountpoint *m = root_mountpoint(&s[i]);
        const struct mayfly_inspection_root *of = NULL;
        for (uint32_t k = 0; m && k < roots->n; k++) {
            if (k != i && str_equal(m->mountable, s[k].root) &&
                is_same_release(&s[i], &s[k]))
                of = &s[k];
        }
        if (!of)
            of = snapshot_of(all, roots, i);
        if (of)
            inspection_reason(
                c, notes, s[i].root, "snapshot", "a snapshot of %s", of->root);
        else
            *list_add(c, &kept, struct mayfly_inspection_root) = s[i];
    }
    *roots = kept;
}

/* --- the tree --- */

/* xfs: version 5 has checksums (sb_versionnum, its low four bits). */
static const char *
format_version(const struct volume *v)
{
    enum { VERSION_AT = 100 };
    unsigned char bytes[2];

    if (!str_equal(v->type, "xfs"))
        return "";
    cleanup_close int fd = open(v->device, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || pread(fd, bytes, 2, VERSION_AT) != 2)
        return "";
    return (bytes[1] & 15) == 5 ? "5" : (bytes[1] & 15) == 4 ? "4" : "";
}

static void
add_filesystem(
    struct call *c, const struct mounted_volume *item, struct list *filesystems)
{
    struct mayfly_inspection_filesystem *f =
        list_add(c, filesystems, struct mayfly_inspection_filesystem);
    const struct volume *v = item->volume;

    f->mountable = item->mountable;
    f->type = call_strndup(c, v->type, 255);
    f->version = call_strdup(c, format_version(v));
    f->label = call_strdup(c, v->label);
    f->uuid = call_strndup(c, v->uuid, 255);
    f->size = v->size;
    f->role = call_strdup(c, item->role);
}

static void
add_locked(struct call *c, const struct volume *v, struct list *locked)
{
    struct mayfly_inspection_locked *l =
        list_add(c, locked, struct mayfly_inspection_locked);

    l->device = v->device;
    l->type = call_strndup(c, v->type, 255);
    l->uuid = call_strndup(c, v->uuid, 255);
}

int
inspect_all(struct call *c, const struct inspect_wishes *wishes,
    struct mayfly_inspection *ret)
{
    struct list roots = {0}, filesystems = {0}, locked = {0}, notes = {0};
    struct mounted_guest guest;

    if (mounted_open(c, &guest, &notes) < 0)
        return -1;
    const struct mounted_volume *item = guest.items.items;
    for (uint32_t i = 0; i < guest.items.n; i++) {
        add_filesystem(c, &item[i], &filesystems);
        if (!str_equal(item[i].role, "root") || roots.n >= ROOTS_MAX ||
            nested_container(c, &notes, item[i].mountable))
            continue;
        struct mayfly_inspection_root *s =
            list_add(c, &roots, struct mayfly_inspection_root);
        if (call_cancelled(c) || read_root(c, &guest, &item[i], wishes, s) < 0)
            return -1;
    }
    drop_snapshots(c, &guest.volumes, &roots, &notes);
    nested_notes(c, &guest, &roots);
    for (uint32_t i = 0; i < guest.volumes.n; i++) {
        if (guest.volumes.items[i].locked)
            add_locked(c, &guest.volumes.items[i], &locked);
    }
    *ret = (struct mayfly_inspection){
        .roots = roots.items,
        .n_roots = roots.n,
        .filesystems = filesystems.items,
        .n_filesystems = filesystems.n,
        .locked = locked.items,
        .n_locked = locked.n,
        .notes = notes.items,
        .n_notes = notes.n,
    };
    return 0;
}

/* --- once more --- */

/* The root directory for one more look, and GUEST mounted for it if nothing is
 * mounted. */
static int
look_again(struct call *c, const struct mayfly_inspection_root *s,
    struct mounted_guest *guest)
{
    struct list notes = {0};

    if (need_root(c) == 0) {
        int root = path_open(c, "/", O_RDONLY | O_DIRECTORY, 0);
        if (root >= 0)
            call_defer_close(c, root);
        return root;
    }
    call_forgive(c);
    if (mounted_open(c, guest, &notes) < 0)
        return -1;
    const struct mounted_volume *item = guest->items.items;
    for (uint32_t i = 0; i < guest->items.n; i++) {
        if (str_equal(item[i].mountable, s->root) && item[i].root >= 0)
            return mounted_enter(c, guest, &item[i], s);
    }
    return call_error(c, ENOENT, "%s: it is gone", s->root);
}

int
inspect_packages(struct call *c, const struct mayfly_inspection_root *s,
    struct list *packages)
{
    struct mounted_guest guest;
    const char *reason;
    int root = look_again(c, s, &guest);

    if (root < 0)
        return -1;
    packages_read(c, root, packages_format(s), packages, &reason);
    return reason ? call_error(c, EIO, "%s", reason) : 0;
}

int
inspect_icon(struct call *c, const struct mayfly_inspection_root *s,
    bool favicon, bool highquality, uint8_t **ret, uint32_t *ret_size)
{
    struct mounted_guest guest;
    int root = look_again(c, s, &guest);

    if (root < 0)
        return -1;
    *ret = icon_read(c, root, s, favicon, highquality, ret_size);
    return 0;
}
