/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of encrypted devices: --key, --keys-from-stdin, --echo-keys. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* A key given on the command line.  The id is a device (/dev/sda2,
 * /dev/VG/LV), the UUID of the LUKS header, or "all". */
struct tool_key {
    char *id;
    char *secret; /* may hold any bytes; followed by a NUL */
    size_t size;
};

struct tool_keys {
    struct tool_key *keys;
    size_t n_keys;
    bool from_stdin; /* --keys-from-stdin */
    bool echo;       /* --echo-keys */
};

/* Add the value of a --key option: ID:key:STRING or ID:file:PATH. */
int tool_keys_add(struct tool_keys *k, const char *value, struct error *err);

/* Add a key that may hold any bytes. */
int tool_keys_add_bytes(struct tool_keys *k, const char *id, const char *secret,
    size_t size, struct error *err);

/* Ask for a key: a line of stdin with --keys-from-stdin, else a prompt for WHAT
 * on the terminal.  The caller frees it with tool_key_free. */
char *tool_keys_ask(
    const struct tool_keys *k, const char *what, struct error *err);

/* Wipe and free. */
void tool_key_free(char *secret);
void tool_keys_free(struct tool_keys *k);
