/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfish: a shell for the file systems of disk images. */
#include <config.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/command_line.h"
#include "fish/complete.h"
#include "fish/events.h"
#include "fish/help.h"
#include "fish/lookup.h"
#include "fish/manual.h"
#include "fish/prepared.h"
#include "fish/read_only.h"
#include "fish/remote.h"
#include "fish/shell.h"
#include "tool/table.h"

struct fish {
    struct shell shell;
    struct prepared_list prepared;
    const char *script;  /* -f */
    bool no_sync;        /* -n */
    bool command_help;   /* -h */
    const char *command; /* of -h, NULL: list all */
    bool listen;         /* --listen */
    bool csh;            /* --csh */
    bool remote;         /* --remote */
    int ready;           /* with --listen: to say that it listens */
};

static int
set_new(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    struct fish *f = opaque;

    (void)o;
    if (str_equal(value, "list") || str_equal(value, "help") ||
        str_equal(value, "h") || str_equal(value, "?")) {
        prepared_help();
        exit(tool_finish_output(TOOL_OK));
    }
    return prepared_add(&f->prepared, &f->shell.tool, value, err);
}

static int
set_command_help(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    struct fish *f = opaque;

    (void)o, (void)err;
    f->command_help = true;
    f->command = value;
    return 0;
}

static int
set_script(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    struct fish *f = opaque;

    (void)o;
    if (f->script)
        return error_set(err, EINVAL, "is given twice");
    f->script = value;
    return 0;
}

static int
set_remote(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    struct fish *f = opaque;
    char *end;

    (void)o;
    f->remote = true;
    if (!value)
        value = getenv("GUESTFISH_PID");
    if (!value || !value[0])
        return error_set(err, EINVAL,
            "which server?  give its process ID, or set GUESTFISH_PID as "
            "'eval \"$(mayfish --listen)\"' does");
    errno = 0;
    long pid = strtol(value, &end, 10);
    if (*end || errno || pid < 1 || pid > INT_MAX)
        return error_set(err, EINVAL, "'%s' is not a process ID", value);
    f->shell.server = (pid_t)pid;
    return 0;
}

/* guestfish knows these, and they change nothing. */
static int
set_nothing(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    (void)opaque, (void)o, (void)value, (void)err;
    return 0;
}

static int
set_live(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    (void)opaque, (void)o, (void)value;
    return error_set(err, ENOTSUP,
        "a running machine cannot be connected to; read its disks with "
        "'-d DOMAIN --ro'");
}

static int set_print_options(void *opaque, const struct tool_option *o,
    const char *value, struct error *err);

static const struct tool_option options[] = {
    {"file", 'f', "FILE", "run the commands of a script, and end", set_script,
        0},
    {"cmd-help", 'h', "[COMMAND]", "list the commands, or explain one",
        set_command_help, 0},
    {"new", 'N', "TYPE|FILE=TYPE",
        "make a new disk and add it; '-N list' lists the types of disk",
        set_new, 0},
    {"listen", 0, NULL, "wait in the background for commands of --remote",
        tool_set_flag, offsetof(struct fish, listen)},
    {"remote", 0, "[PID]", "have a server of --listen run the commands",
        set_remote, 0},
    {"csh", 0, NULL, "with --listen: print a command of csh", tool_set_flag,
        offsetof(struct fish, csh)},
    {"pipe-error", 0, NULL, "fail if a pipe is closed before its end",
        tool_set_flag, offsetof(struct fish, shell.pipe_error)},
    {"no-dest-paths", 'D', NULL, "do not complete paths of the guest",
        tool_set_flag, offsetof(struct fish, shell.no_paths)},
    {"json", 0, NULL, "print every result as one line of JSON", tool_set_flag,
        offsetof(struct fish, shell.json)},
    {"no-sync", 'n', NULL, "do not flush and unmount at the end", tool_set_flag,
        offsetof(struct fish, no_sync)},
    {"live", 0, NULL, NULL, set_live, 0},
    {"selinux", 0, NULL, NULL, set_nothing, 0},
    {"long-options", 0, NULL, NULL, set_print_options, false},
    {"short-options", 0, NULL, NULL, set_print_options, true},
    {0},
};

static const char *
command_name(size_t i)
{
    return lookup_name(builtins, i);
}

static const struct tool_program program = {
    .name = "mayfish",
    .summary = "inspect and modify disk images from a shell",
    .usage = "[OPTIONS] [COMMAND [ARG...] [: COMMAND [ARG...]...]]\n"
             "[OPTIONS] -f SCRIPT\n"
             "-h [COMMAND]",
    .options = options,
    .groups =
        TOOL_DISKS | TOOL_MODE | TOOL_MOUNTS | TOOL_SECRETS | TOOL_NETWORK,
    .manual = &fish_manual,
    .words = command_name,
    .read_only_default = read_only_configured,
};

/* For the completion that guestfish installs: one per line. */
static int
set_print_options(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    const struct tool_option *o;

    (void)opaque, (void)value, (void)err;
    for (size_t i = 0; (o = table_at(&program, i)); i++) {
        if (option->offset && o->letter)
            printf("-%c\n", o->letter);
        else if (!option->offset && o->name && o->set != set_print_options)
            printf("--%s\n", o->name);
    }
    printf(option->offset ? "-V\n" : "--help\n--version\n");
    exit(tool_finish_output(TOOL_OK));
}

