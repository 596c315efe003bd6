/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a path of the guest leads. */
#pragma once
#include "sysprep/operations.h"

/* Without links, "." and double slashes; PATH itself if it is not there. */
char *where_really(struct work *w, const char *path);

/* Is FOLDER, whose real name is REAL, itself, or one that systems have under
 * two names? */
bool where_is_usual(const char *folder, const char *real);

/* 1: FOLDER is where its name says; 0: a link leads away, which is reported;
 * -1: an error. */
int where_is_own(struct work *w, const char *folder, struct error *err);
