/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/report_once.h"

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/device_learn.h"

/* Looking up what was reported takes time for each. */
enum { REPORTS_MAX = 500 };

int
report_once(struct conversion *c, const char *path, unsigned line,
    const char *text, struct error *err)
{
    struct volumes *v = device_volumes(c, err);
    cleanup_free char *known = v ? text_printf("%s %s", path, text) : NULL;

    if (!known)
        return err->code ? -1 : error_no_memory(err);
    size_t n = strv_length(v->told);
    if (n > REPORTS_MAX || strv_contains(v->told, known))
        return 0;
    if (n == REPORTS_MAX) {
        if (strv_append(&v->told, "") < 0)
            return error_no_memory(err);
        return conversion_tell(c, FINDING_REVIEW, path, err,
            "there are more than %d lines to look at; those from line %u on "
            "are not listed",
            REPORTS_MAX, line);
    }
    if (strv_append(&v->told, known) < 0)
        return error_no_memory(err);
    return conversion_tell(
        c, FINDING_REVIEW, path, err, "%s (line %u)", text, line);
}
