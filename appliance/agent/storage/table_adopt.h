/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Partition tables that the kernel does not take, though they can be read: a
 * GPT of which only the copy at the end is whole, and one that was made for
 * sectors of another size.
 *
 * The kernel is given the partitions, so that the disk can be read; whoever
 * asks is told what is wrong with its table. */
#pragma once
struct call;

/* A disk has come. */
void table_adopt(struct call *c, const char *device);

/* What is wrong with its table; NULL: nothing, or it has none. */
const char *table_complaint(
    struct call *c, const char *device, const char **ret_reason);
