/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel command lines, and the files of boot loaders and settings that hold
 * them. */
#include <config.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/boot_entries.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit_text.h"
#include "v2v/machine/device_ref.h"

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

/* KEY=VALUE with the devices in it renamed. */
static int
put_word(const struct line_edit *e, FILE *f, const char *word,
    const struct edit_name *at, struct error *err)
{
    const char *plain = word + strspn(word, "\"'");
    const char *value = strchr(plain, '=');
    struct edit_name inside = *at;
    struct device_ref ref;

    if (!value)
        return edit_put_names(e, f, word, strlen(word), at, err);
    cleanup_free char *key = strndup(plain, (size_t)(value - plain));
    if (!key)
        return error_no_memory(err);
    value++;
    inside.key = key;
    fwrite(word, 1, (size_t)(value - word), f);
    if ((str_equal(key, "root") || str_equal(key, "resume")) &&
        device_parse_number(value, &ref)) {
        inside.name = value;
        cleanup_free char *changed = e->rename(e->opaque, &inside, err);

        if (!changed && err->code)
            return -1;
        fputs(changed ? changed : value, f);
        return 0;
    }
    return edit_put_value(e, f, value, strlen(value), &inside, err);
}

/* What a word of a command line becomes if it is about Xen or a console; ""
 * to remove it, NULL for other words. */
static const char *
edit_console(const char *word, bool *has_serial)
{
    bool of_xen = is_xen_console(word);
    bool console = of_xen || str_after(word, "console=ttyS0");

    if (is_for_xen(word) || (console && *has_serial))
        return "";
    *has_serial |= console;
    return of_xen ? "console=ttyS0" : NULL;
}

/* Up to the next blank that is not quoted. */
static size_t
word_length(const char *s)
{
    size_t n = 0;
    char quote = 0;

    for (; s[n] && (quote || !strchr(edit_blanks, s[n])); n++) {
        if (s[n] == quote)
            quote = 0;
        else if (!quote && s[n] == '"')
            quote = s[n];
    }
    /* A quote that does not end, as in a setting over two lines. */
    return quote ? strcspn(s, edit_blanks) : n;
}

int
edit_put_command_line(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    bool has_serial = false, first = true;

    for (;;) {
        size_t gap = strspn(line, edit_blanks);
        size_t n = word_length(line + gap);

        if (n == 0) {
            if (!first)
                fwrite(line, 1, gap, f);
            return 0;
        }
        cleanup_free char *word = strndup(line + gap, n);
        if (!word)
            return error_no_memory(err);
        const char *other = edit_console(word, &has_serial);
        /* The blanks before a removed word are removed as well. */
        if (!other || *other) {
            fwrite(line, 1, gap, f);
            first = false;
        }
        if (other)
            fputs(other, f);
        else if (put_word(e, f, word, at, err) < 0)
            return -1;
        line += gap + n;
    }
}

static int
put_line(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    return edit_put_command_line(e, f, line, at, err);
}

char *
edit_command_line(
    const char *line, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_line, .rename = rename, .opaque = opaque};

    return edit_each_line(&e, line, err);
}

static bool
is_one_of(const char *word, size_t n, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == n && strncasecmp(word, *words, n) == 0)
            return true;
    return false;
}

