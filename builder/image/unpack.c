/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/image/unpack.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/processors.h"
#include "tool/progress.h"
#include "tool/signals.h"

enum {
    IN_SIZE = 1 << 18,
    OUT_SIZE = 1 << 20,
    HOLE = 4096, /* shorter runs of zeros are written */
    MAX_THREADS = 16,
};

/* Enough for eight 16 MiB blocks in flight; a stream that needs more is decoded
 * by one thread, up to the second limit. */
#define THREADED_MEMORY (UINT64_C(1) << 30)
#define MOST_MEMORY     (UINT64_C(2) << 30)

struct writer {
    int fd;
    uint64_t size; /* bytes written so far */
    uint64_t max;
    uint64_t total_in, done_in;
    struct error *err;
};

static bool
is_zero(const char *data, size_t size)
{
    return data[0] == 0 && memcmp(data, data + 1, size - 1) == 0;
}

static int
put_run(struct writer *w, const char *data, size_t from, size_t to)
{
    if (from == to)
        return 0;
    if (lseek(w->fd, (off_t)(w->size + from), SEEK_SET) < 0 ||
        write_all(w->fd, data + from, to - from) < 0)
        return error_errno(w->err, errno, "cannot keep the template");
    return 0;
}

/* Write DATA, except for whole pieces of zeros. */
static int
put(struct writer *w, const char *data, size_t size)
{
    size_t from = 0, at = 0;

    if (tool_interrupted())
        return error_set(w->err, EINTR, "interrupted");
    if (size > w->max - w->size)
        return error_set(w->err, EFBIG,
            "the template unpacks to more than the %llu bytes that the "
            "index says",
            (unsigned long long)w->max);
    while (at < size) {
        size_t n = size - at < HOLE ? size - at : HOLE;

        if (is_zero(data + at, n)) {
            if (put_run(w, data, from, at) < 0)
                return -1;
            from = at + n;
        }
        at += n;
    }
    if (put_run(w, data, from, at) < 0)
        return -1;
    w->size += size;
    tool_progress_show("unpack", w->done_in, w->total_in);
    return 0;
}

static const char *
lzma_text(lzma_ret code)
{
    switch (code) {
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
        return "not enough memory to unpack the template";
    case LZMA_BUF_ERROR:
        return "the template is cut short";
    case LZMA_OPTIONS_ERROR:
        return "the template is compressed by an unknown method";
    default:
        return "the template is damaged";
    }
}

static int
open_decoder(lzma_stream *xz, struct error *err)
{
    unsigned cpus = processors_available();
    lzma_mt options = {
        .flags = LZMA_CONCATENATED,
        .threads = cpus < MAX_THREADS ? cpus : MAX_THREADS,
        .memlimit_threading = THREADED_MEMORY,
        .memlimit_stop = MOST_MEMORY,
    };
    lzma_ret code = lzma_stream_decoder_mt(xz, &options);

    if (code != LZMA_OK)
        return error_set(err, ENOMEM, "%s", lzma_text(code));
    return 0;
}

static int
unpack_xz(int in, struct writer *w)
{
    cleanup_free uint8_t *from = malloc(IN_SIZE);
    cleanup_free uint8_t *to = malloc(OUT_SIZE);
    lzma_stream xz = LZMA_STREAM_INIT;
    lzma_action action = LZMA_RUN;
    lzma_ret code = LZMA_OK;

    if (!from || !to)
        return error_no_memory(w->err);
    if (open_decoder(&xz, w->err) < 0)
        return -1;
    xz.next_out = to;
    xz.avail_out = OUT_SIZE;

    int r = 0;
    while (r == 0 && code == LZMA_OK) {
        if (xz.avail_in == 0 && action == LZMA_RUN) {
            ssize_t n = read(in, from, IN_SIZE);

            if (n < 0 && errno == EINTR && !tool_interrupted())
                continue;
            if (n < 0) {
                r = error_errno(w->err, errno, "cannot read the template");
                break;
            }
            xz.next_in = from;
            xz.avail_in = (size_t)n;
            w->done_in += (uint64_t)n;
            if (n == 0)
                action = LZMA_FINISH;
        }
        code = lzma_code(&xz, action);
        if (xz.avail_out == 0 || code == LZMA_STREAM_END) {
            size_t n = OUT_SIZE - xz.avail_out;

            r = n ? put(w, (const char *)to, n) : 0;
            xz.next_out = to;
            xz.avail_out = OUT_SIZE;
        }
    }
    lzma_end(&xz);
    if (r == 0 && code != LZMA_STREAM_END)
        r = error_set(w->err, EBADMSG, "%s", lzma_text(code));
    return r;
}

static int
copy_plain(int in, struct writer *w)
{
    cleanup_free char *block = malloc(OUT_SIZE);

    if (!block)
        return error_no_memory(w->err);
    for (;;) {
        ssize_t n = read(in, block, OUT_SIZE);

        if (n < 0 && errno == EINTR && !tool_interrupted())
            continue;
        if (n < 0)
            return error_errno(w->err, errno, "cannot read the template");
        if (n == 0)
            return 0;
        w->done_in += (uint64_t)n;
        if (put(w, block, (size_t)n) < 0)
            return -1;
    }
}

static const struct {
    const char *name;
    size_t size;
    const char *magic;
} refused[] = {
    {"gzip", 2, "\x1f\x8b"},
    {"zip", 4, "PK\x03\x04"},
    {"zstd", 4, "\x28\xb5\x2f\xfd"},
    {"bzip2", 3, "BZh"},
};

int
unpack_template(int in, int out, uint64_t max, struct error *err)
{
    static const char xz_magic[6] = "\xfd"
                                    "7zXZ";
    struct writer w = {.fd = out, .max = max, .err = err};
    char magic[sizeof xz_magic] = "";
    off_t size = lseek(in, 0, SEEK_END);

    if (size < 0 || lseek(in, 0, SEEK_SET) < 0)
        return error_errno(err, errno, "cannot read the template");
    if (pread(in, magic, sizeof magic, 0) < 0)
        return error_errno(err, errno, "cannot read the template");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (memcmp(magic, refused[i].magic, refused[i].size) == 0)
            return error_set(err, EPROTONOSUPPORT,
                "the template is compressed with %s; only xz is supported",
                refused[i].name);
    w.total_in = (uint64_t)size;

    bool xz = memcmp(magic, xz_magic, sizeof magic) == 0;
    if ((xz ? unpack_xz(in, &w) : copy_plain(in, &w)) < 0)
        return -1;
    if (ftruncate(out, (off_t)w.size) < 0)
        return error_errno(err, errno, "cannot keep the template");
    return 0;
}
