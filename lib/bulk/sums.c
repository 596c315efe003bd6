/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/bulk/sums.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { BLOCK = 1 << 20 };

/* A later name of the same file comes without content. */
struct summed {
    char *path, *sum;
};

struct sums {
    enum hash_kind kind;
    struct archive *from;
    FILE *to;
    void *known; /* tree of struct summed by path */
    struct error *err;
};

static int
compare(const void *a, const void *b)
{
    const struct summed *x = a, *y = b;

    return strcmp(x->path, y->path);
}

static void
free_summed(void *opaque)
{
    struct summed *s = opaque;

    free(s->path);
    free(s->sum);
    free(s);
}

static int
fail(struct sums *s, const char *path)
{
    return error_set(
        s->err, EIO, "%s: %s", path, archive_error_string(s->from));
}

static char *
sum_content(struct sums *s, const char *path)
{
    cleanup_hash struct hash *h = hash_new(s->kind);
    const void *data;
    size_t size;
    int64_t offset, at = 0;
    static const char zeroes[4096];
    int r;

    if (!h)
        return error_set(s->err, ENOMEM, "no memory"), NULL;
    while ((r = archive_read_data_block(s->from, &data, &size, &offset)) ==
           ARCHIVE_OK) {
        for (; at < offset; at += (int64_t)sizeof zeroes)
            hash_feed(h, zeroes,
                offset - at < (int64_t)sizeof zeroes ? (size_t)(offset - at)
                                                     : sizeof zeroes);
        hash_feed(h, data, size);
        at = offset + (int64_t)size;
    }
    if (r != ARCHIVE_EOF)
        return fail(s, path), NULL;
    char *sum = hash_hex(h);
    if (!sum)
        error_set(s->err, ENOMEM, "no memory");
    return sum;
}

/* Remember the sum, which is taken over. */
static int
keep(struct sums *s, const char *path, char *sum)
{
    struct summed *k = malloc(sizeof *k);

    if (k)
        *k = (struct summed){strdup(path), sum};
    else
        free(sum);
    if (k && k->path && tsearch(k, &s->known, compare))
        return 0;
    if (k)
        free_summed(k);
    return error_set(s->err, ENOMEM, "no memory");
}

static const char *
known(struct sums *s, const char *path)
{
    struct summed key = {.path = (char *)(uintptr_t)path};
    struct summed **found = tfind(&key, &s->known, compare);

    return found ? (*found)->sum : NULL;
}

/* As md5sum: with \ and newlines escaped, and then a backslash before the
 * line. */
static void
put_line(FILE *to, const char *sum, const char *path)
{
    bool escaped = strpbrk(path, "\\\n\r");

    fprintf(to, "%s%s  ", escaped ? "\\" : "", sum);
    for (const char *p = path; *p; p++) {
        if (*p == '\\' || *p == '\n' || *p == '\r')
            putc('\\', to);
        putc(*p == '\n' ? 'n' : *p == '\r' ? 'r' : *p, to);
    }
    putc('\n', to);
}

static int
sum_entry(struct sums *s, struct archive_entry *e)
{
    const char *path = archive_entry_pathname(e);
    const char *link = archive_entry_hardlink(e);

    if (!path)
        return error_set(s->err, EIO, "the archive has an unreadable name");
    if (link) {
        /* Of what is no regular file there is none. */
        const char *sum = known(s, link);
        if (sum)
            put_line(s->to, sum, path);
        return 0;
    }
    if (archive_entry_filetype(e) != AE_IFREG)
        return 0;
    char *sum = sum_content(s, path);
    if (!sum)
        return -1;
    put_line(s->to, sum, path);
    return keep(s, path, sum);
}

static int
sum_all(struct sums *s, int input)
{
    struct archive_entry *e;

    archive_read_support_format_tar(s->from);
    archive_read_support_format_empty(s->from);
    if (archive_read_open_fd(s->from, input, BLOCK) != ARCHIVE_OK)
        return fail(s, "archive");
    for (;;) {
        int r = archive_read_next_header(s->from, &e);
        if (r == ARCHIVE_EOF)
            return 0;
        if (r < ARCHIVE_WARN)
            return fail(s, "archive");
        if (sum_entry(s, e) < 0)
            return -1;
    }
}

int
sums_of_tar(enum hash_kind kind, int input, int output, struct error *err)
{
    int fd = fcntl(output, F_DUPFD_CLOEXEC, 3);
    struct sums s = {
        .kind = kind,
        .from = archive_read_new(),
        .to = fd < 0 ? NULL : fdopen(fd, "w"),
        .err = err,
    };
    int r = -1;

    if (!s.from || !s.to)
        error_set(err, ENOMEM, "no memory");
    else
        r = sum_all(&s, input);
    if (!s.to && fd >= 0)
        close(fd);
    if (s.to && fclose(s.to) != 0 && r == 0)
        r = error_errno(err, errno, "cannot write the checksums");
    archive_read_free(s.from);
    tdestroy(s.known, free_summed);
    return r;
}
