/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hosts(5): an address, blanks, names; # begins a comment. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/edit.h"

static const char blanks[] = " \t\r\n";

/* One line, while it is read word by word. */
struct line {
    const char *start, *end, *at;
    const char *blank, *word; /* the blanks before the word, and the word */
    size_t n_blank, n;
};

static char *
no_memory(struct error *err)
{
    error_no_memory(err);
    return NULL;
}

/* The line at TEXT, up to the end of it; NULL at the end of the text. */
static const char *
next_line(const char *text, struct line *ret)
{
    size_t n = strcspn(text, "\n");

    if (!*text)
        return NULL;
    n += text[n] == '\n';
    *ret = (struct line){.start = text, .end = text + n, .at = text};
    return text + n;
}

/* False at the end; a comment is one word. */
static bool
next_word(struct line *l)
{
    const char *p = l->at;

    l->blank = p;
    while (p < l->end && strchr(blanks, *p))
        p++;
    l->n_blank = (size_t)(p - l->blank);
    l->word = p;
    if (p < l->end && *p == '#')
        p = l->end;
    while (p < l->end && !strchr(blanks, *p) && *p != '#')
        p++;
    l->n = (size_t)(p - l->word);
    l->at = p;
    return l->n > 0;
}

static bool
is_word(const struct line *l, const char *name, size_t n)
{
    return l->n == n && n > 0 && strncasecmp(l->word, name, n) == 0;
}

/* An address of this machine itself. */
static bool
is_loopback(const struct line *l)
{
    return (l->n > 4 && strncmp(l->word, "127.", 4) == 0) ||
           is_word(l, "::1", 3);
}

/* --- renaming --- */

struct renaming {
    const char *old, *name;
    size_t n_old, n_old_short, n_name, n_short;
    bool full_done, short_done; /* in this line */
};

static void
put(FILE *out, const struct line *l, const char *name, size_t n, bool *done)
{
    if (!*done)
        fprintf(out, "%.*s%.*s", (int)l->n_blank, l->blank, (int)n, name);
    *done = true;
}

/* Of a machine whose name has no domain, its line may have one all the same:
 * "127.0.1.1 old.example.com old". */
static bool
is_old_with_domain(const struct renaming *r, const struct line *l)
{
    return r->n_old == r->n_old_short && l->n > r->n_old + 1 &&
           strncasecmp(l->word, r->old, r->n_old) == 0 &&
           l->word[r->n_old] == '.';
}

static void
put_new_name(FILE *out, const struct line *l, struct renaming *r)
{
    bool has_domain = r->n_short < r->n_name;

    if (is_word(l, r->old, r->n_old)) {
        put(out, l, r->name, r->n_name, &r->full_done);
        if (!has_domain)
            r->short_done = true;
        else if (r->n_old == r->n_old_short && !r->short_done) {
            fprintf(out, " %.*s", (int)r->n_short, r->name);
            r->short_done = true;
        }
    } else if (is_word(l, r->old, r->n_old_short)) {
        put(out, l, r->name, r->n_short, &r->short_done);
    } else if (has_domain) {
        put(out, l, r->name, r->n_name, &r->full_done);
    } else {
        fprintf(out, "%.*s%s%.*s", (int)l->n_blank, l->blank, r->name,
            (int)(l->n - r->n_old), l->word + r->n_old);
    }
}

static void
rename_in_line(FILE *out, struct line *l, struct renaming *r)
{
    bool loopback = false, first = true, own = false;

    r->full_done = r->short_done = false;
    for (struct line k = *l; next_word(&k); first = false) {
        if (first)
            loopback = is_loopback(&k);
        own |= !first && is_word(&k, r->old, r->n_old);
    }
    first = true;
    while (next_word(l)) {
        if (!first && (is_word(l, r->old, r->n_old) ||
                          is_word(l, r->old, r->n_old_short) ||
                          (own && loopback && is_old_with_domain(r, l))))
            put_new_name(out, l, r);
        else
            fwrite(l->blank, 1, l->n_blank + l->n, out);
        first = false;
    }
    fwrite(l->blank, 1, l->n_blank, out);
}

char *
edit_hosts(
    const char *text, const char *old, const char *new_name, struct error *err)
{
    char *result = NULL;
    size_t size;
    FILE *out = open_memstream(&result, &size);
    struct line l;
    struct renaming r = {.old = old,
        .name = new_name,
        .n_old = strlen(old),
        .n_old_short = strcspn(old, "."),
        .n_name = strlen(new_name),
        .n_short = strcspn(new_name, ".")};

    if (!out)
        return no_memory(err);
    while ((text = next_line(text, &l)))
        rename_in_line(out, &l, &r);
    if (fclose(out) != 0) {
        free(result);
        return no_memory(err);
    }
    return result;
}

/* --- adding --- */

static bool
has_name(const char *text, const char *name)
{
    size_t n = strlen(name);
    struct line l;

    while ((text = next_line(text, &l))) {
        next_word(&l);
        while (next_word(&l))
            if (is_word(&l, name, n))
                return true;
    }
    return false;
}

/* Where the line of the machine's own name begins, or NULL. */
static const char *
own_line(const char *text)
{
    struct line l;

    while ((text = next_line(text, &l)))
        if (next_word(&l) &&
            (is_word(&l, "127.0.1.1", 9) || is_word(&l, "127.0.0.2", 9)))
            return l.start;
    return NULL;
}

/* After the last line of an address 127.*. */
static const char *
place_of_line(const char *text)
{
    const char *place = NULL, *rest = text;
    struct line l;

    while ((rest = next_line(rest, &l)))
        if (next_word(&l) && is_loopback(&l) && l.word[0] == '1')
            place = rest;
    return place ? place : text + strlen(text);
}

char *
edit_hosts_add(const char *text, const char *name, struct error *err)
{
    int n_short = (int)strcspn(name, ".");
    const char *end = strstr(text, "\r\n") ? "\r\n" : "\n";
    const char *place = own_line(text);
    cleanup_free char *names = name[n_short]
                                   ? text_printf("%s %.*s", name, n_short, name)
                                   : strdup(name);
    struct line l;
    char *out;

    if (!names)
        return no_memory(err);
    if (has_name(text, name)) {
        out = strdup(text);
    } else if (place) {
        /* The line is there, with another name: the new one comes first. */
        next_line(place, &l);
        next_word(&l);
        const char *rest = l.at;
        next_word(&l);
        bool again = name[n_short] && is_word(&l, name, (size_t)n_short);
        out = text_printf(
            "%.*s %s%s", (int)(rest - text), text, again ? name : names, rest);
    } else {
        place = place_of_line(text);
        bool whole = place == text || place[-1] == '\n';
        out = text_printf("%.*s%s127.0.1.1\t%s%s%s", (int)(place - text), text,
            whole ? "" : end, names, end, place);
    }
    return out ? out : no_memory(err);
}
