/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-appliance: make the appliance, say how it is, forget what is
 * saved of it. */
#include <config.h>

#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "appliance/program/manual.h"
#include "tool/tool.h"

struct own {
    const char *output; /* -o */
    bool update, json, quiet;
    int older; /* days; 0: any age */
};

static const struct tool_option options[] = {
    {.help = "For build"},
    {"output", 'o', "FOLDER", "put the image into this folder", tool_set_text,
        offsetof(struct own, output)},
    {"update", 'u', NULL, "read the lists of newer packages first",
        tool_set_flag, offsetof(struct own, update)},
    {"quiet", 'q', NULL, "print no messages, only errors", tool_set_flag,
        offsetof(struct own, quiet)},
    {.help = "For status"},
    {"json", 0, NULL, "print one object of JSON", tool_set_flag,
        offsetof(struct own, json)},
    {.help = "For clean"},
    {"older", 0, "DAYS", "only those that were not used for so many days",
        tool_set_number, offsetof(struct own, older)},
    {0},
};

static const char *const commands[] = {"build", "status", "clean"};

static const char *
word(size_t i)
{
    return i < N_ELEMENTS(commands) ? commands[i] : NULL;
}

static const struct tool_program program = {
    .name = "mayfly-appliance",
    .summary = "build and examine the virtual machine that opens disk images",
    .usage =
        "build [-o FOLDER] [--update]\nstatus [--json]\nclean [--older DAYS]",
    .options = options,
    .manual = &appliance_manual,
    .words = word,
};

/* --- build --- */

/* In the build tree ./run says where the sources and what was built are;
 * installed, all is in one folder. */
static int
build_command(const struct own *own, const char *output, char ***ret)
{
    const char *sources = getenv("MAYFLY_APPLIANCE_SOURCES");
    const char *built = getenv("MAYFLY_APPLIANCE_BUILD");
    bool installed = !sources || !*sources || !built || !*built;

    if (strv_printf(ret, "%s/build.sh", installed ? APPLIANCE_DIR : sources) <
        0)
        return -1;
    if (!installed &&
        (strv_append(ret, "-a") < 0 ||
            strv_printf(ret, "%s/agent/mayfly-agent", built) < 0 ||
            strv_append(ret, "-i") < 0 ||
            strv_printf(ret, "%s/built/icudata.so", built) < 0))
        return -1;
    if ((own->quiet && strv_append(ret, "-q") < 0) ||
        (own->update && strv_append(ret, "-u") < 0))
        return -1;
    return strv_append(ret, "-o") < 0 ? -1 : strv_append(ret, output);
}

static int
build(const struct own *own)
{
    const char *folder = getenv("MAYFLY_APPLIANCE");
    const char *output = own->output         ? own->output
                         : folder && *folder ? folder
                                             : APPLIANCE_DIR;
    cleanup_strv char **argv = NULL;

    if (access(output, F_OK) == 0 && access(output, W_OK) < 0) {
        tool_error("cannot write to %s: %s; give another folder with -o and "
                   "set MAYFLY_APPLIANCE to it",
            output, strerror(errno));
        return TOOL_FAILED;
    }
    if (build_command(own, output, &argv) < 0)
        tool_error("no memory");
    else if (execv(argv[0], argv) < 0)
        tool_error("cannot run %s: %s", argv[0], strerror(errno));
    return TOOL_FAILED;
}

/* --- status and clean --- */

static void
print_json(char *const *pairs)
{
    struct json_object *all = json_object_new_object();

    for (size_t i = 0; all && pairs[i]; i += 2)
        json_object_object_add(
            all, pairs[i], json_object_new_string(pairs[i + 1]));
    puts(json_object_to_json_string_ext(
        all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                 JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(all);
}

static int
status(const struct own *own, struct mayfly *g)
{
    cleanup_free char **pairs = NULL;

    if (mayfly_launch(g) < 0 || mayfly_appliance_status(g, &pairs) < 0)
        return tool_fail(g, TOOL_APPLIANCE, NULL);
    if (own->json) {
        print_json(pairs);
        return TOOL_OK;
    }
    for (size_t i = 0; pairs[i]; i += 2) {
        printf("%-16s ", pairs[i]);
        tool_print(stdout, pairs[i + 1]);
        putchar('\n');
    }
    return TOOL_OK;
}

static int
clean(const struct own *own, struct mayfly *g)
{
    int32_t n = 0;

    if ((own->older ? mayfly_appliance_clean_unused(g, own->older, &n)
                    : mayfly_appliance_clean(g, &n)) < 0)
        return tool_fail(g, TOOL_APPLIANCE, NULL);
    printf("%d saved appliance%s removed\n", n, n == 1 ? "" : "s");
    return TOOL_OK;
}

int
main(int argc, char **argv)
{
    cleanup_tool struct tool t = {0};
    struct own own = {0};

    tool_parse(&t, &program, argc, argv, &own);
    if (t.n_words == 0)
        tool_misuse("no command given: build, status or clean");
    if (t.n_words > 1)
        tool_misuse("too many words: %s", t.words[1]);
    const char *command = t.words[0];
    if (str_equal(command, "build"))
        return build(&own);

    bool is_status = str_equal(command, "status");
    if (!is_status && !str_equal(command, "clean"))
        tool_misuse("unknown command %s: build, status or clean", command);

    cleanup_mayfly struct mayfly *g = tool_handle(&t);
    if (!g)
        return TOOL_FAILED;
    int code = is_status ? status(&own, g) : clean(&own, g);
    tool_signals_watch(NULL);
    return tool_exit_code(tool_finish_output(code));
}
