/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -i ova: an OVA from VMware, VirtualBox or others: an archive (tar or zip,
 * compressed or not), the folder that it was unpacked to, or the description in
 * that folder.  Files in the manifest are checked when they are read. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/source/manifest.h"
#include "v2v/source/ovf.h"
#include "v2v/source/package.h"
#include "v2v/source/reader.h"
#include "v2v/source/source.h"

/* An overlay has 1023 bytes for the whole name of its backing file, which is
 * more than the path. */
enum { PLACE_PATH_MAX = 700 };

static int
unpack(const struct guest_disk *disk, int to, struct error *err)
{
    cleanup_hash struct hash *hash =
        disk->sum ? manifest_hash(disk->sum) : NULL;

    if (disk->sum && !hash)
        return error_no_memory(err);
    if (package_copy(disk->path, disk->member, disk->gzipped, to,
            package_limit(disk->path, disk->size), hash, err) < 0)
        return -1;
    return hash ? manifest_check(hash, disk->sum, disk->member, err) : 0;
}

const struct disk_reader reader_ova = {.unpack = unpack};

/* The one file with that ending; NULL without an error if not found. */
static const char *
find_ending(char *const *names, const char *ending, struct error *err)
{
    const char *found = NULL;

    for (; *names; names++) {
        size_t n = strlen(*names), m = strlen(ending);

        if (n <= m || !str_equal(*names + n - m, ending))
            continue;
        if (found)
            return error_set(err, ENOTSUP,
                       "it has more than one description: %s and %s", found,
                       *names),
                   NULL;
        found = *names;
    }
    return found;
}

/* The file of a disk with snapshots has a number after the listed name; the
 * highest is the current one. */
static char *
find_file(char *const *names, const char *name)
{
    const char *best = NULL;

    if (strv_contains(names, name))
        return strdup(name);
    for (; *names; names++) {
        const char *rest = str_after(*names, name);

        if (rest && rest[0] == '.' && rest[1] &&
            !rest[1 + strspn(rest + 1, "0123456789")] &&
            (!best || strverscmp(*names, best) > 0))
            best = *names;
    }
    return best ? strdup(best) : NULL;
}

static int
check_text(const char *manifest, const char *name, const char *text,
    size_t size, struct error *err)
{
    cleanup_free char *sum = manifest_sum(manifest, name, err);
    if (!sum)
        return err->code ? -1 : 0;

    cleanup_hash struct hash *hash = manifest_hash(sum);
    if (!hash)
        return error_no_memory(err);
    hash_feed(hash, text, size);
    return manifest_check(hash, sum, name, err);
}

/* A disk in a folder is used in place once its sum is checked. */
static int
check_file(const char *path, const struct guest_disk *disk, struct error *err)
{
    cleanup_hash struct hash *hash =
        disk->sum ? manifest_hash(disk->sum) : NULL;

    if (!disk->sum)
        return 0;
    if (!hash)
        return error_no_memory(err);
    if (package_copy(path, disk->member, false, -1, 0, hash, err) < 0)
        return -1;
    return manifest_check(hash, disk->sum, disk->member, err);
}

/* A disk that is stored unchanged in the archive can stay there if QEMU reads
 * its format. */
static int
place_disk(const char *path, struct guest_disk *disk, struct error *err)
{
    char magic[4] = "";

    if (disk->gzipped)
        return 0;
    if (package_place(
            path, disk->member, &disk->part_start, &disk->part_size, err) < 0)
        return -1;

    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (disk->part_size >= sizeof magic &&
        pread(fd, magic, sizeof magic, (off_t)disk->part_start) != sizeof magic)
        return error_errno(err, errno, "cannot read it");

    const char *format = memcmp(magic, "KDMV", sizeof magic) == 0      ? "vmdk"
                         : memcmp(magic, "QFI\xfb", sizeof magic) == 0 ? "qcow2"
                                                                       : NULL;
    if (!format || strlen(path) > PLACE_PATH_MAX) {
        disk->part_size = 0;
        return 0;
    }
    free(disk->format);
    disk->format = strdup(format);
    return disk->format ? check_file(path, disk, err) : error_no_memory(err);
}

