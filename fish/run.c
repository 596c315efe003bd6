/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run one line: expand it, find its command, send its output where it belongs,
 * report its error.  Builtins run commands in turn, so the table of them is not
 * named here: the shell has it from main. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/destination.h"
#include "fish/events.h"
#include "fish/host.h"
#include "fish/lookup.h"
#include "fish/old_names.h"
#include "fish/remote.h"
#include "fish/settings.h"
#include "fish/shell.h"
#include "fish/stream.h"
#include "fish/words.h"

/* A deep chain, in which the output of a <! has a <! and so on, is a
 * mistake. */
enum { MAX_DEPTH = 20 };

static int
wrong_count(struct shell *sh, const char *usage)
{
    error_set(
        &sh->error, EINVAL, "incorrect number of arguments; usage: %s", usage);
    return shell_misused(sh);
}

/* The exit code of a script after a command failed. */
static int
failure_code(const struct shell *sh, const struct command *c)
{
    if (str_equal(c->names[0], "launch"))
        return tool_disk_code(sh->error.code);
    return str_after(c->names[0], "add-drive") ? TOOL_INPUT : TOOL_FAILED;
}

/* If our own pipe is closed, the reader just did not want everything, which is
 * not an error without --pipe-error; if our own stdout is closed, going on
 * makes no sense. */
static int
output_lost(struct shell *sh)
{
    if (errno == EPIPE && sh->piped && !sh->pipe_error)
        return 0;
    if (errno == EPIPE && !sh->piped)
        sh->code = TOOL_PIPE_CLOSED;
    return error_errno(&sh->error, errno, "cannot write the output");
}

/* Words that are paths of the guest may begin with "win:".  The last letter of
 * KINDS repeats. */
static int
expand_paths(struct shell *sh, const char *kinds, char **argv)
{
    for (; *argv && *kinds; argv++) {
        if (*kinds == 'p' && destination_expand(sh->g, argv, &sh->error) < 0)
            return -1;
        kinds += kinds[1] != 0;
    }
    return 0;
}

/* "iface:" of add-drive has no meaning any more, in libguestfs either. */
static void
drop_interface(const struct command *c, char **argv)
{
    char **to = argv;

    if (!str_equal(c->names[0], "add-drive"))
        return;
    for (; *argv; argv++) {
        if (str_after(*argv, "iface:"))
            free(*argv);
        else
            *to++ = *argv;
    }
    *to = NULL;
}

static int
run_command(struct shell *sh, const struct command *c, char **argv)
{
    drop_interface(c, argv);
    size_t n = strv_length(argv);

    if (n < c->n_words || n > c->n_words + c->n_options)
        return wrong_count(sh, c->usage);
    sh->code = TOOL_FAILED;
    if (expand_paths(sh, c->kinds, argv) < 0)
        return -1;
    events_enter(sh, c->names[0]);
    print_begin(&sh->printer, stdout, sh->json);
    int result = c->run(sh, argv);
    if (result < 0 && sh->code == TOOL_FAILED)
        sh->code = failure_code(sh, c);
    /* Only an encrypted image has this error. */
    if (result < 0 && sh->error.code == ENOKEY)
        sh->code = TOOL_KEYS;
    tool_progress_clear();
    if (print_end(&sh->printer) < 0 && result == 0)
        result = output_lost(sh);
    return result;
}

static int
run_builtin(struct shell *sh, const struct builtin *b, char **argv)
{
    size_t n = strv_length(argv);

    if (n < b->least || n > b->most)
        return wrong_count(sh, b->usage);
    if (expand_paths(sh, b->kinds, argv) < 0)
        return -1;
    int result = b->run(sh, argv, n);
    tool_progress_clear();
    if ((fflush(stdout) < 0 || ferror(stdout)) && result == 0)
        result = output_lost(sh);
    return result;
}

static int
run_old(struct shell *sh, const struct old_name *o, char **argv)
{
    if (o->kind != OLD_REFUSED && strv_length(argv) != old_name_count(o)) {
        cleanup_free char *usage = text_printf("%s %s", o->name, o->words);

        return wrong_count(sh, usage ? usage : o->name);
    }
    switch (o->kind) {
    case OLD_COMMAND: {
        cleanup_strv char **words = old_name_command(o, argv);

        return words ? shell_run_words(sh, words) : error_no_memory(&sh->error);
    }
    case OLD_ANSWER:
        printf("%s\n", o->text);
        return 0;
    case OLD_SET:
        return settings_store(sh, o, argv[0]);
    case OLD_GET:
        return settings_print(sh, o);
    case OLD_REFUSED:
        error_set(&sh->error, ENOTSUP, "not available in mayfish: %s", o->text);
        return shell_misused(sh);
    case OLD_NOTHING:
        break;
    }
    return 0;
}

/* "-<<END" for a host file becomes the server's stdin. */
static int
take_here(struct shell *sh, char **argv, struct stream *ret)
{
    struct found found = lookup(sh->builtins, argv[0]);
    const char *kinds = found.command ? found.command->kinds : "";

    for (size_t i = 1; argv[i] && kinds[i - 1]; i++) {
        if (kinds[i - 1] != 'h' || !str_after(argv[i], "-<<"))
            continue;
        argv[i][1] = 0;
        cleanup_free char *word = text_printf("-<<%s", argv[i] + 3);
        return word ? stream_open_in(sh, word, ret)
                    : error_no_memory(&sh->error);
    }
    return 0;
}

