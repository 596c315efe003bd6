/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the bundle is fetched into a file without a name, in a
 * work folder beside the final one.  Its first member is the signed index,
 * which says what the rest has to be: the size of the file, then the name, size
 * and SHA-512 of each member.  The members are written below the work folder
 * under names of our own table, and only when the last of them was right does
 * the folder get its name, in one step.  So nothing of the archive chooses a
 * path, an amount of memory or of disk space, or is seen before it is verified.
 *
 * The folder that is replaced must hold parts of an appliance and nothing else,
 * as all of it is removed. */
#include <config.h>

#include "appliance/program/import.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/program/bundle.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/leftover.h"
#include "base/strv.h"
#include "codec.h"
#include "download/fetch.h"
#include "tool/progress.h"
#include "tool/signals.h"

enum { PIECE = 1 << 20 };

struct import {
    struct work_folder work;
    int fd; /* the bundle */
    struct archive *archive;
    struct bundle_index index;
    char *made; /* the new folder, in the work folder */
};

static void
import_close(struct import *m)
{
    if (m->archive)
        archive_read_free(m->archive);
    if (m->fd >= 0)
        close(m->fd);
    free(m->made);
    work_folder_remove(&m->work);
}

#define cleanup_import __attribute__((cleanup(import_close)))

static uint64_t
most_bytes(void)
{
    struct bundle_index most = {0};

    for (size_t i = 0; i < APPLIANCE_PARTS; i++)
        most.parts[i].size = appliance_parts[i].max;
    return bundle_size(&most, BUNDLE_MAX_INDEX);
}

static int
fetch(struct import *m, const char *uri, struct error *err)
{
    struct fetch f = {.uri = uri, .max = most_bytes(), .label = "fetch"};
    cleanup_free char *path = text_printf("%s/bundle", m->work.path);

    if (!path)
        return error_no_memory(err);
    m->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (m->fd < 0 || unlink(path) < 0)
        return error_errno(err, errno, "cannot make %s", path);

    cleanup_free char *hash = fetch_to_fd(&f, m->fd, err);
    tool_progress_clear();
    return hash ? 0 : -1;
}

/* Of an archive that cannot be read, ours to say that it is not whole. */
static int
not_whole(struct import *m, struct error *err)
{
    const char *why = archive_error_string(m->archive);

    return error_set(err, EBADMSG, "it is not a whole appliance: %s",
        why ? why : "it ends too early");
}

/* The next member, which must have this name; at most MAX bytes. */
static int
next_member(struct import *m, const char *name, uint64_t max,
    uint64_t *ret_size, struct error *err)
{
    struct archive_entry *entry;
    int r = archive_read_next_header(m->archive, &entry);

    if (r == ARCHIVE_EOF)
        return error_set(
            err, EBADMSG, "it is not a whole appliance: no %s", name);
    if (r != ARCHIVE_OK)
        return not_whole(m, err);

    const char *got = archive_entry_pathname(entry);
    if (!got || !str_equal(got, name) ||
        archive_entry_filetype(entry) != AE_IFREG ||
        archive_entry_hardlink(entry) || archive_entry_sparse_count(entry) > 0)
        return error_set(err, EBADMSG,
            "it is no appliance: '%s' is where the file %s should be",
            got ? got : "", name);

    int64_t size =
        archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1;
    if (size < 1 || (uint64_t)size > max)
        return error_set(err, EBADMSG,
            "its %s has %lld bytes; %llu are possible", name, (long long)size,
            (unsigned long long)max);
    *ret_size = (uint64_t)size;
    return 0;
}

static int
read_data(struct import *m, void *data, size_t size, struct error *err)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n =
            archive_read_data(m->archive, (char *)data + done, size - done);

        if (n <= 0)
            return not_whole(m, err);
        done += (size_t)n;
    }
    return 0;
}

static int
read_index(struct import *m, const struct signer *signer, struct error *err)
{
    uint64_t size;
    struct stat st;
    struct verified v;

    if (next_member(m, BUNDLE_INDEX, BUNDLE_MAX_INDEX, &size, err) < 0)
        return -1;

    cleanup_free char *text = malloc(size + 1);
    if (!text)
        return error_no_memory(err);
    if (read_data(m, text, size, err) < 0 ||
        verify_clearsigned(text, size, signer, &v, err) < 0)
        return -1;
    int r = bundle_index_read(v.text, v.size, &m->index, err);
    free(v.text);
    if (r < 0)
        return -1;
    if (!str_equal(m->index.api, API_HASH))
        return error_set(err, EPROTO,
            "it is for another version of Mayfly; export it "
            "from " PACKAGE_VERSION
            ", or make one here with mayfly-appliance build");
    if (fstat(m->fd, &st) < 0)
        return error_errno(err, errno, "cannot read it");
    if ((uint64_t)st.st_size != bundle_size(&m->index, size))
        return error_set(err, EBADMSG,
            "it is not a whole appliance: it has %lld bytes, not %llu",
            (long long)st.st_size,
            (unsigned long long)bundle_size(&m->index, size));
    return 0;
}

static int
copy_part(
    struct import *m, size_t i, int fd, struct hash *hash, struct error *err)
{
    const char *name = appliance_parts[i].name;
    uint64_t size = m->index.parts[i].size;
    cleanup_free char *buffer = malloc(PIECE);

