/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/inspect/nested.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/notes.h"
#include "appliance/agent/storage/claimed_size.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { ENTRIES_MAX = 256 };

/* The name that a file of os-release gives; NULL if there is no such file. */
static const char *
system_name(struct call *c, int root, const char *path)
{
    char *text = tree_text(c, root, path), *line;
    const char *name = text ? "a system" : NULL;

    while (text && (line = next_line(&text))) {
        char *value = cut_value(line);

        if (value && str_equal(line, "PRETTY_NAME"))
            return shell_unquote(value);
        if (value && str_equal(line, "NAME"))
            name = shell_unquote(value);
    }
    return name;
}

/* --- OSTree --- */

static DIR *
open_folder(int root, const char *path)
{
    int fd = tree_open(root, path, O_RDONLY | O_DIRECTORY);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

    if (fd >= 0 && !d)
        close(fd);
    return d;
}

static void
note_deployments(struct call *c, const struct mounted_guest *s,
    const struct mounted_volume *item, const char *folder, unsigned *n)
{
    DIR *d = open_folder(item->root, folder);
    const struct dirent *e;

    while (d && *n < ENTRIES_MAX && (e = readdir(d))) {
        const char *path = call_printf(c, "%s/%s", folder, e->d_name);
        const char *name =
            e->d_name[0] == '.'
                ? NULL
                : system_name(c, item->root,
                      call_printf(c, "%s/usr/lib/os-release", path));

        (*n)++;
        if (!name)
            continue;
        inspection_reason(c, s->notes,
            call_printf(c, "%s:%s", item->mountable, path), "nested",
            "%s, deployed by OSTree; it is not opened as a system", name);
    }
    if (d)
        closedir(d);
}

/* /ostree/deploy/NAME/deploy/CHECKSUM.N */
static void
note_ostree(struct call *c, const struct mounted_guest *s,
    const struct mounted_volume *item)
{
    static const char folder[] = "/ostree/deploy";
    DIR *d = open_folder(item->root, folder);
    const struct dirent *e;
    unsigned n = 0;

    while (d && n++ < ENTRIES_MAX && (e = readdir(d)))
        if (e->d_name[0] != '.')
            note_deployments(c, s, item,
                call_printf(c, "%s/%s/deploy", folder, e->d_name), &n);
    if (d)
        closedir(d);
}

/* --- subvolumes --- */

bool
nested_container(struct call *c, struct list *notes, const char *mountable)
{
    static const struct {
        const char *folder, *program;
    } places[] = {
        {"/docker/btrfs/subvolumes/", "Docker"},
        {"/containers/storage/btrfs/subvolumes/", "Podman"},
        {"/containers/storage/btrfs-containers/", "Podman"},
        {"/var/lib/machines/", "systemd-nspawn"},
        {"/@machines/", "systemd-nspawn"},
        {"/var/lib/lxc/", "LXC"},
        {"/lxd/storage-pools/", "LXD"},
        {"/incus/storage-pools/", "Incus"},
        {"/containerd/io.containerd.snapshotter.v1.btrfs/", "containerd"},
    };

    for (size_t i = 0; i < N_ELEMENTS(places); i++) {
        if (!str_after(mountable, "btrfsvol:") ||
            !strstr(mountable, places[i].folder))
            continue;
        inspection_reason(c, notes, mountable, "nested",
            "a container of %s; it is not opened as a system",
            places[i].program);
        return true;
    }
    return false;
}

bool
nested_snapshot(const char *mountable)
{
    const char *path = str_after(mountable, "btrfsvol:");

    return path &&
           (strstr(path, "/.snapshots/") || strstr(path, "/@snapshots/") ||
               strstr(path, "/timeshift-btrfs/snapshots/"));
}

/* --- others --- */

/* The first line of a file; NULL if there is none. */
static const char *
first_line(struct call *c, int root, const char *path)
{
    char *text = tree_text(c, root, path);
    const char *line = next_line(&text);

    return line && line[0] ? line : NULL;
}

/* What systems are installed from. */
static void
note_medium(struct call *c, const struct mounted_guest *s,
    const struct mounted_volume *item)
{
    static const struct {
        const char *path, *name; /* NULL: its first line is the name */
    } files[] = {
        {"/.disk/info", NULL},
        {"/.alpine-release", NULL},
        {"/.treeinfo", "the Red Hat family"},
        {"/.discinfo", "the Red Hat family"},
        {"/sources/boot.wim", "Windows"},
        {"/arch/version", "Arch Linux"},
        {"/media.1/media", NULL},
        {"/usr/freebsd-dist/MANIFEST", "FreeBSD"},
    };

    for (size_t i = 0; item->root >= 0 && i < N_ELEMENTS(files); i++) {
        const char *name = files[i].name;

        if (!tree_is_file(item->root, files[i].path))
            continue;
        if (!name)
            name = first_line(c, item->root, files[i].path);
        inspection_reason(c, s->notes, item->mountable, "medium",
            "a medium to install %s from, or to run it live",
            name ? name : "a system");
        return;
    }
}

