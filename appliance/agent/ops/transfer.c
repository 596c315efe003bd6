/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes between the call's stream and the guest's files and devices. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/guest/direct.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/file_or_device.h"
#include "base/cleanup.h"
#include "ops-transfer.h"

int
op_upload(struct call *c, const struct api_upload_args *args)
{
    cleanup_close int fd =
        file_or_device_open_write(c, args->remotefilename, O_CREAT | O_TRUNC);

    return fd < 0 ? -1 : direct_receive(c, fd, args->remotefilename, 0);
}

int
op_upload_offset(struct call *c, const struct api_upload_offset_args *args)
{
    cleanup_close int fd =
        file_or_device_open_write(c, args->remotefilename, O_CREAT);

    return fd < 0 ? -1
                  : direct_receive(c, fd, args->remotefilename, args->offset);
}

int
op_download(struct call *c, const struct api_download_args *args)
{
    cleanup_close int fd = file_or_device_open(c, args->remotefilename);
    int64_t size = fd < 0 ? -1 : content_size(c, fd, args->remotefilename);

    return size < 0 ? -1 : direct_send(c, fd, args->remotefilename, 0, size);
}

int
op_download_offset(struct call *c, const struct api_download_offset_args *args)
{
    cleanup_close int fd = file_or_device_open(c, args->remotefilename);

    if (fd < 0)
        return -1;
    int64_t size = content_size(c, fd, args->remotefilename);
    if (size < 0)
        return -1;
    if (args->offset > size || args->size > size - args->offset)
        return call_error(c, EINVAL,
            "%s: %lld bytes at %lld reach beyond "
            "the end of file at %lld",
            args->remotefilename, (long long)args->size,
            (long long)args->offset, (long long)size);
    return direct_send(c, fd, args->remotefilename, args->offset, args->size);
}

/* Run base64 between the stream and FD. */
static int
run_base64(struct call *c, int fd, const char *path, bool decode)
{
    static const char *const encoder[] = {"base64", NULL};
    static const char *const decoder[] = {"base64", "-d", "-i", NULL};
    struct run run = {.argv = decode ? decoder : encoder,
        .input_fd = decode ? 0 : fd,
        .output_fd = decode ? fd : 0,
        .stream_in = decode,
        .stream_out = !decode};
    struct run_result result;

    if (run_command(c, &run, &result) < 0)
        return -1;
    if (result.status != 0)
        return call_error(c, EINVAL, "%s: %s", path, result.errors);
    return 0;
}

int
op_base64_in(struct call *c, const struct api_base64_in_args *args)
{
    cleanup_close int fd =
        content_open_write(c, args->filename, O_CREAT | O_TRUNC);

    return fd < 0 ? -1 : run_base64(c, fd, args->filename, true);
}

int
op_base64_out(struct call *c, const struct api_base64_out_args *args)
{
    cleanup_close int fd = content_open(c, args->filename);

    return fd < 0 ? -1 : run_base64(c, fd, args->filename, false);
}
