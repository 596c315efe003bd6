/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the manuals of programs say more about the options of customize/. */
#pragma once
#include "tool/manual.h"

extern const struct tool_detail customize_details[];
