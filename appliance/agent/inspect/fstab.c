/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/inspect/fstab.h"

#include <ctype.h>
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/volume.h"
#include "base/strv.h"

enum { ENTRIES_MAX = 1024, LINE_MAX_BYTES = 16384, MOUNTABLE_MAX = 4608 };

void
inspection_note(struct call *c, struct list *notes, const char *subject,
    const char *format, ...)
{
    enum { NOTES_MAX = 8192, NOTE_MAX = 2000 };
    char text[NOTE_MAX];
    va_list args;

    if (notes->n >= NOTES_MAX)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct mayfly_inspection_note *n =
        list_add(c, notes, struct mayfly_inspection_note);
    n->subject = call_strndup(c, subject, MOUNTABLE_MAX);
    n->text = call_strdup(c, text);
}

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

static char *
mountable(struct call *c, const char *device, const struct mntent *m)
{
    char *subvolume = str_equal(m->mnt_type, "btrfs")
                          ? option_value(c, m->mnt_opts, "subvol")
                          : NULL;

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
};

/* "/" is where we found it, whatever fstab says; but it may say which
 * subvolume. */
static const char *
root_entry(struct call *c, struct reading *r, const char *device,
    const struct mntent *m)
{
    if (device && is_on(mountable(c, device, m), r->root_device))
        return mountable(c, device, m);
    inspection_note(c, r->notes, r->s->root,
        "its fstab has %s as /, which is not this file system", m->mnt_fsname);
    return r->s->root;
}

static void
read_entry(struct call *c, struct reading *r, const struct mntent *m)
{
    const char *path =
        m->mnt_dir[0] == '/' ? clean_path(c, m->mnt_dir) : m->mnt_dir;

    if (is_removable(m->mnt_fsname) || is_virtual(path) || !m->mnt_type[0])
        return;
    const char *device = volume_resolve(c, r->volumes, r->root, m->mnt_fsname);
    if (str_equal(m->mnt_fsname, "/dev/root"))
        device = r->root_device;
    if (str_equal(path, "/")) {
        if (has_mountpoint(&r->mountpoints, "/")) {
            inspection_note(c, r->notes, r->s->root,
                "its fstab has more than one /: the first is taken");
            return;
        }
        device = root_entry(c, r, device, m);
    } else if (device) {
        device = mountable(c, device, m);
    }
    if (!device) {
        /* What is no device (tmpfs, NFS) needs no explanation. */
        if (strchr(m->mnt_fsname, '=') && !strchr(m->mnt_fsname, '/'))
            inspection_note(c, r->notes, m->mnt_fsname,
                "in the fstab of %s, but on none of the disks", r->s->root);
        return;
    }
    if (path[0] == '/')
        add_mountpoint(c, &r->mountpoints, path, device, m);
    *list_add(c, &r->filesystems, char *) =
        call_strndup(c, device, MOUNTABLE_MAX);
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
    struct reading r = {.volumes = v,
        .s = s,
        .root = root,
        .root_device = device_of(c, v, s->root),
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

    const struct mntent *entry = entries.items;
    for (uint32_t i = 0; i < entries.n; i++)
        read_entry(c, &r, &entry[i]);
    if (!has_mountpoint(&r.mountpoints, "/")) {
        add_mountpoint(c, &r.mountpoints, "/", s->root, NULL);
        *list_add(c, &r.filesystems, char *) = s->root;
    }
    s->mountpoints = r.mountpoints.items;
    s->n_mountpoints = r.mountpoints.n;
    s->filesystems = r.filesystems.items;
    s->n_filesystems = r.filesystems.n;
}
