/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: all these files are lines with a keyword.  One starts an
 * entry (menuentry, title, label, image), others name its kernel and its
 * initramfs.  Braces matter only for counting, since a default can be the
 * number of an entry. */
#include <config.h>

#include "base/boot_entries.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { DEPTH_MAX = 16, ENTRIES_MAX = 512 };

static const char blanks[] = " \t\r";

struct reading {
    struct boot_entries *e;
    struct boot_entry *entry; /* NULL: before the first */
    bool single;              /* a file is one entry */
    bool xen;                 /* the kernel of the entry is Xen itself */
    /* Open braces: 'm' for an entry, 's' for a submenu, '{' for others; and how
     * many entries each level had. */
    char open[DEPTH_MAX + 1];
    size_t depth;
    unsigned count[DEPTH_MAX + 1];
    size_t level;
    unsigned line;
};

static bool
is_word(const char *word, size_t n, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == n && strncasecmp(word, *words, n) == 0)
            return true;
    return false;
}

static int
set(char **field, const char *s, size_t n, struct error *err)
{
    free(*field);
    *field = strndup(s, n);
    return *field ? 0 : error_no_memory(err);
}

static char *
number_of(const struct reading *r, struct error *err)
{
    char *text = strdup("");

    for (size_t i = 0; text && i <= r->level; i++) {
        /* The levels above have counted their submenu already. */
        char *more = text_printf("%s%s%u", text, i ? ">" : "",
            i < r->level ? r->count[i] - 1 : r->count[i]);

        free(text);
        text = more;
    }
    if (!text)
        error_no_memory(err);
    return text;
}

static int
add_entry(struct reading *r, struct error *err)
{
    struct boot_entries *e = r->e;
    struct boot_entry *more;

    r->entry = NULL;
    r->xen = false;
    if (e->n == ENTRIES_MAX)
        return 0;
    if (!(more = reallocarray(e->items, e->n + 1, sizeof *more)))
        return error_no_memory(err);
    e->items = more;
    r->entry = &more[e->n++];
    *r->entry = (struct boot_entry){.id = strdup(""),
        .title = strdup(""),
        .number = number_of(r, err),
        .line = r->line};
    if (!r->entry->id || !r->entry->title || !r->entry->number)
        return error_no_memory(err);
    r->count[r->level]++;
    return 0;
}

/* The text in quotes at or after P, else the rest of the line. */
static int
set_quoted(char **field, const char *p, struct error *err)
{
    p += strspn(p, blanks);

    if (*p == '\'' || *p == '"') {
        const char *end = strchr(p + 1, *p);

        return set(
            field, p + 1, end ? (size_t)(end - p - 1) : strlen(p + 1), err);
    }
    return set(field, p, strcspn(p, "\r"), err);
}

/* menuentry 'TITLE' --class gnu --id ID $menuentry_id_option 'ID' { */
static int
start_entry(
    struct reading *r, const char *rest, bool labelled, struct error *err)
{
    const char *id = strstr(rest, "$menuentry_id_option");

    if (add_entry(r, err) < 0 || !r->entry)
        return r->entry ? -1 : 0;
    if (set_quoted(&r->entry->title, rest, err) < 0)
        return -1;
    if (labelled)
        return set_quoted(&r->entry->id, rest, err);
    if (id)
        id += strlen("$menuentry_id_option");
    else if ((id = strstr(rest, "--id")))
        id += strlen("--id") + (id[4] == '=');
    if (!id)
        return 0;
    id += strspn(id, blanks);
    return *id == '\'' || *id == '"'
               ? set_quoted(&r->entry->id, id, err)
               : set(&r->entry->id, id, strcspn(id, " \t{\r"), err);
}

static int
start_submenu(struct reading *r, struct error *err)
{
    (void)err;
    r->entry = NULL;
    if (r->level < DEPTH_MAX) {
        r->count[r->level]++;
        r->count[++r->level] = 0;
    }
    return 0;
}

/* The initramfs among the archives of a line: not processor updates, and not
 * what a variable may hold. */
