/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In a folder an image is known by its ending.  Links are not followed: they
 * could lead in circles, or to what has been found already. */
#include <config.h>

#include "inspector/images.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { NAMES_MAX = 1000000, NAME_BYTES = 65536 };

int
images_add_list(char ***names, const char *file, struct error *err)
{
    bool standard = str_equal(file, "-");
    cleanup_fclose FILE *opened = standard ? NULL : fopen(file, "re");
    FILE *f = standard ? stdin : opened;
    cleanup_free char *line = NULL;
    size_t room = 0, n = 0;
    ssize_t length;

    if (!f)
        return error_errno(err, errno, "cannot open %s", file);
    while ((length = getline(&line, &room, f)) >= 0) {
        if (strlen(line) != (size_t)length)
            return error_set(err, EINVAL,
                "%s: a name with a zero byte; names are lines",
                standard ? "standard input" : file);
        while (length > 0 && memchr("\r\n", line[length - 1], 2))
            line[--length] = '\0';
        if (length == 0)
            continue;
        if (length > NAME_BYTES || ++n > NAMES_MAX)
            return error_set(err, E2BIG, "%s: too many names, or too long ones",
                standard ? "standard input" : file);
        if (strv_append(names, line) < 0)
            return error_no_memory(err);
    }
    if (ferror(f))
        return error_errno(err, errno, "cannot read %s", file);
    return 0;
}

/* Is it x-flat.vmdk or x-s001.vmdk, a part of x.vmdk? */
static bool
is_extent(const char *name, const char *dot)
{
    const char *hyphen = NULL;

    for (const char *p = name; p < dot; p++)
        if (*p == '-')
            hyphen = p;
    if (!hyphen || strcasecmp(dot, ".vmdk") != 0)
        return false;
    size_t n = (size_t)(dot - hyphen);
    return strncmp(hyphen, "-flat", n) == 0 ||
           (n == strlen("-s001") && strchr("sf", hyphen[1]) &&
               strspn(hyphen + 2, "0123456789") == 3);
}

static bool
is_image(const char *name)
{
    static const char *const endings[] = {".qcow2", ".qcow", ".img", ".raw",
        ".vmdk", ".vdi", ".vhd", ".vhdx", ".vpc", ".qed", ".hdd", ".iso"};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && dot > name && i < N_ELEMENTS(endings); i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return !is_extent(name, dot);
    return false;
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int
walk(char ***names, FTS *tree, struct error *err)
{
    const FTSENT *e;

    while ((e = fts_read(tree))) {
        /* What cannot be read becomes a row that says so. */
        bool unreadable = e->fts_info == FTS_DNR || e->fts_info == FTS_ERR ||
                          e->fts_info == FTS_NS;

        if ((unreadable || (e->fts_info == FTS_F && is_image(e->fts_name))) &&
            strv_append(names, e->fts_path) < 0)
            return error_no_memory(err);
    }
    return 0;
}

int
images_add_folder(char ***names, const char *name, struct error *err)
{
    cleanup_free char *path = strdup(name);
    char *paths[] = {path, NULL};
    struct stat st;

    if (!path)
        return error_no_memory(err);
    if (stat(name, &st) < 0 || !S_ISDIR(st.st_mode))
        return strv_append(names, name) < 0 ? error_no_memory(err) : 0;
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (!tree)
        return error_errno(err, errno, "cannot read the folder %s", name);
    int r = walk(names, tree, err);
    fts_close(tree);
    return r;
}
