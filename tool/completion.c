/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --print-completion SHELL: the completion of this program's options, and of
 * the words after them, for bash, zsh or fish. */
#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/strv.h"
#include "tool/table.h"

static void
put_long_names(const struct tool_program *program, FILE *out)
{
    const struct tool_option *o;

    for (size_t i = 0; (o = table_at(program, i)); i++) {
        if (o->name && o->help)
            fprintf(out, " %s%s", table_dashes(o), o->name);
    }
    fputs(" --help --version", out);
}

static void
put_words(const struct tool_program *program, FILE *out, const char *before)
{
    const char *word;

    for (size_t i = 0; program->words && (word = program->words(i)); i++)
        fprintf(out, "%s%s", before, word);
}

/* Is the value a file name? */
static bool
takes_file(const struct tool_option *o)
{
    return o->value && (strstr(o->value, "FILE") || strstr(o->value, "PATH") ||
                           strstr(o->value, "DIR"));
}

static void
put_function_name(const struct tool_program *program, FILE *out)
{
    for (const char *p = program->name; *p; p++)
        putc(isalnum((unsigned char)*p) ? *p : '_', out);
}

static void
bash(const struct tool_program *program, FILE *out)
{
    fputs("_", out);
    put_function_name(program, out);
    fputs("()\n{\n    local word=${COMP_WORDS[COMP_CWORD]}\n"
          "    if [[ $word == -* ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"",
        out);
    put_long_names(program, out);
    fputs("\" -- \"$word\")\n", out);
    if (program->words) {
        fputs("    elif [[ ${COMP_WORDS[COMP_CWORD-1]} != -* ]]; then\n"
              "        mapfile -t COMPREPLY < <(compgen -W \"",
            out);
        put_words(program, out, " ");
        fputs("\" -- \"$word\")\n", out);
    }
    fputs("    fi\n}\ncomplete -o default -F _", out);
    put_function_name(program, out);
    fprintf(out, " %s\n", program->name);
}

static void
put_quoted(FILE *out, const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else {
            if (strchr(special, *text))
                putc('\\', out);
            putc(*text, out);
        }
    }
}

static void
zsh_option(const struct tool_option *o, const char *name, FILE *out)
{
    fprintf(out, "    '*%s", name);
    if (o->value && name[1] == '-')
        putc('=', out);
    putc('[', out);
    put_quoted(out, o->help, "[]:");
    putc(']', out);
    if (o->value)
        fputs(takes_file(o) ? ":file:_files" : ":value: ", out);
    fputs("' \\\n", out);
}

static void
zsh(const struct tool_program *program, FILE *out)
{
    const struct tool_option *o;

    fprintf(out, "#compdef %s\n_arguments \\\n", program->name);
    for (size_t i = 0; (o = table_at(program, i)); i++) {
        char name[64];

        if (!o->help || (!o->name && !o->letter))
            continue;
        snprintf(name, sizeof name, "-%c", o->letter);
        if (o->letter)
            zsh_option(o, name, out);
        if (!o->name)
            continue;
        snprintf(name, sizeof name, "%s%s", table_dashes(o), o->name);
        zsh_option(o, name, out);
    }
    if (program->words) {
        fputs("    '*:command:(", out);
        put_words(program, out, " ");
        fputs(" )'\n", out);
    } else
        fputs("    '*:file:_files'\n", out);
}

static void
fish(const struct tool_program *program, FILE *out)
{
    const struct tool_option *o;

    for (size_t i = 0; (o = table_at(program, i)); i++) {
        if (!o->help || (!o->name && !o->letter))
            continue;
        fprintf(out, "complete -c %s", program->name);
        if (o->letter)
            fprintf(out, " -s %c", o->letter);
        if (o->name)
            fprintf(out, " -%c %s", o->name[0] == '-' ? 'o' : 'l',
                o->name + (o->name[0] == '-'));
        if (o->value && !table_optional_value(o))
            fputs(takes_file(o) ? " -r" : " -x", out);
        fputs(" -d '", out);
        put_quoted(out, o->help, "\\");
        fputs("'\n", out);
    }
    if (program->words) {
        fprintf(out, "complete -c %s -a '", program->name);
        put_words(program, out, " ");
        fputs("'\n", out);
    }
}

int
table_completion(
    const struct tool_program *program, const char *shell, FILE *out)
{
    if (str_equal(shell, "bash"))
        bash(program, out);
    else if (str_equal(shell, "zsh"))
        zsh(program, out);
    else if (str_equal(shell, "fish"))
        fish(program, out);
    else
        return -1;
    return 0;
}
