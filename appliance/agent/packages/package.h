/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One package, as every reader fills it in. */
#pragma once
#include <dirent.h>
#include <mayfly-types.h>

#include <stdbool.h>

struct call;
struct list;

/* One more package, every string of it empty. */
struct mayfly_application2 *package_add(struct call *c, struct list *packages);

/* Cut [EPOCH:]VERSION[-RELEASE] in place, at the first hyphen.  False if the
 * epoch is no number. */
bool package_set_version(struct mayfly_application2 *p, char *version);

/* A folder, closed when the call ends; NULL if there is none. */
DIR *package_folder(struct call *c, int root, const char *path);

/* The next name in it that does not begin with "."; NULL at the end. */
const char *package_next(DIR *d);

/* "perl-5.38.2nb1": NAME becomes "perl", and the version is returned: it begins
 * after the last hyphen that has a digit after it.  NULL if there is none. */
char *package_cut_version(char *name);
