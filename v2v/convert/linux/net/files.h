/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's files about its network cards. */
#pragma once
#include "v2v/convert/conversion.h"
#include "v2v/convert/linux/net/decide.h"

/* Read all of them, and settle what they say. */
int net_files_read(
    struct conversion *c, struct net_settings *ret, struct error *err);

/* How the guest names cards that no file names. */
int net_files_manner(
    struct conversion *c, enum net_manner *ret, struct error *err);

/* Is it a link to /dev/null, which removes files of the same name elsewhere? */
bool net_files_is_masked(struct conversion *c, const char *path);
