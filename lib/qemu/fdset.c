/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/qemu/fdset.h"

#include <errno.h>
#include <json.h>
#include <string.h>

#include "lib/qemu/qmp.h"

static struct json_object *
set_number(int number, struct error *err)
{
    struct json_object *args = json_object_new_object();

    if (!args)
        return error_no_memory(err), NULL;
    json_object_object_add(args, "fdset-id", json_object_new_int(number));
    return args;
}

int
fdset_add(struct qmp *q, int fd, int number, struct error *err)
{
    struct json_object *args = set_number(number, err);

    if (!args)
        return -1;
    if (qmp_command_fd(q, "add-fd", args, fd, err) < 0)
        return error_context(err, "cannot hand a file to QEMU");
    return 0;
}

int
fdset_remove(struct qmp *q, int number, struct error *err)
{
    struct json_object *args = set_number(number, err);

    return args ? qmp_command(q, "remove-fd", args, NULL, err) : -1;
}

int
socket_add(struct qmp *q, int fd, const char *name, struct error *err)
{
    struct json_object *args = qmp_strings("fdname", name, NULL);

    if (!args)
        return error_no_memory(err);
    if (qmp_command_fd(q, "getfd", args, fd, err) < 0)
        return error_context(err, "cannot hand a socket to QEMU");
    return 0;
}

int
block_explain(struct error *err)
{
    const char *text = error_text(err);

    if (strstr(text, " lock"))
        return error_set(err, EBUSY,
            "it is locked, apparently by a running QEMU; stop that, or add the "
            "disk read-only");
    if (strstr(text, "Unknown driver") || strstr(text, "not available"))
        return error_set(err, ENOTSUP,
            "this QEMU has no driver for it; install qemu-block-extra or "
            "qemu-block-* (%s)",
            text);
    return -1;
}
