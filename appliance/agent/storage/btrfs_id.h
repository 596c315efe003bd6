/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
struct call;

/* The number of DEVICE in the btrfs mounted at TARGET, as text; NULL (call
 * failed) if it is not one of its devices. */
const char *btrfs_device_id(
    struct call *c, const char *device, const char *target);