static int
set_initrd(struct boot_entry *entry, const char *p, const char *separators,
    struct error *err)
{
    while (*(p += strspn(p, separators))) {
        /* "(hd0,msdos1)/initrd" has a comma of its own. */
        size_t n = strcspn(p, *p == '(' ? blanks : separators);

        if (*p != '$' && !memmem(p, n, "ucode", 5) && *p != '-' &&
            set(&entry->initrd, p, n, err) < 0)
            return -1;
        p += n;
    }
    return 0;
}

/* A command line can have several lines. */
static int
add_options(struct boot_entry *entry, const char *options, struct error *err)
{
    options += strspn(options, blanks);
    cleanup_free char *whole =
        entry->options ? text_printf("%s %s", entry->options, options)
                       : strdup(options);

    if (!whole)
        return error_no_memory(err);
    free(entry->options);
    entry->options = steal_pointer(&whole);
    return 0;
}

/* Also an initrd= in a command line. */
static int
set_from_options(
    struct boot_entry *entry, const char *options, struct error *err)
{
    if (add_options(entry, options, err) < 0)
        return -1;
    for (const char *p = options; (p = strstr(p, "initrd=")); p++) {
        if (p > options && !strchr(" \t\"", p[-1]))
            continue;
        p += strlen("initrd=");

        cleanup_free char *list = strndup(p, strcspn(p, " \t\"\r"));
        if (!list)
            return error_no_memory(err);
        if (set_initrd(entry, list, ",", err) < 0)
            return -1;
    }
    return 0;
}

static int
set_kernel(struct reading *r, const char *rest, struct error *err)
{
    size_t n;

    /* Options of GRUB's own, such as --no-fpswa. */
    while (str_after(rest, "--")) {
        rest += strcspn(rest, blanks);
        rest += strspn(rest, blanks);
    }
    n = strcspn(rest, blanks);
    if (*rest == '"' || *rest == '\'') {
        rest++;
        n = strcspn(rest, "\"'");
    }
    r->xen = memmem(rest, n, "xen", 3) && memmem(rest, n, ".gz", 3);
    if (r->xen)
        return 0;
    if (set(&r->entry->kernel, rest, n, err) < 0)
        return -1;
    return set_from_options(r->entry, rest + n, err);
}

/* search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt3 UUID */
static int
set_search(struct boot_entry *entry, const char *p, struct error *err)
{
    const char *kind = NULL, *name = NULL;
    size_t n = 0;

    while (*(p += strspn(p, blanks))) {
        size_t length = strcspn(p, blanks);

        if (is_word(p, length, (const char *const[]){"--fs-uuid", "-u", NULL}))
            kind = "UUID";
        else if (is_word(
                     p, length, (const char *const[]){"--label", "-l", NULL}))
            kind = "LABEL";
        else if (*p != '-') {
            name = p;
            n = length;
        }
        p += length;
    }
    if (!kind || !name)
        return 0;
    free(entry->search);
    entry->search = text_printf("%s=%.*s", kind, (int)n, name);
    return entry->search ? 0 : error_no_memory(err);
}

/* Braces at the end and the start of lines. */
static void
count_braces(struct reading *r, const char *line, char kind)
{
    size_t n = strlen(line);

    while (n && strchr(blanks, line[n - 1]))
        n--;
    if (*line == '}' && r->depth) {
        if (r->open[--r->depth] == 's' && r->level)
            r->level--;
        r->entry = NULL;
    }
    if (n && line[n - 1] == '{' && r->depth < DEPTH_MAX)
        r->open[r->depth++] = kind;
}

