/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files read and written as a whole or at an offset. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/storage/file_or_device.h"
#include "base/cleanup.h"
#include "ops-content.h"

int
op_cat(struct call *c, const struct api_cat_args *args, struct api_cat_ret *ret)
{
    ret->value = content_read_text(c, args->path);
    return ret->value ? 0 : -1;
}

int
op_read_file(struct call *c, const struct api_read_file_args *args,
    struct api_read_file_ret *ret)
{
    size_t size;
    char *data = content_read(c, args->path, &size);
    if (!data)
        return -1;

    ret->value = (const uint8_t *)data;
    ret->n_value = (uint32_t)size;
    return 0;
}

int
op_read_lines(struct call *c, const struct api_read_lines_args *args,
    struct api_read_lines_ret *ret)
{
    struct strings result = {0};
    char *p = content_read_text(c, args->path);
    if (!p)
        return -1;

    while (*p) {
        size_t n = strcspn(p, "\n"), length = n;
        if (n > 0 && p[n] == '\n' && p[n - 1] == '\r')
            length--;
        if (strings_add(c, &result, p, length) < 0)
            return -1;
        p += n + (p[n] == '\n');
    }
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

int
op_internal_write(struct call *c, const struct api_internal_write_args *args)
{
    cleanup_close int fd = content_open_write(
        c, args->path, O_CREAT | (args->append ? O_APPEND : O_TRUNC));

    return fd < 0 ? -1
                  : content_write_all(
                        c, fd, args->content, args->n_content, args->path);
}

/* pread until COUNT bytes or the end. */
static int
read_part(struct call *c, int fd, const char *path, size_t count, off_t offset,
    const uint8_t **ret, uint32_t *ret_n)
{
    int64_t size = content_size(c, fd, path);
    size_t done = 0;

    if (size < 0)
        return -1;
    int64_t left = offset < size ? size - offset : 0;
    if ((int64_t)count > left)
        count = (size_t)left;
    uint8_t *data = call_alloc(c, count + 1);
    while (done < count) {
        ssize_t n = pread(fd, data + done, count - done, offset + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return call_fail(c, errno, "%s", path);
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *ret = data;
    *ret_n = (uint32_t)done;
    return 0;
}

int
op_pread(struct call *c, const struct api_pread_args *args,
    struct api_pread_ret *ret)
{
    cleanup_close int fd = content_open(c, args->path);

    return fd < 0 ? -1
                  : read_part(c, fd, args->path, (size_t)args->count,
                        args->offset, &ret->value, &ret->n_value);
}

int
op_pread_device(struct call *c, const struct api_pread_device_args *args,
    struct api_pread_device_ret *ret)
{
    cleanup_close int fd = device_open(c, args->device, O_RDONLY);

    if (fd < 0)
        return -1;
    return read_part(c, fd, args->device, (size_t)args->count, args->offset,
        &ret->value, &ret->n_value);
}

static int
write_part(struct call *c, int fd, const char *path, const uint8_t *data,
    size_t size, off_t offset, int32_t *ret)
{
    ssize_t n = pwrite(fd, data, size, offset);

    if (n < 0)
        return call_fail(c, errno, "%s", path);
    *ret = (int32_t)n;
    return 0;
}

int
op_internal_pwrite(struct call *c, const struct api_internal_pwrite_args *args,
    struct api_internal_pwrite_ret *ret)
{
    cleanup_close int fd = content_open_write(c, args->path, 0);

    return fd < 0 ? -1
                  : write_part(c, fd, args->path, args->content,
                        args->n_content, args->offset, &ret->value);
}

int
op_internal_pwrite_device(struct call *c,
    const struct api_internal_pwrite_device_args *args,
    struct api_internal_pwrite_device_ret *ret)
{
    cleanup_close int fd = device_open(c, args->device, O_WRONLY);

    if (fd < 0)
        return -1;
    return write_part(c, fd, args->device, args->content, args->n_content,
        args->offset, &ret->value);
}

int
op_truncate(struct call *c, const struct api_truncate_args *args)
{
    cleanup_close int fd = content_open_write(c, args->path, O_TRUNC);

    return fd < 0 ? -1 : 0;
}

int
op_truncate_size(struct call *c, const struct api_truncate_size_args *args)
{
    cleanup_close int fd = content_open_write(c, args->path, 0);

    if (fd < 0)
        return -1;
    if (ftruncate(fd, args->size) < 0)
        return call_fail(c, errno, "ftruncate: %s", args->path);
    return 0;
}

int
op_fallocate64(struct call *c, const struct api_fallocate64_args *args)
{
    cleanup_close int fd = content_open_write(c, args->path, O_CREAT | O_TRUNC);
    if (fd < 0)
        return -1;

    int code = args->len > 0 ? posix_fallocate(fd, 0, args->len) : 0;
    if (code != 0)
        return call_fail(c, code, "%s", args->path);
    return 0;
}

/* Make a file of LEN bytes, PATTERN again and again. */
static int
fill(struct call *c, const char *path, const void *pattern, size_t size,
    size_t len)
{
    cleanup_close int fd = content_open_write(c, path, O_CREAT | O_TRUNC);
    if (fd < 0)
        return -1;

    size_t room = CONTENT_CHUNK / size * size;
    char *block = call_alloc(c, room);
    for (size_t i = 0; i < room; i += size)
        memcpy(block + i, pattern, size);
    for (size_t done = 0; done < len; done += room) {
        size_t n = len - done < room ? len - done : room;
        if (content_write_all(c, fd, block, n, path) < 0)
            return -1;
        call_progress(c, done + n, len);
        if (call_cancelled(c))
            return call_fail(c, ECANCELED, "%s", path);
    }
    return 0;
}

int
op_fill(struct call *c, const struct api_fill_args *args)
{
    unsigned char byte = (unsigned char)args->c;

    return fill(c, args->path, &byte, 1, (size_t)args->len);
}

int
op_fill_pattern(struct call *c, const struct api_fill_pattern_args *args)
{
    return fill(
        c, args->path, args->pattern, strlen(args->pattern), (size_t)args->len);
}
