/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The labels that the caller gave to disks. */
#pragma once

struct call;
struct list;

/* Pairs of label and device; a partition of such a disk has the label with its
 * number after it. */
void label_pairs(struct call *c, struct list *ret);

/* The device with this label, or NULL. */
char *label_device(struct call *c, const char *label);
