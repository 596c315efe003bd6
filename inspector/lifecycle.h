/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Until when a system is supported, as far as a package of this host or the
 * system itself knows. */
#pragma once

struct mayfly_inspection_root;

/* The date, YYYY-MM-DD, and which source has it; NULL: unknown. */
const char *lifecycle_end(
    const struct mayfly_inspection_root *s, char ret_date[16]);
