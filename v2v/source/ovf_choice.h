/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a description is the machine, where it leaves a choice. */
#pragma once
#include <libxml/tree.h>

#include "v2v/machine/guest.h"

/* The only machine in it, also inside collections (vApps).  NULL with an error
 * if there are several, without one if there is none. */
xmlNode *ovf_only_system(const xmlNode *envelope, struct error *err);

/* Of the sizes of an appliance the default one: what HARDWARE has for others
 * goes. */
int ovf_choose_size(const xmlNode *envelope, xmlNode *hardware,
    struct guest *ret, struct error *err);
