/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file systems as they are, and the names that files give to devices. */
#include <config.h>

#include "appliance/agent/facts/devices.h"

#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/inspect/mounted.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/strv.h"

const struct volume *
facts_resolve(struct facts *f, const char *spec)
{
    const char *device =
        f->guest ? volume_resolve(f->c, &f->guest->volumes, f->root, spec)
                 : NULL;

    return device ? volume_find(&f->guest->volumes, device) : NULL;
}

bool
facts_is_device(const char *spec)
{
    static const char *const starts[] = {
        "/dev/", "UUID=", "LABEL=", "PARTUUID=", "PARTLABEL=", "ID="};

    for (size_t i = 0; i < N_ELEMENTS(starts); i++)
        if (str_after(spec, starts[i]))
            return true;
    return false;
}

static const char *
stack_name(const struct volume *v)
{
    switch (v->kind) {
    case VOLUME_MAPPED:
        return v->mapped_uuid && str_after(v->mapped_uuid, "CRYPT-") ? "crypt"
                                                                     : "mapped";
    case VOLUME_ARRAY:
        return "array";
    case VOLUME_LOGICAL:
        return "lvm";
    case VOLUME_DISK:
    case VOLUME_PARTITION:
        break;
    }
    return "";
}

void
facts_device(struct facts *f, struct fact_row *r, const char *what,
    const char *type, const char *options)
{
    static const char *const software[] = {"tmpfs", "proc", "sysfs", "devpts",
        "devtmpfs", "debugfs", "tracefs", "cgroup", "cgroup2", "securityfs",
        "hugetlbfs", "mqueue", "overlay", "nfs", "nfs4", "cifs", "9p",
        "virtiofs"};

    for (size_t i = 0; i < N_ELEMENTS(software); i++)
        if (str_equal(type, software[i]))
            return;
    if (!facts_is_device(what) || str_equal(what, "/dev/null") ||
        str_equal(what, "/dev/urandom") || str_equal(what, "/dev/random"))
        return;
    (void)options;
    const struct volume *v = facts_resolve(f, what);

    fact_flag(r, "found", v != NULL);
    if (!v)
        return;
    fact_text(r, "device", v->device);
    fact_text(r, "device_type", v->type);
    fact_text(r, "stack", stack_name(v));
}

/* --- file systems --- */

/* The superblock's state: 1 clean, 2 errors were found. */
static const char *
ext_state(const char *device)
{
    enum { STATE_AT = 1024 + 0x3a };
    uint8_t bytes[2];
    cleanup_close int fd = open(device, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || pread(fd, bytes, sizeof bytes, STATE_AT) != sizeof bytes)
        return "";
    unsigned state = bytes[0] | (unsigned)bytes[1] << 8;
    return state & 2 ? "errors" : state & 1 ? "clean" : "in use";
}

static bool
belongs(const struct mayfly_inspection_root *s, const char *mountable)
{
    if (str_equal(s->root, mountable))
        return true;
    for (uint32_t i = 0; i < s->n_filesystems; i++)
        if (str_equal(s->filesystems[i], mountable))
            return true;
    return false;
}

void
facts_filesystems(struct facts *f)
{
    const struct mounted_volume *item = f->guest ? f->guest->items.items : NULL;
    struct statvfs st;

    for (uint32_t i = 0; item && i < f->guest->items.n; i++) {
        const struct volume *v = item[i].volume;
        struct fact_row r = fact_add(f, item[i].mountable, "", 0);

        fact_text(&r, "type", v->type);
        fact_text(&r, "uuid", v->uuid);
        fact_text(&r, "label", v->label);
        fact_text(&r, "role", item[i].role);
        fact_number(&r, "device_size", v->size);
        fact_text(&r, "stack", stack_name(v));
        fact_flag(&r, "used_by_system", belongs(f->system, item[i].mountable));
        fact_flag(&r, "mounted", item[i].root >= 0);
        if (str_after(v->type, "ext"))
            fact_text(&r, "state", ext_state(v->device));
        if (item[i].root < 0 || fstatvfs(item[i].root, &st) < 0)
            continue;
        fact_number(&r, "size", (uint64_t)st.f_blocks * st.f_frsize);
        fact_number(&r, "free", (uint64_t)st.f_bavail * st.f_frsize);
        /* Some make them as they need them. */
        if (st.f_files > 0) {
            fact_number(&r, "inodes", st.f_files);
            fact_number(&r, "free_inodes", st.f_favail);
        }
    }
}
