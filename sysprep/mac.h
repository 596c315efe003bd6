/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hardware addresses in files that configure the network.  Pure edits: each
 * returns a new text that the caller frees, or NULL if there is no memory. */
#pragma once
#include <stddef.h>

/* TEXT without the lines that assign one of NAMES, as NAME=... */
char *text_without_assignments(const char *text, const char *const *names);

/* A keyfile of NetworkManager that is bound to no address and sets none. */
char *keyfile_without_mac(const char *text);

/* A file of netplan: an interface that is found by its address is found by its
 * name, e*, instead, and none is set.  *RET_BOUND: how many were found by
 * it. */
char *netplan_without_mac(const char *text, size_t *ret_bound);

/* A .network file of systemd: the same. */
char *networkd_without_mac(const char *text, size_t *ret_bound);