static int
put_loader_line(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    static const char *const words[] = {"linux", "linux16", "linuxefi",
        "kernel", "append", "options", "option", "module", "module2",
        "multiboot", "multiboot2", "cmdline", "kernel_cmdline", NULL};
    /* A title is also a name by which an entry is chosen. */
    static const char *const titles[] = {"menuentry", "submenu", "title",
        "label", "menu", "echo", "default", "image", "sort-key", "id", NULL};
    static const char *const marks[] = {
        "# kopt=", "# defoptions=", "# xenkopt=", "set default_kernelopts=",
        "set kernelopts=", "kernelopts="};
    size_t indent = strspn(line, edit_blanks);
    size_t n = strcspn(line + indent, " \t=:");
    size_t keep = is_one_of(line + indent, n, words) ? indent + n : 0;

    if (keep && line[keep] && strchr("=:", line[keep]))
        keep++;
    for (size_t i = 0; i < N_ELEMENTS(marks); i++)
        if (str_after(line + indent, marks[i]))
            keep = indent + strlen(marks[i]);
    if (keep) {
        char quote = line[keep] == '"' ? line[keep] : 0;
        const char *end = quote ? strrchr(line + keep + 1, quote) : NULL;

        /* append="root=/dev/sda2": one quoted command line */
        if (!end)
            end = line + strlen(line);
        else
            keep++;
        cleanup_free char *inside =
            strndup(line + keep, (size_t)(end - line) - keep);
        if (!inside)
            return error_no_memory(err);
        fwrite(line, 1, keep, f);
        if (edit_put_command_line(e, f, inside, at, err) < 0)
            return -1;
        fputs(end, f);
        return 0;
    }
    const char *body =
        str_after(line + indent, "menuentry") ? entries_short_body(line) : NULL;
    if (body && line[indent] != '#') {
        fwrite(line, 1, (size_t)(body - line), f);
        return edit_put_names(e, f, body, strlen(body), at, err);
    }
    if (line[indent] == '#' || is_one_of(line + indent, n, titles))
        return fputs(line, f), 0;
    return edit_put_names(e, f, line, strlen(line), at, err);
}

char *
edit_loader_lines(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_loader_line, .rename = rename, .opaque = opaque};

    return edit_each_line(&e, text, err);
}

/* --- settings --- */

/* Is the value of this setting a command line? */
static bool
is_command_line(const char *name)
{
    static const char *const parts[] = {"CMDLINE", "COMMANDLINE", "cmdline",
        "kernel_opts", "kernelopts", "APPEND", "append", "xenopts", "options",
        "Cmdline", "LINUX_OPTIONS"};

    for (size_t i = 0; i < N_ELEMENTS(parts); i++)
        if (strstr(name, parts[i]))
            return true;
    return false;
}

/* NAME="words", NAME='words', NAME=word or NAME+=...; with what follows. */
static int
put_setting(const struct line_edit *e, FILE *f, const char *line,
    const struct edit_name *at, struct error *err)
{
    const char *name = line + strspn(line, edit_blanks);
    const char *exported = str_after(name, "export ");
    struct edit_name inside = *at;

    if (exported)
        name = exported + strspn(exported, edit_blanks);
    size_t n = strcspn(name, "=+ \t");
    const char *value = name + n + strspn(name + n, " \t+");
    if (*name == '#' || *value != '=' || n == 0)
        return *name == '#' ? (fputs(line, f), 0)
                            : edit_put_names(e, f, line, strlen(line), at, err);
    value++;
    value += strspn(value, " \t");

    cleanup_free char *key = strndup(name, n);
    char quote = *value == '"' || *value == '\'' ? *value : 0;
    const char *start = value + (quote != 0);
    const char *end = quote ? strrchr(start, quote) : start + strlen(start);
    if (!key)
        return error_no_memory(err);
    if (!end)
        end = start + strlen(start);
    cleanup_free char *words = strndup(start, (size_t)(end - start));
    if (!words)
        return error_no_memory(err);
    fwrite(line, 1, (size_t)(start - line), f);
    /* The title of an entry stays as it is. */
    if (str_equal(key, "GRUB_DEFAULT"))
        return fputs(start, f), 0;
    inside.key = key;
    int r = is_command_line(key)
                ? edit_put_command_line(e, f, words, &inside, err)
                : edit_put_value(e, f, words, strlen(words), &inside, err);
    fputs(end, f);
    return r;
}

char *
edit_shell_settings(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    const struct line_edit e = {
        .put = put_setting, .rename = rename, .opaque = opaque};

    return edit_each_line(&e, text, err);
}
