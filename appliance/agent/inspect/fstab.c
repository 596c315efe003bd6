/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/inspect/fstab.h"

#include <ctype.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/gpt.h"
#include "appliance/agent/inspect/notes.h"
#include "appliance/agent/inspect/units.h"
#include "appliance/agent/inspect/volume.h"
#include "appliance/agent/storage/subvolumes.h"
#include "base/strv.h"

enum { ENTRIES_MAX = 1024, LINE_MAX_BYTES = 16384, MOUNTABLE_MAX = 4608 };

/* Floppies and CDs are never among the disks. */
static bool
is_removable(const char *spec)
{
    const char *number = str_after(spec, "/dev/fd");

    if (!number)
        number = str_after(spec, "/dev/cd");
    return (number && isdigit((unsigned char)number[0])) ||
           str_equal(spec, "/dev/floppy") || str_equal(spec, "/dev/cdrom") ||
           str_after(spec, "/dev/iso9660/") || str_after(spec, "/dev/sr");
}

static bool
is_below(const char *path, const char *folder)
{
    const char *rest = str_after(path, folder);

    return rest && (*rest == '\0' || *rest == '/');
}

/* Of the running system, not of the disks. */
static bool
is_virtual(const char *mountpoint)
{
    return is_below(mountpoint, "/dev") || is_below(mountpoint, "/proc") ||
           is_below(mountpoint, "/sys") || is_below(mountpoint, "/selinux") ||
           str_after(mountpoint, "/media/");
}

/* "//usr//local/" -> "/usr/local" */
static char *
clean_path(struct call *c, const char *path)
{
    char *out = call_alloc(c, strlen(path) + 2), *to = out;

    for (const char *p = path; *p; p++) {
        if (*p != '/' || (p[1] != '/' && p[1] != '\0'))
            *to++ = *p;
    }
    if (to == out)
        *to++ = '/';
    *to = '\0';
    return out;
}

/* The value of NAME=VALUE among mount options. */
static char *
option_value(struct call *c, const char *options, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = options; *p;) {
        size_t length = strcspn(p, ",");
        if (length > n && strncmp(p, name, n) == 0 && p[n] == '=')
            return call_strndup(c, p + n + 1, length - n - 1);
        p += length + (p[length] == ',');
    }
    return NULL;
}

/* The path of a subvolume by its number, "" for the default one; NULL: there is
 * none. */
static const char *
subvolume_by_id(const struct volume *v, const char *number)
{
    enum { TOP = 5 };
    const struct subvolume *sub = v ? v->subvolumes.items : NULL;
    char *end;
    uint64_t id = strtoull(number, &end, 0);

    if (*number && !*end && (id == 0 || id == TOP))
        return "";
    for (uint32_t i = 0; sub && !*end && i < v->subvolumes.n; i++)
        if (sub[i].id == id)
            return sub[i].path;
    return NULL;
}

/* "auto" is the type that it has.  NULL: no such subvolume. */
static char *
mountable(struct call *c, const struct volumes *v, const char *device,
    const struct mntent *m)
{
    const struct volume *volume = volume_find(v, device);
    bool btrfs = str_equal(m->mnt_type, "btrfs") ||
                 (str_equal(m->mnt_type, "auto") && volume &&
                     str_equal(volume->type, "btrfs"));
    const char *subvolume =
        btrfs ? option_value(c, m->mnt_opts, "subvol") : NULL;
    const char *id = btrfs ? option_value(c, m->mnt_opts, "subvolid") : NULL;

    if (!subvolume && id && !(subvolume = subvolume_by_id(volume, id)))
        return NULL;
    if (!subvolume)
        return call_strdup(c, device);
    while (*subvolume == '/')
        subvolume++;
    return *subvolume ? call_printf(c, "btrfsvol:%s/%s", device, subvolume)
                      : call_strdup(c, device);
}

/* The device in a mountable, which can be part of a btrfs one. */
static bool
is_on(const char *mountable_name, const char *device)
{
    const char *rest = str_after(mountable_name, "btrfsvol:");

    return is_below(rest ? rest : mountable_name, device);
}

static bool
has_mountpoint(const struct list *mountpoints, const char *path)
{
    const struct mayfly_inspection_mountpoint *m = mountpoints->items;

    for (uint32_t i = 0; i < mountpoints->n; i++) {
        if (str_equal(m[i].mountpoint, path))
            return true;
    }
    return false;
}

