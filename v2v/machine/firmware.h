/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware of a machine whose source does not name it. */
#pragma once
#include <mayfly.h>

#include "v2v/machine/guest.h"

/* If the first disk can only be booted by UEFI, the machine had UEFI; adds a
 * note. */
int firmware_guess(struct mayfly *g, struct guest *guest, struct error *err);
