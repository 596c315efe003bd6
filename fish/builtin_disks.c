/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/builtin.h"
#include "fish/convert.h"
#include "fish/events.h"

static int
make_disk(struct shell *sh, char **argv, const char *preallocation)
{
    struct mayfly_disk_create_options create = {
        .set = MAYFLY_DISK_CREATE_PREALLOCATION,
        .preallocation = preallocation,
    };
    struct mayfly_add_drive_options add = {
        .set = MAYFLY_ADD_DRIVE_FORMAT,
        .format = "raw",
    };
    int64_t size;

    if (convert_i64(sh, "size", argv[1], 1, INT64_MAX, &size) < 0)
        return -1;
    if (mayfly_disk_create(sh->g, argv[0], "raw", size, &create) < 0)
        return shell_call_failed(sh);
    if (mayfly_add_drive(sh->g, argv[0], &add) < 0) {
        shell_call_failed(sh);
        unlink(argv[0]);
        return -1;
    }
    return 0;
}

int
builtin_alloc(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    return make_disk(sh, argv, "full");
}

int
builtin_sparse(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    return make_disk(sh, argv, "sparse");
}

int
builtin_reopen(struct shell *sh, char **argv, size_t n)
{
    bool autosync = true;

    (void)argv, (void)n;
    mayfly_get_verbose(sh->g, &sh->tool.verbose);
    mayfly_get_trace(sh->g, &sh->tool.trace);
    mayfly_get_autosync(sh->g, &autosync);
    /* There is a new handle even if the old one fails to shut down. */
    int result = mayfly_shutdown(sh->g) < 0 ? shell_call_failed(sh) : 0;
    tool_signals_watch(NULL);
    mayfly_close(sh->g);
    events_free(sh);
    sh->g = tool_handle(&sh->tool);
    if (!sh->g)
        exit(TOOL_FAILED);
    mayfly_set_autosync(sh->g, autosync);
    return result;
}

int
builtin_supported(struct shell *sh, char **argv, size_t n)
{
    cleanup_free char **groups = NULL;
    int width = 0;

    (void)argv, (void)n;
    if (mayfly_available_all_groups(sh->g, &groups) < 0)
        return shell_call_failed(sh);
    for (size_t i = 0; groups[i]; i++) {
        if ((int)strlen(groups[i]) > width)
            width = (int)strlen(groups[i]);
    }
    for (size_t i = 0; groups[i]; i++) {
        const char *one[] = {groups[i], NULL};
        bool there;

        if (mayfly_feature_available(sh->g, one, &there) < 0)
            return shell_call_failed(sh);
        printf("%*s %s\n", width, groups[i], there ? "yes" : "no");
    }
    return 0;
}
