/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's block devices; names sorted as people count, sda9 before sda10
 * before sdaa1. */
#pragma once
#include <stdbool.h>

struct call;
struct list;

/* The caller's disks: "/dev/sda". */
void block_disks(struct call *c, struct list *ret);
/* Partitions of disks and arrays: "/dev/sda1", "/dev/md127p1". */
void block_partitions(struct call *c, struct list *ret);
/* Arrays: "/dev/md127". */
void block_arrays(struct call *c, struct list *ret);
/* Logical volumes ("/dev/VG/LV"), or the other mapped devices. */
void block_mapped(struct call *c, bool volumes, struct list *ret);

/* The kernel's name ("sda1", "dm-0") of a block device; NULL (call failed)
 * if there is none. */
char *block_kernel_name(struct call *c, const char *device);

/* Its disk's kernel name and its number, if it is a partition. */
bool block_partition_of(
    struct call *c, const char *kernel_name, char **ret_disk, int *ret_number);
/* The kernel's names of the partitions of a disk, in no order. */
void block_children(struct call *c, const char *kernel_name, struct list *ret);
bool block_has_partitions(struct call *c, const char *kernel_name);

/* The kernel's names of the devices that use this one: mapped, arrays. */
void block_holders(struct call *c, const char *kernel_name, struct list *ret);

/* A small file below /sys/class/block/KERNEL_NAME/, without its newline;
 * "" if there is none. */
char *block_attribute(
    struct call *c, const char *kernel_name, const char *attribute);
