/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the caller names by a path of the guest or, if it starts with "/dev/",
 * by a device of the appliance. */
#pragma once
struct call;

/* As content_open and content_open_write. */
int file_or_device_open(struct call *c, const char *path);
int file_or_device_open_write(struct call *c, const char *path, int flags);

/* Open a device; FLAGS: O_RDONLY or O_WRONLY. */
int device_open(struct call *c, const char *device, int flags);

/* As tool_path. */
const char *file_or_device_path(struct call *c, const char *what);
