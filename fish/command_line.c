/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/command_line.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strv.h"
#include "fish/lookup.h"
#include "tool/domain.h"

static bool
is_command(const struct builtin *table, const char *word)
{
    struct found found = lookup(table, word);

    return found.builtin || found.command || found.old;
}

/* "-COMMAND", where options would have one letter or two dashes. */
static bool
ignores_error(const struct builtin *table, const char *word)
{
    return word && word[0] == '-' && word[1] && word[1] != '-' &&
           (word[2] || is_command(table, word + 1));
}

char **
command_line_read(const struct builtin *table, char **argv, int *ret_argc)
{
    size_t n = strv_length(argv), at = 0;
    char **all = calloc(n + 2, sizeof *all);

    if (!all)
        return NULL;
    for (size_t i = 1; argv[i] && !str_equal(argv[i], "--") && at == 0; i++) {
        if (str_equal(argv[i], ":") && ignores_error(table, argv[i + 1]))
            at = i;
    }
    memcpy(all, argv, n * sizeof *all);
    if (at > 0) {
        static char end_of_options[] = "--";

        memmove(all + at + 1, all + at, (n - at) * sizeof *all);
        all[at] = end_of_options;
        n++;
    }
    *ret_argc = (int)n;
    return all;
}

static int
take_word(struct tool *t, const char *word, bool is_file, struct error *err)
{
    struct tool_disk domain = {.domain = word};

    return is_file ? tool_add_disk(t, word, err)
                   : tool_take_disk(t, &domain, err);
}

int
command_line_disks(struct shell *sh)
{
    struct tool *t = &sh->tool;
    size_t taken = 0;

    for (; taken < t->n_words; taken++) {
        const char *word = t->words[taken];
        bool is_file = strchr(word, '/') || access(word, F_OK) == 0;
        bool command = !is_file && is_command(sh->builtins, word);

        if (command && taken == 0)
            tool_misuse("-i needs a disk: give -a DISK or -d DOMAIN before the "
                        "command '%s'",
                word);
        if (command)
            break;
        if (take_word(t, word, is_file, &sh->error) < 0 ||
            domain_expand(t, &sh->error) < 0)
            return tool_give_up(&sh->error, TOOL_INPUT);
    }
    t->words += taken;
    t->n_words -= taken;
    return TOOL_OK;
}
