/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o ovirt: the disks and the description go into an oVirt export storage
 * domain; -os is its folder on the mounted file system:
 *
 *     DOMAIN/dom_md/metadata              it is one; DOMAIN is a UUID
 *     DOMAIN/images/IMAGE/VOLUME          a disk, and VOLUME.meta about it
 *     DOMAIN/master/vms/VM/VM.ovf         the machine
 *
 * oVirt reads as user and group 36 (vdsm, kvm), so they must own all files: run
 * this as root or as that user. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/uuid.h"
#include "v2v/target/description.h"
#include "v2v/target/ovirt_ovf.h"
#include "v2v/target/target.h"

enum { UUID_TEXT = UUID_SIZE - 1, OWNER = 36, NAMES_MAX = 1024 };

static char *
make_uuid(struct error *err)
{
    char uuid[UUID_SIZE], *text;

    if (uuid_random(uuid, err) < 0)
        return NULL;
    text = strdup(uuid);
    if (!text)
        error_no_memory(err);
    return text;
}

static bool
is_uuid(const char *name)
{
    return strlen(name) == UUID_TEXT &&
           strspn(name, "0123456789abcdefABCDEF-") == UUID_TEXT;
}

/* The one domain below FOLDER. */
static char *
find_domain(const char *folder, struct error *err)
{
    cleanup_closedir DIR *dir = opendir(folder);
    cleanup_free char *found = NULL;
    struct dirent *entry;

    if (!dir)
        return error_errno(err, errno, "cannot open %s", folder), NULL;
    while ((entry = readdir(dir))) {
        cleanup_free char *metadata =
            text_printf("%s/%s/dom_md/metadata", folder, entry->d_name);

        if (!is_uuid(entry->d_name) || !metadata || access(metadata, R_OK) < 0)
            continue;
        if (found)
            return error_set(err, EINVAL,
                       "%s holds more than one storage domain", folder),
                   NULL;
        if (!(found = strdup(entry->d_name)))
            return error_no_memory(err), NULL;
    }
    if (!found)
        error_set(err, ENOENT,
            "%s holds no storage domain (UUID/dom_md/metadata)", folder);
    return steal_pointer(&found);
}

/* --- files of oVirt's owner --- */

/* Only root can change the owner; any other user must be the owner. */
static int
give(const char *path, mode_t mode, struct error *err)
{
    if ((geteuid() == 0 && lchown(path, OWNER, OWNER) < 0) ||
        chmod(path, mode) < 0)
        return error_errno(err, errno, "cannot give %s to oVirt", path);
    return 0;
}

static int
make_folder(const char *path, struct error *err)
{
    if (make_directories(path, 0755, err) < 0)
        return -1;
    return give(path, 0755, err);
}

static int
write_text(const char *path, const char *text, struct error *err)
{
    cleanup_output struct output out = {.fd = -1};

    if (output_open(&out, path, 0644, err) < 0)
        return -1;
    if (write_all(out.fd, text, strlen(text)) < 0)
        return error_errno(err, errno, "cannot write %s", path);
    return output_commit(&out, err) < 0 ? -1 : give(path, 0644, err);
}

/* --- the machine --- */

static int
place_disk(const struct result *r, size_t i, const char *domain,
    struct ovirt_disk *disk, char ***moved, struct error *err)
{
    cleanup_free char *folder =
        text_printf("%s/%s/images/%s", r->folder, domain, disk->image);
    cleanup_free char *volume =
        folder ? text_printf("%s/%s", folder, disk->volume) : NULL;
    cleanup_free char *meta = volume ? text_printf("%s.meta", volume) : NULL;
    long long now = time(NULL);
    cleanup_free char *text = text_printf(
        "DOMAIN=%s\nVOLTYPE=LEAF\nCTIME=%lld\nMTIME=%lld\nIMAGE=%s\n"
        "DISKTYPE=1\nPUUID=00000000-0000-0000-0000-000000000000\n"
        "LEGALITY=LEGAL\nPOOL_UUID=\nSIZE=%llu\nFORMAT=%s\nTYPE=SPARSE\n"
        "DESCRIPTION=made by mayfly-v2v\nEOF\n",
        domain, now, now, disk->image,
        (unsigned long long)(r->disks->items[i].size / 512),
        str_equal(r->format, "raw") ? "RAW" : "COW");

    if (!meta || !text)
        return error_no_memory(err);
    if (make_folder(folder, err) < 0 || write_text(meta, text, err) < 0)
        return -1;
    if (rename(r->images[i], volume) < 0)
        return error_errno(err, errno, "cannot move %s there", r->images[i]);
    if (give(volume, 0660, err) < 0)
        return -1;
    return strv_append(moved, volume) < 0 ? error_no_memory(err) : 0;
}

static int
write_description(const struct result *r, const char *domain,
    const struct ovirt_machine *m, struct error *err)
{
    size_t size;
    cleanup_free char *text =
        xml_text(ovirt_ovf_put, m, &target_xml, &size, err);
    cleanup_free char *folder =
        text_printf("%s/%s/master/vms/%s", r->folder, domain, m->uuid);
    cleanup_free char *path =
        folder ? text_printf("%s/%s.ovf", folder, m->uuid) : NULL;

    if (!text)
        return -1;
    if (!path)
        return error_no_memory(err);
    return make_folder(folder, err) < 0 ? -1 : write_text(path, text, err);
}

static int
fill(struct ovirt_machine *m, struct error *err)
{
    const struct result *r = m->r;

    if (!(m->uuid = r->guest->uuid ? strdup(r->guest->uuid) : make_uuid(err)))
        return err->code ? -1 : error_no_memory(err);
    for (size_t i = 0; i < r->disks->n; i++) {
        struct stat st;

        if (!(m->disks[i].image = make_uuid(err)) ||
            !(m->disks[i].volume = make_uuid(err)))
            return -1;
        if (stat(r->images[i], &st) < 0)
            return error_errno(err, errno, "cannot open %s", r->images[i]);
        m->disks[i].used = (uint64_t)st.st_blocks * 512;
    }
    return 0;
}

/* The description is written last: it makes the machine visible. */
static int
place(struct ovirt_machine *m, struct error *err)
{
    const struct result *r = m->r;
    cleanup_free char *domain = find_domain(r->folder, err);
    cleanup_strv char **moved = NULL;

    if (!domain || fill(m, err) < 0)
        return -1;
    for (size_t i = 0; i < r->disks->n; i++)
        if (place_disk(r, i, domain, &m->disks[i], &moved, err) < 0)
            return -1;
    if (write_description(r, domain, m, err) < 0)
        return -1;
    strv_free(*r->ret_made);
    *r->ret_made = steal_pointer(&moved);
    return 0;
}

static int
write_machine(const struct result *r, struct error *err)
{
    struct ovirt_machine m = {
        .r = r, .disks = calloc(r->disks->n, sizeof *m.disks)};
    int result = m.disks ? place(&m, err) : error_no_memory(err);

    for (size_t i = 0; m.disks && i < r->disks->n; i++) {
        free(m.disks[i].image);
        free(m.disks[i].volume);
    }
    free(m.disks);
    free(m.uuid);
    return result;
}

static int
check(const char *folder, struct error *err)
{
    cleanup_free char *domain = find_domain(folder, err);

    return domain ? 0 : -1;
}

const struct target target_ovirt = {
    .name = "ovirt",
    .help = "a machine in an oVirt export storage domain (-os its folder)",
    .copies = true,
    .check = check,
    .write = write_machine,
};
