/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How libvirt asks for passwords: by the program's handler of
 * GUESTFS_EVENT_LIBVIRT_AUTH, if it has one and said what it can answer, else
 * as libvirt itself does. */
#pragma once
#include "compat/handle.h"
#include "domain/libvirt.h"

virConnectAuth libvirt_auth(guestfs_h *g, const struct libvirt *v);