/* "my%20disk.vmdk" is "my disk.vmdk"; NULL: not a name in the folder. */
static char *
decode(const char *uri)
{
    char *name = strdup(uri), *to = name;

    for (const char *p = uri; name && *p; p++) {
        if (p[0] == '%' && isxdigit((unsigned char)p[1]) &&
            isxdigit((unsigned char)p[2])) {
            char hex[] = {p[1], p[2], 0};

            *to++ = (char)strtol(hex, NULL, 16);
            p += 2;
        } else {
            *to++ = *p;
        }
    }
    if (!name)
        return NULL;
    *to = 0;
    if (strlen(name) == (size_t)(to - name) && *name && !strchr(name, '/') &&
        !str_equal(name, ".") && !str_equal(name, ".."))
        return name;
    free(name);
    return NULL;
}

/* A manifest has names as they are, or as the description has them. */
static char *
find_sum(
    const char *manifest, const char *file, const char *href, struct error *err)
{
    char *sum = manifest ? manifest_sum(manifest, file, err) : NULL;

    return manifest && !sum && !err->code ? manifest_sum(manifest, href, err)
                                          : sum;
}

/* The name in the description is a URI; not all programs know. */
static int
settle_disk(const char *path, char *const *names, const char *manifest,
    struct guest_disk *disk, struct error *err)
{
    cleanup_free char *decoded = disk->member ? decode(disk->member) : NULL;
    cleanup_free char *file = decoded ? find_file(names, decoded) : NULL;

    if (!disk->member) /* it has no file */
        return 0;
    if (!file)
        file = find_file(names, disk->member);
    if (!file)
        return error_set(err, ENOENT, "%s is not in it", disk->member);
    disk->sum = find_sum(manifest, file, disk->member, err);
    if (err->code)
        return -1;
    free(disk->member);
    disk->member = steal_pointer(&file);
    if (!disk->gzipped && (disk->path = package_file(path, disk->member, err)))
        return check_file(path, disk, err);
    if (err->code)
        return -1;
    disk->reader = &reader_ova;
    disk->path = realpath(path, NULL);
    return disk->path ? place_disk(disk->path, disk, err)
                      : error_errno(err, errno, "cannot open it");
}

static int
read_package(const char *path, struct guest *ret, struct error *err)
{
    cleanup_strv char **names = package_names(path, err);
    size_t size;

    if (!names)
        return -1;

    const char *ovf = find_ending(names, ".ovf", err);
    if (!ovf)
        return err->code
                   ? -1
                   : error_set(err, EINVAL,
                         "it is not an OVA: it has no description (.ovf)");
    cleanup_free char *text = package_read(path, ovf, &size, err);
    if (!text || ovf_read(text, size, ret, err) < 0)
        return -1;

    const char *mf = find_ending(names, ".mf", err);
    size_t ignored;
    cleanup_free char *manifest =
        mf ? package_read(path, mf, &ignored, err) : NULL;
    if (err->code ||
        (manifest && check_text(manifest, ovf, text, size, err) < 0))
        return -1;
    if (!manifest &&
        guest_note(
            ret, err, "the OVA has no manifest: damage cannot be detected") < 0)
        return -1;
    for (size_t i = 0; i < ret->n_disks; i++)
        if (settle_disk(path, names, manifest, &ret->disks[i], err) < 0)
            return -1;
    return 0;
}

static int
read_ova(
    char *const *words, size_t n_words, struct guest *ret, struct error *err)
{
    (void)n_words;
    if (read_package(words[0], ret, err) < 0)
        return error_context(err, "%s", words[0]);
    return 0;
}

const struct source source_ova = {
    .name = "ova",
    .help = "FILE: an OVA, or the folder with its files",
    .read = read_ova,
};
