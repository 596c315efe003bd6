/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where commands come from: a script, a terminal, or the command line. */
#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/shell.h"

int
shell_run_script(struct shell *sh)
{
    while (!sh->quit) {
        cleanup_free char *line = shell_read_line(sh);

        if (!line)
            break;
        /* Ctrl-C at the prompt is not for the command that follows. */
        if (sh->interactive)
            tool_interrupt_clear();
        int result = shell_run_line(sh, line);
        if (sh->interactive)
            tool_interrupt_clear();
        else if (tool_interrupted())
            return tool_exit_code(TOOL_FAILED);
        else if (result < 0)
            return sh->code;
    }
    return TOOL_OK;
}

/* WORDS up to N as one command.  A "-" before its name ignores its error. */
static int
run_one(struct shell *sh, char **words, size_t n)
{
    cleanup_strv char **argv = NULL;
    bool ignore = words[0][0] == '-';

    if (n == 1 && words[0][0] == '-' && !words[0][1]) {
        tool_error("no command follows '-'");
        return TOOL_USAGE;
    }
    for (size_t i = 0; i < n; i++) {
        if (strv_append(&argv, words[i] + (i == 0 && ignore)) < 0) {
            tool_error("no memory");
            return TOOL_FAILED;
        }
    }
    sh->ignore_error = ignore;
    int result = shell_run_words(sh, argv);
    if (result < 0 && sh->error.code)
        shell_report(sh, argv[0]);
    if (tool_interrupted())
        return tool_exit_code(TOOL_FAILED);
    return result < 0 && (!ignore || sh->unanswered) ? sh->code : TOOL_OK;
}

int
shell_run_command_line(struct shell *sh, char **words, size_t n)
{
    int code = TOOL_OK;

    for (size_t start = 0; start < n && code == TOOL_OK && !sh->quit;) {
        size_t end = start;

        while (end < n && !str_equal(words[end], ":"))
            end++;
        if (end == start) {
            tool_error("empty command on the command line; ':' separates two "
                       "commands");
            return TOOL_USAGE;
        }
        code = run_one(sh, words + start, end - start);
        start = end + 1;
    }
    return code;
}
