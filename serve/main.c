/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-serve: a disk image, or a part of one, over NBD. */
#include <config.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "serve/command.h"
#include "serve/guest.h"
#include "serve/manual.h"
#include "serve/place.h"
#include "tool/tool.h"

struct serve {
    int partition;
    const char *device, *path, *snapshot;
    bool writable;
    const char *command;
    const char *socket, *port, *name;
    int port_number;
};

#define FIELD(name) offsetof(struct serve, name)

/* 0 is not the whole disk: a script's empty variable would serve that. */
static int
set_partition(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct serve *s = opaque;

    if (tool_set_number(opaque, option, value, err) < 0)
        return -1;
    return s->partition > 0
               ? 0
               : error_set(err, EINVAL, "partitions are counted from 1");
}

static const struct tool_option own_options[] = {
    {NULL, 0, NULL, "What is served; default: the whole disk", NULL, 0},
    {"partition", 0, "N", "partition N of the disk", set_partition,
        FIELD(partition)},
    {"device", 0, "DEVICE",
        "a device of the guest, such as /dev/VG/LV; read-only", tool_set_text,
        FIELD(device)},
    {"path", 0, "FILE", "a file of the guest; read-only", tool_set_text,
        FIELD(path)},
    {"snapshot", 0, "NAME",
        "the disk as it was at the internal snapshot NAME; read-only",
        tool_set_text, FIELD(snapshot)},
    {NULL, 0, NULL, "How it is served", NULL, 0},
    {"rw", 'w', NULL, "let clients write; default: read-only", tool_set_flag,
        FIELD(writable)},
    {"socket", 0, "PATH",
        "make the socket PATH; default: in a new private folder", tool_set_text,
        FIELD(socket)},
    {"port", 0, "N", "use port N of 127.0.0.1, 0 for a free one", tool_set_text,
        FIELD(port)},
    {"name", 0, "EXPORT", "name of the export; default: empty", tool_set_text,
        FIELD(name)},
    {"run", 0, "CMD", "run CMD with $uri and $nbd set, and end with it",
        tool_set_text, FIELD(command)},
    {0},
};

static const struct tool_program program = {
    .name = "mayfly-serve",
    .summary = "serve a disk image, or a part of one, over NBD",
    .usage = "[OPTION...] DISK\n"
             "[OPTION...] -a DISK [-a DISK...]\n"
             "[OPTION...] -d DOMAIN",
    .options = own_options,
    .groups = TOOL_DISKS | TOOL_MOUNTS | TOOL_SECRETS,
    .manual = &serve_manual,
    .takes_disks = true,
};

static void
check_port(struct serve *s)
{
    char *end;

    if (!s->port)
        return;
    if (s->socket)
        tool_misuse("give either --socket or --port");
    long n = strtol(s->port, &end, 10);
    if (end == s->port || *end || n < 0 || n > 65535)
        tool_misuse("invalid port '%s'; use 0 to 65535", s->port);
    s->port_number = (int)n;
}

static void
check(struct serve *s, const struct tool *t)
{
    const char *read_only = s->device     ? "--device"
                            : s->path     ? "--path"
                            : s->snapshot ? "--snapshot"
                                          : NULL;

    if (t->n_disks == 0)
        tool_misuse("no disk: give one");
    if ((s->partition != 0) + (s->device != NULL) + (s->path != NULL) > 1)
        tool_misuse("give only one of --partition, --device and --path");
    if (read_only && s->writable)
        tool_misuse(
            "%s can only be served read-only; leave out --rw", read_only);
    if (t->n_disks > 1 && !s->device && !s->path)
        tool_misuse("one disk is served at a time; several disks are for "
                    "--device and --path");
    if (t->n_disks > 1 && s->snapshot)
        tool_misuse("--snapshot is for one disk");
    if ((t->n_mounts || t->inspect) && !s->path)
        tool_misuse("-m and -i are for --path");
    check_port(s);
}

/* --- the export --- */

static int
add_view(struct mayfly *g, const char *file)
{
    const struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_READONLY | MAYFLY_ADD_DRIVE_FORMAT,
        .readonly = true,
        .format = "raw",
    };

    return mayfly_add_drive(g, file, &options) < 0
               ? tool_fail(g, TOOL_FAILED, NULL)
               : TOOL_OK;
}

