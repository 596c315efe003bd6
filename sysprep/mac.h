/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hardware addresses in files that configure the network.  Pure edits: each
 * returns a new text that the caller frees, or NULL if there is no memory. */
#pragma once
#include <stddef.h>

/* TEXT without the lines that assign one of NAMES, as NAME=... */
char *text_without_assignments(const char *text, const char *const *names);

/* A keyfile of NetworkManager that is bound to no address and sets none.
 * *RET_BOUND: how many addresses were all that it was bound to. */
char *keyfile_without_mac(const char *text, size_t *ret_bound);

/* A file of netplan: an interface that is found by its address is found by its
 * name, e*, instead, and none is set.  *RET_BOUND: how many were found by
 * it. */
char *netplan_without_mac(const char *text, size_t *ret_bound);

/* A .network, .netdev or .link file of systemd: the same.  Addresses of others,
 * as those of leases, stay. */
char *networkd_without_mac(const char *text, size_t *ret_bound);

/* interfaces(5) */
char *ifupdown_without_mac(const char *text);

/* The number of a line that may assign an address to this machine, or 0. */
size_t text_names_own_mac(const char *text);
