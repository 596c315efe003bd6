/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How old the appliance's kernel is. */
#pragma once
#include <time.h>

#include "base/error.h"

/* What the kernel in FOLDER says of itself; foreign text, to be freed. */
int kernel_banner(const char *folder, char **ret, struct error *err);

/* Its version, its day and its age at NOW, for people; NULL: no memory. */
char *kernel_age_text(const char *banner, time_t now);
