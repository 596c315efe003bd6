/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/storage/file_or_device.h"

#include <errno.h>
#include <fcntl.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/storage/device.h"
#include "base/strv.h"

int
device_open(struct call *c, const char *name, int flags)
{
    const char *device = device_check(c, name);

    if (!device)
        return -1;
    int fd = open(device, flags | O_CLOEXEC);
    if (fd < 0)
        return call_fail(c, errno, "%s", name);
    return fd;
}

int
file_or_device_open(struct call *c, const char *path)
{
    if (str_after(path, "/dev/"))
        return device_open(c, path, O_RDONLY);
    return content_open(c, path);
}

int
file_or_device_open_write(struct call *c, const char *path, int flags)
{
    if (str_after(path, "/dev/"))
        return device_open(c, path, O_WRONLY);
    return content_open_write(c, path, flags);
}

const char *
file_or_device_path(struct call *c, const char *what)
{
    return str_after(what, "/dev/") ? device_check(c, what)
                                    : tool_path(c, what);
}
