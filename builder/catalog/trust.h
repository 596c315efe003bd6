/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record of the newest index of each repository, so that no one between us
 * and it can replay an older index with outdated templates. */
#pragma once
#include "base/error.h"
#include "builder/catalog/sources.h"
#include "download/verify.h"

/* Refuse an index signed earlier than one seen before from the same source and
 * key; record this one. */
int trust_check_age(const struct template_source *source,
    const struct verified *v, struct error *err);
