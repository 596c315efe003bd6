/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "tool/manual.h"

extern const struct tool_manual resize_manual;
