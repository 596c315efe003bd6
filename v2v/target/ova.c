/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o ova: one file with everything in it: the description (OVF 1.1), the disks
 * as stream-optimised VMDKs, and the manifest, which the standard (DSP0243)
 * allows at the end, so that the disks are hashed while they are packed. */
#include <config.h>

#include <archive.h>
#include <archive_entry.h>
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
#include "base/hash.h"
#include "base/strv.h"
#include "tool/progress.h"
#include "tool/session.h"
#include "tool/signals.h"
#include "v2v/target/description.h"
#include "v2v/target/ovf.h"
#include "v2v/target/target.h"

enum { PIECE = 1 << 20 };

struct package {
    const struct result *r;
    struct ovf_disk *disks;
    char **paths; /* of the VMDKs, temporary */
    struct archive *a;
    char *manifest;
};

/* --- disks --- */

static int
make_vmdk(struct package *p, size_t i, struct error *err)
{
    const struct mayfly_disk_convert_options options = {
        .set = MAYFLY_DISK_CONVERT_SOURCEFORMAT | MAYFLY_DISK_CONVERT_COMPRESS,
        .sourceformat = "raw",
        .compress = true,
    };
    cleanup_free char *path =
        text_printf("%s/%s", p->r->disks->workspace.path, p->disks[i].href);
    cleanup_mayfly struct mayfly *g = mayfly_create();
    struct stat st;
    int r;

    if (!path || !g)
        return error_no_memory(err);
    tool_signals_watch(g);
    r = mayfly_disk_convert(g, p->r->images[i], "vmdk", path, &options);
    if (r < 0)
        tool_handle_error(g, err);
    tool_signals_watch(NULL);
    if (r < 0)
        return -1;
    if (stat(path, &st) < 0)
        return error_errno(err, errno, "cannot open %s", path);
    p->disks[i].size = (uint64_t)st.st_size;
    return strv_take(&p->paths, steal_pointer(&path)) < 0 ? error_no_memory(err)
                                                          : 0;
}

/* --- the archive --- */

static int
archive_fail(struct package *p, struct error *err)
{
    const char *text = archive_error_string(p->a);

    return error_set(
        err, EIO, "cannot write the OVA: %s", text ? text : "unknown error");
}

static int
put_header(
    struct package *p, const char *name, uint64_t size, struct error *err)
{
    struct archive_entry *e = archive_entry_new();
    int r;

    if (!e)
        return error_no_memory(err);
    archive_entry_set_pathname(e, name);
    archive_entry_set_size(e, (la_int64_t)size);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_mtime(e, time(NULL), 0);
    r = archive_write_header(p->a, e);
    archive_entry_free(e);
    return r == ARCHIVE_OK ? 0 : archive_fail(p, err);
}

static int
put_data(struct package *p, const void *data, size_t size, struct error *err)
{
    return archive_write_data(p->a, data, size) == (la_ssize_t)size
               ? 0
               : archive_fail(p, err);
}

static int
note_sum(
    struct package *p, const char *name, struct hash *hash, struct error *err)
{
    cleanup_free char *sum = hash_hex(hash);
    char *more = sum ? text_printf("%sSHA256(%s)= %s\n",
                           p->manifest ? p->manifest : "", name, sum)
                     : NULL;

    if (!more)
        return error_no_memory(err);
    free(p->manifest);
    p->manifest = more;
    return 0;
}

static int
put_document(struct package *p, const char *name, const char *text, size_t size,
    struct error *err)
{
    cleanup_hash struct hash *hash = hash_new(HASH_SHA256);

    if (!hash)
        return error_no_memory(err);
    hash_feed(hash, text, size);
    return put_header(p, name, size, err) < 0 ||
                   put_data(p, text, size, err) < 0
               ? -1
               : note_sum(p, name, hash, err);
}

