/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tar archive from the call's stream into a directory of the guest. */
#pragma once
#include <stdbool.h>

struct call;

struct unpack_options {
    bool xattrs, selinux, acls; /* also restore those */
    bool keepdirlink; /* a directory may be a link to one in the guest */
};

int unpack(struct call *c, const char *directory,
    const struct unpack_options *options);
