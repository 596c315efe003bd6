/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building the arguments of a tool. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct call;
struct list;

/* Each word, up to NULL. */
void add_words(struct call *c, struct list *argv, ...)
    __attribute__((sentinel));

/* OPTION and VALUE, unless VALUE is NULL; or unless HAS is false. */
void add_option(
    struct call *c, struct list *argv, const char *option, const char *value);
void add_number(struct call *c, struct list *argv, const char *option, bool has,
    int64_t value);

/* The word, if wanted. */
void add_flag(struct call *c, struct list *argv, bool wanted, const char *word);

/* A path of the guest that exists, as a path of the appliance for a tool:
 * links are followed, and nothing else runs meanwhile that could change
 * them.  NULL (call failed). */
const char *tool_path(struct call *c, const char *path);

/* The same for something that is to be made in a folder that exists.  A link
 * of that name is an error: a tool would follow it out of the guest. */
const char *tool_path_new(struct call *c, const char *path);

/* What a tool said, with PATH of the appliance, which it was given, as the
 * GUEST_PATH that it stands for. */
const char *tool_words(
    struct call *c, const char *text, const char *path, const char *guest_path);
