/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/image/convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/session.h"
#include "tool/signals.h"

/* A template may not name any other file. */
static int
check_header(int image, uint64_t *ret_size, struct error *err)
{
    cleanup_free char *path = text_printf("/proc/self/fd/%d", image);
    cleanup_free char *format = NULL;
    cleanup_mayfly struct mayfly *g = mayfly_create();
    bool has_backing = false, has_data = false;
    int64_t size = 0;

    if (!path || !g)
        return error_no_memory(err);
    if (mayfly_disk_format(g, path, &format) < 0 ||
        mayfly_disk_has_backing_file(g, path, &has_backing) < 0 ||
        mayfly_disk_has_data_file(g, path, &has_data) < 0 ||
        mayfly_disk_virtual_size(g, path, &size) < 0) {
        const char *text = mayfly_last_error(g);
        const char *why = text ? str_after(text, path) : NULL;

        return error_set(err, EBADMSG, "the template%s",
            why ? why : ": its header cannot be read");
    }
    if (!str_equal(format, "qcow2"))
        return error_set(err, EBADMSG, "the template is not a qcow2 image");
    if (has_backing)
        return error_set(err, EBADMSG, "the template has a backing file");
    if (has_data)
        return error_set(err, EBADMSG, "the template has a data file");
    *ret_size = (uint64_t)size;
    return 0;
}

/* Copy the image FROM to the empty file TO. */
static int
convert(int from, const char *from_format, int to, const char *format,
    uint64_t size, struct error *err)
{
    const struct mayfly_disk_convert_options options = {
        .set = MAYFLY_DISK_CONVERT_SOURCEFORMAT | MAYFLY_DISK_CONVERT_SIZE |
               MAYFLY_DISK_CONVERT_EXISTING |
               MAYFLY_DISK_CONVERT_BACKING_POLICY,
        .sourceformat = from_format,
        .size = (int64_t)size,
        .existing = true,
        .backing_policy = "none",
    };
    cleanup_free char *source = text_printf("/proc/self/fd/%d", from);
    cleanup_free char *destination = text_printf("/proc/self/fd/%d", to);
    cleanup_mayfly struct mayfly *g = mayfly_create();
    int r;

    if (!source || !destination || !g)
        return error_no_memory(err);
    tool_signals_watch(g);
    r = mayfly_disk_convert(g, source, format, destination, &options);
    if (r < 0)
        tool_handle_error(g, err);
    tool_signals_watch(NULL);
    return r;
}

int
convert_to_raw(int image, int raw, uint64_t max, struct error *err)
{
    uint64_t size = 0; /* GCC 14 does not see that it is set */

    if (check_header(image, &size, err) < 0)
        return -1;
    if (size > max)
        return error_set(err, EFBIG,
            "the template has %llu bytes, but the index says at most %llu",
            (unsigned long long)size, (unsigned long long)max);
    return convert(image, "qcow2", raw, "raw", size, err);
}

int
convert_to_qcow2(int base, int image, uint64_t size, struct error *err)
{
    return convert(base, "raw", image, "qcow2", size, err);
}
