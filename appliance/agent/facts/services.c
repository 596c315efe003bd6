/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a unit of systemd is enabled if a link in a folder
 * NAME.wants, NAME.requires or NAME.upholds leads to it.  So the folders of
 * units are read once into a table; then it is known which units exist (the
 * first folder counts), which are masked (a link to /dev/null, or empty), which
 * have drop-ins, and what pulls them in.  Only those that something pulls in,
 * or that the administrator has changed, are rows: the others do nothing by
 * themselves. */
#include <config.h>

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"
#include "base/strv.h"

static const char *const folders[] = {"/etc/systemd/system",
    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system"};

struct unit {
    const char *name;
    char *path; /* its file, or the link that stands for it; "": none */
    bool own;   /* the administrator's */
    bool masked, alias;
    struct list wanted_by, dropins;
};

struct units {
    struct facts *f;
    struct list items; /* struct unit *, by name once sorted */
    uint32_t sorted;   /* this many are */
    struct list presets;
};

struct preset {
    char *pattern;
    bool enable;
};

static int
by_name(const void *a, const void *b)
{
    const struct unit *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

/* Names come in order within a folder, so most are found by bisection. */
static struct unit *
unit(struct units *u, const char *name)
{
    struct unit key = {.name = name}, *pointer = &key, **item;

    item = u->sorted ? bsearch(&pointer, u->items.items, u->sorted,
                           sizeof(struct unit *), by_name)
                     : NULL;
    if (item)
        return *item;
    item = u->items.items;
    for (uint32_t i = u->sorted; i < u->items.n; i++)
        if (str_equal(item[i]->name, name))
            return item[i];
    struct unit *new = call_alloc(u->f->c, sizeof *new);
    *new = (struct unit){
        .name = call_strdup(u->f->c, name), .path = call_strdup(u->f->c, "")};
    *list_add(u->f->c, &u->items, struct unit *) = new;
    return new;
}

static void
sort(struct units *u)
{
    if (u->items.n > 0)
        qsort(u->items.items, u->items.n, sizeof(struct unit *), by_name);
    u->sorted = u->items.n;
}

static bool
is_unit(const char *name)
{
    static const char *const kinds[] = {".service", ".timer", ".socket",
        ".path", ".target", ".mount", ".automount", ".swap", ".slice"};

    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if (ends_with_text(name, kinds[i]))
            return true;
    return false;
}

static void
add_pulls(struct units *u, const char *folder, const char *name)
{
    char *path = call_printf(u->f->c, "%s/%s", folder, name);
    char *by = call_strndup(u->f->c, name, (size_t)(strrchr(name, '.') - name));

    for (char **one = fact_folder(u->f, path); *one; one++) {
        struct unit *x = unit(u, *one);
        char **known = x->wanted_by.items;
        bool again = false;

        for (uint32_t i = 0; i < x->wanted_by.n; i++)
            again |= str_equal(known[i], by);
        if (!again)
            list_add_string(u->f->c, &x->wanted_by, by);
    }
}

static void
add_dropins(struct units *u, const char *folder, const char *name)
{
    char *path = call_printf(u->f->c, "%s/%s", folder, name);
    char *of = call_strndup(u->f->c, name, strlen(name) - 2);

    for (char **one = fact_folder(u->f, path); *one; one++)
        if (ends_with_text(*one, ".conf"))
            list_add_string(u->f->c, &unit(u, of)->dropins,
                call_printf(u->f->c, "%s/%s", path, *one));
}

static void
add_file(struct units *u, const char *folder, const char *name, bool own)
{
    struct unit *x = unit(u, name);
    const char *target;

    if (x->path[0])
        return;
    x->path = call_printf(u->f->c, "%s/%s", folder, name);
    x->own = own;
    target = tree_link(u->f->c, u->f->root, x->path);
    if (target && str_equal(target, "/dev/null")) {
        x->masked = true;
    } else if (target) {
        const char *base = strrchr(target, '/');

        x->alias = !str_equal(base ? base + 1 : target, name);
    }
}

static void
read_folder(struct units *u, const char *folder, bool own)
{
    for (char **name = fact_folder(u->f, folder); *name; name++) {
        if (ends_with_text(*name, ".wants") ||
            ends_with_text(*name, ".requires") ||
            ends_with_text(*name, ".upholds"))
            add_pulls(u, folder, *name);
        else if (ends_with_text(*name, ".d"))
            add_dropins(u, folder, *name);
        else if (is_unit(*name))
            add_file(u, folder, *name, own);
    }
    sort(u);
}

/* --- presets: what a fresh installation would enable --- */

static void
read_presets(struct units *u)
{
    static const char *const places[] = {"/etc/systemd/system-preset",
        "/usr/lib/systemd/system-preset", "/lib/systemd/system-preset"};
    struct list seen = {0};

    for (size_t i = 0; i < N_ELEMENTS(places); i++) {
        if (i == 2 && tree_link(u->f->c, u->f->root, "/lib"))
            continue;
        for (char **name = fact_folder(u->f, places[i]); *name; name++) {
            char **known = seen.items;
            bool again = !ends_with_text(*name, ".preset");

            for (uint32_t k = 0; k < seen.n; k++)
                again |= str_equal(known[k], *name);
            if (again)
                continue;
            list_add_string(u->f->c, &seen, *name);
            char *text = fact_file(
                u->f, call_printf(u->f->c, "%s/%s", places[i], *name));
            char *line;
            while ((line = next_line(&text))) {
                char *word = fact_word(&line, " \t");
                bool enable = word && str_equal(word, "enable");

                if (!word || (!enable && !str_equal(word, "disable")))
                    continue;
                char *pattern = fact_word(&line, " \t");
                if (pattern && u->presets.n < FACT_FILES_MAX)
                    *list_add(u->f->c, &u->presets, struct preset) =
                        (struct preset){pattern, enable};
            }
        }
    }
}

static const char *
preset_of(const struct units *u, const char *name)
{
    const struct preset *p = u->presets.items;

    for (uint32_t i = 0; i < u->presets.n; i++)
        if (fnmatch(p[i].pattern, name, FNM_NOESCAPE) == 0)
            return p[i].enable ? "enable" : "disable";
    return "";
}

/* --- rows --- */

/* "getty@tty1.service" -> "getty@.service" */
static struct unit *
template_of(struct units *u, const char *name)
{
    const char *at = strchr(name, '@'), *end = strrchr(name, '.');

    if (!at || !end || end < at)
        return NULL;
    char *whole = call_printf(u->f->c, "%.*s@%s", (int)(at - name), name, end);
    struct unit key = {.name = whole}, *pointer = &key, **found;

    found =
        bsearch(&pointer, u->items.items, u->sorted, sizeof pointer, by_name);
    return found ? *found : NULL;
}

static void
add_row(struct units *u, struct unit *x)
{
    const struct unit *template = template_of(u, x->name);
    bool pulled = x->wanted_by.n > 0, missing;
    const char *path = x->path[0] ? x->path : template ? template->path : "";

    if (!pulled && !x->masked && !(x->own && !x->alias) && x->dropins.n == 0)
        return;
    if (x->alias || ends_with_text(x->name, ".target") ||
        ends_with_text(x->name, ".slice"))
        return;
    /* Some packages pull in what others may bring. */
    missing = !path[0] && !str_after(x->name, "dev-");
    if (missing && !pulled)
        return;
    const char *dot = strrchr(x->name, '.');
    struct fact_row r = fact_add(u->f, x->name, path, 0);

    fact_text(&r, "init", "systemd");
    fact_text(&r, "kind", dot ? dot + 1 : "");
    fact_text(&r, "state",
        x->masked || (template && template->masked) ? "masked"
        : missing                                   ? "missing"
        : pulled                                    ? "enabled"
                                                    : "disabled");
    fact_text(&r, "preset", preset_of(u, x->name));
    char **one = x->wanted_by.items;
    for (uint32_t i = 0; i < x->wanted_by.n; i++)
        fact_text(&r, "wanted_by", one[i]);
    one = x->dropins.items;
    for (uint32_t i = 0; i < x->dropins.n; i++)
        fact_text(&r, "dropins", one[i]);
}

static void
read_systemd(struct facts *f)
{
    struct units u = {.f = f};
    bool merged = tree_link(f->c, f->root, "/lib") != NULL;

    if (!fact_exists(f, "/usr/lib/systemd/systemd") &&
        !fact_exists(f, "/lib/systemd/systemd"))
        return;
    for (size_t i = 0; i < N_ELEMENTS(folders); i++)
        if (!merged || !str_after(folders[i], "/lib/"))
            read_folder(&u, folders[i], i < 2);
    read_presets(&u);
    struct unit **x = u.items.items;
    for (uint32_t i = 0; i < u.items.n; i++)
        add_row(&u, x[i]);
}

void
facts_services(struct facts *f)
{
    read_systemd(f);
    facts_services_old(f);
}
