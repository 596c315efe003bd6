/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: what the guest's files say of its disks. */
#pragma once
#include "v2v/convert/conversion.h"
#include "v2v/convert/volumes.h"

/* The list of the guest's devices, made at the first call. */
struct volumes *device_volumes(struct conversion *c, struct error *err);
