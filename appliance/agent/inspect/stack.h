/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening what hides file systems. */
#pragma once
#include <mayfly-types.h>

#include <stdint.h>

struct call;
struct list;
struct volumes;

/* Remember a key for the next volumes_open.  It stays for the life of the
 * appliance. */
int volume_key_add(
    struct call *c, const char *id, const uint8_t *key, uint32_t size);

/* Bring up arrays, volume groups and, with the keys, encrypted devices until
 * nothing new shows up; then list every device.  What could not be opened is
 * marked locked and explained in NOTES. */
int volumes_open(struct call *c, struct volumes *ret, struct list *notes);
