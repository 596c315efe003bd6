/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of mayfly-v2v(1). */
#pragma once

extern const char *const v2v_manual[];
