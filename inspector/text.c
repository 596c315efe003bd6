/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "inspector/document.h"
#include "tool/print.h"

static bool
is_plain(const char *text)
{
    for (const char *p = text; *p; p++) {
        if ((*p < ' ' && *p != '\n' && *p != '\t') || *p == 0x7f)
            return false;
    }
    return true;
}

char *
document_text(const char *text)
{
    /* Most text is ASCII, and there is a lot of it. */
    if (is_plain(text))
        return strdup(text);

    cleanup_free char *out = NULL;
    size_t size = 0;
    cleanup_fclose FILE *f = open_memstream(&out, &size);
    if (!f)
        return NULL;
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n\t");
        cleanup_free char *piece = strndup(p, n);
        cleanup_free char *escaped = piece ? text_escape_controls(piece) : NULL;
        if (!escaped)
            return NULL;
        fputs(escaped, f);
        p += n;
        if (*p)
            putc(*p++, f);
    }
    if (fflush(f) != 0)
        return NULL;
    return strdup(out);
}

int
document_write(const void *data, size_t size, struct error *err)
{
    tool_print_bytes(stdout, data, size);
    if (fflush(stdout) != 0 || ferror(stdout))
        return error_errno(err, errno, "cannot write the output");
    return 0;
}

const struct mayfly_inspection_filesystem *
document_filesystem(const struct document *d, const char *mountable)
{
    const struct mayfly_inspection_filesystem *f = d->found->filesystems;
    const char *volume = str_after(mountable, "btrfsvol:");

    for (uint32_t i = 0; i < d->found->n_filesystems; i++) {
        if (str_equal(f[i].mountable, mountable))
            return &f[i];
    }
    for (uint32_t i = 0; volume && i < d->found->n_filesystems; i++) {
        const char *rest = str_after(volume, f[i].mountable);
        if (rest && rest[0] == '/')
            return &f[i];
    }
    return NULL;
}
