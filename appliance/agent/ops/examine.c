/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking into files of any bytes. */
#include <config.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/file_or_device.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-examine.h"

/* Fill BLOCK as far as the file goes. */
static ssize_t
read_block(struct call *c, int fd, const char *path, char *block, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = read(fd, block + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return call_fail(c, errno, "%s", path);
        if (n == 0)
            break;
        done += (size_t)n;
    }
    if (call_cancelled(c))
        return call_fail(c, ECANCELED, "%s", path);
    return (ssize_t)done;
}

int
op_equal(struct call *c, const struct api_equal_args *args,
    struct api_equal_ret *ret)
{
    char *one = call_alloc(c, CONTENT_CHUNK);
    char *two = call_alloc(c, CONTENT_CHUNK);
    cleanup_close int a = content_open(c, args->file1);
    if (a < 0)
        return -1;
    cleanup_close int b = content_open(c, args->file2);
    if (b < 0)
        return -1;

    int64_t size_a = content_size(c, a, args->file1);
    int64_t size_b = content_size(c, b, args->file2);
    ret->value = size_a == size_b;
    while (ret->value) {
        ssize_t n = read_block(c, a, args->file1, one, CONTENT_CHUNK);
        ssize_t m = read_block(c, b, args->file2, two, CONTENT_CHUNK);
        if (n < 0 || m < 0)
            return -1;
        if (n == 0 && m == 0)
            break;
        ret->value = n == m && memcmp(one, two, (size_t)n) == 0;
    }
    return 0;
}

/* What a file that is no regular one is; NULL for a regular one. */
static const char *
special_kind(struct call *c, int dir, const char *name, const struct stat *st)
{
    char text[4096];

    switch (st->st_mode & S_IFMT) {
    case S_IFDIR:
        return "directory";
    case S_IFCHR:
        return "character device";
    case S_IFBLK:
        return "block device";
    case S_IFIFO:
        return "FIFO";
    case S_IFSOCK:
        return "socket";
    case S_IFLNK: {
        ssize_t n = readlinkat(dir, name, text, sizeof text - 1);
        text[n < 0 ? 0 : n] = 0;
        return call_printf(c, "symbolic link to %s", text);
    }
    default:
        return NULL;
    }
}

/* What file(1) says of its input.  -S: its own cage knows nothing of the
 * decompressors that -z runs. */
static int
name_kind(struct call *c, const char *path, struct run run, const char **ret)
{
    static const char *const argv[] = {"file", "-S", "-z", "-b", "-", NULL};
    struct run_result result;

    run.argv = argv;
    run.timeout = 60;
    if (run_command(c, &run, &result) < 0)
        return -1;
    if (result.status != 0)
        return call_error(c, EIO, "%s: file: %s", path, result.errors);
    size_t n = strlen(result.output);
    while (n > 0 && result.output[n - 1] == '\n')
        n--;
    *ret = call_strndup(c, result.output, n);
    return 0;
}

int
op_file(
    struct call *c, const struct api_file_args *args, struct api_file_ret *ret)
{
    if (!str_after(args->path, "/dev/")) {
        struct stat st;
        char *name;
        cleanup_close int dir = path_open_parent(c, args->path, &name);
        if (dir < 0)
            return -1;
        if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return call_fail(c, errno, "%s", args->path);
        ret->value = special_kind(c, dir, name, &st);
        if (ret->value)
            return 0;
    }

    cleanup_close int fd = file_or_device_open(c, args->path);
    if (fd < 0)
        return -1;
    return name_kind(c, args->path, (struct run){.input_fd = fd}, &ret->value);
}

/* The beginning of what is in a compressed file is enough for file(1). */
static int
decompress(struct call *c, const char *method, struct archive *a, int fd,
    struct run *ret)
{
    enum { ENOUGH = 1 << 20 };
    static const struct {
        const char *name;
        int (*support)(struct archive *a);
    } filters[] = {
        {"gzip", archive_read_support_filter_gzip},
        {"compress", archive_read_support_filter_compress},
        {"bzip2", archive_read_support_filter_bzip2},
    };
    struct archive_entry *entry;
    size_t i = 0;
    ssize_t n;

