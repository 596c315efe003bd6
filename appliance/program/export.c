/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/program/export.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/program/bundle.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/strv.h"
#include "tool/progress.h"
#include "tool/signals.h"

enum { PIECE = 1 << 20 };

struct parts {
    int fds[APPLIANCE_PARTS];
    struct bundle_index index;
};

static void
parts_close(struct parts *p)
{
    for (size_t i = 0; i < APPLIANCE_PARTS; i++)
        if (p->fds[i] >= 0)
            close(p->fds[i]);
}

#define cleanup_parts __attribute__((cleanup(parts_close)))

static int
open_part(struct parts *p, size_t i, const char *folder, struct error *err)
{
    const struct appliance_part *part = &appliance_parts[i];
    cleanup_free char *path = text_printf("%s/%s", folder, part->name);
    struct stat st;

    if (!path)
        return error_no_memory(err);
    p->fds[i] = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (p->fds[i] < 0 || fstat(p->fds[i], &st) < 0)
        return error_errno(err, errno, "cannot open %s", path);
    if (!S_ISREG(st.st_mode) || st.st_size < 1 ||
        (uint64_t)st.st_size > part->max)
        return error_set(err, EINVAL, "%s is not part of an appliance", path);
    p->index.parts[i].size = (uint64_t)st.st_size;

    cleanup_free char *hash = hash_fd(HASH_SHA512, p->fds[i], err);
    if (!hash)
        return error_context(err, "%s", path);
    memcpy(p->index.parts[i].hash, hash, BUNDLE_HASH_SIZE + 1);
    return 0;
}

static int
read_api(struct parts *p, struct error *err)
{
    if (pread_all(p->fds[0], p->index.api, APPLIANCE_API_SIZE, 0) < 0)
        return error_errno(
            err, errno, "cannot read %s", appliance_parts[0].name);
    return 0;
}

static int
put_header(
    struct archive *a, const char *name, uint64_t size, struct error *err)
{
    struct archive_entry *entry = archive_entry_new();

    if (!entry)
        return error_no_memory(err);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, (int64_t)size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    /* Nothing of this machine. */
    archive_entry_set_mtime(entry, 0, 0);

    int r = archive_write_header(a, entry);
    archive_entry_free(entry);
    if (r != ARCHIVE_OK)
        return error_set(
            err, EIO, "cannot write it: %s", archive_error_string(a));
    return 0;
}

static int
put_data(struct archive *a, const void *data, size_t size, struct error *err)
{
    if (archive_write_data(a, data, size) != (ssize_t)size)
        return error_set(
            err, EIO, "cannot write it: %s", archive_error_string(a));
    return 0;
}

static int
put_part(struct archive *a, const struct parts *p, size_t i, uint8_t *buffer,
    struct error *err)
{
    const char *name = appliance_parts[i].name;
    uint64_t size = p->index.parts[i].size, done = 0;

    if (put_header(a, name, size, err) < 0)
        return -1;
    while (done < size) {
        size_t n = size - done < PIECE ? (size_t)(size - done) : PIECE;

        if (tool_interrupted())
            return error_set(err, EINTR, "interrupted");
        if (pread_all(p->fds[i], buffer, n, (off_t)done) < 0)
            return error_errno(err, errno, "cannot read %s", name);
        if (put_data(a, buffer, n, err) < 0)
            return -1;
        done += n;
        tool_progress_show(name, done, size);
    }
    return 0;
}

static int
put_all(struct archive *a, const struct parts *p, const char *text, size_t size,
    int fd, struct error *err)
{
    cleanup_free uint8_t *buffer = malloc(PIECE);

    if (!buffer)
        return error_no_memory(err);
    if (archive_write_set_format_ustar(a) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(a, 512) != ARCHIVE_OK ||
        archive_write_open_fd(a, fd) != ARCHIVE_OK)
        return error_set(
            err, EIO, "cannot write it: %s", archive_error_string(a));
    if (put_header(a, BUNDLE_INDEX, size, err) < 0 ||
        put_data(a, text, size, err) < 0)
        return -1;
    for (size_t i = 0; i < APPLIANCE_PARTS; i++) {
        if (put_part(a, p, i, buffer, err) < 0)
            return -1;
    }
    if (archive_write_close(a) != ARCHIVE_OK)
        return error_set(
            err, EIO, "cannot write it: %s", archive_error_string(a));
    return 0;
}

int
export_appliance(const char *folder, const char *path,
    const struct signing *signing, struct error *err)
{
    cleanup_parts struct parts p = {.fds = {-1, -1, -1, -1, -1, -1}};
    cleanup_output struct output out = {.fd = -1};
    size_t size;

    for (size_t i = 0; i < APPLIANCE_PARTS; i++)
        if (open_part(&p, i, folder, err) < 0)
            return -1;
    if (read_api(&p, err) < 0)
        return -1;

    cleanup_free char *index = bundle_index_write(&p.index, err);
    cleanup_free char *text =
        index ? signing_sign(signing, index, strlen(index), &size, err) : NULL;
    if (!text)
        return -1;

    struct archive *a = archive_write_new();
    if (!a)
        return error_no_memory(err);
    int r = output_open(&out, path, 0666, err);
    if (r == 0 && (r = put_all(a, &p, text, size, out.fd, err)) < 0)
        error_context(err, "%s", path);
    archive_write_free(a);
    tool_progress_clear();
    return r < 0 ? -1 : output_commit(&out, err);
}
