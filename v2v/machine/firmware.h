/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware of a machine of which nobody says what it was. */
#pragma once
#include <mayfly.h>

#include "v2v/machine/guest.h"

/* If the first disk can be started by UEFI only, so was the machine; told in
 * a note. */
int firmware_guess(struct mayfly *g, struct guest *guest, struct error *err);
