/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of one operating system, while it is being found out. */
#pragma once
#include <mayfly-types.h>

#include <stdbool.h>
#include <stdint.h>

struct call;

/* An empty root: every string "". */
void system_init(struct mayfly_inspection_root *s);

/* The release: distro, names and versions from os-release or, where that is
 * missing or says too little, from the distribution's own files. */
void release_read(struct call *c, int root, struct mayfly_inspection_root *s);

/* The same from os-release alone. */
void release_read_os(
    struct call *c, int root, struct mayfly_inspection_root *s);

/* The word after PREFIX, with which the file has to begin; or NULL. */
char *release_word(
    struct call *c, int root, const char *path, const char *prefix);

/* The numbers in the text "14.1-RELEASE". */
void release_set_version(struct mayfly_inspection_root *s, const char *text);

/* osinfo's id of a system that it counts by major and minor number. */
void release_set_osinfo(struct call *c, struct mayfly_inspection_root *s);

/* The name by which os-release's ID is known, itself if there is no other. */
const char *distro_name(const char *id);

/* Is it one of those that are known? */
bool distro_is_listed(const char *id);

/* Does its own file in /etc say more than its os-release? */
bool distro_has_release_file(const char *id);

/* Package format and management, and osinfo's short id, from what is known
 * of the release. */
void distro_derive(struct call *c, int root, struct mayfly_inspection_root *s);

/* The host name, "" if there is none. */
char *hostname_read(struct call *c, int root);
char *hostname_read_bsd(struct call *c, int root);

/* The architecture of a file: "x86_64"; NULL with a reason for the error. */
char *arch_of_file(
    struct call *c, int root, const char *path, const char **ret_reason);

/* That of the basic programs, "" if none is there. */
char *arch_read(struct call *c, int root);

/* The logo; *ret_size 0 if there is none. */
uint8_t *icon_read(struct call *c, int root,
    const struct mayfly_inspection_root *s, bool favicon, bool highquality,
    uint32_t *ret_size);
