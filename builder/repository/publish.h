/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One image becomes one entry of a repository. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "builder/catalog/ini.h"
#include "tool/options.h"

/* The description of an image; NULL: not given. */
struct facts {
    const char *id, *name, *arch, *osinfo, *expand, *lvexpand, *notes_file;
};

/* Where images are published. */
struct publication {
    const struct tool *tool; /* how to inspect them */
    const char *folder;
    const struct ini *index; /* the current one */
    int level;               /* of xz */
};

/* Compress IMAGE into the folder and return its section of the index; the
 * caller frees it.  *ret_file is the name of the new file, also freed by the
 * caller.
 *
 * A value missing in FACTS is taken from a file next to the image that has its
 * name with the ending .ini and holds a section of an index; else from the
 * image's section in the current index; else from inspection. */
char *publish_image(const struct publication *to, const char *image,
    const struct facts *facts, char **ret_file, struct error *err);

/* Does a section of the index name this file? */
bool publish_is_known(const struct ini *index, const char *file);
