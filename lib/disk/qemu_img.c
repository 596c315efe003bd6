/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/disk/qemu_img.h"

#include <errno.h>

#include "base/strv.h"
#include "base/subprocess.h"

static const char name[] = "qemu-img";

int
run_img(const char *const *argv, uint64_t size, struct error *err)
{
    const struct subprocess_limits limits = subprocess_strict(size);
    const struct subprocess_spec spec = {
        .program = name, .argv = argv, .limits = &limits};
    cleanup_subprocess struct subprocess s = {0};

    if (subprocess_start(&s, &spec, err) < 0)
        return err->code == ENOENT
                   ? error_set(
                         err, ENOENT, "cannot run %s; install qemu-utils", name)
                   : -1;
    if (subprocess_wait(&s, err) == 0)
        return 0;
    /* It does so itself, as a rule. */
    return str_after(error_text(err), name) ? -1 : error_context(err, name);
}
