/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/qemu_img.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/subprocess.h"
#include "tool/session.h"
#include "tool/signals.h"

/* QEMU opens the files that a header names; a template may not name any. */
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

/* For an image of SIZE bytes. */
static int
run(const char *const *argv, uint64_t size, const int *inherit,
    size_t n_inherit, struct error *err)
{
    const struct subprocess_limits limits = subprocess_strict(size);
    const struct subprocess_spec spec = {
        .program = QEMU_IMG,
        .argv = argv,
        .inherit = inherit,
        .n_inherit = n_inherit,
        .limits = &limits,
        .interrupted = tool_interrupted,
    };

    return subprocess_run(&spec, err);
}

int
qemu_img_to_raw(int image, int raw, uint64_t max, struct error *err)
{
    int inherit[] = {image, raw};
    uint64_t size;

    if (check_header(image, &size, err) < 0)
        return -1;
    if (size > max)
        return error_set(err, EFBIG,
            "the template has %llu bytes, but the index says at most %llu",
            (unsigned long long)size, (unsigned long long)max);
    if (ftruncate(raw, (off_t)size) < 0)
        return error_errno(err, errno, "cannot save the template");

    cleanup_free char *from = text_printf(
        "driver=qcow2,file.driver=file,file.filename=/proc/self/fd/%d", image);
    cleanup_free char *to = text_printf(
        "driver=raw,file.driver=file,file.filename=/proc/self/fd/%d", raw);
    if (!from || !to)
        return error_no_memory(err);
    return run(
        (const char *const[]){"qemu-img", "convert", "-n", "--target-is-zero",
            "--image-opts", "--target-image-opts", from, to, NULL},
        size, inherit, N_ELEMENTS(inherit), err);
}

int
qemu_img_to_qcow2(int base, const char *path, uint64_t size, struct error *err)
{
    cleanup_free char *text = text_printf("%llu", (unsigned long long)size);
    cleanup_free char *from = text_printf(
        "driver=raw,file.driver=file,file.filename=/proc/self/fd/%d", base);
    /* A path may hold a comma, which separates options. */
    cleanup_free char *to = text_printf("file:%s", path);

    if (!text || !from || !to)
        return error_no_memory(err);
    if (run((const char *const[]){"qemu-img", "create", "-q", "-f", "qcow2", to,
                text, NULL},
            size, NULL, 0, err) < 0)
        return -1;
    return run(
        (const char *const[]){"qemu-img", "convert", "-n", "--target-is-zero",
            "-W", "-O", "qcow2", "--image-opts", from, to, NULL},
        size, &base, 1, err);
}
