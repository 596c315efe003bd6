/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How libvirt asks for passwords: through the program's handler of
 * GUESTFS_EVENT_LIBVIRT_AUTH, if it has one and has declared what it can
 * answer, else in libvirt's own way. */
#pragma once
#include "compat/handle.h"
#include "domain/libvirt.h"

virConnectAuth libvirt_auth(guestfs_h *g, const struct libvirt *v);
