/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of operations, and the loop that performs them. */
#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "customize/operations.h"
#include "tool/signals.h"

#define PAIR   OPERATION_PAIR
#define NET    OPERATION_NETWORK
#define LAST   OPERATION_LAST
#define SECRET OPERATION_SECRET

static const struct operation operations[] = {
    {"append-line", "FILE:LINE", "append a line to a file", PAIR,
        check_append_line, run_append_line},
    {"chmod", "MODE:FILE",
        "change the mode of a file; MODE is decimal, or octal as 0644", PAIR,
        check_chmod, run_chmod},
    {"chown", "UID:GID:PATH", "change the owner of a file, by number", PAIR,
        check_chown, run_chown},
    {"copy", "SOURCE:DEST", "copy files within the guest", PAIR, check_pair,
        run_copy},
    {"copy-in", "LOCALPATH:REMOTEDIR",
        "copy a file or folder of the host into a directory", PAIR,
        check_copy_in, run_copy_in},
    {"delete", "PATH", "delete a file or directory; wildcards are allowed", 0,
        check_path, run_delete},
    {"edit", "FILE:EXPR", "edit a file line by line with a Perl expression",
        PAIR, check_pair, run_edit},
    {"firstboot", "SCRIPT", "run a script at the first boot", 0, check_script,
        run_firstboot},
    {"firstboot-command", "CMD", "run a command at the first boot", 0, NULL,
        run_firstboot_command},
    {"firstboot-install", "PKG,PKG..", "install packages at the first boot", 0,
        NULL, run_firstboot_install},
    {"hostname", "HOSTNAME", "set the host name", 0, check_hostname,
        run_hostname},
    {"install", "PKG,PKG..", "install packages", NET, NULL, run_install},
    {"link", "TARGET:LINK[:LINK..]", "make symbolic links", PAIR, check_link,
        run_link},
    {"mkdir", "DIR", "make a directory, and missing ones above it", 0,
        check_path, run_mkdir},
    {"move", "SOURCE:DEST", "move files within the guest", PAIR, check_pair,
        run_move},
    {"password", "USER:SELECTOR",
        "set the password of a user: password:TEXT, file:PATH, random, "
        "disabled, locked or locked:...",
        PAIR | LAST | SECRET, check_password, NULL},
    {"root-password", "SELECTOR",
        "set the password of root, with a SELECTOR of --password",
        LAST | SECRET, check_root_password, NULL},
    {"run", "SCRIPT", "run a script of the host in the guest", NET,
        check_script, run_run},
    {"run-command", "CMD+ARGS", "run a command in the guest", NET, NULL,
        run_run_command},
    {"scrub", "FILE", "overwrite a file, then delete it", 0, check_path,
        run_scrub},
    {"sm-attach", "SELECTOR",
        "attach to a subscription: auto, pool:ID or file:PATH", NET,
        check_sm_attach, run_sm_attach},
    {"sm-credentials", "USER:SELECTOR",
        "credentials of --sm-register: password:TEXT or file:PATH",
        PAIR | SECRET, check_sm_credentials, run_sm_credentials},
    {"sm-register", NULL, "register with subscription-manager", NET, NULL,
        run_sm_register},
    {"sm-remove", NULL, "remove all subscriptions", NET, NULL, run_sm_remove},
    {"sm-unregister", NULL, "unregister with subscription-manager", NET, NULL,
        run_sm_unregister},
    {"ssh-inject", "USER[:SELECTOR]",
        "let a user in by SSH: file:PATH, string:KEY; default: your newest key",
        PAIR, check_ssh_inject, run_ssh_inject},
    {"tar-in", "TARFILE:REMOTEDIR", "unpack a tar file into a directory", PAIR,
        check_copy_in, run_tar_in},
    {"timezone", "TIMEZONE", "set the time zone", 0, check_timezone,
        run_timezone},
    {"touch", "FILE", "make an empty file, or set the time of a file", 0,
        check_path, run_touch},
    {"truncate", "FILE", "empty a file", 0, check_path, run_truncate},
    {"truncate-recursive", "PATH", "empty all files below a directory", 0,
        check_path, run_truncate_recursive},
    {"uninstall", "PKG,PKG..", "uninstall packages", 0, NULL, run_uninstall},
    {"update", NULL, "update the packages", NET, NULL, run_update},
    {"upload", "FILE:DEST", "upload a file of the host", PAIR, check_upload,
        run_upload},
    {"write", "FILE:CONTENT", "write a file", PAIR, check_pair, run_write},
};

