/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/lookup.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/strv.h"

/* Longer than any name. */
enum { NAME_MAX_LENGTH = 63 };

static int
compare(const void *key, const void *row)
{
    return strcasecmp(key, ((const struct command_name *)row)->name);
}

struct found
lookup(const char *name)
{
    char plain[NAME_MAX_LENGTH + 1];
    struct found found = {0};
    size_t n = strlen(name);

    if (n > NAME_MAX_LENGTH)
        return found;
    for (size_t i = 0; i <= n; i++)
        plain[i] = name[i] == '_' ? '-' : (char)tolower((unsigned char)name[i]);
    found.builtin = builtin_find(plain);
    if (found.builtin)
        return found;
    const struct command_name *row = bsearch(plain, command_names,
        n_command_names, sizeof command_names[0], compare);
    if (row)
        found.command = &commands[row->row];
    return found;
}

const char *
lookup_name(size_t i)
{
    if (i < n_command_names)
        return command_names[i].name;
    const struct builtin *b = builtin_at(i - n_command_names);
    static char first[NAME_MAX_LENGTH + 1];

    if (!b)
        return NULL;
    size_t n = strcspn(b->names, " ");
    memcpy(first, b->names, n);
    first[n] = 0;
    return first;
}
