/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was found, for programs that read virt-v2v-inspector's XML. */
#pragma once
#include "v2v/target/target.h"

/* The document; the caller frees it.  Its disks are those of RESULT, whose
 * bases are still there. */
char *inspection_xml_text(const struct result *result, struct error *err);