static const struct operation *
find_operation(const char *name)
{
    for (size_t i = 0; i < N_ELEMENTS(operations); i++)
        if (str_equal(operations[i].name, name))
            return &operations[i];
    return NULL;
}

static void
step_free(struct step *step)
{
    free(step->value);
    free(step->first);
    free(step->second);
}

/* Copies of VALUE and, if it is a pair, of its halves. */
static int
step_fill(struct step *step, const char *value)
{
    const char *colon = value ? strchr(value, ':') : NULL;

    if (!value)
        return 0;
    if (!(step->operation->flags & OPERATION_PAIR))
        colon = NULL;
    step->value = strdup(value);
    step->first =
        colon ? strndup(value, (size_t)(colon - value)) : strdup(value);
    step->second = colon ? strdup(colon + 1) : NULL;
    return step->value && step->first && (!colon || step->second) ? 0 : -1;
}

int
customize_add(
    struct customize *c, const char *name, const char *value, struct error *err)
{
    const struct operation *operation = find_operation(name);
    struct step *more = reallocarray(c->steps, c->n_steps + 1, sizeof *more);

    if (!operation)
        return error_set(err, EINVAL, "unknown operation '%s'", name);
    if (!more)
        return error_no_memory(err);
    c->steps = more;

    struct step *step = &c->steps[c->n_steps];
    *step = (struct step){.operation = operation};
    if (!operation->value != !value) {
        return error_set(
            err, EINVAL, "'%s' %s a value", name, value ? "takes no" : "needs");
    }
    if (step_fill(step, value) < 0) {
        step_free(step);
        return error_no_memory(err);
    }
    if (operation->check && operation->check(step, err) < 0) {
        step_free(step);
        return -1;
    }
    c->n_steps++;
    return 0;
}

void
customize_free(struct customize *c)
{
    for (size_t i = 0; i < c->n_steps; i++)
        step_free(&c->steps[i]);
    free(c->steps);
    *c = (struct customize){0};
}

char *
customize_describe(const struct customize *c, size_t i)
{
    const struct step *step = &c->steps[i];
    const struct operation *o = step->operation;

    if (!step->value)
        return strdup(o->name);
    if (o->flags & OPERATION_SECRET)
        return text_printf(
            "%s %s", o->name, o->flags & OPERATION_PAIR ? step->first : "...");
    return text_printf("%s %.200s", o->name, step->value);
}

bool
customize_wants_network(const struct customize *c)
{
    for (size_t i = 0; i < c->n_steps; i++)
        if (c->steps[i].operation->flags & OPERATION_NETWORK)
            return true;
    return false;
}

/* The log lies where virt-customize has it. */
static const char *
log_path(struct job *job)
{
    return job_is_dir(job, "/tmp") ? "/tmp/builder.log" : "/builder.log";
}

static int
run_step(struct job *job, const struct step *step, struct error *err)
{
    const struct operation *o = step->operation;

    if (o->flags & OPERATION_LAST)
        return 0;
    if (tool_interrupted())
        return error_set(err, EINTR, "interrupted");
    if (o->run(job, step, err) == 0)
        return 0;
    if (!step->value)
        return error_context(err, "--%s", o->name);
    return error_context(err, "--%s %.100s", o->name, step->value);
}

int
customize_run(const struct customize *c, struct mayfly *g,
    const struct mayfly_inspection_root *root, const struct sayer *sayer,
    struct error *err)
{
    struct job job = {.g = g, .customize = c, .root = root, .sayer = sayer};