/* The generations of NixOS: each one boots, and they share all files. */
static void
note_generations(struct call *c, const struct mounted_guest *s,
    const struct mounted_volume *item)
{
    static const char folder[] = "/nix/var/nix/profiles";
    const char *current =
        tree_link(c, item->root, call_printf(c, "%s/system", folder));
    DIR *d = current ? open_folder(item->root, folder) : NULL;
    const struct dirent *e;
    unsigned n = 0;

    for (unsigned k = 0; d && k < ENTRIES_MAX && (e = readdir(d)); k++) {
        const char *number = str_after(e->d_name, "system-");
        n += number && number[0] >= '0' && number[0] <= '9';
    }
    if (d)
        closedir(d);
    if (n > 0)
        inspection_reason(c, s->notes, item->mountable, "generations",
            "%u generation%s of NixOS; %s is the current one", n,
            n == 1 ? "" : "s", current);
}

static void
note_live(struct call *c, const struct mounted_guest *s,
    const struct mounted_volume *item)
{
    static const char *const files[] = {"/live/filesystem.squashfs",
        "/casper/filesystem.squashfs", "/casper/minimal.squashfs",
        "/LiveOS/squashfs.img", "/LiveOS/rootfs.img", "/antiX/linuxfs",
        "/arch/x86_64/airootfs.sfs"};

    for (size_t i = 0; i < N_ELEMENTS(files); i++)
        if (tree_is_file(item->root, files[i]))
            inspection_reason(c, s->notes,
                call_printf(c, "%s:%s", item->mountable, files[i]), "nested",
                "a system inside a file; it is not opened");
}

static bool
is_used(const struct list *roots, const char *mountable)
{
    const struct mayfly_inspection_root *r = roots->items;

    for (uint32_t i = 0; i < roots->n; i++)
        for (uint32_t k = 0; k < r[i].n_mountpoints; k++)
            if (str_equal(r[i].mountpoints[k].mountable, mountable))
                return true;
    return false;
}

/* /usr of a system whose root is made when it starts, or is not here. */
static void
note_usr(struct call *c, const struct mounted_guest *s,
    const struct mounted_volume *item, const struct list *roots)
{
    const char *name = is_used(roots, item->mountable)
                           ? NULL
                           : system_name(c, item->root, "/lib/os-release");

    if (name)
        inspection_note(c, s->notes,
            call_printf(c, "%s:/lib/os-release", item->mountable),
            "/usr of %s, whose root was not found", name);
}

/* --- a file system below a partition table --- */

/* Linux then mounts the whole disk, and partitions may be a leftover. */
static void
note_both(struct call *c, const struct mounted_guest *s, const struct volume *v)
{
    static const struct {
        const char *type, *driver, *magic;
        size_t n;
        off_t at;
    } types[] = {
        {"ext2, ext3 or ext4", "ext4", "\x53\xef", 2, 1024 + 56},
        {"xfs", "xfs", "XFSB", 4, 0},
        {"btrfs", "btrfs", "_BHRfS_M", 8, (64 << 10) + 64},
        {"ntfs", "ntfs", "NTFS    ", 8, 3},
    };
    char found[8];

    if (v->kind != VOLUME_DISK || !v->partitioned)
        return;
    cleanup_close int fd = open(v->device, O_RDONLY | O_CLOEXEC);
    for (size_t i = 0; fd >= 0 && i < N_ELEMENTS(types); i++) {
        if (pread(fd, found, types[i].n, types[i].at) != (ssize_t)types[i].n ||
            memcmp(found, types[i].magic, types[i].n) != 0)
            continue;
        uint64_t size = filesystem_claimed_size(v->device, types[i].driver);
        /* The two bytes of ext2 can be there by chance. */
        if (size == 0 || size > v->size)
            continue;
        inspection_note(c, s->notes, v->device,
            "it has a partition table and is a file system as a whole (%s); "
            "only the partitions were looked at",
            types[i].type);
    }
}

void
nested_notes(
    struct call *c, const struct mounted_guest *s, const struct list *roots)
{
    const struct mounted_volume *item = s->items.items;

    for (uint32_t i = 0; i < s->items.n; i++) {
        if (item[i].root < 0)
            continue;
        note_medium(c, s, &item[i]);
        note_generations(c, s, &item[i]);
        if (str_equal(item[i].role, "root"))
            continue;
        note_ostree(c, s, &item[i]);
        note_live(c, s, &item[i]);
        note_usr(c, s, &item[i], roots);
    }
    for (uint32_t i = 0; i < s->volumes.n; i++)
        note_both(c, s, &s->volumes.items[i]);
}
