/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a text is written to a memory stream, line by line or
 * word by word; what is not changed is copied as it is, blanks included. */
#include <config.h>

#include "v2v/convert/linux/edit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* A text being made. */
struct out {
    FILE *f;
    char *text;
    size_t size;
};

static int
out_open(struct out *o, struct error *err)
{
    *o = (struct out){0};
    o->f = open_memstream(&o->text, &o->size);
    return o->f ? 0 : error_no_memory(err);
}

/* The text, or NULL after a failure (R < 0). */
static char *
out_finish(struct out *o, int r, struct error *err)
{
    if (fclose(o->f) != 0 && r >= 0)
        r = error_no_memory(err);
    if (r < 0) {
        free(o->text);
        return NULL;
    }
    return o->text;
}

/* --- command lines --- */

static const char blanks[] = " \t";

/* Words that name a device after "=". */
static const char *const device_words[] = {
    "root=", "resume=", "cryptdevice=", "luks=", "swap=", "real_root="};

/* Words that only have a meaning under Xen. */
static const char *const xen_words[] = {"xencons=", "clocksource=xen",
    "clocksource=jiffies", "xen_emul_unplug=", "xen_blkfront.", "xen_netfront.",
    "elevator=noop", "iommu=soft", "swiotlb=force", "independent_wallclock="};

/* hvc0 or xvc0, with or without a speed. */
static bool
is_xen_console(const char *word)
{
    const char *name = str_after(word, "console=");

    return name && (str_after(name, "hvc") || str_after(name, "xvc"));
}

static bool
is_for_xen(const char *word)
{
    for (size_t i = 0; i < N_ELEMENTS(xen_words); i++)
        if (str_after(word, xen_words[i]))
            return true;
    return false;
}

/* NAME=/dev/xvda2 or NAME=/dev/xvda2:rest with the device renamed, else
 * NULL. */
static char *
rename_word(
    const char *word, edit_rename rename, void *opaque, struct error *err)
{
    for (size_t i = 0; i < N_ELEMENTS(device_words); i++) {
        const char *value = str_after(word, device_words[i]);
        size_t n = value ? strcspn(value, ":") : 0;

        if (!value || !str_after(value, "/dev/"))
            continue;
        cleanup_free char *device = strndup(value, n);
        if (!device)
            return error_no_memory(err), NULL;
        cleanup_free char *changed = rename(opaque, device, err);
        if (!changed)
            return NULL;
        char *all = text_printf("%s%s%s", device_words[i], changed, value + n);
        if (!all)
            error_no_memory(err);
        return all;
    }
    return NULL;
}

/* What a word of a command line becomes; "" to remove it. */
static char *
edit_word(const char *word, edit_rename rename, void *opaque, bool *has_serial,
    struct error *err)
{
    bool of_xen = is_xen_console(word);
    bool console = of_xen || str_after(word, "console=ttyS0");

    if (is_for_xen(word) || (console && *has_serial))
        return strdup("");
    *has_serial |= console;
    if (of_xen)
        return strdup("console=ttyS0");

    char *changed = rename_word(word, rename, opaque, err);
    return changed || err->code ? changed : strdup(word);
}

static int
put_command_line(FILE *f, const char *line, edit_rename rename, void *opaque,
    struct error *err)
{
    bool has_serial = false, first = true;

    for (;;) {
        size_t gap = strspn(line, blanks);
        size_t n = strcspn(line + gap, blanks);

        if (n == 0) {
            if (!first)
                fwrite(line, 1, gap, f);
            return 0;
        }
        cleanup_free char *word = strndup(line + gap, n);
        cleanup_free char *text =
            word ? edit_word(word, rename, opaque, &has_serial, err) : NULL;
        if (!text)
            return err->code ? -1 : error_no_memory(err);
        /* The blanks before a removed word are removed as well. */
        if (*text) {
            fwrite(line, 1, gap, f);
            fputs(text, f);
            first = false;
        }
        line += gap + n;
    }
}

char *
edit_command_line(
    const char *line, edit_rename rename, void *opaque, struct error *err)
{
    struct out o;

    if (out_open(&o, err) < 0)
        return NULL;
    return out_finish(
        &o, put_command_line(o.f, line, rename, opaque, err), err);
}

/* --- line by line --- */

/* The edit for a line, without its newline. */
struct line_edit {
    int (*put)(const struct line_edit *e, FILE *f, const char *line,
        struct error *err);
    edit_rename rename;
    void *opaque;
    const char *prefix;
    unsigned column;
    int (*drop)(const char *line);
};

