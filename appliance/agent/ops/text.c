/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking at what is in files: lines, words, printable texts. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/guest/content.h"
#include "base/cleanup.h"
#include "ops-text.h"

/* Lines from..to-1 of all that are there; from the current place of FD. */
static int
take_lines(struct call *c, int fd, const char *path, uint64_t from, uint64_t to,
    struct strings *result)
{
    struct lines lines = {.fd = fd, .path = path};
    char *line;
    size_t n;

    for (uint64_t i = 0; i < to; i++) {
        if (lines_next(c, &lines, &line, &n) < 0)
            return -1;
        if (!line)
            return 0;
        if (i >= from && strings_add(c, result, line, n) < 0)
            return -1;
    }
    return 0;
}

static int
head(struct call *c, const char *path, int64_t n, struct strings *result)
{
    cleanup_close int fd = content_open(c, path);

    if (fd < 0)
        return -1;
    if (n >= 0)
        return take_lines(c, fd, path, 0, (uint64_t)n, result);
    if (take_lines(c, fd, path, 0, UINT64_MAX, result) < 0)
        return -1;
    uint32_t drop = -n < result->list.n ? (uint32_t)-n : result->list.n;
    result->list.n -= drop;
    return 0;
}

int
op_head(
    struct call *c, const struct api_head_args *args, struct api_head_ret *ret)
{
    struct strings result = {0};

    if (head(c, args->path, 10, &result) < 0)
        return -1;
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

int
op_head_n(struct call *c, const struct api_head_n_args *args,
    struct api_head_n_ret *ret)
{
    struct strings result = {0};

    if (head(c, args->path, args->nrlines, &result) < 0)
        return -1;
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

/* Put FD where its last N lines start, reading backwards. */
static int
seek_lines(struct call *c, int fd, const char *path, int64_t n)
{
    char block[65536];
    int64_t end = content_size(c, fd, path);

    if (end < 0)
        return -1;
    /* The newline of the last line does not start another. */
    for (int64_t place = end; place > 0;) {
        size_t size =
            place < (int64_t)sizeof block ? (size_t)place : sizeof block;
        place -= (int64_t)size;
        ssize_t got = pread(fd, block, size, place);
        if (got != (ssize_t)size)
            return call_fail(c, got < 0 ? errno : EIO, "%s", path);
        for (size_t i = size; i > 0; i--) {
            int64_t at = place + (int64_t)i;
            if (block[i - 1] != '\n' || at == end)
                continue;
            if (--n == 0)
                return lseek(fd, at, SEEK_SET) < 0
                           ? call_fail(c, errno, "%s", path)
                           : 0;
        }
    }
    return 0;
}

static int
tail(struct call *c, const char *path, int64_t n, struct strings *result)
{
    cleanup_close int fd = content_open(c, path);

    if (fd < 0)
        return -1;
    if (n == 0)
        return 0;
    if (n < 0)
        return take_lines(c, fd, path, (uint64_t)(-n - 1), UINT64_MAX, result);
    if (seek_lines(c, fd, path, n) < 0)
        return -1;
    return take_lines(c, fd, path, 0, (uint64_t)n, result);
}

int
op_tail(
    struct call *c, const struct api_tail_args *args, struct api_tail_ret *ret)
{
    struct strings result = {0};

    if (tail(c, args->path, 10, &result) < 0)
        return -1;
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

int
op_tail_n(struct call *c, const struct api_tail_n_args *args,
    struct api_tail_n_ret *ret)
{
    struct strings result = {0};

    if (tail(c, args->path, args->nrlines, &result) < 0)
        return -1;
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

static int64_t
count_lines(const char *p, size_t n)
{
    int64_t lines = 0;
    const char *end = p + n;

    while ((p = memchr(p, '\n', (size_t)(end - p)))) {
        lines++;
        p++;
    }
    return lines;
}

static int64_t
count_words(const char *p, size_t n, bool *in_word)
{
    int64_t words = 0;

    /* As wc counts: what cannot be printed makes no word. */
    for (size_t i = 0; i < n; i++) {
        unsigned char b = (unsigned char)p[i];
        if (isspace(b)) {
            *in_word = false;
        } else if (!*in_word && isprint(b)) {
            *in_word = true;
            words++;
        }
    }
    return words;
}

/* One of *ret_lines and *ret_words is NULL and not counted. */
static int
count_file(
    struct call *c, const char *path, int64_t *ret_lines, int64_t *ret_words)
{
    char *block = call_alloc(c, CONTENT_CHUNK);
    bool in_word = false;
    cleanup_close int fd = content_open(c, path);
    if (fd < 0)
        return -1;

    int64_t lines = 0, words = 0;
    for (;;) {
        ssize_t n = read(fd, block, CONTENT_CHUNK);
        if (n < 0)
            return call_fail(c, errno, "%s", path);
        if (n == 0)
            break;
        if (ret_lines)
            lines += count_lines(block, (size_t)n);
        if (ret_words)
            words += count_words(block, (size_t)n, &in_word);
        if (call_cancelled(c))
            return call_fail(c, ECANCELED, "%s", path);
    }
    if (ret_lines)
        *ret_lines = lines;
    if (ret_words)
        *ret_words = words;
    return 0;
}

int
op_wc_l(
    struct call *c, const struct api_wc_l_args *args, struct api_wc_l_ret *ret)
{
    return count_file(c, args->path, &ret->value, NULL);
}

int
op_wc_w(
    struct call *c, const struct api_wc_w_args *args, struct api_wc_w_ret *ret)
{
    return count_file(c, args->path, NULL, &ret->value);
}

int
op_wc_c(
    struct call *c, const struct api_wc_c_args *args, struct api_wc_c_ret *ret)
{
    cleanup_close int fd = content_open(c, args->path);

    if (fd < 0)
        return -1;
    ret->value = content_size(c, fd, args->path);
    return ret->value < 0 ? -1 : 0;
}