    while (i < N_ELEMENTS(filters) && !str_equal(method, filters[i].name))
        i++;
    if (i == N_ELEMENTS(filters))
        return call_error(
            c, EINVAL, "'%s' is none of gzip, compress and bzip2", method);
    filters[i].support(a);
    archive_read_support_format_raw(a);
    if (archive_read_open_fd(a, fd, 65536) != ARCHIVE_OK ||
        archive_read_next_header(a, &entry) != ARCHIVE_OK ||
        archive_filter_count(a) < 2)
        return call_error(c, EINVAL, "it is not in the format of %s", method);

    void *beginning = call_alloc(c, ENOUGH);
    n = archive_read_data(a, beginning, ENOUGH);
    if (n < 0)
        return call_error(c, EIO, "%s", archive_error_string(a));
    ret->input = beginning;
    ret->input_size = (size_t)n;
    return 0;
}

static void
free_archive(void *a)
{
    archive_read_free(a);
}

int
op_zfile(struct call *c, const struct api_zfile_args *args,
    struct api_zfile_ret *ret)
{
    cleanup_close int fd = file_or_device_open(c, args->path);
    struct archive *a = fd < 0 ? NULL : archive_read_new();
    struct run run = {0};

    if (fd < 0)
        return -1;
    if (!a)
        call_no_memory(c);
    call_defer(c, free_archive, a);
    if (decompress(c, args->meth, a, fd, &run) < 0)
        return call_error(c, call_errno(c), "%s: %s", args->path,
            call_strdup(c, call_error_text(c)));
    return name_kind(c, args->path, run, &ret->value);
}

enum { DUMP_LINE = 80 }; /* most characters of a line of a dump */

/* One line: offset, 16 bytes in hexadecimal, and as characters. */
static size_t
dump_line(char *out, uint64_t offset, const unsigned char *p, size_t n)
{
    char *q = out + sprintf(out, "%08llx", (unsigned long long)offset);

    for (size_t i = 0; i < 16; i++) {
        if (i % 8 == 0)
            *q++ = ' ';
        q += i < n ? sprintf(q, " %02x", p[i]) : sprintf(q, "   ");
    }
    *q++ = ' ';
    *q++ = ' ';
    *q++ = '|';
    for (size_t i = 0; i < n; i++)
        *q++ = p[i] >= 0x20 && p[i] < 0x7f ? (char)p[i] : '.';
    *q++ = '|';
    *q++ = '\n';
    return (size_t)(q - out);
}

int
op_hexdump(struct call *c, const struct api_hexdump_args *args,
    struct api_hexdump_ret *ret)
{
    unsigned char block[16], last[16];
    bool squeezed = false;
    uint64_t offset = 0;
    cleanup_close int fd = content_open(c, args->path);
    if (fd < 0)
        return -1;

    int64_t size = content_size(c, fd, args->path);
    if (size < 0)
        return -1;
    char *data = call_alloc(c, CONTENT_CHUNK);
    size_t room = 4096, used = 0;
    char *out = call_alloc(c, room);
    ssize_t n;
    while ((n = read_block(c, fd, args->path, data, CONTENT_CHUNK)) > 0) {
        for (size_t i = 0; i < (size_t)n; i += 16, offset += 16) {
            size_t k = (size_t)n - i < 16 ? (size_t)n - i : 16;
            memcpy(block, data + i, k);
            /* Lines like the one before are shown as one star. */
            if (offset > 0 && k == 16 && memcmp(block, last, 16) == 0) {
                if (!squeezed)
                    used += (size_t)sprintf(out + used, "*\n");
                squeezed = true;
            } else {
                used += dump_line(out + used, offset, block, k);
                squeezed = false;
            }
            memcpy(last, block, 16);
            if (used + 2 * DUMP_LINE <= room)
                continue;
            if (room >= CONTENT_MAX)
                return call_error(
                    c, EFBIG, "%s: the dump is too large", args->path);
            char *bigger = call_alloc(c, 2 * room);
            memcpy(bigger, out, used);
            out = bigger;
            room *= 2;
        }
    }
    if (n < 0)
        return -1;
    if (size > 0)
        sprintf(out + used, "%08llx\n", (unsigned long long)size);
    ret->value = out;
    return 0;
}