static char *
each_line(const struct line_edit *e, const char *text, struct error *err)
{
    struct out o;
    int r = 0;

    if (out_open(&o, err) < 0)
        return NULL;
    while (r == 0 && *text) {
        size_t n = strcspn(text, "\n");
        cleanup_free char *line = strndup(text, n);

        r = line ? e->put(e, o.f, line, err) : error_no_memory(err);
        text += n;
        if (*text)
            fputc(*text++, o.f);
    }
    return out_finish(&o, r, err);
}

static int
put_loader_line(
    const struct line_edit *e, FILE *f, const char *line, struct error *err)
{
    static const char *const words[] = {"linux", "linux16", "linuxefi",
        "kernel", "append", "APPEND", "options", "module", "module2"};
    static const char *const marks[] = {"# kopt=", "# defoptions=",
        "# xenkopt=", "set default_kernelopts=", "kernelopts="};
    size_t indent = strspn(line, blanks);
    size_t n = strcspn(line + indent, blanks);
    size_t keep = 0;

    for (size_t i = 0; i < N_ELEMENTS(words); i++)
        if (strlen(words[i]) == n && strncmp(line + indent, words[i], n) == 0)
            keep = indent + n;
    for (size_t i = 0; i < N_ELEMENTS(marks); i++)
        if (str_after(line, marks[i]))
            keep = strlen(marks[i]);
    fwrite(line, 1, keep, f);
    if (keep == 0) {
        fputs(line, f);
        return 0;
    }
    return put_command_line(f, line + keep, e->rename, e->opaque, err);
}

char *
edit_loader_lines(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_loader_line, .rename = rename, .opaque = opaque};

    return each_line(&e, text, err);
}

/* NAME="words", NAME='words' or NAME=word */
static int
put_setting(
    const struct line_edit *e, FILE *f, const char *line, struct error *err)
{
    size_t indent = strspn(line, blanks);
    const char *rest = str_after(line + indent, e->prefix);
    const char *value = rest ? strchr(rest, '=') : NULL;

    if (!value) {
        fputs(line, f);
        return 0;
    }
    value++;

    char quote = *value == '"' || *value == '\'' ? *value : 0;
    const char *start = value + (quote != 0);
    const char *end = quote ? strrchr(start, quote) : start + strlen(start);
    if (!end) {
        fputs(line, f);
        return 0;
    }
    cleanup_free char *words = strndup(start, (size_t)(end - start));
    if (!words)
        return error_no_memory(err);
    fwrite(line, 1, (size_t)(start - line), f);
    if (put_command_line(f, words, e->rename, e->opaque, err) < 0)
        return -1;
    fputs(end, f);
    return 0;
}

char *
edit_shell_settings(const char *text, const char *prefix, edit_rename rename,
    void *opaque, struct error *err)
{
    const struct line_edit e = {.put = put_setting,
        .rename = rename,
        .opaque = opaque,
        .prefix = prefix};

    return each_line(&e, text, err);
}

static int
put_column(
    const struct line_edit *e, FILE *f, const char *line, struct error *err)
{
    const char *p = line + strspn(line, blanks);

    if (*p == '#') {
        fputs(line, f);
        return 0;
    }
    for (unsigned i = 0; i < e->column; i++) {
        p += strcspn(p, blanks);
        p += strspn(p, blanks);
    }

    size_t n = strcspn(p, blanks);
    cleanup_free char *device = strndup(p, n);
    if (!device)
        return error_no_memory(err);
    cleanup_free char *changed =
        str_after(device, "/dev/") ? e->rename(e->opaque, device, err) : NULL;
    if (!changed && err->code)
        return -1;
    fwrite(line, 1, (size_t)(p - line), f);
    fputs(changed ? changed : device, f);
    fputs(p + n, f);
    return 0;
}

char *
edit_column(const char *text, unsigned column, edit_rename rename, void *opaque,
    struct error *err)
{
    const struct line_edit e = {.put = put_column,
        .rename = rename,
        .opaque = opaque,
        .column = column};

    return each_line(&e, text, err);
}

static int
put_commented(
    const struct line_edit *e, FILE *f, const char *line, struct error *err)
{
    (void)err;
    fprintf(f, "%s%s", e->drop(line) ? "# " : "", line);
    return 0;
}

char *
edit_comment_out(
    const char *text, int (*drop)(const char *line), struct error *err)
{
    const struct line_edit e = {.put = put_commented, .drop = drop};

    return each_line(&e, text, err);
}

char *
edit_replace(
    const char *text, const char *from, const char *to, struct error *err)
{
    struct out o;
    const char *found;

    if (out_open(&o, err) < 0)
        return NULL;
    for (; (found = strstr(text, from)); text = found + strlen(from)) {
        fwrite(text, 1, (size_t)(found - text), o.f);
        fputs(to, o.f);
    }
    fputs(text, o.f);
    return out_finish(&o, 0, err);
}
