/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sudoers(5): its rules as they are written, with what matters of them.  Files
 * are read in the order in which sudo includes them. */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { INCLUDES_MAX = 128 };

struct sudo {
    struct facts *f;
    unsigned files;
};

static void read_sudoers(struct sudo *s, const char *path);

/* Of a folder sudo leaves out names with a dot and those that end in "~". */
static void
read_folder(struct sudo *s, const char *folder)
{
    for (char **name = fact_folder(s->f, folder); *name; name++)
        if (!strchr(*name, '.'))
            read_sudoers(s, call_printf(s->f->c, "%s/%s", folder, *name));
}

static bool
include(struct sudo *s, char *line)
{
    bool folder =
        str_after(line, "#includedir") || str_after(line, "@includedir");

    if (!folder && !str_after(line, "#include") && !str_after(line, "@include"))
        return false;
    line += strcspn(line, " \t");
    char *path = shell_unquote(fact_trim(line));
    if (!path[0])
        return false;
    if (path[0] != '/')
        path = call_printf(s->f->c, "/etc/%s", path);
    if (folder)
        read_folder(s, path);
    else
        read_sudoers(s, path);
    return true;
}

/* WHO HOSTS=(RUNAS) TAGS: COMMANDS */
static void
add_rule(struct sudo *s, char *line, const char *path, unsigned number)
{
    static const char *const others[] = {"Defaults", "User_Alias",
        "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias"};
    char *whole = call_strdup(s->f->c, line), *p = line;

    for (; *p && !strchr(" \t", *p); p++)
        p += *p == '\\' && p[1];
    bool blank = *p;
    *p = '\0';
    struct fact_row r = fact_add(s->f, line, path, number);
    char *rest = fact_trim(p + blank);

    fact_text(&r, "rule", whole);
    for (size_t i = 0; i < N_ELEMENTS(others); i++) {
        if (str_after(line, others[i])) {
            fact_text(&r, "kind", i == 0 ? "defaults" : "alias");
            return;
        }
    }
    fact_text(&r, "kind", "rule");
    char *equals = strchr(rest, '=');
    if (!equals)
        return;
    *equals = '\0';
    fact_text(&r, "hosts", fact_trim(rest));
    rest = fact_trim(equals + 1);
    if (rest[0] == '(') {
        char *end = strchr(rest, ')');

        if (!end)
            return;
        *end = '\0';
        fact_text(&r, "run_as", fact_trim(rest + 1));
        rest = fact_trim(end + 1);
    }
    fact_flag(&r, "nopasswd", strstr(rest, "NOPASSWD:") != NULL);
    fact_text(&r, "commands", rest);
}

static void
read_sudoers(struct sudo *s, const char *path)
{
    unsigned number = 0, first;

    if (s->files++ > INCLUDES_MAX) {
        if (s->files == INCLUDES_MAX + 2)
            fact_note(s->f, s->f->system->root,
                "facts: %s: sudo includes too many files", path);
        return;
    }
    char *text = fact_file(s->f, path), *line, *more;
    while ((line = next_line(&text))) {
        first = ++number;
        line = fact_trim(line);
        struct list parts = {0};
        size_t size = strlen(line);

        /* A line that ends in "\\" goes on in the next. */
        while (ends_with_text(line, "\\") && (more = next_line(&text))) {
            line[strlen(line) - 1] = '\0';
            number++;
            list_add_string(s->f->c, &parts, line);
            line = fact_trim(more);
            size += strlen(line) + 1;
        }
        if (parts.n > 0) {
            char *joined = call_alloc(s->f->c, size + parts.n + 2),
                 *to = joined;

            for (uint32_t i = 0; i < parts.n; i++)
                to = stpcpy(stpcpy(to, ((char **)parts.items)[i]), " ");
            stpcpy(to, line);
            line = joined;
        }
        if (!line[0] || include(s, line) || line[0] == '#')
            continue;
        add_rule(s, line, path, first);
    }
}

void
facts_sudo(struct facts *f)
{
    struct sudo s = {.f = f};

    read_sudoers(&s, "/etc/sudoers");
}
