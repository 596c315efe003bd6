/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The identity of the guest: host name, time zone, machine id, random seed. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/uuid.h"
#include "customize/edit.h"
#include "customize/operations.h"

enum { SEED_SIZE = 512, MAX_HOSTNAME = 253 };

int
check_hostname(const struct step *step, struct error *err)
{
    size_t n = strlen(step->value);
    size_t good = strspn(step->value,
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");

    if (n == 0 || n > MAX_HOSTNAME || good != n || strchr("-.", step->value[0]))
        return error_set(err, EINVAL,
            "invalid host name '%s': use letters, digits, '-' and '.'",
            step->value);
    return 0;
}

/* The names that the guest had: of each file that has one. */
struct old_names {
    char *name[5];
    size_t n;
};

static void
free_old_names(struct old_names *o)
{
    for (size_t i = 0; i < o->n; i++)
        free(o->name[i]);
}

static int
add_old_name(struct job *job, const char *path, const char *variable,
    struct old_names *o, struct error *err)
{
    if (!job_is_file(job, path))
        return 0;
    cleanup_free char *text = job_read(job, path, NULL, err);
    if (!text)
        return -1;
    o->name[o->n] =
        variable ? edit_value_of(text, variable) : edit_hostname_of(text);
    if (!o->name[o->n])
        return variable ? 0 : error_no_memory(err);
    o->n++;
    return 0;
}

static int
find_old_names(struct job *job, struct old_names *o, struct error *err)
{
    if (add_old_name(job, "/etc/hostname", NULL, o, err) < 0 ||
        add_old_name(job, "/etc/HOSTNAME", NULL, o, err) < 0 ||
        add_old_name(job, "/etc/sysconfig/network", "HOSTNAME", o, err) < 0 ||
        add_old_name(job, "/etc/rc.conf", "HOSTNAME", o, err) < 0)
        return -1;
    return add_old_name(job, "/etc/conf.d/hostname", "hostname", o, err);
}

static bool
is_localhost(const char *name)
{
    return str_after(name, "localhost") && strchr(".", name[9]);
}

static int
rename_in_hosts(struct job *job, const struct old_names *old, const char *name,
    struct error *err)
{
    static const char path[] = "/etc/hosts";
    cleanup_free char *text = NULL;
    bool there = job_is_file(job, path);

    text = there ? job_read(job, path, NULL, err)
                 : strdup("127.0.0.1\tlocalhost\n::1\tlocalhost\n");
    if (!text)
        return there ? -1 : error_no_memory(err);
    cleanup_free char *changed = strdup(text);
    for (size_t i = 0; changed && i < old->n; i++) {
        char *renamed;

        if (!old->name[i][0] || is_localhost(old->name[i]))
            continue;
        if (!(renamed = edit_hosts(changed, old->name[i], name, err)))
            return -1;
        free(changed);
        changed = renamed;
    }
    cleanup_free char *complete =
        changed ? edit_hosts_add(changed, name, err) : NULL;
    if (!complete)
        return changed ? -1 : error_no_memory(err);
    return there && str_equal(text, complete)
               ? 0
               : job_write(job, path, complete, err);
}

/* NAME=... in PATH, which holds TEXT. */
static int
write_assignment(struct job *job, const char *path, const char *text,
    const char *name, const char *value, struct error *err)
{
    cleanup_free char *changed = edit_assignment(text, name, value, err);

    return changed ? job_write(job, path, changed, err) : -1;
}

/* The same, if there is such a file. */
static int
set_assignment(struct job *job, const char *path, const char *name,
    const char *value, struct error *err)
{
    if (!job_is_file(job, path))
        return 0;

    cleanup_free char *text = job_read(job, path, NULL, err);
    return text ? write_assignment(job, path, text, name, value, err) : -1;
}

/* ... and if the file has such a line. */
static int
set_if_assigned(struct job *job, const char *path, const char *name,
    const char *value, struct error *err)
{
    if (!job_is_file(job, path))
        return 0;
    cleanup_free char *text = job_read(job, path, NULL, err);
    cleanup_free char *old = text ? edit_value_of(text, name) : NULL;

    if (!text)
        return -1;
    return old ? write_assignment(job, path, text, name, value, err) : 0;
}

/* OpenWrt. */
static int
set_uci_name(struct job *job, const char *name, struct error *err)
{
    static const char path[] = "/etc/config/system";

    if (!job_is_file(job, path))
        return 0;
    cleanup_free char *text = job_read(job, path, NULL, err);
    cleanup_free char *changed =
        text ? edit_uci_option(text, "hostname", name, err) : NULL;
    return changed ? job_write(job, path, changed, err) : -1;
}

/* Before systemd, Red Hat's systems had their name in this file alone. */
static int
set_in_network(struct job *job, const char *name, struct error *err)
{
    static const char path[] = "/etc/sysconfig/network";
    bool systemd = job_exists(job, "/usr/lib/systemd/systemd") ||
                   job_exists(job, "/lib/systemd/systemd");

    if (!job_is_file(job, path))
        return 0;
    cleanup_free char *text = job_read(job, path, NULL, err);
    if (!text)
        return -1;
    cleanup_free char *old = edit_value_of(text, "HOSTNAME");
    return old || !systemd ? set_assignment(job, path, "HOSTNAME", name, err)
                           : 0;
}

static int
set_hostname(struct job *job, const char *name, const char *line,
    const struct old_names *old, struct error *err)
{
    cleanup_free char *quoted = text_printf("\"%s\"", name);

    if (!quoted)
        return error_no_memory(err);
    /* systemd and everything newer read this file; Slackware and older systems
     * have another one beside it. */
    if (job_write(job, "/etc/hostname", line, err) < 0)
        return -1;
    if (job_is_file(job, "/etc/HOSTNAME") &&
        job_write(job, "/etc/HOSTNAME", line, err) < 0)
        return -1;
    if (set_assignment(job, "/etc/machine-info", "PRETTY_HOSTNAME", name, err) <
            0 ||
        set_assignment(job, "/etc/conf.d/hostname", "hostname", quoted, err) <
            0 ||
        set_in_network(job, name, err) < 0 ||
        set_if_assigned(job, "/etc/rc.conf", "HOSTNAME", quoted, err) < 0 ||
        set_uci_name(job, name, err) < 0)
        return -1;
    return rename_in_hosts(job, old, name, err);
}

int
run_hostname(struct job *job, const struct step *step, struct error *err)
{
    cleanup_free char *line = text_printf("%s\n", step->value);
    struct old_names old = {0};

    job_say(job, false, "Setting the hostname: %s", step->value);
    if (!line)
        return error_no_memory(err);
    int r = find_old_names(job, &old, err);
    if (r == 0)
        r = set_hostname(job, step->value, line, &old, err);
    free_old_names(&old);
    return r;
}

int
check_timezone(const struct step *step, struct error *err)
{
    const char *zone = step->value;

    if (!*zone || *zone == '/' || strstr(zone, "..") ||
        zone[strspn(zone, "abcdefghijklmnopqrstuvwxyz"
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-+_/")])
        return error_set(err, EINVAL,
            "invalid time zone '%s'; write it as Europe/Vienna", zone);
    return 0;
}

int
run_timezone(struct job *job, const struct step *step, struct error *err)
{
    cleanup_free char *path =
        text_printf("/usr/share/zoneinfo/%s", step->value);
    cleanup_free char *target =
        text_printf("../usr/share/zoneinfo/%s", step->value);
    cleanup_free char *line = text_printf("%s\n", step->value);
    cleanup_free char *quoted = text_printf("\"%s\"", step->value);

    job_say(job, false, "Setting the timezone: %s", step->value);
    if (!path || !target || !line || !quoted)
        return error_no_memory(err);
    if (!job_is_file(job, path))
        return error_set(err, ENOENT,
            "the guest does not know it (no file %s; is tzdata installed "
            "there?)",
            path);
    if (mayfly_ln_sf(job->g, target, "/etc/localtime") < 0)
        return job_fail(job, err);

    /* Debian's copy of the name; and that of Red Hat and SUSE before systemd,
     * from which an update of the zones makes the link again. */
    if (job_is_file(job, "/etc/timezone") &&
        job_write(job, "/etc/timezone", line, err) < 0)
        return -1;
    if (set_if_assigned(job, "/etc/sysconfig/clock", "ZONE", quoted, err) < 0)
        return -1;
    /* Void makes the link from it at each start. */
    if (set_if_assigned(job, "/etc/rc.conf", "TIMEZONE", quoted, err) < 0)
        return -1;
    return set_if_assigned(
        job, "/etc/sysconfig/clock", "TIMEZONE", quoted, err);
}

static int
fresh_machine_id(struct job *job, struct error *err)
{
    static const char path[] = "/etc/machine-id";
    static const char dbus_path[] = "/var/lib/dbus/machine-id";
    char uuid[UUID_SIZE], text[UUID_SIZE], *end = text;
    bool link = true;

    if (!job_is_file(job, path))
        return 0;

    /* "uninitialized" asks systemd for more than an id: leave it. */
    cleanup_free char *present = job_read(job, path, NULL, err);
    if (!present)
        return -1;
    if (str_after(present, "uninitialized"))
        return 0;

    job_say(job, false, "Setting the machine ID in %s", path);
    if (uuid_random(uuid, err) < 0)
        return -1;
    for (const char *p = uuid; *p; p++)
        if (*p != '-')
            *end++ = *p;
    strcpy(end, "\n");
    if (job_write(job, path, text, err) < 0)
        return -1;
    if (job_is_file(job, dbus_path) &&
        mayfly_is_symlink(job->g, dbus_path, &link) == 0 && !link)
        return job_write(job, dbus_path, text, err);
    return 0;
}

static int
fresh_seed(struct job *job, struct error *err)
{
    /* Folder and file: the file goes into the first folder that exists. */
    static const char *const seeds[][2] = {
        {"/var/lib/systemd", "/var/lib/systemd/random-seed"},
        {"/var/lib/urandom", "/var/lib/urandom/random-seed"},
        {"/var/lib/misc", "/var/lib/misc/random-seed"},
        {"/var/lib", "/var/lib/random-seed"},
    };
    char bytes[SEED_SIZE];

    for (size_t i = 0; i < N_ELEMENTS(seeds); i++) {
        if (!job_is_dir(job, seeds[i][0]))
            continue;
        job_say(job, false, "Setting a random seed");
        if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
            return error_errno(err, errno, "cannot get random bytes");
        if (job_write_bytes(job, seeds[i][1], bytes, sizeof bytes, err) < 0)
            return -1;
        if (mayfly_chmod(job->g, 0600, seeds[i][1]) < 0)
            return job_fail(job, err);
        return 0;
    }
    return 0;
}

int
identity_fresh(struct job *job, struct error *err)
{
    if (!str_equal(job->root->type, "linux"))
        return 0;
    if (fresh_seed(job, err) < 0)
        return -1;
    return fresh_machine_id(job, err);
}

int
selinux_relabel(struct job *job, struct error *err)
{
    static const char path[] = "/etc/selinux/config";

    if (job->customize->no_selinux_relabel || !job_is_file(job, path))
        return 0;

    cleanup_free char *text = job_read(job, path, NULL, err);
    if (!text)
        return -1;
    if (!selinux_is_on(text))
        return 0;
    job_say(job, false, "SELinux: the labels will be set at the first boot");
    if (mayfly_touch(job->g, "/.autorelabel") < 0)
        return job_fail(job, err);
    return 0;
}
