/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a guest, seen from its root directory, without mounting it
 * where the calls see it.  ROOT is an open directory; paths start with "/" and
 * no link leads out.  Nothing here fails the call: what cannot be read is not
 * there. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct call;

/* Open below ROOT; -1 with errno. */
int tree_open(int root, const char *path, int flags);

/* Of what PATH leads to, following links. */
bool tree_is_file(int root, const char *path);
bool tree_is_dir(int root, const char *path);

/* The target of a link, NULL if PATH is none. */
char *tree_link(struct call *c, int root, const char *path);

/* PATH as it is written there, where case does not count, as for Windows;
 * NULL if there is no such file. */
char *tree_nocase(struct call *c, int root, const char *path);

/* The content of a regular file of at most MAX bytes, with a NUL after it
 * that does not count; NULL if there is none, it is larger or unreadable.  It
 * belongs to the caller, who may cut it up.  RET_SIZE may be NULL. */
char *tree_read(
    struct call *c, int root, const char *path, size_t max, size_t *ret_size);

/* The same for files of text: up to 1 MiB, and NUL bytes end it. */
char *tree_text(struct call *c, int root, const char *path);

/* Cut the next line off *TEXT; NULL at the end.  A CR before the newline
 * goes too. */
char *next_line(char **text);

/* Take away one pair of quotes, and within double quotes the backslashes, as
 * a shell would.  In place. */
char *shell_unquote(char *value);

/* If LINE is KEY=VALUE, cut it there and give VALUE; else NULL. */
char *cut_value(char *line);
