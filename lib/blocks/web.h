/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image on a web or FTP server, as an NBD connection. */
#pragma once
#include "base/error.h"
#include "lib/disk/uri.h"
#include "lib/qemu/process.h"

struct mayfly;

/* Start a process that reads U and serves it.  *ret_fd becomes the connection,
 * the caller's to close; the process ends when all copies of it are closed. */
int web_start(struct mayfly *g, const struct uri *u, struct qemu_process *ret,
    int *ret_fd, struct error *err);