    job.log = log_path(&job);
    if (!c->keep_identity && identity_fresh(&job, err) < 0)
        return -1;
    for (size_t i = 0; i < c->n_steps; i++)
        if (run_step(&job, &c->steps[i], err) < 0)
            return -1;
    if (passwords_apply(&job, err) < 0 || selinux_relabel(&job, err) < 0)
        return -1;
    if (c->no_logfile && job.log_used && mayfly_rm_rf(g, job.log) < 0)
        return job_fail(&job, err);
    return 0;
}

static struct customize *
target(void *opaque, const struct tool_option *option)
{
    return (struct customize *)(void *)((char *)opaque + option->offset);
}

static int
set_step(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    return customize_add(target(opaque, option), option->name, value, err);
}

static int
set_crypto(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    static const char *const known[] = {"md5", "sha256", "sha512", "yescrypt"};

    for (size_t i = 0; i < N_ELEMENTS(known); i++) {
        if (str_equal(known[i], value)) {
            target(opaque, option)->password_crypto = known[i];
            return 0;
        }
    }
    return error_set(err, EINVAL,
        "unknown hash '%s': use md5, sha256, sha512 or yescrypt", value);
}

static int
set_no_logfile(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    (void)value, (void)err;
    target(opaque, option)->no_logfile = true;
    return 0;
}

static int
set_relabel(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    (void)value, (void)err;
    target(opaque, option)->no_selinux_relabel =
        str_after(option->name, "no-") != NULL;
    return 0;
}

/* One operation a line, without the dashes; see virt-customize(1). */
static int
add_line(struct customize *c, char *line, const char *path, struct error *err)
{
    char *name = line + strspn(line, " \t");
    char *value = name + strcspn(name, " \t");

    if (!*name || *name == '#')
        return 0;
    if (*value)
        *value++ = 0;
    value += strspn(value, " \t");

    const struct operation *o = find_operation(name);
    if (customize_add(c, name, o && !o->value && !*value ? NULL : value, err) <
        0)
        return error_context(err, "%s: %s", path, name);
    return 0;
}

static int
set_commands(void *opaque, const struct tool_option *option, const char *path,
    struct error *err)
{
    enum { MAX_COMMANDS = 8 << 20 };
    cleanup_free char *text = read_file(path, MAX_COMMANDS, NULL, err);
    char *save = NULL;

    if (!text)
        return -1;
    /* A "\" at the end of a line continues it. */
    for (char *p = text; (p = strstr(p, "\\\n"));)
        memmove(p, p + 2, strlen(p + 2) + 1);
    for (char *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save))
        if (add_line(target(opaque, option), line, path, err) < 0)
            return -1;
    return 0;
}

static const struct tool_option settings[] = {
    {"color", 0, NULL, NULL, tool_set_nothing, 0},
    {"colors", 0, NULL, NULL, tool_set_nothing, 0},
    {"colour", 0, NULL, NULL, tool_set_nothing, 0},
    {"colours", 0, NULL, NULL, tool_set_nothing, 0},
    {"debug-gc", 0, NULL, NULL, tool_set_nothing, 0},
    {"wrap", 0, NULL, NULL, tool_set_nothing, 0},
    {"commands-from-file", 0, "FILE",
        "read such options from a file, one per line, without dashes",
        set_commands, 0},
    {"no-logfile", 0, NULL, "remove the log of commands from the guest",
        set_no_logfile, 0},
    {"password-crypto", 0, "KIND",
        "hash of passwords: md5, sha256, sha512 or yescrypt; default: what "
        "the guest uses",
        set_crypto, 0},
    {"selinux-relabel", 0, NULL, NULL, set_relabel, 0},
    {"no-selinux-relabel", 0, NULL, "do not relabel the files for SELinux",
        set_relabel, 0},
};

size_t
customize_options(struct tool_option *table, size_t n, size_t offset)
{
    size_t used = 0;

    for (size_t i = 0; i < N_ELEMENTS(operations) && used < n; i++)
        table[used++] = (struct tool_option){
            .name = operations[i].name,
            .value = operations[i].value,
            .help = operations[i].help,
            .set = set_step,
            .offset = offset,
        };
    for (size_t i = 0; i < N_ELEMENTS(settings) && used < n; i++) {
        table[used] = settings[i];
        table[used++].offset = offset;
    }
    return used;
}