    if (!buffer)
        return error_no_memory(err);
    for (uint64_t done = 0; done < size;) {
        size_t n = size - done < PIECE ? (size_t)(size - done) : PIECE;

        if (tool_interrupted())
            return error_set(err, EINTR, "interrupted");
        if (read_data(m, buffer, n, err) < 0)
            return -1;
        hash_feed(hash, buffer, n);
        if (write_all(fd, buffer, n) < 0)
            return error_errno(err, errno, "cannot save %s", name);
        done += n;
        tool_progress_show(name, done, size);
    }
    return 0;
}

static int
take_part(struct import *m, size_t i, struct error *err)
{
    const struct appliance_part *part = &appliance_parts[i];
    cleanup_free char *path = text_printf("%s/%s", m->made, part->name);
    cleanup_hash struct hash *hash = hash_new(HASH_SHA512);
    uint64_t size;

    if (!path || !hash)
        return error_no_memory(err);
    if (next_member(m, part->name, part->max, &size, err) < 0)
        return -1;
    if (size != m->index.parts[i].size)
        return error_set(err, EBADMSG,
            "its %s has %llu bytes, not the %llu that "
            "were signed",
            part->name, (unsigned long long)size,
            (unsigned long long)m->index.parts[i].size);

    cleanup_close int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 || fchmod(fd, 0644) < 0)
        return error_errno(err, errno, "cannot make %s", path);
    if (copy_part(m, i, fd, hash, err) < 0)
        return -1;

    cleanup_free char *hex = hash_hex(hash);
    if (!hex)
        return error_no_memory(err);
    if (!str_equal(hex, m->index.parts[i].hash))
        return error_set(
            err, EBADMSG, "its %s is not what was signed", part->name);
    if (fsync(fd) < 0)
        return error_errno(err, errno, "cannot save %s", path);
    return 0;
}

static int
take_parts(struct import *m, const struct signer *signer, struct error *err)
{
    struct archive_entry *entry;

    m->archive = archive_read_new();
    if (!m->archive)
        return error_no_memory(err);
    if (lseek(m->fd, 0, SEEK_SET) < 0)
        return error_errno(err, errno, "cannot read it");
    if (archive_read_support_format_tar(m->archive) != ARCHIVE_OK ||
        archive_read_open_fd(m->archive, m->fd, 64 << 10) != ARCHIVE_OK)
        return not_whole(m, err);
    if (read_index(m, signer, err) < 0)
        return -1;
    for (size_t i = 0; i < APPLIANCE_PARTS; i++) {
        if (take_part(m, i, err) < 0)
            return -1;
    }
    if (archive_read_next_header(m->archive, &entry) != ARCHIVE_EOF)
        return error_set(err, EBADMSG, "there is more in it than was signed");
    return 0;
}

static bool
may_remove(const char *name)
{
    /* `base` is what build.sh notes for its next run. */
    bool known = str_equal(name, ".") || str_equal(name, "..") ||
                 str_equal(name, "base");

    for (size_t i = 0; !known && i < APPLIANCE_PARTS; i++)
        known = str_equal(name, appliance_parts[i].name);
    return known;
}

/* Returns 1 if there is a folder to be replaced, else 0. */
static int
check_old(const char *folder, struct error *err)
{
    cleanup_closedir DIR *dir = opendir(folder);

    if (!dir && errno == ENOENT)
        return 0;
    if (!dir)
        return error_errno(err, errno, "cannot replace %s", folder);
    for (struct dirent *d; (d = readdir(dir));) {
        if (!may_remove(d->d_name))
            return error_set(err, EEXIST,
                "%s holds %s, which is not part of an appliance's image; give "
                "another folder with -o",
                folder, d->d_name);
    }
    return 1;
}

/* The new folder gets its name. */
static int
put_in_place(struct import *m, const char *folder, struct error *err)
{
    int old = check_old(folder, err);
    cleanup_free char *aside = text_printf("%s/old", m->work.path);

    if (old < 0)
        return -1;
    if (!aside)
        return error_no_memory(err);
    if (old &&
        renameat2(AT_FDCWD, m->made, AT_FDCWD, folder, RENAME_EXCHANGE) == 0)
        return 0;
    /* Not every file system can exchange two. */
    if (old && rename(folder, aside) < 0)
        return error_errno(err, errno, "cannot replace %s", folder);
    if (rename(m->made, folder) == 0)
        return 0;

    int code = errno;
    if (old)
        rename(aside, folder);
    return error_errno(err, code, "cannot make %s", folder);
}

int
import_appliance(const char *uri, const struct signer *signer,
    const char *folder, struct error *err)
{
    cleanup_import struct import m = {.fd = -1};
    cleanup_free char *plain = strdup(folder);

    if (!plain)
        return error_no_memory(err);
    for (size_t n = strlen(plain); n > 1 && plain[n - 1] == '/'; n--)
        plain[n - 1] = 0;
    cleanup_free char *parent = path_folder(plain);
    if (!parent)
        return error_no_memory(err);
    /* What can be refused at once is refused before anything is fetched. */
    if (check_old(plain, err) < 0 || make_directories(parent, 0755, err) < 0 ||
        work_folder_make(&m.work, parent, err) < 0)
        return -1;
    m.made = text_printf("%s/new", m.work.path);
    if (!m.made)
        return error_no_memory(err);
    if (mkdir(m.made, 0755) < 0 || chmod(m.made, 0755) < 0)
        return error_errno(err, errno, "cannot make %s", m.made);
    if (fetch(&m, uri, err) < 0)
        return -1;

    int r = take_parts(&m, signer, err);
    tool_progress_clear();
    if (r < 0)
        return error_context(err, "%s", uri);
    return put_in_place(&m, plain, err);
}
