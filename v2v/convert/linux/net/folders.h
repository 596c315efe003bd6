/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of the same kind in several folders, of which the first counts most:
 * what the administrator wrote, and what a package brought. */
#pragma once
#include "v2v/convert/conversion.h"

/* The paths that PATTERN has, {FIRST,SECOND}/NAME, sorted by their names; of
 * two with the same name only the first.  One piece of memory; NULL with an
 * error. */
char **net_folders_list(
    struct conversion *c, const char *pattern, struct error *err);

/* Those of PATHS, as above, that add to the file PATH: in a folder of its name
 * with ".d" after it.  Each is followed by its text. */
char **net_folders_dropins(struct conversion *c, char *const *paths,
    const char *path, struct error *err);
