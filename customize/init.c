/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A service of the guest, for each init system.  Several may be installed: what
 * /sbin/init leads to decides about systemd, the order below about the others.
 * The rules are those of systemd.unit(5), openrc-run(8), insserv(8),
 * chkconfig(8), and the scripts rc.M of Slackware and /etc/runit/2 of Void. */
#include <config.h>

#include "customize/init.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/print.h"

#define NAME "mayfly-firstboot"

struct init_system {
    const char *name;
    bool (*has)(struct job *job);
    int (*add)(struct job *job, const char *program, struct error *err);
};

static int
write_executable(
    struct job *job, const char *path, const char *text, struct error *err)
{
    if (job_write(job, path, text, err) < 0)
        return -1;
    return mayfly_chmod(job->g, 0755, path) < 0 ? job_fail(job, err) : 0;
}

/* Is PATH what the guest starts?  Without a /sbin/init the kernel's command
 * line says what it is. */
static bool
init_is(struct job *job, const char *path)
{
    cleanup_free char *init = NULL, *wanted = NULL;

    if (!job_exists(job, "/sbin/init"))
        return job_is_file(job, path);
    return mayfly_realpath(job->g, "/sbin/init", &init) == 0 &&
           mayfly_realpath(job->g, path, &wanted) == 0 &&
           str_equal(init, wanted);
}

/* --- systemd --- */

static bool
has_systemd(struct job *job)
{
    return init_is(job, "/usr/lib/systemd/systemd") ||
           init_is(job, "/lib/systemd/systemd");
}

static int
add_systemd(struct job *job, const char *program, struct error *err)
{
    static const char wants[] = "/etc/systemd/system/multi-user.target.wants";
    static const char path[] = "/etc/systemd/system/" NAME ".service";
    cleanup_free char *unit =
        text_printf("[Unit]\n"
                    "Description=Scripts of the first boot\n"
                    "ConditionDirectoryNotEmpty=%.*s/scripts\n"
                    "Wants=network-online.target\n"
                    "After=network.target network-online.target\n"
                    "\n"
                    "[Service]\n"
                    "Type=oneshot\n"
                    "ExecStart=%s\n"
                    "RemainAfterExit=yes\n"
                    "TimeoutSec=0\n"
                    "\n"
                    "[Install]\n"
                    "WantedBy=multi-user.target\n",
            (int)(strrchr(program, '/') - program), program, program);

    if (!unit)
        return error_no_memory(err);
    if (mayfly_mkdir_p(job->g, wants) < 0)
        return job_fail(job, err);
    if (job_write(job, path, unit, err) < 0)
        return -1;
    return mayfly_ln_sf(job->g, path,
               "/etc/systemd/system/multi-user.target.wants/" NAME
               ".service") < 0
               ? job_fail(job, err)
               : 0;
}

/* --- OpenRC --- */

static const char *
openrc_shell(struct job *job)
{
    static const char *const places[] = {
        "/sbin/openrc-run", "/usr/sbin/openrc-run", "/usr/bin/openrc-run"};

    for (size_t i = 0; i < N_ELEMENTS(places); i++)
        if (job_is_file(job, places[i]))
            return places[i];
    return NULL;
}

static bool
has_openrc(struct job *job)
{
    return openrc_shell(job) && job_is_dir(job, "/etc/runlevels/default");
}

static int
add_openrc(struct job *job, const char *program, struct error *err)
{
    cleanup_free char *script =
        text_printf("#!%s\n"
                    "description=\"Scripts of the first boot\"\n"
                    "\n"
                    "depend()\n"
                    "{\n"
                    "    need localmount\n"
                    "    use net\n"
                    "    after *\n"
                    "}\n"
                    "\n"
                    "start()\n"
                    "{\n"
                    "    ebegin \"Running the scripts of the first boot\"\n"
                    "    %s\n"
                    "    eend $?\n"
                    "}\n",
            openrc_shell(job), program);

    if (!script)
        return error_no_memory(err);
    if (write_executable(job, "/etc/init.d/" NAME, script, err) < 0)
        return -1;
    return mayfly_ln_sf(
               job->g, "/etc/init.d/" NAME, "/etc/runlevels/default/" NAME) < 0
               ? job_fail(job, err)
               : 0;
}

/* --- System V --- */

/* The folder of the links of a run level: Red Hat's, Debian's, SUSE's. */
static int
level_folder(struct job *job, int level, char ret[static 32])
{
    static const char *const beginnings[] = {
        "/etc/rc.d/rc", "/etc/rc", "/etc/init.d/rc"};

    for (size_t i = 0; i < N_ELEMENTS(beginnings); i++) {
        snprintf(ret, 32, "%s%d.d", beginnings[i], level);
        if (job_is_dir(job, ret))
            return 0;
    }
    return -1;
}