static int
put_vmdk(struct package *p, size_t i, struct error *err)
{
    const struct ovf_disk *disk = &p->disks[i];
    cleanup_close int fd = open(p->paths[i], O_RDONLY | O_CLOEXEC);
    cleanup_hash struct hash *hash = hash_new(HASH_SHA256);
    cleanup_free char *data = malloc(PIECE);

    if (!data || !hash)
        return error_no_memory(err);
    if (fd < 0)
        return error_errno(err, errno, "cannot open %s", p->paths[i]);
    if (put_header(p, disk->href, disk->size, err) < 0)
        return -1;
    for (uint64_t at = 0; at < disk->size;) {
        size_t n = disk->size - at < PIECE ? disk->size - at : PIECE;

        if (tool_interrupted())
            return error_set(err, EINTR, "interrupted");
        if (read_all(fd, data, n) < 0)
            return error_errno(err, errno, "cannot read %s", p->paths[i]);
        hash_feed(hash, data, n);
        if (put_data(p, data, n, err) < 0)
            return -1;
        at += n;
        tool_progress_show("pack", at, disk->size);
    }
    return note_sum(p, disk->href, hash, err);
}

static void
put_ovf(struct xml_writer *x, const void *opaque)
{
    const struct package *p = opaque;

    ovf_put(x, p->r, p->disks);
}

static int
put_all(struct package *p, struct error *err)
{
    const char *name = p->r->guest->name;
    size_t size;
    cleanup_free char *ovf = text_printf("%s.ovf", name);
    cleanup_free char *mf = text_printf("%s.mf", name);
    cleanup_free char *text = xml_text(put_ovf, p, &target_xml, &size, err);

    if (!text)
        return -1;
    if (!ovf || !mf)
        return error_no_memory(err);
    if (put_document(p, ovf, text, size, err) < 0)
        return -1;
    for (size_t i = 0; i < p->r->disks->n; i++)
        if (put_vmdk(p, i, err) < 0)
            return -1;

    cleanup_free char *manifest = steal_pointer(&p->manifest);
    return put_document(p, mf, manifest, strlen(manifest), err);
}

static int
pack(struct package *p, int fd, struct error *err)
{
    int r;

    if (!(p->a = archive_write_new()))
        return error_no_memory(err);
    /* Like ustar, but with files above 8 GiB. */
    archive_write_set_format_gnutar(p->a);
    r = archive_write_open_fd(p->a, fd) == ARCHIVE_OK ? put_all(p, err)
                                                      : archive_fail(p, err);
    if (r == 0 && archive_write_close(p->a) != ARCHIVE_OK)
        r = archive_fail(p, err);
    archive_write_free(p->a);
    return r;
}

static int
write_package(struct package *p, struct error *err)
{
    const struct result *r = p->r;
    cleanup_output struct output out = {.fd = -1};

    for (size_t i = 0; i < r->disks->n; i++) {
        p->disks[i].href = text_printf(
            "%s-sd%s.vmdk", r->guest->name, r->disks->items[i].letters);
        if (!p->disks[i].href)
            return error_no_memory(err);
        if (make_vmdk(p, i, err) < 0)
            return error_context(err, "%s", r->images[i]);
    }
    if (target_open(r, "ova", 0600, &out, err) < 0 ||
        pack(p, out.fd, err) < 0 || output_commit(&out, err) < 0)
        return -1;
    for (size_t i = 0; i < r->disks->n; i++)
        unlink(r->images[i]);

    char **made = NULL;
    if (strv_printf(&made, "%s/%s.ova", r->folder, r->guest->name) < 0)
        return error_no_memory(err);
    strv_free(*r->ret_made);
    *r->ret_made = made;
    return 0;
}

static int
write_ova(const struct result *r, struct error *err)
{
    struct package p = {.r = r, .disks = calloc(r->disks->n, sizeof *p.disks)};
    int result = p.disks ? write_package(&p, err) : error_no_memory(err);

    for (size_t i = 0; p.disks && i < r->disks->n; i++)
        free(p.disks[i].href);
    free(p.disks);
    strv_free(p.paths);
    free(p.manifest);
    return result;
}

const struct target target_ova = {
    .name = "ova",
    .help = "one file with the disks and the machine in it (NAME.ova)",
    .copies = true,
    .first_boots = true,
    .packs = true,
    .format = "raw",
    .write = write_ova,
};
