/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SSH keys: which are meant, and into whose authorized_keys they go. */
#include <config.h>

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "customize/edit.h"
#include "customize/operations.h"

enum { MAX_FILE = 1 << 20 };

/* The newest public key of the user who runs this program. */
static char *
own_public_key(size_t *ret_size, struct error *err)
{
    const char *home = getenv("HOME");
    cleanup_free char *pattern =
        text_printf("%s/.ssh/id*.pub", home ? home : "");
    glob_t found = {0};
    const char *newest = NULL;
    time_t newest_time = 0;
    char *text = NULL;

    if (!pattern)
        return error_no_memory(err), NULL;
    glob(pattern, 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct stat st;

        if (stat(found.gl_pathv[i], &st) == 0 &&
            (!newest || st.st_mtime > newest_time)) {
            newest = found.gl_pathv[i];
            newest_time = st.st_mtime;
        }
    }
    if (newest)
        text = read_file(newest, MAX_FILE, ret_size, err);
    else
        error_set(err, ENOENT,
            "no SSH key %s; make one with ssh-keygen, or use USER:file:PATH or "
            "USER:string:KEY",
            pattern);
    globfree(&found);
    return text;
}

static char *
key_text(const char *selector, size_t *ret_size, struct error *err)
{
    const char *rest;
    char *text;

    if (!selector)
        return own_public_key(ret_size, err);
    if ((rest = str_after(selector, "file:")))
        return read_file(rest, MAX_FILE, ret_size, err);
    if (!(rest = str_after(selector, "string:")))
        return error_set(err, EINVAL,
                   "'%s' is neither file:PATH nor string:KEY", selector),
               NULL;
    text = strdup(rest);
    if (!text)
        error_no_memory(err);
    *ret_size = strlen(rest);
    return text;
}

/* One line for each key. */
static char *
public_keys(const char *selector, size_t *ret_n, struct error *err)
{
    size_t size = 0;
    cleanup_free char *text = key_text(selector, &size, err);
    char *lines = text ? ssh_keys_read(text, size, ret_n, err) : NULL;
    const char *path = selector ? str_after(selector, "file:") : NULL;

    if (text && !lines && path)
        error_context(err, "%s", path);
    return lines;
}

int
check_ssh_inject(const struct step *step, struct error *err)
{
    size_t n;
    cleanup_free char *keys = public_keys(step->second, &n, err);

    if (!keys)
        return -1;
    if (!*step->first)
        return error_set(err, EINVAL, "it names no user");
    return 0;
}

static int
number(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);

    return *text && !*end && value >= 0 && value <= INT32_MAX ? (int)value : -1;
}

/* passwd(5): NAME:x:UID:GID:GECOS:HOME:SHELL; any field can be empty. */
static bool
read_user(char *line, const char *name, struct account *ret)
{
    enum { NAME, PASSWORD, UID, GID, GECOS, HOME, SHELL, FIELDS };
    char *field[FIELDS];

    static char none[1];

    for (size_t i = 0; i < FIELDS; i++)
        if (!(field[i] = line ? strsep(&line, ":") : i == SHELL ? none : NULL))
            return false;
    ret->uid = number(field[UID]);
    ret->gid = number(field[GID]);
    ret->name = name;
    ret->home = field[HOME];
    ret->shell = field[SHELL];
    return str_equal(field[NAME], name) && ret->uid >= 0 && ret->gid >= 0;
}

/* What is in *ret lies in *ret_text. */
static int
find_user(struct job *job, const char *name, char **ret_text,
    struct account *ret, struct error *err)
{
    char *text = job_read(job, "/etc/passwd", NULL, err), *rest = text, *line;

    if (!text)
        return -1;
    *ret_text = text;
    while ((line = strsep(&rest, "\n"))) {
        line[strcspn(line, "\r")] = '\0';
        if (!read_user(line, name, ret))
            continue;
        if (ret->home[0] != '/')
            return error_set(err, EINVAL,
                "the user '%s' has no home directory in the guest's "
                "/etc/passwd",
                name);
        return 0;
    }
    return error_set(err, ENOENT, "the guest has no user '%s'", name);
}

/* TEXT with each line of KEYS that it does not have. */
static char *
add_keys(const char *text, size_t size, char *keys, struct error *err)
{
    char *all = malloc(size + 1), *line;

    if (!all)
        return error_no_memory(err), NULL;
    memcpy(all, text, size);
    all[size] = '\0';
    while ((line = strsep(&keys, "\n"))) {
        if (!*line || text_has_line(all, line))
            continue;
        char *longer = edit_append_line(all, size, line, err);
        free(all);
        if (!longer)
            return NULL;
        all = longer;
        size = strlen(all);
    }
    return all;
}

/* A folder that is not there yet, for the user. */
static int
make_folder(struct job *job, const char *folder, unsigned mode,
    const struct account *user, struct error *err)
{
    if (!job_is_dir(job, folder) &&
        (mayfly_mkdir_p(job->g, folder) < 0 ||
            mayfly_chmod(job->g, (int)mode, folder) < 0 ||
            mayfly_chown(job->g, user->uid, user->gid, folder) < 0))
        return job_fail(job, err);
    return 0;
}

/* OpenWrt's server of SSH, Dropbear, has the keys of root among its own
 * files. */
static bool
is_dropbear(struct job *job, const struct account *user)
{
    static const char *const names[] = {"openwrt", NULL};

    return user->uid == 0 && job_is_distro(job, names) &&
           job_is_dir(job, "/etc/dropbear");
}

int
run_ssh_inject(struct job *job, const struct step *step, struct error *err)
{
    struct account user = {0};
    size_t n = 0, size = 0;
    cleanup_free char *keys = public_keys(step->second, &n, err);
    cleanup_free char *text = NULL, *passwd = NULL;

    if (!keys)
        return -1;
    if (n == 1)
        job_say(job, false, "Injecting an SSH key for %s", step->first);
    else
        job_say(job, false, "Injecting %zu SSH keys for %s", n, step->first);
    if (find_user(job, step->first, &passwd, &user, err) < 0)
        return -1;

    cleanup_free char *folder = is_dropbear(job, &user)
                                    ? strdup("/etc/dropbear")
                                    : text_printf("%s/.ssh", user.home);
    cleanup_free char *path =
        text_printf("%s/authorized_keys", folder ? folder : "");
    if (!folder || !path)
        return error_no_memory(err);
    if (make_folder(job, user.home, 0700, &user, err) < 0 ||
        make_folder(job, folder, 0700, &user, err) < 0)
        return -1;

    bool exists = job_exists(job, path);
    if (exists && !(text = job_read(job, path, &size, err)))
        return -1;

    cleanup_free char *longer = add_keys(text ? text : "", size, keys, err);
    if (!longer || job_write(job, path, longer, err) < 0)
        return -1;
    if (!exists && (mayfly_chmod(job->g, 0600, path) < 0 ||
                       mayfly_chown(job->g, user.uid, user.gid, path) < 0))
        return job_fail(job, err);
    return sshd_check(job, &user, folder, path, err);
}
