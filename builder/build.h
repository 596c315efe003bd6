/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan becomes an image. */
#pragma once
#include "builder/plan.h"
#include "tool/options.h"

/* Do it.  Prints its errors; returns an exit code. */
int build_image(const struct plan *plan, const struct tool *tool,
    const struct sayer *sayer);