static int
start_export(struct mayfly *g, const struct serve *s, const char *socket,
    uint64_t offset, uint64_t size)
{
    const struct mayfly_export_drive_options options = {
        .set = MAYFLY_EXPORT_DRIVE_WRITABLE | MAYFLY_EXPORT_DRIVE_NAME |
               (offset ? MAYFLY_EXPORT_DRIVE_OFFSET : 0) |
               (size ? MAYFLY_EXPORT_DRIVE_SIZE : 0) |
               (s->port ? MAYFLY_EXPORT_DRIVE_PORT : 0),
        .writable = s->writable,
        .name = s->name,
        .offset = (int64_t)offset,
        .size = (int64_t)size,
        .port = s->port_number,
    };

    cleanup_free char *folder = s->port ? NULL : path_folder(socket);
    if (folder && access(folder, W_OK | X_OK) < 0) {
        tool_error("cannot make the socket %s: %s", socket, strerror(errno));
        return TOOL_FAILED;
    }
    if (mayfly_export_drive(g, "/dev/sda", s->port ? "" : socket, &options) ==
        0)
        return TOOL_OK;

    int code = mayfly_last_errno(g);
    return tool_fail(
        g, code == EADDRINUSE ? TOOL_FAILED : tool_disk_code(code), NULL);
}

/* Until a signal comes, which is how it is meant to end. */
static int
wait_for_signal(struct mayfly *g, const char *uri)
{
    puts(uri);
    int code = tool_finish_output(TOOL_OK);
    if (code != TOOL_OK)
        return code;
    tool_progress_clear();
    if (!tool_interrupted() && mayfly_export_wait(g, "/dev/sda") < 0 &&
        !tool_interrupted())
        return tool_fail(g, TOOL_FAILED, NULL);
    tool_interrupt_clear();
    return TOOL_OK;
}

/* "nbd://HOST:PORT/NAME" */
static char *
host_and_port(const char *uri)
{
    const char *rest = str_after(uri, "nbd://");

    return strndup(rest ? rest : "", rest ? strcspn(rest, "/") : 0);
}

static int
serve_until_end(struct mayfly *g, const struct serve *s, const char *socket)
{
    cleanup_free char *uri = NULL, *host_port = NULL;
    int code;

    if (mayfly_export_uri(g, "/dev/sda", &uri) < 0)
        return tool_fail(g, TOOL_FAILED, NULL);
    if (!(host_port = host_and_port(uri))) {
        tool_error("no memory");
        return TOOL_FAILED;
    }
    if (s->command)
        code = tool_exit_code(command_run(s->command, uri, s->name,
            s->port ? NULL : socket, s->port ? host_port : NULL));
    else
        code = wait_for_signal(g, uri);
    if (mayfly_export_stop(g, "/dev/sda") < 0 && code == TOOL_OK)
        code = tool_fail(g, TOOL_FAILED, NULL);
    return code;
}

/* --- what is served --- */

static int
serve(const struct serve *s, struct tool *t, struct guest *guest,
    const struct place *place)
{
    cleanup_mayfly struct mayfly *g = NULL;
    cleanup_free char *view = NULL;
    const char *socket = s->socket ? s->socket : place->socket;
    uint64_t offset = 0, size = 0;
    int code = TOOL_OK;

    if (s->partition)
        code = guest_find_partition(t, s->partition, &offset, &size);
    else if (s->device || s->path)
        code = guest_show(guest, t, place->view, &view);
    if (code != TOOL_OK)
        return code;
    if (!(g = tool_handle(t)))
        return TOOL_FAILED;
    code = view ? add_view(g, view) : tool_add_disks(t, g);
    if (code == TOOL_OK)
        code = start_export(g, s, socket, offset, size);
    if (code == TOOL_OK)
        code = serve_until_end(g, s, socket);
    return tool_end(g, code);
}

int
main(int argc, char **argv)
{
    struct serve s = {.name = ""};
    cleanup_error struct error err = {0};
    cleanup_tool struct tool t;
    cleanup_place struct place place = {.life = -1};
    struct guest guest = {0};

    tool_parse(&t, &program, argc, argv, &s);
    tool_take_words(&t);
    check(&s, &t);
    t.read_only = !s.writable;
    if (s.snapshot)
        t.disks[0].snapshot = s.snapshot;
    guest.device = s.device;
    guest.path = s.path;
    if (place_make(&place, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    return guest_end(&guest, serve(&s, &t, &guest, &place));
}
