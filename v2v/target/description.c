/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/target/description.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "tool/xml_writer.h"

const struct xml_style target_xml = {.encoding = "utf-8"};

int
target_open(const struct result *result, const char *ending, unsigned mode,
    struct output *ret, struct error *err)
{
    cleanup_free char *path =
        text_printf("%s/%s.%s", result->folder, result->guest->name, ending);

    if (!path)
        return error_no_memory(err);
    return output_open(ret, path, (mode_t)mode, err);
}
