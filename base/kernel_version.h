/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which version a Linux kernel has, by its file and by its name. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KERNEL_HEADER = 0x210, KERNEL_VERSION_MAX = 128 };

/* A PC kernel holds its version as a text: where it starts in the file, by the
 * file's first N bytes; 0: it is not such a kernel. */
int64_t kernel_version_at(const uint8_t *header, size_t n);

/* Cut the text after the version in it. */
void kernel_version_end(char *text);

bool kernel_version_is_valid(const char *text);

/* The version among VERSIONS that the name of an image means:
 * "vmlinuz-6.1.0-9-amd64.bak", "vmlinuz-lts"; NULL: none. */
const char *kernel_version_of_name(const char *name, char *const *versions);

/* What follows "vmlinuz-" or the like in the name of an image. */
const char *kernel_stem(const char *name);
