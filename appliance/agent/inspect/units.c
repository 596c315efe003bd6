/* SPDX-License-Identifier: GPL-2.0-or-later */
/* systemd.mount(5) and systemd.swap(5): some systems have such units in place
 * of an fstab.  Those of a package, in /usr, are about the running system. */
#include <config.h>

#include "appliance/agent/inspect/units.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"
#include "base/strv.h"

#define FOLDER "/etc/systemd/system"

enum { UNITS_MAX = 1024, FILES_MAX = 65536 };

static bool
ends_with(const char *name, const char *ending)
{
    size_t n = strlen(name), k = strlen(ending);

    return n > k && str_equal(name + n - k, ending);
}

/* "%%" is a percent sign; other specifiers are of the running system. */
static char *
unit_value(char *value)
{
    char *to = value;

    for (const char *p = value; *p; p++) {
        p += p[0] == '%' && p[1] == '%';
        *to++ = *p;
    }
    while (to > value && strchr(" \t\r", to[-1]))
        to--;
    *to = '\0';
    return shell_unquote(value);
}

/* False if it mounts nothing: no source, or masked. */
static bool
read_unit(struct call *c, int root, const char *name, struct mntent *ret)
{
    bool swap = ends_with(name, ".swap");
    char *text = tree_text(c, root, call_printf(c, FOLDER "/%s", name));
    char *line;

    *ret = (struct mntent){.mnt_fsname = call_strdup(c, ""),
        .mnt_dir = call_strdup(c, swap ? "none" : ""),
        .mnt_type = call_strdup(c, swap ? "swap" : "auto"),
        .mnt_opts = call_strdup(c, "")};
    while ((line = next_line(&text))) {
        line += strspn(line, " \t");
        char *value = strchr("#;", line[0]) ? NULL : cut_value(line);
        if (!value)
            continue;
        line[strcspn(line, " \t")] = '\0';
        value = unit_value(value + strspn(value, " \t"));
        if (str_equal(line, "What"))
            ret->mnt_fsname = value;
        else if (str_equal(line, "Where"))
            ret->mnt_dir = value;
        else if (str_equal(line, "Type") && value[0])
            ret->mnt_type = value;
        else if (str_equal(line, "Options"))
            ret->mnt_opts = value;
    }
    return ret->mnt_fsname[0] && ret->mnt_dir[0];
}

static int
by_name(const void *a, const void *b)
{
    const struct unit_mount *x = a, *y = b;

    return strcmp(x->file, y->file);
}

void
units_read(struct call *c, int root, struct list *mounts)
{
    int fd = tree_open(root, FOLDER, O_RDONLY | O_DIRECTORY);
    cleanup_closedir DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    struct list names = {0};
    const struct dirent *e;
    unsigned n = 0;

    if (fd >= 0 && !folder)
        close(fd);
    /* The names are copied out first: the call may end while it reads. */
    while (folder && names.n < UNITS_MAX && n++ < FILES_MAX &&
           (e = readdir(folder)))
        if (ends_with(e->d_name, ".mount") || ends_with(e->d_name, ".swap"))
            list_add_string(c, &names, e->d_name);

    char **name = names.items;
    for (uint32_t i = 0; i < names.n; i++) {
        struct mntent entry;

        if (read_unit(c, root, name[i], &entry))
            *list_add(c, mounts, struct unit_mount) =
                (struct unit_mount){.file = name[i], .entry = entry};
    }
    if (mounts->n > 0)
        qsort(mounts->items, mounts->n, sizeof(struct unit_mount), by_name);
}
