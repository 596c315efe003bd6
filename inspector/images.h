/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The images of a run of many: those that a list names, and those in
 * folders. */
#pragma once
#include "base/error.h"

/* Add each line of a file; "-" is standard input. */
int images_add_list(char ***names, const char *file, struct error *err);

/* Add NAME or, if it is a folder, the images in it and below, in order. */
int images_add_folder(char ***names, const char *name, struct error *err);
