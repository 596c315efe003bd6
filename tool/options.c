/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/domain.h"
#include "tool/environment.h"
#include "tool/exit.h"
#include "tool/name.h"
#include "tool/print.h"
#include "tool/signals.h"
#include "tool/table.h"

/* More than any program has. */
enum { MAX_OPTIONS = 192 };

/* getopt's value of a long option is its row plus this. */
enum {
    FIRST_LONG = 256,
    LONG_HELP = 1000,
    LONG_MANUAL,
    LONG_COMPLETION,
    LONG_PRINT, /* for the build and tests, see print_internal */
};

static bool
letter_taken(const struct tool_program *program, char letter)
{
    for (const struct tool_option *o = program->options;
         o && (o->name || o->letter || o->help); o++) {
        if (o->letter == letter)
            return true;
    }
    return false;
}

static const struct tool_option *
find_letter(const struct tool_program *program, int letter)
{
    const struct tool_option *o;

    for (size_t i = 0; (o = table_at(program, i)); i++) {
        if (o->letter == letter)
            return o;
    }
    return NULL;
}

/* The rows of the shared groups work on the struct tool, the others on the
 * program's own structure. */
static bool
is_shared(const struct tool_program *program, const struct tool_option *o)
{
    const struct tool_option *s;

    for (size_t i = 0; (s = shared_at(program->groups, i)); i++) {
        if (s == o)
            return true;
    }
    return false;
}

struct getopt_tables {
    char letters[MAX_OPTIONS * 3 + 8];
    struct option names[MAX_OPTIONS + 8];
};

static void
build_tables(const struct tool_program *program, struct getopt_tables *g)
{
    static const struct option builtin[] = {
        {"help", no_argument, NULL, LONG_HELP},
        {"version", no_argument, NULL, 'V'},
        {"print-manual", no_argument, NULL, LONG_MANUAL},
        {"print-completion", required_argument, NULL, LONG_COMPLETION},
        {"print-internal", required_argument, NULL, LONG_PRINT},
        {0},
    };
    char *letter = stpcpy(g->letters, ":");
    size_t n = 0;
    const struct tool_option *o;

    for (size_t i = 0; (o = table_at(program, i)) && i < MAX_OPTIONS; i++) {
        int argument = !o->value                 ? no_argument
                       : table_optional_value(o) ? optional_argument
                                                 : required_argument;

        if (o->name)
            g->names[n++] = (struct option){o->name + (o->name[0] == '-'),
                argument, NULL, FIRST_LONG + (int)i};
        if (!o->letter)
            continue;
        *letter++ = o->letter;
        for (int colon = 0; colon < argument; colon++)
            *letter++ = ':';
    }
    if (!letter_taken(program, 'V'))
        *letter++ = 'V';
    *letter = 0;
    memcpy(&g->names[n], builtin, sizeof builtin);
}

static void
apply(struct tool *t, const struct tool_option *o, void *opaque)
{
    cleanup_error struct error err = {0};
    void *target = is_shared(t->program, o) ? t : opaque;

    if (o->set(target, o, optarg, &err) == 0)
        return;
    if (o->name)
        tool_misuse("%s%s: %s", table_dashes(o), o->name, error_text(&err));
    tool_misuse("-%c: %s", o->letter, error_text(&err));
}

/* getopt takes -on for -o n: make it --on.  The words last as long as the
 * program, as those of argv do. */
static void
lengthen(struct tool *t, int argc, char **argv)
{
    const struct tool_option *o;

    for (int i = 1; i < argc && !str_equal(argv[i], "--"); i++) {
        for (size_t k = 0; (o = table_at(t->program, k)); k++) {
            if (!o->name || o->name[0] != '-' || !str_equal(argv[i], o->name))
                continue;
            char *word = text_printf("-%s", o->name);
            if (strv_take(&t->kept, word) < 0) {
                tool_error("no memory");
                exit(TOOL_FAILED);
            }
            argv[i] = word;
            break;
        }
    }
}

static void
print_internal(const struct tool_program *program, const char *what)
{
    if (str_equal(what, "options"))
        table_options(program, stdout);
    else if (str_equal(what, "examples"))
        table_examples(program, stdout);
    else if (str_equal(what, "statuses"))
        table_statuses(program, stdout);
    else if (str_equal(what, "environment"))
        environment_names(stdout);
    else if (!str_equal(what, "nothing")) /* all options before it are right */
        tool_misuse("--print-internal: unknown value '%s'", what);
}

static void
finish(struct tool *t, int argc, char **argv)
{
    struct error err cleanup_error = {0};

    if (t->scan.unused && !(t->program->takes_disks && optind < argc))
        tool_misuse("--%s has no effect after the last -a: put it before",
            t->scan.unused);
    if (t->read_only && t->read_write)
        tool_misuse("--ro and --rw contradict each other");
    if (!t->read_only && !t->read_write && t->program->read_only_default)
        t->read_only = t->program->read_only_default();
    if (t->inspect && t->n_mounts > 0)
        tool_misuse("-i and -m cannot be used together");
    t->words = argv + optind;
    t->n_words = (size_t)(argc - optind);
    if (domain_expand(t, &err) < 0) {
        tool_error("%s", error_text(&err));
        exit(TOOL_INPUT);
    }
}

void
tool_parse(struct tool *t, const struct tool_program *program, int argc,
    char **argv, void *opaque)
{
    struct getopt_tables tables = {0};
    const struct tool_option *o;

    *t = (struct tool){.program = program};
    tool_set_name(program->name);
    tool_signals_install();
    build_tables(program, &tables);
    lengthen(t, argc, argv);
    opterr = 0;

    for (;;) {
        int c = getopt_long(argc, argv, tables.letters, tables.names, NULL);

        const char *word = argv[optind - 1];

        switch (c) {
        case -1:
            finish(t, argc, argv);
            return;
        case LONG_HELP:
            table_help(program, stdout);
            exit(tool_finish_output(TOOL_OK));
        case LONG_MANUAL:
            exit(tool_finish_output(
                table_manual(program, stdout) < 0 ? TOOL_FAILED : TOOL_OK));
        case LONG_PRINT:
            print_internal(program, optarg);
            exit(tool_finish_output(TOOL_OK));
        case LONG_COMPLETION:
            if (table_completion(program, optarg, stdout) < 0)
                tool_misuse(
                    "no completion for the shell '%s'; use bash, zsh or fish",
                    optarg);
            exit(tool_finish_output(TOOL_OK));
        case ':':
            o = optopt >= FIRST_LONG
                    ? table_at(program, (size_t)(optopt - FIRST_LONG))
                    : NULL;
            if (o)
                tool_misuse(
                    "option '%s%s' needs a value", table_dashes(o), o->name);
            if (optopt >= FIRST_LONG)
                tool_misuse("option '%s' needs a value", word);
            tool_misuse("option '-%c' needs a value", optopt);
        case '?':
            if (optopt >= FIRST_LONG)
                tool_misuse("option '%s' takes no value", word);
            if (optopt)
                tool_misuse("unknown option '-%c'", optopt);
            tool_misuse("unknown option '%s'", word);
        default:
            o = c >= FIRST_LONG ? table_at(program, (size_t)(c - FIRST_LONG))
                                : find_letter(program, c);
            if (o)
                apply(t, o, opaque);
            else if (c == 'V') {
                printf("%s %s\n", program->name, PACKAGE_VERSION);
                exit(tool_finish_output(TOOL_OK));
            }
        }
    }
}