static void
add_mountpoint(struct call *c, struct list *mountpoints, const char *path,
    const char *device, const struct mntent *m)
{
    struct mayfly_inspection_mountpoint *p =
        list_add(c, mountpoints, struct mayfly_inspection_mountpoint);

    p->mountpoint = call_strndup(c, path, 4096);
    p->mountable = call_strndup(c, device, MOUNTABLE_MAX);
    p->type = call_strndup(c, m ? m->mnt_type : "", 255);
    p->options = call_strndup(c, m ? m->mnt_opts : "", 65535);
}

struct reading {
    const struct volumes *volumes;
    struct mayfly_inspection_root *s;
    int root;
    const char *root_device;
    struct list mountpoints, filesystems, *notes;
    struct list named; /* the paths that have a line, found or not */
    const char *file;  /* "fstab", or a unit */
};

/* "/" is where we found it, whatever fstab says; but it may say which
 * subvolume. */
static const char *
root_entry(struct call *c, struct reading *r, const char *device,
    const struct mntent *m)
{
    const char *name = device ? mountable(c, r->volumes, device, m) : NULL;

    if (name && is_on(name, r->root_device))
        return name;
    inspection_note(c, r->notes, r->s->root,
        "its fstab has %s as /, which is not this file system", m->mnt_fsname);
    return r->s->root;
}

static bool
names_device(const struct mntent *m)
{
    return (strchr(m->mnt_fsname, '=') && !strchr(m->mnt_fsname, '/')) ||
           str_after(m->mnt_fsname, "/dev/");
}

static bool
has_option(const char *options, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = options; (p = strstr(p, name)); p++)
        if ((p == options || p[-1] == ',') && (!p[n] || p[n] == ','))
            return true;
    return false;
}

/* What the guest sees in the folder, and we do not, though no disk lacks:
 * another folder of it, a file, a server.  NULL: nothing, as with tmpfs. */
static const char *
shown_elsewhere(const struct mntent *m)
{
    const char *type = m->mnt_type, *from = m->mnt_fsname;

    if (str_equal(type, "swap") || has_option(m->mnt_opts, "noauto"))
        return NULL;
    if (has_option(m->mnt_opts, "bind") || has_option(m->mnt_opts, "rbind"))
        return "a folder of the guest";
    if (str_equal(type, "overlay") || strstr(type, "overlayfs") ||
        strstr(type, "mergerfs") || strstr(type, "unionfs"))
        return "folders of the guest, laid over one another";
    if (str_after(type, "nfs") || str_equal(type, "cifs") ||
        str_after(type, "smb") || strstr(type, "sshfs") ||
        strstr(type, "glusterfs") || str_equal(type, "ceph") ||
        str_after(type, "fuse.ceph"))
        return "a folder of a server";
    return from[0] == '/' && !str_after(from, "/dev/") &&
                   (has_option(m->mnt_opts, "loop") ||
                       str_equal(type, "squashfs") || str_after(type, "ext") ||
                       str_equal(type, "xfs") || str_equal(type, "iso9660"))
               ? "a file of the guest"
               : NULL;
}

static void
note_elsewhere(struct call *c, const struct reading *r, const struct mntent *m)
{
    const char *what = shown_elsewhere(m);

    if (what)
        inspection_note(c, r->notes, m->mnt_fsname,
            "in the %s of %s for %s: %s, which is not mounted here", r->file,
            r->s->root, m->mnt_dir, what);
}

static void
read_entry(struct call *c, struct reading *r, const struct mntent *m)
{
    const char *path =
        m->mnt_dir[0] == '/' ? clean_path(c, m->mnt_dir) : m->mnt_dir;

    if (is_removable(m->mnt_fsname) || is_virtual(path) || !m->mnt_type[0])
        return;
    list_add_string(c, &r->named, path);
    const char *device = volume_resolve(c, r->volumes, r->root, m->mnt_fsname);
    /* "ROOT.a" is NetBSD's name of it. */
    if (str_equal(m->mnt_fsname, "/dev/root") ||
        (str_equal(path, "/") && str_after(m->mnt_fsname, "ROOT.")))
        device = r->root_device;
    bool found = device && volume_find(r->volumes, device);
    if (str_equal(path, "/")) {
        if (has_mountpoint(&r->mountpoints, "/")) {
            inspection_note(c, r->notes, r->s->root,
                "its fstab has more than one /: the first is taken");
            return;
        }
        device = root_entry(c, r, device, m);
    } else {
        const char *name = device ? mountable(c, r->volumes, device, m) : NULL;
        if (names_device(m) && (!found || !name))
            inspection_note(c, r->notes, m->mnt_fsname,
                found ? "in the %s of %s, but without such a subvolume"
                      : "in the %s of %s, but on none of the disks",
                r->file, r->s->root);
        else if (!device)
            note_elsewhere(c, r, m);
        device = name;
    }
    if (!device)
        return;
    if (path[0] == '/')
        add_mountpoint(c, &r->mountpoints, path, device, m);
    *list_add(c, &r->filesystems, char *) =
        call_strndup(c, device, MOUNTABLE_MAX);
}

