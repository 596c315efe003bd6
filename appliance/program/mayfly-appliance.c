/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-appliance: make the appliance, pass it on, say how it is, forget what
 * is saved of it. */
#include <config.h>

#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/program/export.h"
#include "appliance/program/import.h"
#include "appliance/program/manual.h"
#include "base/appliance.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "codec.h"
#include "tool/tool.h"

struct own {
    const char *output; /* -o */
    const char *sign, *gpg_home, *key, *fingerprint;
    bool update, json, quiet;
    int older; /* days; 0: any age */
};

static const struct tool_option options[] = {
    {.help = "For build, update, export and import"},
    {"output", 'o', "FOLDER", "folder of the image", tool_set_text,
        offsetof(struct own, output)},
    {"update", 'u', NULL, "read the lists of newer packages before a build",
        tool_set_flag, offsetof(struct own, update)},
    {"quiet", 'q', NULL, "print no messages, only errors", tool_set_flag,
        offsetof(struct own, quiet)},
    {.help = "For export"},
    {"sign", 0, "KEY", "sign with this key of your own: fingerprint or user ID",
        tool_set_text, offsetof(struct own, sign)},
    {"gpg-home", 0, "DIR", "folder where GnuPG has the key", tool_set_text,
        offsetof(struct own, gpg_home)},
    {.help = "For import"},
    {"fingerprint", 0, "HEX", "fingerprint of the key that signed it",
        tool_set_text, offsetof(struct own, fingerprint)},
    {"key", 0, "FILE", "file with the key that signed it", tool_set_text,
        offsetof(struct own, key)},
    {.help = "For status"},
    {"json", 0, NULL, "print one object of JSON", tool_set_flag,
        offsetof(struct own, json)},
    {.help = "For clean"},
    {"older", 0, "DAYS", "only those that were not used for so many days",
        tool_set_number, offsetof(struct own, older)},
    {0},
};

/* --- build and update --- */

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

/* Where a new image is put; to be freed.  NULL: an error was printed. */
static char *
output_folder(const struct own *own)
{
    cleanup_error struct error err = {0};
    char *folder =
        own->output ? strdup(own->output) : appliance_new_folder(&err);

    if (!folder)
        tool_error("%s", error_text(&err));
    return folder;
}

static int
build(const struct own *own, const struct tool *t)
{
    cleanup_free char *output = output_folder(own);
    cleanup_strv char **argv = NULL;

    (void)t;
    if (!output)
        return TOOL_FAILED;
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

static int
update(const struct own *own, const struct tool *t)
{
    struct own with = *own;

    with.update = true;
    return build(&with, t);
}

/* --- export and import --- */

static int
print_failure(const struct error *err)
{
    if (!tool_interrupted())
        tool_error("%s", error_text(err));
    return TOOL_FAILED;
}

static int export(const struct own *own, const struct tool *t)
{
    cleanup_error struct error err = {0};
    struct signing signing = {.home = own->gpg_home};
    const char *path = t->words[1];

    if (!own->sign)
        tool_misuse("export needs --sign KEY; 'gpg --list-secret-keys' shows "
                    "your keys");

    cleanup_free char *folder = own->output
                                    ? strdup(own->output)
                                    : appliance_folder(API_HASH, NULL, &err);
    int r = -1;
    if (folder && signing_choose(&signing, own->sign, &err) == 0)
        r = export_appliance(folder, path, &signing, &err);
    if (r == 0 && !own->quiet)
        printf("%s: signed by %s\n", path, signing.fingerprint);
    signing_close(&signing);
    return r < 0 ? print_failure(&err) : TOOL_OK;
}

static int
import(const struct own *own, const struct tool *t)
{
    cleanup_error struct error err = {0};
    struct signer signer = {
        .fingerprint = own->fingerprint,
        .key_file = own->key,
    };

    if (!own->fingerprint && !own->key)
        tool_misuse("import needs --key FILE or --fingerprint HEX, so that it "
                    "knows whose signature to accept");

    cleanup_free char *folder = output_folder(own);
    if (!folder)
        return TOOL_FAILED;
    if (import_appliance(t->words[1], &signer, folder, &err) < 0)
        return print_failure(&err);
    if (!own->quiet)
        printf("%s: imported\n", folder);
    return TOOL_OK;
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
status(const struct own *own, const struct tool *t)
{
    cleanup_mayfly struct mayfly *g = tool_handle(t);
    cleanup_free char **pairs = NULL;

    if (!g)
        return TOOL_FAILED;
    if (mayfly_launch(g) < 0 || mayfly_appliance_status(g, &pairs) < 0) {
        int code = tool_fail(g, TOOL_APPLIANCE, NULL);

        tool_signals_watch(NULL);
        return code;
    }
    if (own->json)
        print_json(pairs);
    for (size_t i = 0; !own->json && pairs[i]; i += 2) {
        printf("%-16s ", pairs[i]);
        tool_print(stdout, pairs[i + 1]);
        putchar('\n');
    }
    tool_signals_watch(NULL);
    return TOOL_OK;
}

static int
clean(const struct own *own, const struct tool *t)
{
    cleanup_mayfly struct mayfly *g = tool_handle(t);
    int32_t n = 0;

    if (!g)
        return TOOL_FAILED;
    int r = own->older ? mayfly_appliance_clean_unused(g, own->older, &n)
                       : mayfly_appliance_clean(g, &n);
    int code = r < 0 ? tool_fail(g, TOOL_APPLIANCE, NULL) : TOOL_OK;
    tool_signals_watch(NULL);
    if (code == TOOL_OK)
        printf("%d saved appliance%s removed\n", n, n == 1 ? "" : "s");
    return code;
}

/* --- the commands --- */

static const struct command {
    const char *name;
    const char *word; /* what follows it; NULL: nothing */
    int (*run)(const struct own *own, const struct tool *t);
} commands[] = {
    {"build", NULL, build},
    {"update", NULL, update},
    {"export", "FILE", export},
    {"import", "FILE or a URL", import},
    {"status", NULL, status},
    {"clean", NULL, clean},
};

#define COMMANDS "build, update, export, import, status or clean"

static const char *
word(size_t i)
{
    return i < N_ELEMENTS(commands) ? commands[i].name : NULL;
}

static const struct tool_program program = {
    .name = "mayfly-appliance",
    .summary = "build and examine the virtual machine that opens disk images",
    .usage = "build [-o FOLDER] [--update]\n"
             "update [-o FOLDER]\n"
             "export FILE --sign KEY\n"
             "import FILE|URL --key FILE|--fingerprint HEX [-o FOLDER]\n"
             "status [--json]\n"
             "clean [--older DAYS]",
    .options = options,
    .manual = &appliance_manual,
    .words = word,
};

static const struct command *
find_command(const struct tool *t)
{
    if (t->n_words == 0)
        tool_misuse("no command given: " COMMANDS);
    for (size_t i = 0; i < N_ELEMENTS(commands); i++) {
        const struct command *c = &commands[i];
        size_t most = c->word ? 2 : 1;

        if (!str_equal(t->words[0], c->name))
            continue;
        if (t->n_words < most)
            tool_misuse("%s needs %s", c->name, c->word);
        if (t->n_words > most)
            tool_misuse("too many words: %s", t->words[most]);
        return c;
    }
    tool_misuse("unknown command %s: " COMMANDS, t->words[0]);
}

int
main(int argc, char **argv)
{
    cleanup_tool struct tool t = {0};
    struct own own = {0};

    tool_parse(&t, &program, argc, argv, &own);
    const struct command *c = find_command(&t);
    return tool_exit_code(tool_finish_output(c->run(&own, &t)));
}
