/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packages, by the guest's own package manager. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/operations.h"

/* Commands with %s for the packages; NULL: not supported. */
struct manager {
    const char *name; /* its name in inspection */
    const char *install, *uninstall, *update;
};

#define APT                                                                    \
    "export DEBIAN_FRONTEND=noninteractive\n"                                  \
    "apt_opts='-q -y -o Dpkg::Options::=--force-confnew'\n"

static const struct manager managers[] = {
    {"apt", APT "apt-get $apt_opts update && apt-get $apt_opts install %s",
        APT "apt-get $apt_opts remove %s",
        APT "apt-get $apt_opts update && apt-get $apt_opts upgrade"},
    {"dnf", "dnf -y install %s", "dnf -y remove %s", "dnf -y --best upgrade"},
    {"yum", "yum -y install %s", "yum -y remove %s", "yum -y update"},
    {"zypper", "zypper -n in -l %s", "zypper -n rm %s", "zypper -n up -l"},
    {"pacman", "pacman -S --noconfirm %s", "pacman -R --noconfirm %s",
        "pacman -Syu --noconfirm"},
    {"apk", "apk update && apk add %s", "apk del %s",
        "apk update && apk upgrade"},
    {"xbps", "xbps-install -Sy %s", "xbps-remove -y %s", "xbps-install -Suy"},
};

static int
find_manager(struct job *job, const struct manager **ret, struct error *err)
{
    const char *name = job->root->package_management;

    for (size_t i = 0; i < N_ELEMENTS(managers); i++) {
        if (str_equal(managers[i].name, name)) {
            *ret = &managers[i];
            return 0;
        }
    }
    return error_set(err, EOPNOTSUPP,
        "unknown package manager in this guest (%s); use --run-command or "
        "--firstboot-command",
        *name ? name : "none found");
}

/* "a,b" as words for the shell, each in quotes. */
static char *
quote_list(const char *list, struct error *err)
{
    cleanup_free char *copy = strdup(list);
    char *rest = copy, *item, *out = copy ? strdup("") : NULL;

    while (out && (item = strsep(&rest, ","))) {
        cleanup_free char *word = text_quote(item), *before = out;

        out = word ? text_printf("%s%s%s", before, *before ? " " : "", word)
                   : NULL;
    }
    if (!out)
        error_no_memory(err);
    return out;
}

/* COMMAND with its %s replaced by the packages. */
static char *
with_packages(const char *command, const char *list, struct error *err)
{
    cleanup_free char *words = quote_list(list, err);
    const char *place = strstr(command, "%s");
    char *whole;

    if (!words)
        return NULL;
    whole = text_printf(
        "%.*s%s%s", (int)(place - command), command, words, place + 2);
    if (!whole)
        error_no_memory(err);
    return whole;
}

static int
run_with(
    struct job *job, const char *command, const char *list, struct error *err)
{
    cleanup_free char *whole = with_packages(command, list, err);

    return whole ? job_shell(job, whole, err) : -1;
}

int
packages_install_command(
    struct job *job, const char *list, char **ret, struct error *err)
{
    const struct manager *m;
    char *command;

    if (find_manager(job, &m, err) < 0 ||
        !(command = with_packages(m->install, list, err)))
        return -1;
    *ret = command;
    return 0;
}

int
run_install(struct job *job, const struct step *step, struct error *err)
{
    const struct manager *m;

    job_say(job, false, "Installing packages: %s", step->value);
    if (find_manager(job, &m, err) < 0)
        return -1;
    return run_with(job, m->install, step->value, err);
}

int
run_uninstall(struct job *job, const struct step *step, struct error *err)
{
    const struct manager *m;

    job_say(job, false, "Uninstalling packages: %s", step->value);
    if (find_manager(job, &m, err) < 0)
        return -1;
    return run_with(job, m->uninstall, step->value, err);
}

int
run_update(struct job *job, const struct step *step, struct error *err)
{
    const struct manager *m;

    (void)step;
    job_say(job, false, "Updating packages");
    if (find_manager(job, &m, err) < 0)
        return -1;
    return job_shell(job, m->update, err);
}
