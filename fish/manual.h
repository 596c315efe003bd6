/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prose of mayfish(1), as roff: see struct tool_program. */
#pragma once

extern const char *const fish_manual[];
