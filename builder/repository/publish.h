/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One image becomes one entry of a repository. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "builder/ini.h"
#include "tool/options.h"

/* The description of an image; NULL: not given. */
struct facts {
    const char *id, *name, *arch, *osinfo, *expand, *lvexpand, *notes_file;
};

/* Compress IMAGE into FOLDER and return its section of the index; the caller
 * frees it.  OLD is its current section in the index, or NULL; *ret_file is the
 * name of the new file, also freed by the caller.
 *
 * A value missing in FACTS is taken from a file next to the image that has its
 * name with the ending .ini and holds a section of an index; else from the
 * current section; else from inspection. */
char *publish_image(const struct tool *tool, const char *folder,
    const char *image, const struct facts *facts, const struct ini *old,
    int level, char **ret_file, struct error *err);

/* Does a section of the index name this file? */
bool publish_is_known(const struct ini *index, const char *file);
