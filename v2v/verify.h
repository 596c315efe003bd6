/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --verify-boot: does the result start? */
#pragma once
#include "v2v/target/target.h"

/* Boot it without a network on throwaway overlays until a login prompt shows
 * on the serial port, SECONDS at most.  Prints what came of it, the end of
 * the console and where the screenshot is.  Returns an exit code. */
int verify_boot(const struct result *result, int seconds);
