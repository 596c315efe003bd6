/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory of what each repository has shown before, so that nobody between
 * us and it can replay an older index with templates long since replaced. */
#pragma once
#include "base/error.h"
#include "builder/sources.h"
#include "builder/verify.h"

/* Refuse an index signed earlier than one seen before from the same source
 * and key; remember this one. */
int trust_check_age(
    const struct source *source, const struct verified *v, struct error *err);
