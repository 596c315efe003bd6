/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"

/* The limit of the type "key" in api/types.api. */
enum { MAX_KEY = 65536 };

void
tool_key_free(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

void
tool_keys_free(struct tool_keys *k)
{
    for (size_t i = 0; i < k->n_keys; i++) {
        explicit_bzero(k->keys[i].secret, k->keys[i].size);
        free(k->keys[i].secret);
        free(k->keys[i].id);
    }
    free(k->keys);
    *k = (struct tool_keys){0};
}

static int
append(struct tool_keys *k, const char *id, size_t id_length,
    const char *secret, size_t size, struct error *err)
{
    struct tool_key *bigger =
        reallocarray(k->keys, k->n_keys + 1, sizeof *bigger);

    if (!bigger)
        return error_no_memory(err);
    k->keys = bigger;

    struct tool_key *key = &k->keys[k->n_keys];
    *key = (struct tool_key){strndup(id, id_length), malloc(size + 1), size};
    if (!key->id || !key->secret) {
        free(key->id);
        free(key->secret);
        return error_no_memory(err);
    }
    memcpy(key->secret, secret, size);
    key->secret[size] = 0;
    k->n_keys++;
    return 0;
}

static int
append_file(struct tool_keys *k, const char *id, size_t id_length,
    const char *path, struct error *err)
{
    size_t size;
    char *data = read_file(path, MAX_KEY, &size, err);

    if (!data)
        return -1;
    int result = 0;
    /* A passphrase written by an editor ends in a newline that does not belong
     * to it; a key file made by a machine may really end in one.  Try both. */
    if (size > 0 && data[size - 1] == '\n')
        result = append(k, id, id_length, data, size - 1, err);
    if (result == 0)
        result = append(k, id, id_length, data, size, err);
    explicit_bzero(data, size);
    free(data);
    return result;
}

int
tool_keys_add_bytes(struct tool_keys *k, const char *id, const char *secret,
    size_t size, struct error *err)
{
    return append(k, id, strlen(id), secret, size, err);
}

int
tool_keys_add(struct tool_keys *k, const char *value, struct error *err)
{
    const char *colon = strchr(value, ':');
    const char *rest = NULL;

    if (colon && colon > value) {
        size_t n = (size_t)(colon - value);

        if ((rest = str_after(colon, ":key:")) && strlen(rest) <= MAX_KEY)
            return append(k, value, n, rest, strlen(rest), err);
        if ((rest = str_after(colon, ":file:")))
            return append_file(k, value, n, rest, err);
    }
    /* The value may itself be a secret: never repeat it. */
    return error_set(
        err, EINVAL, "not of the form ID:key:STRING or ID:file:PATH");
}

static char *
read_line(FILE *in, struct error *err)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n = getline(&line, &room, in);

    if (n < 0) {
        free(line);
        return error_set(err, ENODATA, "no key: the input ended"), NULL;
    }
    if (n > 0 && line[n - 1] == '\n')
        line[n - 1] = 0;
    return line;
}

char *
tool_keys_ask(const struct tool_keys *k, const char *what, struct error *err)
{
    if (k->from_stdin)
        return read_line(stdin, err);

    cleanup_fclose FILE *tty = fopen("/dev/tty", "r+e");
    if (!tty)
        return error_set(err, ENOTTY,
                   "a key for %s is needed and there is no terminal to ask "
                   "on; give --key or --keys-from-stdin",
                   what),
               NULL;

    /* Do this before the prompt: what is typed when the prompt appears must
     * neither be shown nor be flushed. */
    struct termios old;
    bool hide = !k->echo && tcgetattr(fileno(tty), &old) == 0;
    if (hide) {
        struct termios quiet = old;

        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fileno(tty), TCSAFLUSH, &quiet);
    }
    cleanup_free char *safe = text_escape(what);
    fprintf(tty, "Enter key or passphrase (\"%s\"): ", safe ? safe : "");
    fflush(tty);
    char *line = read_line(tty, err);
    if (hide) {
        tcsetattr(fileno(tty), TCSADRAIN, &old);
        fputs("\n", tty);
    }
    return line;
}