static int
read_line(struct reading *r, const char *line, struct error *err)
{
    static const char *const starts[] = {"menuentry", "title", NULL},
                             *const labels[] = {"label", "image", NULL},
                             *const submenus[] = {"submenu", NULL},
                             *const kernels[] = {"linux", "linux16", "linuxefi",
                                 "kernel", "efi", "uki", "image", "loader",
                                 "multiboot", "multiboot2", "kernel_path",
                                 NULL},
                             *const modules[] = {"module", "module2", NULL},
                             *const initrds[] = {"initrd", "initrd16",
                                 "initrdefi", "module_path", NULL},
                             *const options[] = {"append", "options", NULL},
                             *const searches[] = {"search", NULL};
    const char *word = line + strspn(line, blanks);
    size_t n = strcspn(word, " \t\r=:");
    const char *rest = word + n + strspn(word + n, " \t=:");
    char kind = '{';
    int result = 0;

    if (!*word || *word == '#')
        return 0;
    if (!r->single && is_word(word, n, starts)) {
        kind = 'm';
        result = start_entry(r, rest, false, err);
    } else if (r->entry && word[n] == '=' &&
               strncasecmp(word, "label", n) == 0) {
        result = set(&r->entry->id, rest, strcspn(rest, blanks), err);
    } else if (!r->single && is_word(word, n, labels)) {
        result = start_entry(r, rest, true, err);
    } else if (!r->single && is_word(word, n, submenus)) {
        kind = 's';
        result = start_submenu(r, err);
    } else if (r->single && is_word(word, n, starts)) {
        result = set_quoted(&r->entry->title, rest, err);
    }
    if (result == 0 && r->entry) {
        if (is_word(word, n, kernels))
            result = set_kernel(r, rest, err);
        else if (is_word(word, n, modules) && r->xen && !r->entry->kernel)
            result = set(&r->entry->kernel, rest, strcspn(rest, blanks), err);
        else if (is_word(word, n, modules))
            result = set_initrd(r->entry, rest, blanks, err);
        else if (is_word(word, n, initrds))
            result = set_initrd(r->entry, rest, " \t\r,", err);
        else if (is_word(word, n, options))
            result = set_from_options(r->entry, rest, err);
        else if (!r->single && is_word(word, n, searches))
            result = set_search(r->entry, rest, err);
    }
    count_braces(r, word, kind);
    return result;
}

const char *
entries_short_body(const char *line)
{
    char quote = 0;

    for (const char *p = line; *p; p++)
        if (quote)
            quote = *p == quote ? 0 : quote;
        else if (*p == '"' || *p == '\'')
            quote = *p;
        else if (*p == '{')
            return p[1 + strspn(p + 1, blanks)] ? p + 1 : NULL;
    return NULL;
}

/* As if its statements were on lines of their own. */
static int
read_short_entry(
    struct reading *r, const char *line, const char *body, struct error *err)
{
    cleanup_free char *head = strndup(line, (size_t)(body - line));
    cleanup_free char *copy = strdup(body);
    char *rest = copy, *statement;

    if (!head || !copy)
        return error_no_memory(err);
    if (read_line(r, head, err) < 0)
        return -1;
    while ((statement = strsep(&rest, ";"))) {
        char *end = strrchr(statement, '}');

        if (end)
            *end = 0;
        if (read_line(r, statement, err) < 0)
            return -1;
    }
    return read_line(r, "}", err);
}

static int
read_all(struct reading *r, const char *text, struct error *err)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        cleanup_free char *line = strndup(text, n);

        r->line++;
        if (!line)
            return error_no_memory(err);
        const char *start = line + strspn(line, blanks);
        const char *body = !r->single && str_after(start, "menuentry")
                               ? entries_short_body(line)
                               : NULL;
        if ((body ? read_short_entry(r, line, body, err)
                  : read_line(r, line, err)) < 0)
            return -1;
        text += n + (text[n] == '\n');
    }
    return 0;
}

int
entries_add_menu(struct boot_entries *e, const char *text, struct error *err)
{
    struct reading r = {.e = e};

    return read_all(&r, text, err);
}

int
entries_add_one(
    struct boot_entries *e, const char *id, const char *text, struct error *err)
{
    struct reading r = {.e = e, .single = true};

    if (add_entry(&r, err) < 0 || !r.entry)
        return err->code ? -1 : 0;
    /* Files are not counted in this order. */
    r.entry->number[0] = 0;
    if (set(&r.entry->id, id, strlen(id), err) < 0)
        return -1;
    return read_all(&r, text, err);
}

