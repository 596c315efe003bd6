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

const struct builtin *
lookup_builtin(const struct builtin *table, const char *name)
{
    size_t n = strlen(name);

    for (; table->names; table++) {
        const char *p = table->names;

        while (*p) {
            size_t length = strcspn(p, " ");

            if (length == n && strncmp(p, name, n) == 0)
                return table;
            p += length + strspn(p + length, " ");
        }
    }
    return NULL;
}

static const struct command_name *
find_command(const char *name)
{
    return bsearch(
        name, command_names, n_command_names, sizeof command_names[0], compare);
}

struct found
lookup(const struct builtin *table, const char *name)
{
    char plain[NAME_MAX_LENGTH + 1];
    struct found found = {0};
    size_t n = strlen(name);

    if (n > NAME_MAX_LENGTH)
        return found;
    for (size_t i = 0; i <= n; i++)
        plain[i] = name[i] == '_' ? '-' : (char)tolower((unsigned char)name[i]);
    found.builtin = lookup_builtin(table, plain);
    if (found.builtin)
        return found;
    const struct command_name *row = find_command(plain);
    /* What took options later has another name with them in libguestfs:
     * add-drive-opts, mkfs-opts. */
    if (!row && n > 5 && str_equal(plain + n - 5, "-opts")) {
        plain[n - 5] = '\0';
        row = find_command(plain);
        plain[n - 5] = '-';
    }
    if (row)
        found.command = &commands[row->row];
    else
        found.old = old_name_find(plain);
    return found;
}

const char *
lookup_name(const struct builtin *table, size_t i)
{
    if (i < n_command_names)
        return command_names[i].name;
    static char first[NAME_MAX_LENGTH + 1];

    for (i -= n_command_names; table->names && i > 0; i--)
        table++;
    if (!table->names)
        return NULL;
    size_t n = strcspn(table->names, " ");
    memcpy(first, table->names, n);
    first[n] = 0;
    return first;
}