static bool
has_sysv(struct job *job)
{
    char folder[32];

    return job_is_dir(job, "/etc/init.d") && level_folder(job, 3, folder) == 0;
}

/* The comments are for insserv and for chkconfig, whose tables decide where
 * there is one of them; links alone are enough elsewhere. */
static const char sysv_header[] =
    "#!/bin/sh\n"
    "# chkconfig: 2345 99 01\n"
    "# description: Scripts of the first boot\n"
    "### BEGIN INIT INFO\n"
    "# Provides: " NAME "\n"
    "# Required-Start: $remote_fs $network\n"
    "# Required-Stop:\n"
    "# Should-Start: $all\n"
    "# Default-Start: 2 3 4 5\n"
    "# Default-Stop:\n"
    "# Short-Description: Scripts of the first boot\n"
    "### END INIT INFO\n";

static void
register_sysv(struct job *job)
{
    static const char *const tools[][2] = {
        {"/usr/lib/insserv/insserv", "/usr/lib/insserv/insserv " NAME},
        {"/sbin/insserv", "/sbin/insserv " NAME},
        {"/usr/sbin/update-rc.d", "/usr/sbin/update-rc.d " NAME " defaults"},
        {"/sbin/chkconfig", "/sbin/chkconfig --add " NAME},
    };
    cleanup_free char *output = NULL;

    for (size_t i = 0; i < N_ELEMENTS(tools); i++) {
        if (!job_is_file(job, tools[i][0]))
            continue;
        if (mayfly_sh(job->g, tools[i][1], &output) < 0)
            tool_warning("%s failed in the guest, which may not run " NAME ": "
                         "%s",
                tools[i][1], mayfly_last_error(job->g));
        return;
    }
}

static int
add_sysv(struct job *job, const char *program, struct error *err)
{
    cleanup_free char *script =
        text_printf("%scase \"$1\" in\nstart | '') exec %s ;;\nesac\nexit 0\n",
            sysv_header, program);

    if (!script)
        return error_no_memory(err);
    if (write_executable(job, "/etc/init.d/" NAME, script, err) < 0)
        return -1;
    for (int level = 2; level <= 5; level++) {
        char folder[32], path[64];

        if (level_folder(job, level, folder) < 0)
            continue;
        snprintf(path, sizeof path, "%s/S99" NAME, folder);
        if (mayfly_ln_sf(job->g, "/etc/init.d/" NAME, path) < 0)
            return job_fail(job, err);
    }
    register_sysv(job);
    return 0;
}

/* --- a script that is run at the end of the start --- */

/* In the background, since the network of Void starts later; before what is
 * there, which may end in "exit 0". */
static int
add_local(
    struct job *job, const char *path, const char *program, struct error *err)
{
    cleanup_free char *old = NULL, *text = NULL;
    size_t head = 0;

    if (job_exists(job, path)) {
        old = job_read(job, path, NULL, err);
        if (!old)
            return -1;
        if (strstr(old, program))
            return 0;
        if (str_after(old, "#!"))
            head = strcspn(old, "\n");
        head += old[head] == '\n' && head > 0;
    }
    text = text_printf("%.*s%s%s &\n%s", (int)head, old ? old : "",
        head ? "" : "#!/bin/sh\n", program, old ? old + head : "");
    return text ? write_executable(job, path, text, err) : error_no_memory(err);
}

static bool
has_slackware(struct job *job)
{
    return job_is_file(job, "/etc/rc.d/rc.M");
}

static int
add_slackware(struct job *job, const char *program, struct error *err)
{
    return add_local(job, "/etc/rc.d/rc.local", program, err);
}

static bool
has_runit(struct job *job)
{
    return job_is_file(job, "/etc/runit/2");
}

static int
add_runit(struct job *job, const char *program, struct error *err)
{
    return add_local(job, "/etc/rc.local", program, err);
}

static const struct init_system systems[] = {
    {"systemd", has_systemd, add_systemd},
    {"OpenRC", has_openrc, add_openrc},
    {"Slackware's init", has_slackware, add_slackware},
    {"System V's init", has_sysv, add_sysv},
    {"runit", has_runit, add_runit},
};

int
init_run_at_start(struct job *job, const char *program, struct error *err)
{
    for (size_t i = 0; i < N_ELEMENTS(systems); i++)
        if (systems[i].has(job))
            return systems[i].add(job, program, err) < 0
                       ? error_context(err, "a service of %s", systems[i].name)
                       : 0;
    return error_set(err, EOPNOTSUPP,
        "first-boot scripts need a guest with systemd, OpenRC, System V's "
        "init, or the init of Slackware or Void");
}
