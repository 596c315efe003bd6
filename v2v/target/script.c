/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/target/description.h"
#include "v2v/target/script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

void
script_quote(FILE *f, const char *text)
{
    fputc('\'', f);
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", f);
        else
            fputc(*text, f);
    }
    fputc('\'', f);
}

void
script_image(FILE *f, const struct result *result, size_t i)
{
    const char *slash = strrchr(result->images[i], '/');

    fputs("\"$folder\"/", f);
    script_quote(f, slash ? slash + 1 : result->images[i]);
}

int
script_write(const struct result *result, const char *ending, unsigned mode,
    void (*put)(FILE *f, const struct result *result), struct error *err)
{
    cleanup_output struct output out = {.fd = -1};
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return error_no_memory(err);
    put(f, result);
    if (fclose(f) != 0) {
        free(text);
        return error_no_memory(err);
    }
    cleanup_free char *owned = text;
    if (target_open(result, ending, mode, &out, err) < 0)
        return -1;
    if (write_all(out.fd, owned, size) < 0)
        return error_errno(err, errno, "cannot write %s", out.path);
    return output_commit(&out, err);
}
