/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: the kernels that can start. */
#pragma once
#include "v2v/convert/conversion.h"

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

/* Add one, if it is not there yet.  INITRD NULL: look for it by its name. */
int kernel_add(struct conversion *c, const char *image, const char *version,
    const char *initrd, bool in_menu, struct error *err);

/* All that the guest has. */
int kernels_find(struct conversion *c, struct error *err);

/* Copy the one on the host into the guest. */
int kernel_bring_in(struct conversion *c, struct error *err);

/* A unified image: its version, or NULL without an error. */
char *unified_version(
    struct conversion *c, const char *path, struct error *err);

/* Report what it names or lacks: it cannot be changed, since it may be
 * signed. */
int unified_check(
    struct conversion *c, const struct kernel *k, struct error *err);