/* An encoding of strings_e. */
struct encoding {
    const char *name;
    unsigned width;
    bool big_endian;
    bool eight_bits; /* 128..255 count as printable */
};

static bool
is_text(const struct encoding *e, uint32_t v)
{
    return v == '\t' || (v >= 0x20 && v < 0x7f) ||
           (e->eight_bits && v >= 0x80 && v < 0x100);
}

static int
find_strings(struct call *c, const char *path, const struct encoding *e,
    struct strings *result)
{
    struct strings all = {0};
    char *block = call_alloc(c, CONTENT_CHUNK);
    size_t room = 256, used = 0;
    char *text = call_alloc(c, room);
    cleanup_close int fd = content_open(c, path);
    if (fd < 0)
        return -1;

    /* Wide characters may start at any byte: one that does not fit moves
     * the place on by one byte, as the text may start there. */
    size_t have = 0;
    for (;;) {
        ssize_t n = read_block(c, fd, path, block + have, CONTENT_CHUNK - have);
        if (n < 0)
            return -1;
        have += (size_t)n;
        size_t i = 0;
        while (i + e->width <= have) {
            uint32_t v = 0;
            for (unsigned k = 0; k < e->width; k++) {
                unsigned at = e->big_endian ? k : e->width - 1 - k;
                v = v << 8 | (unsigned char)block[i + at];
            }
            if (is_text(e, v)) {
                if (used + 1 == room) {
                    if (room >= CONTENT_MAX)
                        return call_error(c, EFBIG,
                            "%s: a text of more "
                            "than %d MiB",
                            path, CONTENT_MAX >> 20);
                    char *bigger = call_alloc(c, 2 * room);
                    memcpy(bigger, text, used);
                    text = bigger;
                    room *= 2;
                }
                text[used++] = (char)v;
                i += e->width;
                continue;
            }
            if (used >= 4 && strings_add(c, &all, text, used) < 0)
                return -1;
            i += used > 0 ? e->width : 1;
            used = 0;
        }
        memmove(block, block + i, have - i);
        have -= i;
        if (n == 0)
            break;
    }
    if (used >= 4 && strings_add(c, &all, text, used) < 0)
        return -1;
    *result = all;
    return 0;
}

int
op_strings(struct call *c, const struct api_strings_args *args,
    struct api_strings_ret *ret)
{
    static const struct encoding ascii = {"s", 1, false, false};
    struct strings result;

    if (find_strings(c, args->path, &ascii, &result) < 0)
        return -1;
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

int
op_strings_e(struct call *c, const struct api_strings_e_args *args,
    struct api_strings_e_ret *ret)
{
    static const struct encoding encodings[] = {
        {"s", 1, false, false},
        {"S", 1, false, true},
        {"b", 2, true, false},
        {"l", 2, false, false},
        {"B", 4, true, false},
        {"L", 4, false, false},
    };
    struct strings result;

    for (size_t i = 0; i < N_ELEMENTS(encodings); i++) {
        if (!str_equal(args->encoding, encodings[i].name))
            continue;
        if (find_strings(c, args->path, &encodings[i], &result) < 0)
            return -1;
        RETURN_STRINGS(ret, &result.list);
        return 0;
    }
    return call_error(
        c, EINVAL, "encoding '%s' is none of s, S, b, l, B, L", args->encoding);
}