static int
show_help(struct fish *f)
{
    const char *name = f->command;

    if (!name && f->shell.tool.n_words > 0)
        name = f->shell.tool.words[0];
    if (!name)
        help_list(builtins);
    else if (help_page(builtins, name) < 0) {
        tool_error("%s: unknown command; '%s -h' lists all commands", name,
            tool_name());
        return TOOL_USAGE;
    }
    return tool_finish_output(TOOL_OK);
}

/* The handle, and what the options require before the first command. */
static int
prepare(struct fish *f)
{
    struct shell *sh = &f->shell;
    struct tool *t = &sh->tool;

    if (prepared_create(&f->prepared, &sh->error) < 0) {
        tool_error("%s", error_text(&sh->error));
        return TOOL_FAILED;
    }
    sh->g = tool_handle(t);
    if (!sh->g)
        return TOOL_FAILED;
    if (f->no_sync)
        mayfly_set_autosync(sh->g, false);
    int code = tool_add_disks(t, sh->g);
    if (code != TOOL_OK ||
        (!t->inspect && t->n_mounts == 0 && f->prepared.n == 0))
        return code;
    code = tool_launch(sh->g);
    if (code == TOOL_OK && prepared_format(&f->prepared, sh) < 0) {
        shell_report(sh, NULL);
        code = TOOL_FAILED;
    }
    return code == TOOL_OK ? tool_mount_all(t, sh->g) : code;
}

/* With -i on a terminal: the guest that was found, and where it is mounted. */
static void
show_guest(struct mayfly *g)
{
    cleanup_free char **roots = NULL, **mounted = NULL;
    cleanup_free char *name = NULL;

    if (mayfly_inspect_get_roots(g, &roots) < 0 || !roots[0] ||
        mayfly_inspect_get_product_name(g, roots[0], &name) < 0 ||
        mayfly_mountpoints(g, &mounted) < 0)
        return;
    fputs("Operating system: ", stdout);
    tool_print(stdout, name);
    putchar('\n');
    for (size_t i = 0; mounted[i] && mounted[i + 1]; i += 2) {
        tool_print(stdout, mounted[i]);
        fputs(" mounted on ", stdout);
        tool_print(stdout, mounted[i + 1]);
        putchar('\n');
    }
    putchar('\n');
}

static int
run(struct fish *f)
{
    struct shell *sh = &f->shell;

    if (f->listen)
        return server_run(sh, f->ready);
    if (sh->tool.n_words > 0)
        return shell_run_command_line(sh, sh->tool.words, sh->tool.n_words);
    if (f->script) {
        sh->file = f->script;
        sh->source = fopen(f->script, "re");
        if (!sh->source) {
            tool_error("cannot open %s: %s", f->script, strerror(errno));
            return TOOL_USAGE;
        }
        int code = shell_run_script(sh);
        fclose(sh->source);
        return code;
    }
    sh->source = stdin;
    if (isatty(STDIN_FILENO)) {
        sh->interactive = true;
        complete_start(sh);
        if (sh->tool.inspect && sh->g)
            show_guest(sh->g);
        shell_run_script(sh);
        complete_end();
        return TOOL_OK;
    }
    sh->file = "*stdin*";
    return shell_run_script(sh);
}

/* Which options go together. */
static void
check(const struct fish *f)
{
    const struct tool *t = &f->shell.tool;

    if (f->script && t->n_words > 0)
        tool_misuse("give either -f or commands, not both");
    if (f->csh && !f->listen)
        tool_misuse("--csh has a meaning only with --listen");
    if (f->listen && f->remote)
        tool_misuse("--listen and --remote contradict each other");
    if (f->listen && (f->script || t->n_words > 0))
        tool_misuse("--listen takes no commands: send them with --remote");
    if (f->remote &&
        (t->n_disks > 0 || t->n_mounts > 0 || t->inspect || f->prepared.n > 0))
        tool_warning("disks and mounts have no effect with --remote: give -a, "
                     "-d, -N, -i and -m to the --listen that starts the "
                     "server");
}

int
main(int argc, char **argv)
{
    struct fish f = {.shell.builtins = builtins};
    struct shell *sh = &f.shell;

    char **words = command_line_read(builtins, argv, &argc);
    if (!words)
        return TOOL_FAILED;
    tool_parse(&sh->tool, &program, argc, words, &f);
    if (f.command_help)
        return show_help(&f);
    int code = TOOL_OK;
    if (sh->tool.inspect && sh->tool.n_disks == 0 && !f.remote)
        code = command_line_disks(sh);
    check(&f);
    if (code == TOOL_OK && f.listen && server_fork(f.csh, &f.ready, &code) < 0)
        goto end;
    if (code == TOOL_OK && !f.remote)
        code = prepare(&f);
    if (code == TOOL_OK)
        code = run(&f);
    code = tool_end(sh->g, code);
    mayfly_close(sh->g);
    events_free(sh);
    strv_free(sh->properties);
    strv_free(sh->backend_settings);
end:
    error_clear(&sh->error);
    prepared_free(&f.prepared);
    tool_free(&sh->tool);
    free(words);
    return code;
}
