/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --verify-boot: does the result boot? */
#pragma once
#include "v2v/target/target.h"

/* Boot it without a network on throwaway overlays until a login prompt shows on
 * the serial port, SECONDS at most: the images of the result or, if none were
 * made, the disks of G, which is shut down.  Prints the outcome, the end of the
 * console and the path of the screenshot.  Returns an exit code. */
int verify_boot(struct mayfly *g, const struct result *result, int seconds);
