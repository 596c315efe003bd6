/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the registry of Windows during inspection, by libhivex.  Nothing
 * here fails the call: what cannot be read is not there.  A hive is closed
 * when the call ends. */
#pragma once
#include <hivex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;

/* The hive at PATH; NULL if it is none. */
hive_h *registry_open(struct call *c, int root, const char *path);

/* The node below FROM at PATH, "A\\B\\C"; 0 if there is none.  Case does not
 * count. */
hive_node_h registry_node(hive_h *h, hive_node_h from, const char *path);

/* All child nodes, ended by 0; NULL on failure.  Freed when the call ends. */
hive_node_h *registry_children(struct call *c, hive_h *h, hive_node_h node);
char *registry_name(struct call *c, hive_h *h, hive_node_h node);

/* A value of NODE, by its key: text, cut at MAX bytes, NULL if there is none;
 * a number of 32 bits. */
char *registry_text(
    struct call *c, hive_h *h, hive_node_h node, const char *key, size_t max);
bool registry_number(
    hive_h *h, hive_node_h node, const char *key, uint32_t *ret);
