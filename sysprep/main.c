/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-sysprep: remove what makes a guest different from its clones. */
#include <config.h>

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "sysprep/manual.h"
#include "sysprep/sysprep.h"
#include "tool/tool.h"

#define FIELD(name) offsetof(struct sysprep, name)

static int
set_enable(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct sysprep *s = opaque;

    (void)option;
    return selection_enable(&s->settings, value, err);
}

static int
set_operations(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    struct sysprep *s = opaque;

    (void)option;
    return selection_change(&s->settings, value, err);
}

static int
list_operations(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    (void)opaque, (void)option, (void)value, (void)err;
    selection_list();
    exit(tool_finish_output(TOOL_OK));
}

/* Names, separated by commas. */
static int
add_users(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    char ***users = (char ***)(void *)((char *)opaque + option->offset);
    cleanup_free char *copy = strdup(value);
    char *rest = copy, *user;

    if (!copy)
        return error_no_memory(err);
    while ((user = strsep(&rest, ","))) {
        if (!*user)
            return error_set(err, EINVAL, "a user without a name");
        if (strv_append(users, user) < 0)
            return error_no_memory(err);
    }
    return 0;
}

static int
set_script_folder(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    struct sysprep *s = opaque;

    (void)option;
    if (value[0] != '/')
        return error_set(err, EINVAL, "'%s' is not an absolute path", value);
    if (s->settings.script_folder)
        return error_set(err, EINVAL, "it can be given once");
    s->settings.script_folder = value;
    return 0;
}

static const struct tool_option own_options[] = {
    {NULL, 0, NULL, "Operations", NULL, 0},
    {"operations", 0, "OP[,OP..]",
        "the operations to do: names, -NAME, defaults or all", set_operations,
        0},
    {"operation", 0, "OP[,OP..]", NULL, set_operations, 0},
    {"enable", 0, "OP[,OP..]", "do these operations and no other", set_enable,
        0},
    {"list-operations", 0, NULL,
        "list the operations; * marks those done by default", list_operations,
        0},
    {"keep-user-accounts", 0, "USER[,USER..]",
        "user-account: remove all but these accounts", add_users,
        FIELD(settings.keep_users)},
    {"remove-user-accounts", 0, "USER[,USER..]",
        "user-account: remove only these accounts", add_users,
        FIELD(settings.remove_users)},
    {"script", 0, "SCRIPT",
        "script: run a program of this host in the guest's root directory",
        tool_add_text, FIELD(settings.scripts)},
    {"scriptdir", 0, "DIR",
        "script: mount the guest on DIR; default: a temporary directory",
        set_script_folder, 0},
};

static void
check(const struct sysprep *s, const struct tool *t)
{
    const struct sysprep_settings *settings = &s->settings;
    const char *option = NULL, *needs = NULL;

    if (t->n_words)
        tool_misuse("unknown word '%s'; disks are given with -a", t->words[0]);
    if (settings->keep_users || settings->remove_users) {
        option = settings->keep_users ? "--keep-user-accounts"
                                      : "--remove-user-accounts";
        needs = "user-account";
    }
    if (needs && !selection_has(settings, needs))
        tool_misuse("%s is for the operation %s, which is not done; add "
                    "--operations defaults,%s",
            option, needs, needs);
    if (settings->scripts && !selection_has(settings, "script"))
        tool_misuse("--script is for the operation script, which is not done; "
                    "add it to the operations");
    if (s->run.customize.n_steps > 0 && !selection_has(settings, "customize")) {
        cleanup_free char *step = customize_describe(&s->run.customize, 0);

        tool_misuse("--%s is for the operation customize, which is not done; "
                    "add it to the operations",
            step ? step : "?");
    }
}

int
main(int argc, char **argv)
{
    enum { MAX_ROWS = 120 };
    static struct tool_option table[MAX_ROWS];
    static const struct tool_option heading = {NULL, 0, NULL,
        "Guest (customize), in the order of the command line", NULL, 0};
    size_t n = N_ELEMENTS(own_options);
    const struct tool_program program = {
        .name = "mayfly-sysprep",
        .summary = "remove what makes a guest different from its clones",
        .usage = "-a DISK [-a DISK...] [OPTION...]\n"
                 "-d DOMAIN [OPTION...]\n--list-operations",
        .options = table,
        .groups = TOOL_DISKS | TOOL_SECRETS,
        .manual = &sysprep_manual,
    };
    struct sysprep s = {.run = {.start = monotonic_seconds(),
                            .customize = {.keep_identity = true}}};
    cleanup_tool struct tool t;

    memcpy(table, own_options, sizeof own_options);
    n += run_add_options(table + n, MAX_ROWS - n, FIELD(run), false);
    table[n++] = heading;
    customize_options(table + n, MAX_ROWS - n - 1, FIELD(run) + RUN_CUSTOMIZE);
    tool_parse(&t, &program, argc, argv, &s);
    check(&s, &t);
    s.verbose = t.verbose;
    int code = run_on_guests(&s.run, &t, sysprep_guest, &s);
    customize_free(&s.run.customize);
    strv_free(s.settings.keep_users);
    strv_free(s.settings.remove_users);
    strv_free(s.settings.scripts);
    attached_free(&s.run.attach);
    return tool_finish_output(tool_exit_code(code));
}
