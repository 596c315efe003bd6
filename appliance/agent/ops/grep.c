/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that match a regular expression. */
#include <config.h>

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/content.h"
#include "ops-grep.h"

struct search {
    const char *pattern, *path;
    bool extended, fixed, insensitive, compressed;
};

/* A text as the basic expression that matches just it. */
static const char *
quote_pattern(struct call *c, const char *text)
{
    char *quoted = call_alloc(c, 2 * strlen(text) + 1), *q = quoted;

    for (const char *p = text; *p; p++) {
        if (strchr("\\.[*^$", *p))
            *q++ = '\\';
        *q++ = *p;
    }
    return quoted;
}

static void
free_expression(void *opaque)
{
    regfree(opaque);
}

static int
compile(struct call *c, const struct search *s, regex_t *expression)
{
    char text[256];
    int flags = REG_NOSUB | (s->extended && !s->fixed ? REG_EXTENDED : 0) |
                (s->insensitive ? REG_ICASE : 0);
    const char *pattern = s->fixed ? quote_pattern(c, s->pattern) : s->pattern;

    int r = regcomp(expression, pattern, flags);
    if (r != 0) {
        regerror(r, expression, text, sizeof text);
        return call_error(c, EINVAL, "'%s': %s", s->pattern, text);
    }
    call_defer(c, free_expression, expression);
    return 0;
}

static void
close_archive(void *opaque)
{
    archive_read_free(opaque);
}

/* Read FD through whatever decompressors it needs. */
static int
open_compressed(struct call *c, int fd, struct lines *lines)
{
    struct archive *a = archive_read_new();
    struct archive_entry *entry;

    if (!a)
        return call_fail(c, ENOMEM, "%s", lines->path);
    call_defer(c, close_archive, a);
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_compress(a);
    archive_read_support_filter_lzma(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    int r = archive_read_open_fd(a, fd, CONTENT_CHUNK);
    if (r == ARCHIVE_OK)
        r = archive_read_next_header(a, &entry);
    if (r == ARCHIVE_EOF)
        lines->ended = true;
    else if (r != ARCHIVE_OK)
        return call_error(
            c, EIO, "%s: %s", lines->path, archive_error_string(a));
    lines->archive = a;
    return 0;
}

static int
search(struct call *c, const struct search *s, struct strings *result)
{
    regex_t *expression = call_alloc(c, sizeof *expression);
    struct lines lines = {.path = s->path};
    char *line;
    size_t n;

    if (compile(c, s, expression) < 0)
        return -1;
    int fd = content_open(c, s->path);
    if (fd < 0)
        return -1;
    call_defer_close(c, fd);
    lines.fd = fd;
    if (s->compressed && open_compressed(c, fd, &lines) < 0)
        return -1;
    for (;;) {
        if (lines_next(c, &lines, &line, &n) < 0)
            return -1;
        if (!line)
            return 0;
        if (regexec(expression, line, 0, NULL, 0) == 0 &&
            strings_add(c, result, line, strlen(line)) < 0)
            return -1;
    }
}

int
op_grep(
    struct call *c, const struct api_grep_args *args, struct api_grep_ret *ret)
{
    struct strings result = {0};
    struct search s = {args->regex, args->path, args->extended, args->fixed,
        args->insensitive, args->compressed};

    if (s.extended && s.fixed)
        return call_error(c, EINVAL, "extended and fixed cannot both be true");
    if (search(c, &s, &result) < 0)
        return -1;
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

int
op_egrep(struct call *c, const struct api_egrep_args *args,
    struct api_egrep_ret *ret)
{
    struct strings result = {0};
    struct search s = {args->regex, args->path, .extended = true};

    if (search(c, &s, &result) < 0)
        return -1;
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

int
op_fgrep(struct call *c, const struct api_fgrep_args *args,
    struct api_fgrep_ret *ret)
{
    struct strings result = {0};
    struct search s = {args->pattern, args->path, .fixed = true};

    if (search(c, &s, &result) < 0)
        return -1;
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

int
op_grepi(struct call *c, const struct api_grepi_args *args,
    struct api_grepi_ret *ret)
{
    struct strings result = {0};
    struct search s = {args->regex, args->path, .insensitive = true};

    if (search(c, &s, &result) < 0)
        return -1;
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

int
op_zgrep(struct call *c, const struct api_zgrep_args *args,
    struct api_zgrep_ret *ret)
{
    struct strings result = {0};
    struct search s = {args->regex, args->path, .compressed = true};

    if (search(c, &s, &result) < 0)
        return -1;
    RETURN_STRINGS(ret, &result.list);
    return 0;
}
