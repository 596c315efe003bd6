/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The environment variables and files that Mayfly knows: the sections
 * ENVIRONMENT and FILES of all pages come from here.  tests/pages compares
 * them with what the sources read. */
#pragma once
#include <stdio.h>

/* The sections for a program; the files for NULL are those of all. */
void environment_manual(const char *program, FILE *out);
void files_manual(const char *program, FILE *out);

/* One name a line. */
void environment_names(FILE *out);
