/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One image becomes one entry of a repository. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "builder/ini.h"
#include "tool/options.h"

/* What is said of an image, each NULL if nothing is. */
struct facts {
    const char *id, *name, *arch, *osinfo, *expand, *lvexpand, *notes_file;
};

/* Compress IMAGE into FOLDER and return its section of the index, to be
 * freed.  OLD is its present section in the index, or NULL; *ret_file is the
 * name of the file made, to be freed.
 *
 * What FACTS do not say is taken from a file beside the image that is named
 * as it is, with .ini in place of the ending, and holds a section of an
 * index; else from the present section; else by inspection. */
char *publish_image(const struct tool *tool, const char *folder,
    const char *image, const struct facts *facts, const struct ini *old,
    int level, char **ret_file, struct error *err);

/* Does a section of the index name this file? */
bool publish_is_known(const struct ini *index, const char *file);
