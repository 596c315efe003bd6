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
#include "tool/tool.h"

struct own {
    const char *output; /* -o */
    bool update, json, quiet;
};

static const struct tool_option options[] = {
    {.help = "For build:"},
    {"output", 'o', "FOLDER", "put the image there", tool_set_text,
        offsetof(struct own, output)},
    {"update", 'u', NULL, "ask the mirror for newer packages first",
        tool_set_flag, offsetof(struct own, update)},
    {"quiet", 'q', NULL, "say only what goes wrong", tool_set_flag,
        offsetof(struct own, quiet)},
    {.help = "For status:"},
    {"json", 0, NULL, "print an object of JSON", tool_set_flag,
        offsetof(struct own, json)},
    {0},
};

static const char *const manual[] = {
    ".SH DESCRIPTION\n"
    "The appliance is the small virtual machine in which all programs of\n"
    "Mayfly look into disk images.\n"
    ".TP\n.B build\n"
    "Make the appliance's image from packages of the distribution, by way\n"
    "of the package sources that this machine is configured with. It needs\n"
    "no root, and nothing of this machine's own kernel. Packages are kept\n"
    "in\n.IR ~/.cache/mayfly/packages ,\n"
    "so that another build needs the network only for what is new.\n"
    "The same packages give the same image, bit by bit. The image goes to\n"
    "the folder of\n.BR \\-o ,\n"
    "else of\n.BR MAYFLY_APPLIANCE ,\nelse to where it was installed.\n"
    ".TP\n.B status\n"
    "Start the appliance and print how that went: the versions, whether it\n"
    "was resumed, whether KVM works here, and the layers of the cage that\n"
    "QEMU runs in, those that this machine does not allow included.\n"
    ".TP\n.B clean\n"
    "Remove the saved appliances and what is known about KVM; the next\n"
    "program makes a new one.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n.B MAYFLY_APPLIANCE\nThe folder of the image to use.\n"
    ".TP\n.B XDG_CACHE_HOME\n"
    "Where packages and saved appliances are kept, in\n.IR mayfly ;\n"
    "default\n.IR ~/.cache .\n",
    NULL,
};

static const char *const commands[] = {"build", "status", "clean"};

static const char *
word(size_t i)
{
    return i < N_ELEMENTS(commands) ? commands[i] : NULL;
}

static const struct tool_program program = {
    .name = "mayfly-appliance",
    .summary = "make the virtual machine that opens disk images",
    .usage = "build [-o FOLDER] [--update]\nstatus [--json]\nclean",
    .options = options,
    .manual = manual,
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

static int
failed(struct mayfly *g)
{
    tool_error("%s", mayfly_last_error(g));
    return TOOL_APPLIANCE;
}

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
        return failed(g);
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
clean(struct mayfly *g)
{
    int32_t n = 0;

    if (mayfly_appliance_clean(g, &n) < 0)
        return failed(g);
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

    cleanup_mayfly struct mayfly *g = mayfly_create();
    if (!g) {
        tool_error("no memory");
        return TOOL_FAILED;
    }
    if (t.verbose)
        mayfly_set_verbose(g, true);
    if (str_equal(command, "status"))
        return tool_finish_output(status(&own, g));
    if (str_equal(command, "clean"))
        return tool_finish_output(clean(g));
    tool_misuse("unknown command %s: build, status or clean", command);
}
