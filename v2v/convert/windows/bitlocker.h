/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <mayfly.h>

#include "base/error.h"

/* What to do with a volume that BitLocker has encrypted: a text to follow its
 * device. */
extern const char bitlocker_advice[];

/* The partitions that BitLocker has encrypted; NULL: none.  A partition that
 * cannot be read is not one of them. */
int bitlocker_find(struct mayfly *g, char ***ret, struct error *err);
