/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/facts/reading.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/notes.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { NAME_MAX_BYTES = 255, TEXT_MAX_BYTES = 65535, VALUES_MAX = 16384 };

/* --- rows --- */

static char *
cut(struct call *c, const char *text, size_t max)
{
    return call_strndup(c, text ? text : "", max);
}

struct fact_row
fact_add(struct facts *f, const char *subject, const char *path, unsigned line)
{
    struct fact_row r = {.f = f, .dropped = true};

    if (f->full)
        return r;
    if (f->rows.n >= FACTS_MAX || f->size > FACTS_TEXT) {
        f->full = true;
        fact_note(f, f->system->root,
            "facts: there are too many: from here on %s are left out",
            f->section);
        return r;
    }
    r.dropped = false;
    r.at = f->rows.n;
    struct mayfly_inspection_fact *x =
        list_add(f->c, &f->rows, struct mayfly_inspection_fact);
    x->section = call_strdup(f->c, f->section);
    x->subject = cut(f->c, subject, TEXT_MAX_BYTES);
    x->path = cut(f->c, path, TEXT_MAX_BYTES);
    x->line = line < INT32_MAX ? (int32_t)line : INT32_MAX;
    f->size += strlen(x->section) + strlen(x->subject) + strlen(x->path) + 24;
    return r;
}

void
fact_text(struct fact_row *r, const char *name, const char *value)
{
    struct facts *f = r->f;

    if (r->dropped || !value || !value[0] || r->values.n >= VALUES_MAX)
        return;
    struct mayfly_inspection_value *v =
        list_add(f->c, &r->values, struct mayfly_inspection_value);
    v->name = cut(f->c, name, NAME_MAX_BYTES);
    v->value = cut(f->c, value, TEXT_MAX_BYTES);
    f->size += strlen(v->name) + strlen(v->value) + 8;

    struct mayfly_inspection_fact *x = f->rows.items;
    x[r->at].values = r->values.items;
    x[r->at].n_values = r->values.n;
}

void
fact_number(struct fact_row *r, const char *name, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, value);
    fact_text(r, name, text);
}

void
fact_flag(struct fact_row *r, const char *name, bool value)
{
    fact_text(r, name, value ? "true" : "false");
}

void
fact_words(struct fact_row *r, const char *name, const char *text,
    const char *separators)
{
    for (const char *p = text; p && *(p += strspn(p, separators));) {
        size_t n = strcspn(p, separators);

        if (!r->dropped)
            fact_text(r, name, call_strndup(r->f->c, p, n));
        p += n;
    }
}

void
fact_note(struct facts *f, const char *subject, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    inspection_reason(f->c, f->notes, subject, "facts", "%s", text);
}

/* --- files --- */

/* /dev/null, to which a link is a usual way to say "none". */
static bool
is_null(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

char *
fact_file(struct facts *f, const char *path)
{
    size_t size = 0;
    char *text = tree_read(f->c, f->root, path, FACT_FILE_MAX, &size);

    if (text && strlen(text) == size)
        return text;
    if (text) {
        fact_note(f, f->system->root,
            "facts: %s: a NUL byte in it; what "
            "follows is not read",
            path);
        return text;
    }
    int fd = tree_open(f->root, path, O_PATH);
    struct stat st = {0};
    if (fd < 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            fact_note(
                f, f->system->root, "facts: %s: %s", path, strerror(errno));
        return NULL;
    }
    int r = fstat(fd, &st);
    close(fd);
    if (r == 0 && S_ISREG(st.st_mode))
        fact_note(f, f->system->root, "facts: %s: %s", path,
            st.st_size > FACT_FILE_MAX ? "larger than 16 MiB, not read"
                                       : "cannot be read");
    else if (r == 0 && !S_ISDIR(st.st_mode) && !is_null(&st))
        fact_note(f, f->system->root, "facts: %s: no regular file", path);
    return NULL;
}

static bool
is_left_over(const char *name)
{
    static const char *const endings[] = {"~", ".bak", ".dpkg-new", ".dpkg-old",
        ".dpkg-dist", ".dpkg-tmp", ".rpmsave", ".rpmnew", ".rpmorig", ".swp"};

    for (size_t i = 0; i < N_ELEMENTS(endings); i++)
        if (ends_with_text(name, endings[i]))
            return true;
    return name[0] == '.';
}

char **
fact_folder(struct facts *f, const char *path)
{
    struct list names = {0};
    int fd = tree_open(f->root, path, O_RDONLY | O_DIRECTORY);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *e;
    /* Read in one piece first: the call may end while the folder is open. */
    size_t room = 256 << 10, used = 0;
    char *all = call_alloc(f->c, room);
    bool more = false;

    if (fd >= 0 && !dir)
        close(fd);
    while (dir && (e = readdir(dir))) {
        size_t n = strlen(e->d_name) + 1;

        if (is_left_over(e->d_name))
            continue;
        if (used + n > room || names.n >= FACT_FILES_MAX) {
            more = true;
            break;
        }
        memcpy(all + used, e->d_name, n);
        used += n;
    }
    if (dir)
        closedir(dir);
    for (size_t at = 0; at < used; at += strlen(all + at) + 1)
        list_add_string(f->c, &names, all + at);
    if (more)
        fact_note(f, f->system->root,
            "facts: %s: too many files, some are not read", path);
    if (names.n > 0)
        list_sort_strings(&names);
    else
        names.items = call_alloc(f->c, sizeof(char *));
    return names.items;
}

bool
fact_exists(struct facts *f, const char *path)
{
    int fd = tree_open(f->root, path, O_PATH);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* --- texts --- */

bool
ends_with_text(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && str_equal(text + n - m, end);
}

char *
fact_trim(char *text)
{
    static const char blanks[] = " \t\r";
    text += strspn(text, blanks);
    size_t n = strlen(text);

    while (n > 0 && strchr(blanks, text[n - 1]))
        text[--n] = '\0';
    return text;
}

char *
fact_word(char **rest, const char *separators)
{
    char *word = *rest + strspn(*rest, separators);
    size_t n = strcspn(word, separators);

    *rest = word + n + (word[n] != '\0');
    word[n] = '\0';
    return n > 0 ? word : NULL;
}

void
fact_ini(char *text, fact_ini_visit visit, void *opaque)
{
    const char *section = "";
    unsigned number = 0;
    char *line;

    while ((line = next_line(&text))) {
        number++;
        line = fact_trim(line);
        if (strchr("#;", line[0]))
            continue;
        if (line[0] == '[') {
            line[strcspn(line, "]")] = '\0';
            section = line + 1;
            continue;
        }
        char *value = cut_value(line);
        if (value)
            visit(opaque, section, fact_trim(line), fact_trim(value), number);
    }
}
