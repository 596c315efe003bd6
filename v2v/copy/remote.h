/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images on other machines, by the URI that the user gave. */
#pragma once
#include "base/error.h"

struct json_object;

/* The block node by which QEMU opens the image itself; the caller owns it. */
struct json_object *remote_node(const char *uri, struct error *err);
