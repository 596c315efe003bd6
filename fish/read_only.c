/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/read_only.h"

#include <errno.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/tool.h"

static void
unreadable(const char *file, const config_t *c)
{
    tool_error("%s:%d: %s; correct the file or move it away", file,
        config_error_line(c), config_error_text(c));
    exit(TOOL_USAGE);
}

static void
read_configuration(const char *file, bool *read_only)
{
    cleanup_fclose FILE *in = file ? fopen(file, "re") : NULL;
    config_t c;
    int value;

    if (!in && file && errno != ENOENT && errno != ENOTDIR) {
        tool_error("%s: %s", file, strerror(errno));
        exit(TOOL_USAGE);
    }
    if (!in)
        return;
    config_init(&c);
    if (!config_read(&c, in))
        unreadable(file, &c);
    if (config_lookup_bool(&c, "read_only", &value))
        *read_only = value;
    config_destroy(&c);
}

/* DIRECTORY/libguestfs/libguestfs-tools.conf */
static void
read_below(const char *directory, size_t n, bool *read_only)
{
    cleanup_free char *file =
        text_printf("%.*s/libguestfs/libguestfs-tools.conf", (int)n, directory);

    read_configuration(file, read_only);
}

bool
read_only_configured(void)
{
    const char *home = getenv("HOME");
    const char *dirs = getenv("XDG_CONFIG_DIRS");
    const char *own = getenv("XDG_CONFIG_HOME");
    cleanup_free char *file = NULL, *folder = NULL;
    bool read_only = false;

    /* A later file counts more, as does an earlier folder of XDG_CONFIG_DIRS;
     * the last of them first, then. */
    read_configuration("/etc/libguestfs-tools.conf", &read_only);
    if (!dirs || !dirs[0])
        dirs = "/etc/xdg";
    for (size_t n = strlen(dirs); n > 0;) {
        size_t start = n;

        while (start > 0 && dirs[start - 1] != ':')
            start--;
        if (n > start)
            read_below(dirs + start, n - start, &read_only);
        n = start > 0 ? start - 1 : 0;
    }
    if (home && (file = text_printf("%s/.libguestfs-tools.rc", home)))
        read_configuration(file, &read_only);
    if (!own || !own[0])
        own = folder = home ? text_printf("%s/.config", home) : NULL;
    if (own)
        read_below(own, strlen(own), &read_only);
    return read_only;
}
