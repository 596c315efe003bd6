/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pure edits of the text of well-known files.  Each returns a new text that
 * the caller frees, or NULL with an error. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* TEXT with LINE as its last line.  The line ends are those of TEXT (LF, CR LF
 * or CR); a missing end of the last line is added. */
char *edit_append_line(
    const char *text, size_t size, const char *line, struct error *err);

/* shadow(5) with the password field of USER changed to HASH.  ENOENT: there is
 * no such user.  HASH NULL: only look; *ret_field becomes a copy of the current
 * field. */
char *edit_shadow(
    const char *text, const char *user, const char *hash, struct error *err);

/* The same with the day of the last change, in days since 1970: TODAY, if the
 * password has to be changed at the next login or is too old on that day, as
 * passwd(1) writes it; else as it is. */
char *edit_shadow_day(
    const char *text, const char *user, long today, struct error *err);
char *edit_shadow_field(const char *text, const char *user, struct error *err);

/* hosts(5) with the names OLD and OLD without its domain replaced, and
 * with the domain that OLD lacks on the line of the machine itself. */
char *edit_hosts(
    const char *text, const char *old, const char *new_name, struct error *err);

/* hosts(5) with NAME, and NAME without its domain, as a name of the machine
 * itself, unless NAME is there. */
char *edit_hosts_add(const char *text, const char *name, struct error *err);

/* The public keys of a file, each on a line of its own, and how many they are.
 * A line that is neither key nor comment is refused, and so is a file without
 * any or with a private one. */
char *ssh_keys_read(
    const char *text, size_t size, size_t *ret_n, struct error *err);
bool text_has_line(const char *text, const char *line);

/* What SELINUX= of /etc/selinux/config says: is SELinux on?  As libselinux
 * reads it: the first line with a value that it knows, in any case. */
bool selinux_is_on(const char *config);

/* The name in a file like hostname(5), "" if it has none; the caller frees
 * it. */
char *edit_hostname_of(const char *text);

/* The value of NAME=... without quotes, NULL if there is no such line; the
 * caller frees it. */
char *edit_value_of(const char *text, const char *name);

/* TEXT with the value of each line NAME=... replaced, or with such a line
 * added. */
char *edit_assignment(
    const char *text, const char *name, const char *value, struct error *err);

/* TEXT with the value of each "option NAME VALUE" replaced, as OpenWrt's
 * configuration has them; nothing is added. */
char *edit_uci_option(
    const char *text, const char *name, const char *value, struct error *err);
