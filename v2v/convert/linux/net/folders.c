/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/net/folders.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

struct found {
    char *path;
    const char *name; /* inside it: the file's, with the folder of drop-ins */
    size_t rank;      /* in the list */
};

/* The name by which a file replaces another one: "a.network", or
 * "a.network.d/b.conf". */
static const char *
name_of(const char *path)
{
    const char *name = strrchr(path, '/') + 1, *folder = name - 1;

    while (folder > path && folder[-1] != '/')
        folder--;
    return name - folder > 3 && strncmp(name - 3, ".d/", 3) == 0 &&
                   strchr(folder, '.') < name - 3
               ? folder
               : name;
}

static int
by_name(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    int r = strcmp(x->name, y->name);

    return r ? r : (x->rank < y->rank ? -1 : 1);
}

char **
net_folders_list(struct conversion *c, const char *pattern, struct error *err)
{
    char **paths = conversion_glob(c, pattern, err);
    size_t n = strv_length(paths), used = 0;
    cleanup_free struct found *all = calloc(n + 1, sizeof *all);

    if (!paths || !all) {
        free(paths);
        return err->code ? NULL : (error_no_memory(err), NULL);
    }
    for (size_t i = 0; i < n; i++)
        all[i] = (struct found){paths[i], name_of(paths[i]), i};
    if (n > 0)
        qsort(all, n, sizeof *all, by_name);
    /* The list and its strings are one piece of memory. */
    for (size_t i = 0; i < n; i++)
        if (i == 0 || !str_equal(all[i].name, all[i - 1].name))
            paths[used++] = all[i].path;
    paths[used] = NULL;
    return paths;
}

char **
net_folders_dropins(struct conversion *c, char *const *paths, const char *path,
    struct error *err)
{
    const char *name = strrchr(path, '/') + 1;
    char **list = calloc(1, sizeof *list);

    if (!list)
        return error_no_memory(err), NULL;
    for (; *paths; paths++) {
        const char *rest = str_after(name_of(*paths), name);

        if (!rest || !str_after(rest, ".d/"))
            continue;
        char *text = conversion_read(c, *paths, NULL, err);

        if (!text && !err->code)
            continue;
        if (!text || strv_append(&list, *paths) < 0 ||
            strv_take(&list, steal_pointer(&text)) < 0) {
            free(text);
            strv_free(list);
            return err->code ? NULL : (error_no_memory(err), NULL);
        }
    }
    return list;
}
