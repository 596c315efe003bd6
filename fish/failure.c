/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a command fails, and what is said about it. */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "fish/shell.h"

int
shell_call_failed(struct shell *sh)
{
    const char *text = mayfly_last_error(sh->g);
    bool config = false;

    error_set(&sh->error, mayfly_last_errno(sh->g), "%s",
        text ? text : "unknown error");
    if (text && strstr(text, "call launch first") &&
        mayfly_is_config(sh->g, &config) == 0 && config)
        error_set(&sh->error, EINVAL,
            "the appliance is not running; type 'run' before this command");
    return -1;
}

int
shell_misused(struct shell *sh)
{
    sh->code = TOOL_USAGE;
    return -1;
}

/* Whether TEXT starts with the name of COMMAND's call: "copy_in: " for
 * copy-in. */
static bool
names_command(const char *text, const char *command)
{
    for (; *command; command++, text++)
        if (*text != *command && !(*text == '_' && *command == '-'))
            return false;
    return *text == ':';
}

void
shell_report(struct shell *sh, const char *command)
{
    const char *text = error_text(&sh->error);
    /* The library's text names the call; if that is not the command's own call,
     * print both names. */
    bool named = !command || names_command(text, command);
    const char *before = named ? "" : command, *colon = named ? "" : ": ";

    if (sh->code == TOOL_PIPE_CLOSED ||
        (tool_interrupted() && sh->error.code == ECANCELED))
        ; /* the user who pressed Ctrl-C, or stopped reading, knows */
    else if (sh->file)
        tool_error("%s:%u: %s%s%s", sh->file, sh->line, before, colon, text);
    else
        tool_error("%s%s%s", before, colon, text);
    error_clear(&sh->error);
}
