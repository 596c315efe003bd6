/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running programs of the guest. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/inspect/system.h"
#include "appliance/agent/kernel/network.h"
#include "appliance/agent/program/run.h"
#include "ops-command.h"

/* The error of a program that could not be started: most often the guest is
 * of another architecture, or has no such program. */
static int
explain(struct call *c, const char *program)
{
    int code = call_errno(c);
    const char *reason;

    if (code == ENOENT)
        return call_error(c, code,
            "%s: there is no such program in the guest, or the interpreter "
            "or loader that it needs is missing",
            program);
    if (code != ENOEXEC)
        return -1;
    call_forgive(c);
    int root = path_open(c, "/", O_RDONLY | O_DIRECTORY, 0);
    if (root < 0)
        return -1;
    call_defer_close(c, root);
    char *arch = strchr(program, '/') ? arch_of_file(c, root, program, &reason)
                                      : arch_read(c, root);
    return call_error(c, code, "%s: the appliance cannot run this program%s%s",
        program, arch && arch[0] ? ": its architecture is " : "",
        arch ? arch : "");
}

static const char *
guest_hostname(struct call *c)
{
    int root = path_open(c, "/", O_RDONLY | O_DIRECTORY, 0);

    if (root < 0) {
        call_forgive(c);
        return NULL;
    }
    call_defer_close(c, root);
    return hostname_read(c, root);
}

/* Its output goes into *ret_output, or where ret_output is NULL into the
 * stream of the call. */
static int
run_guest(struct call *c, const char *const *argv, char **ret_output,
    size_t *ret_size)
{
    struct run_result result;
    struct run run = {.argv = argv,
        .in_guest = true,
        .network = call_network(c),
        .stream_out = !ret_output};

    if (!argv || !argv[0] || !argv[0][0])
        return call_error(c, EINVAL, "no name of a program was given");
    if (need_root(c) < 0 || (run.network && network_up(c) < 0))
        return -1;
    run.hostname = guest_hostname(c);
    if (run_command(c, &run, &result) < 0)
        return explain(c, argv[0]);
    if (result.status != 0) {
        if (result.status > 128)
            return call_error(c, EIO, "%s: killed by signal %d", argv[0],
                result.status - 128);
        if (result.errors[0])
            return call_error(c, EIO, "%s", result.errors);
        return call_error(
            c, EIO, "%s: ended with status %d", argv[0], result.status);
    }
    if (ret_output) {
        *ret_output = result.output;
        *ret_size = result.output_size;
    }
    return 0;
}

static int
run_text(struct call *c, const char *const *argv, const char **ret)
{
    char *output;
    size_t size;

    if (run_guest(c, argv, &output, &size) < 0)
        return -1;
    if (memchr(output, '\0', size))
        return call_error(c, EILSEQ, "%s: its output is not text", argv[0]);
    *ret = output;
    return 0;
}

static int
run_lines(struct call *c, const char *const *argv, const char *const **ret,
    uint32_t *ret_n)
{
    struct list lines = {0};
    char *output;
    size_t size;

    if (run_guest(c, argv, &output, &size) < 0)
        return -1;
    if (memchr(output, '\0', size))
        return call_error(c, EILSEQ, "%s: its output is not text", argv[0]);
    for (char *p = output; p && *p;) {
        char *line = strsep(&p, "\n");
        *list_add(c, &lines, char *) = line;
    }
    *ret = lines.items;
    *ret_n = lines.n;
    return 0;
}

/* Lists of the wire are not terminated by NULL. */
static const char *const *
terminated(struct call *c, const char *const *items, uint32_t n)
{
    const char **argv = call_alloc(c, (n + 1) * sizeof *argv);

    for (uint32_t i = 0; i < n; i++)
        argv[i] = items[i];
    return argv;
}

static const char *const *
shell(struct call *c, const char *command)
{
    const char **argv = call_alloc(c, 4 * sizeof *argv);

    argv[0] = "/bin/sh";
    argv[1] = "-c";
    argv[2] = command;
    return argv;
}

int
op_command(struct call *c, const struct api_command_args *args,
    struct api_command_ret *ret)
{
    return run_text(
        c, terminated(c, args->arguments, args->n_arguments), &ret->value);
}

int
op_command_lines(struct call *c, const struct api_command_lines_args *args,
    struct api_command_lines_ret *ret)
{
    return run_lines(c, terminated(c, args->arguments, args->n_arguments),
        &ret->value, &ret->n_value);
}

int
op_command_out(struct call *c, const struct api_command_out_args *args)
{
    return run_guest(
        c, terminated(c, args->arguments, args->n_arguments), NULL, NULL);
}

int
op_sh(struct call *c, const struct api_sh_args *args, struct api_sh_ret *ret)
{
    return run_text(c, shell(c, args->command), &ret->value);
}

int
op_sh_lines(struct call *c, const struct api_sh_lines_args *args,
    struct api_sh_lines_ret *ret)
{
    return run_lines(c, shell(c, args->command), &ret->value, &ret->n_value);
}

int
op_sh_out(struct call *c, const struct api_sh_out_args *args)
{
    return run_guest(c, shell(c, args->command), NULL, NULL);
}
