/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of libguestfs that mean nothing here.  They are stored and printed
 * again, because scripts save and restore them. */
#pragma once

struct old_name;
struct shell;

/* For OLD_SET and OLD_GET. */
int settings_store(
    struct shell *sh, const struct old_name *o, const char *word);
int settings_print(struct shell *sh, const struct old_name *o);
