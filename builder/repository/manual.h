/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of mayfly-repo(1). */
#pragma once
#include "tool/manual.h"

extern const struct tool_manual repo_manual;
