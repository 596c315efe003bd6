/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registering a guest with Red Hat, by the guest's own subscription-manager(8).
 * The options are those of virt-customize 1.48; what they ran is run here. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "customize/operations.h"

enum { MAX_FILE = 1 << 20 };

#define MANAGER "subscription-manager "

/* The text of "NAME:TEXT", or the first line of the file of "file:PATH". */
static char *
read_selector(const char *selector, const char *name, struct error *err)
{
    const char *path = str_after(selector, "file:");
    char *text = path ? read_file(path, MAX_FILE, NULL, err)
                      : strdup(selector + strlen(name));

    if (!text && !path)
        error_no_memory(err);
    if (text && path)
        text[strcspn(text, "\r\n")] = 0;
    return text;
}

int
check_sm_credentials(const struct step *step, struct error *err)
{
    const char *path;

    if (!step->second || !*step->first ||
        !(str_after(step->second, "password:") ||
            str_after(step->second, "file:")))
        return error_set(
            err, EINVAL, "use USER:password:PASSWORD or USER:file:PATH");
    path = str_after(step->second, "file:");
    return path ? check_host_file(path, err) : 0;
}

int
run_sm_credentials(struct job *job, const struct step *step, struct error *err)
{
    (void)job, (void)step, (void)err;
    return 0;
}

int
check_sm_attach(const struct step *step, struct error *err)
{
    const char *path = str_after(step->value, "file:");

    if (path)
        return check_host_file(path, err);
    if (str_equal(step->value, "auto") || str_after(step->value, "pool:"))
        return 0;
    return error_set(err, EINVAL,
        "invalid selector '%s': use auto, pool:ID or file:PATH", step->value);
}

int
run_sm_attach(struct job *job, const struct step *step, struct error *err)
{
    cleanup_free char *pool = NULL, *word = NULL, *command = NULL;

    job_say(job, false, "Attaching to a subscription");
    if (str_equal(step->value, "auto"))
        return job_shell(job, MANAGER "attach --auto", err);
    if (!(pool = read_selector(step->value, "pool:", err)))
        return -1;
    word = text_quote(pool);
    command = word ? text_printf(MANAGER "attach --pool=%s", word) : NULL;
    return command ? job_shell(job, command, err) : error_no_memory(err);
}

/* The last ones that are given before the step. */
static const struct step *
find_credentials(const struct job *job, const struct step *before)
{
    const struct step *found = NULL, *s = job->customize->steps;

    for (; s < before; s++)
        if (str_equal(s->operation->name, "sm-credentials"))
            found = s;
    return found;
}

int
run_sm_register(struct job *job, const struct step *step, struct error *err)
{
    const struct step *c = find_credentials(job, step);
    cleanup_free char *password = NULL, *user = NULL, *word = NULL;
    cleanup_free char *command = NULL;
    int r;

    if (!c)
        return error_set(
            err, EINVAL, "give --sm-credentials before --sm-register");
    job_say(job, false, "Registering with subscription-manager");
    if (!(password = read_selector(c->second, "password:", err)))
        return -1;
    user = text_quote(c->first);
    word = text_quote(password);
    command = user && word ? text_printf(MANAGER "register --username=%s "
                                                 "--password=%s",
                                 user, word)
                           : NULL;
    r = command ? job_shell(job, command, err) : error_no_memory(err);
    explicit_bzero(password, strlen(password));
    if (word)
        explicit_bzero(word, strlen(word));
    if (command)
        explicit_bzero(command, strlen(command));
    return r;
}

int
run_sm_remove(struct job *job, const struct step *step, struct error *err)
{
    (void)step;
    job_say(job, false, "Removing all subscriptions");
    return job_shell(job, MANAGER "remove --all", err);
}

int
run_sm_unregister(struct job *job, const struct step *step, struct error *err)
{
    (void)step;
    job_say(job, false, "Unregistering with subscription-manager");
    return job_shell(job, MANAGER "unregister", err);
}
