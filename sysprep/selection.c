/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "sysprep/selection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "sysprep/operations.h"

/* The operations that WORD names, set to ON; false: there is none. */
static bool
set(struct sysprep_settings *s, const char *word, bool on)
{
    bool all = str_equal(word, "all"), usual = str_equal(word, "defaults");
    bool found = all || usual;

    for (size_t i = 0; i < n_sysprep_operations; i++) {
        const struct sysprep_operation *o = &sysprep_operations[i];

        if (!all && !(usual && o->usual) && !str_equal(o->name, word))
            continue;
        s->enabled[i] = on;
        found = true;
    }
    return found;
}

static int
read_list(
    struct sysprep_settings *s, const char *list, bool signs, struct error *err)
{
    cleanup_free char *copy = strdup(list);
    char *rest = copy, *word;

    if (!copy)
        return error_no_memory(err);
    s->chosen = true;
    while ((word = strsep(&rest, ","))) {
        bool off = signs && *word == '-';

        word += off;
        if (!*word)
            return error_set(err, EINVAL, "an operation without a name");
        if (!signs && (str_equal(word, "all") || str_equal(word, "defaults")))
            return error_set(err, EINVAL, "'%s' is for --operations", word);
        if (!set(s, word, !off))
            return error_set(err, EINVAL,
                "unknown operation '%s'; --list-operations shows them", word);
    }
    return 0;
}

int
selection_enable(
    struct sysprep_settings *s, const char *list, struct error *err)
{
    if (s->chosen)
        return error_set(
            err, EINVAL, "it can be given once, and not with --operations");
    s->by_enable = true;
    return read_list(s, list, false, err);
}

int
selection_change(
    struct sysprep_settings *s, const char *list, struct error *err)
{
    if (s->by_enable)
        return error_set(err, EINVAL, "it cannot be given with --enable");
    return read_list(s, list, true, err);
}

bool
selection_has(const struct sysprep_settings *s, const char *name)
{
    for (size_t i = 0; i < n_sysprep_operations; i++)
        if (str_equal(sysprep_operations[i].name, name))
            return s->chosen ? s->enabled[i] : sysprep_operations[i].usual;
    return false;
}

void
selection_list(void)
{
    for (size_t i = 0; i < n_sysprep_operations; i++)
        printf("%s %c %s\n", sysprep_operations[i].name,
            sysprep_operations[i].usual ? '*' : ' ',
            sysprep_operations[i].help);
}