static bool
is_named(const struct reading *r, const char *path)
{
    char **named = r->named.items;

    for (uint32_t i = 0; i < r->named.n; i++)
        if (str_equal(named[i], path))
            return true;
    return false;
}

static void
read_units(struct call *c, struct reading *r)
{
    struct list mounts = {0};

    units_read(c, r->root, &mounts);
    const struct unit_mount *m = mounts.items;
    for (uint32_t i = 0; i < mounts.n; i++) {
        r->file = m[i].file;
        if (str_equal(m[i].entry.mnt_dir, "none") ||
            !is_named(r, clean_path(c, m[i].entry.mnt_dir)))
            read_entry(c, r, &m[i].entry);
    }
}

static void
add_by_types(struct call *c, struct reading *r)
{
    struct list found = {0};

    gpt_mounts(c, r->root, r->volumes, r->root_device, &found, r->notes);
    const struct gpt_mount *m = found.items;
    for (uint32_t i = 0; i < found.n; i++) {
        bool swap = str_equal(m[i].path, "none");
        char **known = r->filesystems.items;
        bool there = is_named(r, m[i].path) && !swap;
        for (uint32_t k = 0; k < r->filesystems.n; k++)
            there |= str_equal(known[k], m[i].device);
        if (there)
            continue;
        if (!swap)
            add_mountpoint(c, &r->mountpoints, m[i].path, m[i].device, NULL);
        list_add_string(c, &r->filesystems, m[i].device);
    }
}

/* The line of "/" says which disk is meant by its path or its number, since we
 * know where "/" is. */
static void
learn_from_root(struct call *c, struct reading *r, struct volumes *v,
    const struct list *entries)
{
    const struct mntent *m = entries->items;

    for (uint32_t i = 0; i < entries->n; i++)
        if (str_equal(m[i].mnt_dir, "/")) {
            volume_learn(c, v, r->root, m[i].mnt_fsname, r->root_device);
            return;
        }
}

/* The device of "/dev/sda2" or "btrfsvol:/dev/VG/LV/@". */
static const char *
device_of(struct call *c, const struct volumes *v, const char *name)
{
    const char *rest = str_after(name, "btrfsvol:");

    for (uint32_t i = 0; rest && i < v->n; i++) {
        if (is_below(rest, v->items[i].device))
            return v->items[i].device;
    }
    return call_strdup(c, name);
}

void
fstab_read(struct call *c, int root, const struct volumes *v,
    struct mayfly_inspection_root *s, struct list *notes)
{
    struct volumes mine = *v;
    struct reading r = {.volumes = &mine,
        .s = s,
        .root = root,
        .root_device = device_of(c, v, s->root),
        .file = "fstab",
        .notes = notes};
    char *text = tree_text(c, root, "/etc/fstab");
    char *line = call_alloc(c, LINE_MAX_BYTES);
    struct mntent m;
    FILE *f = text && text[0] ? fmemopen(text, strlen(text), "r") : NULL;

    /* The entries are copied out first: the call may end while F is open. */
    struct list entries = {0};
    while (f && entries.n < ENTRIES_MAX &&
           getmntent_r(f, &m, line, LINE_MAX_BYTES)) {
        struct mntent *copy = list_add(c, &entries, struct mntent);
        copy->mnt_fsname = call_strdup(c, m.mnt_fsname);
        copy->mnt_dir = call_strdup(c, m.mnt_dir);
        copy->mnt_type = call_strdup(c, m.mnt_type);
        copy->mnt_opts = call_strdup(c, m.mnt_opts);
    }
    if (f)
        fclose(f);

    learn_from_root(c, &r, &mine, &entries);
    const struct mntent *entry = entries.items;
    for (uint32_t i = 0; i < entries.n; i++)
        read_entry(c, &r, &entry[i]);
    read_units(c, &r);
    if (!has_mountpoint(&r.mountpoints, "/")) {
        add_mountpoint(c, &r.mountpoints, "/", s->root, NULL);
        *list_add(c, &r.filesystems, char *) = s->root;
    }
    add_by_types(c, &r);
    s->mountpoints = r.mountpoints.items;
    s->n_mountpoints = r.mountpoints.n;
    s->filesystems = r.filesystems.items;
    s->n_filesystems = r.filesystems.n;
}