char *
entries_setting(const char *text, const char *name, struct error *err)
{
    size_t length = strlen(name);
    char *found = NULL;

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';

        const char *p = line + strspn(line, blanks);
        const char *after_set = str_after(p, "set ");
        if (after_set)
            p = after_set + strspn(after_set, blanks);
        if (strncasecmp(p, name, length) != 0 || !p[length] ||
            !strchr(" \t=", p[length]))
            continue;
        p += length;
        p += strspn(p, " \t=");
        char quote = *p == '"' || *p == '\'' ? *p++ : 0;
        char ends[] = {'\n', '\r', quote, 0};
        /* The last one counts, as when the file is run. */
        free(found);
        if (!(found = strndup(p, strcspn(p, ends))))
            return error_no_memory(err), NULL;
    }
    return found;
}

int
entries_included(const char *text, char ***ret_paths, struct error *err)
{
    static const char *const words[] = {
        "source", ".", "configfile", "load_env", "include", NULL};

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *word = line + strspn(line, blanks);
        size_t n = strcspn(word, " \t\r\n");
        if (!is_word(word, n, words))
            continue;
        const char *p = word + n + strspn(word + n, blanks);
        while (*p == '-') {
            p += strcspn(p, " \t\r\n=");
            p += strspn(p, " \t\r=");
        }
        p += *p == '"' || *p == '\'';
        cleanup_free char *path = strndup(p, strcspn(p, " \t\r\n\"';"));
        if (!path || (*path && strv_append(ret_paths, path) < 0))
            return error_no_memory(err);
    }
    return 0;
}

char *
entries_expand(const char *written, const char *settings, struct error *err)
{
    static const char *const kept[] = {"root", "prefix", NULL};
    char *result = strdup(written);
    size_t at = 0;

    for (char *dollar; result && (dollar = strchr(result + at, '$'));) {
        bool braces = dollar[1] == '{';
        const char *name = dollar + 1 + braces;
        size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
        cleanup_free char *key = strndup(name, n);

        at = (size_t)(dollar - result) + 1;
        if (!key || n == 0 || is_word(key, n, kept))
            continue;
        cleanup_free char *value = entries_setting(settings, key, err);
        if (err->code) {
            free(result);
            return NULL;
        }
        if (!value)
            continue;
        char *more = text_printf("%.*s%s%s", (int)(dollar - result), result,
            value, name + n + (braces && name[n] == '}'));
        at += strlen(value) - 1;
        free(result);
        result = more;
    }
    if (!result)
        error_no_memory(err);
    return result;
}

static bool
matches(const struct boot_entry *x, const char *wanted)
{
    cleanup_free char *file = text_printf("%s.conf", x->id);

    return str_equal(x->id, wanted) || str_equal(x->title, wanted) ||
           (x->number[0] && str_equal(x->number, wanted)) ||
           (x->id[0] && fnmatch(wanted, x->id, 0) == 0) ||
           (x->id[0] && file && fnmatch(wanted, file, 0) == 0);
}

const struct boot_entry *
entries_default(const struct boot_entries *e)
{
    const char *wanted = e->wanted, *last;

    if (!wanted || !wanted[0])
        return NULL;
    for (size_t i = 0; i < e->n; i++)
        if (matches(&e->items[i], wanted))
            return &e->items[i];
    /* "SUBMENU>ENTRY", each by its title or id. */
    last = strrchr(wanted, '>');
    for (size_t i = 0; last && i < e->n; i++)
        if (str_equal(e->items[i].id, last + 1) ||
            str_equal(e->items[i].title, last + 1))
            return &e->items[i];
    return NULL;
}

void
entries_clear(struct boot_entries *e)
{
    for (size_t i = 0; i < e->n; i++) {
        free(e->items[i].kernel);
        free(e->items[i].initrd);
        free(e->items[i].id);
        free(e->items[i].title);
        free(e->items[i].number);
        free(e->items[i].options);
        free(e->items[i].search);
    }
    free(e->items);
    free(e->wanted);
    *e = (struct boot_entries){0};
}
