/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generated from the definition in api/; do not edit. */

#pragma once
#include "codec.h"

struct mayfly;

/* Read a tree. */
int mayfly_tree(struct mayfly *g, const void *key, size_t n_key, struct mayfly_tree **ret);
