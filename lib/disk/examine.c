/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls that ask what an image file is; they touch no disk of the
 * handle. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/disk/header.h"
#include "lib/disk/policy.h"
#include "lib/handle/handle.h"

/* The headers of this one file; files it refers to are not examined. */
static int
examine(struct mayfly *g, const char *filename, struct image_header *ret)
{
    cleanup_error struct error err = {0};
    struct image_source src;
    cleanup_close int fd = -1;

    error_clear(&g->error);
    fd = open_image_file(filename, false, &err);
    if (fd < 0 || source_open(&src, &fd, &err) < 0 ||
        image_read(&src, NULL, ret, &err) < 0) {
        cleanup_free char *shown = text_escape(filename);

        error_context(&err, "%s", shown ? shown : "?");
        return handle_fail(g, &err);
    }
    return 0;
}

MAYFLY_PUBLIC int
mayfly_disk_format(struct mayfly *g, const char *filename, char **ret)
{
    cleanup_image_header struct image_header h = {0};

    if (examine(g, filename, &h) < 0)
        return -1;

    char *name = strdup(image_format_name(h.format));
    if (!name)
        return error_no_memory(&g->error);
    *ret = name;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_disk_virtual_size(struct mayfly *g, const char *filename, int64_t *ret)
{
    cleanup_image_header struct image_header h = {0};

    if (examine(g, filename, &h) < 0)
        return -1;
    *ret = (int64_t)h.size;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_disk_has_backing_file(struct mayfly *g, const char *filename, bool *ret)
{
    cleanup_image_header struct image_header h = {0};

    if (examine(g, filename, &h) < 0)
        return -1;
    *ret = h.backing != NULL;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_disk_is_encrypted(struct mayfly *g, const char *filename, bool *ret)
{
    cleanup_image_header struct image_header h = {0};

    if (examine(g, filename, &h) < 0)
        return -1;
    *ret = h.encrypted;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_disk_has_data_file(struct mayfly *g, const char *filename, bool *ret)
{
    cleanup_image_header struct image_header h = {0};

    if (examine(g, filename, &h) < 0)
        return -1;
    *ret = h.has_data_file;
    return 0;
}
