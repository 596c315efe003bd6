/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images of other machines, by the URI that the user gave. */
#pragma once
#include "base/error.h"

struct json_object;

/* What QEMU's block layer wants to know of one that it opens itself; the
 * caller owns it. */
struct json_object *remote_node(const char *uri, struct error *err);
