/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes this machine different from its clones. */
#include <config.h>

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include <ctype.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/edit.h"
#include "sysprep/operations.h"
#include "sysprep/where.h"
#include "tool/print.h"

/* As 32 hexadecimal digits; what else is at the end of a link is something
 * else. */
static bool
is_machine_id(const char *text)
{
    enum { DIGITS = 32 };
    int n = 0;

    for (; isxdigit((unsigned char)*text) || *text == '-'; text++)
        n += *text != '-';
    return (n == DIGITS || n == 0) && !text[strspn(text, "\r\n")];
}

/* systemd makes an id if the file is empty, for good unless / is read-only; and
 * dbus reads the same file if it has none of its own. */
int
run_machine_id(struct work *w, struct error *err)
{
    static const char path[] = "/etc/machine-id";
    static const char dbus_path[] = "/var/lib/dbus/machine-id";
    bool is_file;

    if (job_is_file(&w->job, path)) {
        cleanup_free char *text = job_read(&w->job, path, NULL, err);

        if (!text)
            return -1;
        /* Then it is none, and asks for more than a new one. */
        if (!str_after(text, "uninitialized") &&
            replace_file(w, path, text, "", is_machine_id(text), err) < 0)
            return -1;
    }
    if (mayfly_is_file(w->job.g, dbus_path, NULL, &is_file) < 0)
        return job_fail(&w->job, err);
    cleanup_free char *real = where_really(w, path);
    if (!real)
        return error_no_memory(err);
    return is_file && !str_equal(real, dbus_path)
               ? remove_path(w, dbus_path, err)
               : 0;
}

/* initiatorname.iscsi is made by its package on Debian, which then needs a word
 * in it, elsewhere by a service if it is missing. */
int
run_storage_ids(struct work *w, struct error *err)
{
    static const char path[] = "/etc/iscsi/initiatorname.iscsi";
    static const char *const nvme[] = {
        "/etc/nvme/hostnqn", "/etc/nvme/hostid", NULL};
    static const char *const debian[] = {"debian", "ubuntu", NULL};

    if (remove_matches(w, nvme, NULL, true, err) < 0)
        return -1;
    if (!job_is_file(&w->job, path))
        return 0;
    if (!job_is_distro(&w->job, debian))
        return remove_path(w, path, err);
    cleanup_free char *text = job_read(&w->job, path, NULL, err);
    return text ? replace_file(w, path, text, "GenerateName=yes\n",
                      strstr(text, "InitiatorName="), err)
                : -1;
}

/* What it has encrypted would be lost with it. */
int
run_systemd_credentials(struct work *w, struct error *err)
{
    static const char *const key[] = {
        "/var/lib/systemd/credential.secret", NULL};
    cleanup_free char **encrypted =
        work_glob(w, "/{etc,usr/lib}/credstore.encrypted/*", err);

    if (!encrypted)
        return -1;
    if (!encrypted[0] || !job_is_file(&w->job, key[0]))
        return remove_matches(w, key, NULL, true, err);
    tool_warning("systemd-credentials: %s stays, since %s may be encrypted "
                 "with it; clones share it",
        key[0], encrypted[0]);
    return 0;
}

/* --- snapd --- */

/* Its serial number, and the session with the store that has it, are in the
 * midst of what it knows of the snaps. */
static int
forget_device(struct work *w, struct error *err)
{
    static const char path[] = "/var/lib/snapd/state.json";
    struct json_object *data, *auth, *device;

    if (!job_is_file(&w->job, path))
        return 0;
    cleanup_free char *text = job_read(&w->job, path, NULL, err);
    if (!text)
        return -1;
    struct json_object *state = json_tokener_parse(text);
    if (!state)
        return error_set(err, EINVAL, "%s is not JSON", path);
    int r = 0;
    if (json_object_object_get_ex(state, "data", &data) &&
        json_object_object_get_ex(data, "auth", &auth) &&
        json_object_object_get_ex(auth, "device", &device) &&
        json_object_object_get_ex(device, "key-id", NULL)) {
        json_object_object_del(device, "serial");
        json_object_object_del(device, "key-id");
        json_object_object_del(device, "session-macaroon");
        r = change_file(w, path, text,
            json_object_to_json_string_ext(
                state, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
            err);
    }
    json_object_put(state);
    return r;
}

int
run_snapd(struct work *w, struct error *err)
{
    static const char *const keys[] = {
        "/var/lib/snapd/device/private-keys-v1/*",
        "/var/lib/snapd/assertions/asserts-v0/serial",
        NULL,
    };

    if (remove_matches(w, keys, NULL, false, err) < 0)
        return -1;
    return forget_device(w, err);
}
