/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readline knows one completer for the process, so the shell it works for is
 * static here.  The first word is a command; a later one is a device, a path in
 * the guest, or a path on the host, depending on the command's argument. */
#include <config.h>

#include "fish/complete.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* After stdio.h, which they do not include. */
#include <readline/history.h>
#include <readline/readline.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/lookup.h"
#include "fish/prompt.h"
#include "fish/shell.h"

enum { HISTORY_LINES = 1000 };

static struct shell *served;
static char *history_path;

/* The candidates for the word being completed, made when readline asks for the
 * first one. */
static char **candidates;
static size_t next_candidate;

static void
add_devices(void)
{
    static int (*const listers[])(struct mayfly *, char ***) = {
        mayfly_list_devices, mayfly_list_partitions, mayfly_list_md_devices,
        mayfly_lvs, mayfly_list_dm_devices};

    for (size_t i = 0; i < N_ELEMENTS(listers); i++) {
        cleanup_free char **names = NULL;

        if (listers[i](served->g, &names) < 0)
            continue;
        for (size_t k = 0; names[k]; k++)
            strv_append(&candidates, names[k]);
    }
}

static void
add_paths(const char *text)
{
    const char *slash = strrchr(text, '/');
    struct mayfly_dirent_list *entries;
    cleanup_free char *folder = NULL;

    if (!slash)
        return;
    folder = strndup(text, slash > text ? (size_t)(slash - text) : 1);
    if (!folder || mayfly_readdir(served->g, folder, &entries) < 0)
        return;
    for (uint32_t i = 0; i < entries->len; i++) {
        const struct mayfly_dirent *e = &entries->val[i];

        if (str_equal(e->name, ".") || str_equal(e->name, ".."))
            continue;
        strv_printf(&candidates, "%.*s%s%s", (int)(slash - text + 1), text,
            e->name, e->ftyp && e->ftyp[0] == 'd' ? "/" : "");
    }
    mayfly_free_dirent_list(entries);
}

static void
collect(const char *text, char kind)
{
    bool ready = false;

    strv_free(candidates);
    candidates = NULL;
    next_candidate = 0;
    if (!served->g || mayfly_is_ready(served->g, &ready) < 0 || !ready)
        return;
    if (kind == 'd' || strlen(text) < 5 || str_after(text, "/dev/"))
        add_devices();
    if (kind != 'd' && text[0] == '/' && !served->no_paths)
        add_paths(text);
}

/* readline writes a name as it is, and then into the line. */
static bool
is_displayable(const char *name)
{
    cleanup_free char *safe = text_escape(name);

    return safe && str_equal(safe, name);
}

static char *
next_match(const char *text, int state)
{
    (void)state;
    while (candidates && candidates[next_candidate]) {
        const char *c = candidates[next_candidate++];

        if (strncmp(c, text, strlen(text)) == 0 && is_displayable(c)) {
            size_t n = strlen(c);

            /* A folder name is completed further, so append no blank to it. */
            rl_completion_append_character =
                n > 0 && c[n - 1] == '/' ? '\0' : ' ';
            return strdup(c);
        }
    }
    return NULL;
}

static char *
next_command(const char *text, int state)
{
    static size_t next;
    const char *name;

    if (state == 0)
        next = 0;
    while ((name = lookup_name(served->builtins, next++))) {
        if (strncasecmp(name, text, strlen(text)) == 0)
            return strdup(name);
    }
    return NULL;
}

/* The kind of the word that starts at START in the line. */
static char
kind_at(const char *line, int start)
{
    char name[64];
    size_t n = strcspn(line, " \t");
    int word = -1;
    const char *kinds = "";

    snprintf(name, sizeof name, "%.*s", (int)n, line);
    struct found found = lookup(served->builtins, name);
    if (found.command)
        kinds = found.command->kinds;
    else if (found.builtin)
        kinds = found.builtin->kinds;
    for (int i = 0; i < start; i++) {
        if ((line[i] == ' ' || line[i] == '\t') && i > 0 &&
            line[i - 1] != ' ' && line[i - 1] != '\t')
            word++;
    }
    n = strlen(kinds);
    if (n == 0 || word < 0)
        return '-';
    return kinds[(size_t)word < n ? (size_t)word : n - 1];
}

static char **
complete(const char *text, int start, int end)
{
    const char *line = rl_line_buffer + strspn(rl_line_buffer, " \t");
    int skipped = (int)(line - rl_line_buffer);

    (void)end;
    rl_attempted_completion_over = 1;
    rl_completion_append_character = ' ';
    if (start <= skipped)
        return rl_completion_matches(text, next_command);
    char kind = kind_at(line, start - skipped);
    if (kind == 'h') {
        rl_attempted_completion_over = 0; /* readline's own: host files */
        return NULL;
    }
    collect(text, kind);
    return rl_completion_matches(text, next_match);
}

/* Ctrl-C at the prompt: there is nothing to end, however often it comes. */
static int
forget_signal(void)
{
    tool_interrupt_clear();
    return 0;
}

void
complete_start(struct shell *sh)
{
    const char *home = getenv("HOME");

    served = sh;
    rl_readline_name = "mayfish";
    rl_attempted_completion_function = complete;
    rl_signal_event_hook = forget_signal;
    rl_basic_word_break_characters = " \t\n";
    rl_variable_bind("completion-ignore-case", "on");
    using_history();
    if (home && (history_path = text_printf("%s/.mayfish", home)))
        read_history(history_path);
    stifle_history(HISTORY_LINES);
    prompt_print(getenv("GUESTFISH_INIT"));
    printf(
        "\nmayfish, a shell for the file systems of disk images.\n'help' shows "
        "how to begin, 'help -l' lists the commands, 'quit' leaves.\n\n");
}

char *
complete_read_line(struct shell *sh)
{
    const char *own = getenv("GUESTFISH_PS1");
    cleanup_free char *prompt = prompt_text(own ? own : "><fs> ");

    (void)sh;
    fflush(stdout);
    char *line = readline(prompt ? prompt : "");

    if (!line) {
        putchar('\n');
        return NULL;
    }
    if (line[strspn(line, " \t")])
        add_history(line);
    prompt_print(getenv("GUESTFISH_OUTPUT"));
    return line;
}

void
complete_end(void)
{
    prompt_print(getenv("GUESTFISH_RESTORE"));
    if (history_path) {
        /* It may contain what was written to files, which is private. */
        int fd = open(history_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        if (fd >= 0)
            close(fd);
        write_history(history_path);
    }
    free(steal_pointer(&history_path));
    strv_free(candidates);
    candidates = NULL;
}