/* The server writes to our files itself, so it is the one who finds a pipe
 * closed. */
static int
run_remote(struct shell *sh, char **argv)
{
    cleanup_stream struct stream here = STREAM_NONE;

    if (take_here(sh, argv, &here) < 0)
        return -1;
    int result = remote_run(sh, argv, here.fd);
    if (result < 0 && sh->code == TOOL_PIPE_CLOSED && sh->piped) {
        errno = EPIPE;
        return output_lost(sh);
    }
    return result;
}

int
shell_run_words(struct shell *sh, char **argv)
{
    struct found found = lookup(sh->builtins, argv[0]);

    error_clear(&sh->error);
    sh->code = TOOL_FAILED;
    if (sh->server)
        return run_remote(sh, argv);
    if (found.builtin)
        return run_builtin(sh, found.builtin, argv + 1);
    if (found.command)
        return run_command(sh, found.command, argv + 1);
    if (found.old)
        return run_old(sh, found.old, argv + 1);
    error_set(
        &sh->error, ENOENT, "unknown command; 'help -l' lists all commands");
    return shell_misused(sh);
}

/* ~ and ~USER; an unknown user stays as it is. */
static char *
expand_tilde(const char *word)
{
    size_t n = strcspn(word, "/");
    const char *home = NULL;

    if (n == 1)
        home = getenv("HOME");
    if (!home) {
        cleanup_free char *user = strndup(word + 1, n - 1);
        struct passwd *pw = n == 1 ? getpwuid(geteuid())
                            : user ? getpwnam(user)
                                   : NULL;

        home = pw ? pw->pw_dir : NULL;
    }
    return home ? text_printf("%s%s", home, word + n) : strdup(word);
}

static char **
expand(const struct line *line)
{
    cleanup_strv char **argv = NULL;

    for (size_t i = 0; i < line->n_words; i++) {
        const struct word *w = &line->words[i];
        char *text = w->text[0] == '~' && !w->quoted ? expand_tilde(w->text)
                                                     : strdup(w->text);

        if (strv_take(&argv, text) < 0)
            return NULL;
    }
    return steal_pointer(&argv);
}

/* Run with stdout going into a host command.  What the command does with the
 * text, and whether it reads it to the end, is its own affair; stdout is
 * restored in any case. */
static int
run_piped(struct shell *sh, char **argv, const char *host)
{
    int ends[2], result = -1;
    cleanup_error struct error ignored = {0};

    fflush(stdout);
    cleanup_close int saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (saved < 0 || pipe2(ends, O_CLOEXEC) < 0)
        return error_errno(&sh->error, errno, "cannot make a pipe");
    cleanup_close int in = ends[0], out = ends[1];

    pid_t pid = host_start(host, in, -1, &sh->error);
    if (pid < 0)
        return -1;
    close(steal_fd(&in));
    if (dup2(out, STDOUT_FILENO) >= 0) {
        close(steal_fd(&out));
        sh->piped = true;
        result = shell_run_words(sh, argv);
        sh->piped = false;
        if (fflush(stdout) < 0 || ferror(stdout)) {
            __fpurge(stdout);
            clearerr(stdout);
        }
        dup2(saved, STDOUT_FILENO);
    } else {
        close(steal_fd(&out));
        error_errno(&sh->error, errno, "cannot redirect the output");
    }
    host_wait(pid, host, &ignored);
    return result;
}

static int
run_source(struct shell *sh, const char *host)
{
    int ends[2], result = 0;

    if (sh->depth >= MAX_DEPTH)
        return error_set(&sh->error, ELOOP, "<! is nested too deeply");
    fflush(stdout);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_errno(&sh->error, errno, "cannot make a pipe");
    pid_t pid = host_start(host, -1, ends[1], &sh->error);
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    if (pid < 0 || !in) {
        if (in)
            fclose(in);
        return -1;
    }

    cleanup_free char *line = NULL;
    size_t room = 0;
    ssize_t n;
    sh->depth++;
    while (result == 0 && !sh->quit && (n = getline(&line, &room, in)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = 0;
        result = shell_run_line(sh, line);
    }
    sh->depth--;
    fclose(in);

    cleanup_error struct error err = {0};
    if (host_wait(pid, host, &err) < 0 && result == 0)
        result = error_move(&sh->error, &err);
    return result;
}

int
shell_run_line(struct shell *sh, const char *text)
{
    cleanup_line struct line line = {0};
    cleanup_strv char **argv = NULL;
    int result = line_parse(text, &line, &sh->error);

    sh->code = result < 0 ? TOOL_USAGE : TOOL_FAILED;
    sh->ignore_error = line.ignore_error;
    if (result == 0 && line.kind == LINE_EMPTY)
        return 0;
    if (result == 0 && line.kind == LINE_HOST)
        result = host_run(line.host, &sh->error);
    else if (result == 0 && line.kind == LINE_SOURCE)
        result = run_source(sh, line.host);
    else if (result == 0 && !(argv = expand(&line)))
        result = error_no_memory(&sh->error);
    else if (result == 0 && line.host)
        result = run_piped(sh, argv, line.host);
    else if (result == 0)
        result = shell_run_words(sh, argv);

    if (result < 0 && sh->error.code)
        shell_report(sh, argv ? argv[0] : NULL);
    if (tool_interrupted())
        return -1;
    return line.ignore_error && !sh->unanswered ? 0 : result;
}
