/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For targets: writing their descriptions. */
#pragma once
#include "v2v/target/target.h"

/* Open FOLDER/NAME.ENDING for writing, under a temporary name. */
struct output;
int target_open(const struct result *result, const char *ending, unsigned mode,
    struct output *ret, struct error *err);

/* How targets write XML. */
extern const struct xml_style target_xml;
