/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file has beside its content, owner, mode and times, and what the one
 * that replaces it should have as well: SELinux's label, capabilities, access
 * control lists, the attributes of users.  Not in the memory of a call, since
 * threads use it. */
#pragma once
#include <stdbool.h>

struct kept;

/* Of the file PATH, not of what it links to; NULL if it has nothing. */
struct kept *kept_read(const char *path);
struct kept *kept_read_fd(int fd, const char *only);

/* The new file has NAME itself. */
void kept_forget(struct kept *k, const char *name);

/* Give it to the open file FD or, if that is -1, to PATH.  -1 with errno. */
int kept_restore(const struct kept *k, int fd, const char *path);

/* Access control lists: setting them changes the mode. */
bool kept_has_acl(const struct kept *k);

void kept_free(struct kept *k);
