/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations on files that a list of patterns does not describe. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "sysprep/operations.h"
#include "sysprep/where.h"

/* --- backup-files --- */

static bool
is_backup(const char *path)
{
    size_t n = strlen(path);

    return (n > 1 && path[n - 1] == '~') ||
           (n > 4 && str_equal(path + n - 4, ".bak"));
}

static int
remove_backups_in(struct work *w, const char *folder, struct error *err)
{
    cleanup_free char **names = NULL;
    bool is_dir;

    if (mayfly_is_dir(w->job.g, folder, NULL, &is_dir) < 0)
        return job_fail(&w->job, err);
    if (!is_dir)
        return 0;
    if (mayfly_find(w->job.g, folder, &names) < 0)
        return job_fail(&w->job, err);
    for (size_t i = 0; names[i]; i++) {
        if (!is_backup(names[i]))
            continue;
        cleanup_free char *path =
            text_printf("%s/%s", str_equal(folder, "/") ? "" : folder,
                names[i] + strspn(names[i], "/"));
        bool is_file;

        if (!path)
            return error_no_memory(err);
        if (mayfly_is_file(w->job.g, path, NULL, &is_file) < 0)
            return job_fail(&w->job, err);
        if (is_file && remove_path(w, path, err) < 0)
            return -1;
    }
    return 0;
}

int
run_backup_files(struct work *w, struct error *err)
{
    static const char *const folders[] = {
        "/etc", "/root", "/srv", "/tmp", "/var", NULL};
    static const char *const whole[] = {"/", NULL};
    const char *const *folder =
        str_equal(w->job.root->type, "windows") ? whole : folders;

    for (; *folder; folder++)
        if (remove_backups_in(w, *folder, err) < 0)
            return -1;
    return 0;
}

/* --- cron-spool --- */

/* The number of the last job: what at(1) wants to find. */
static int
reset_numbers(struct work *w, const char *path, struct error *err)
{
    bool there = job_is_file(&w->job, path);
    cleanup_free char *old = there ? job_read(&w->job, path, NULL, err) : NULL;

    if (there && !old)
        return -1;
    return there ? replace_file(w, path, old, "00000\n",
                       !old[strspn(old, "0123456789abcdef\n")], err)
                 : 0;
}

int
run_cron_spool(struct work *w, struct error *err)
{
    static const char *const jobs[] = {
        "/var/spool/atjobs/*", "/var/spool/atspool/*", NULL};

    if (remove_files_below(w, "/var/spool/cron", ".SEQ", err) < 0 ||
        reset_numbers(w, "/var/spool/cron/atjobs/.SEQ", err) < 0 ||
        remove_matches(w, jobs, NULL, true, err) < 0 ||
        reset_numbers(w, "/var/spool/atjobs/.SEQ", err) < 0 ||
        remove_files_below(w, "/var/spool/at", ".SEQ", err) < 0)
        return -1;
    return reset_numbers(w, "/var/spool/at/.SEQ", err);
}

/* --- package-manager-cache --- */

int
run_package_manager_cache(struct work *w, struct error *err)
{
    static const char *const caches[][2] = {
        {"apt", "/var/cache/apt/archives"},
        {"dnf", "/var/cache/{dnf,libdnf5}"},
        {"yum", "/var/cache/yum"},
        {"zypper", "/var/cache/zypp*"},
        {"pacman", "/var/cache/pacman/pkg"},
        {"apk", "/{var,etc}/cache/apk"},
        {"xbps", "/var/cache/xbps"},
    };

    for (size_t i = 0; i < N_ELEMENTS(caches); i++) {
        if (!str_equal(caches[i][0], w->job.root->package_management))
            continue;
        cleanup_free char **folders = work_glob(w, caches[i][1], err);
        if (!folders)
            return -1;
        for (size_t k = 0; folders[k]; k++)
            if (remove_files_below(w, folders[k], NULL, err) < 0)
                return -1;
    }
    return 0;
}

/* --- pacct-log --- */

/* An empty one stays: the kernel writes only to a file that exists. */
int
run_pacct_log(struct work *w, struct error *err)
{
    static const char *const folders[] = {"/var/account", "/var/log/account"};

    for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
        cleanup_free char *pattern = text_printf("%s/pacct*", folders[i]);
        cleanup_free char *path = text_printf("%s/pacct", folders[i]);
        const char *const patterns[] = {pattern, NULL};

        if (!pattern || !path)
            return error_no_memory(err);
        if (!job_is_dir(&w->job, folders[i]))
            continue;
        if (remove_matches(w, patterns, NULL, true, err) < 0)
            return -1;
        if (mayfly_touch(w->job.g, path) < 0)
            return job_fail(&w->job, err);
        work_note(w, MADE, path);
    }
    return 0;
}

/* --- tmp-files --- */

int
run_tmp_files(struct work *w, struct error *err)
{
    static const char *const folders[] = {"/tmp", "/var/tmp"};

    for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
        cleanup_free char **names = NULL;

        if (!job_is_dir(&w->job, folders[i]))
            continue;
        int own = where_is_own(w, folders[i], err);
        if (own < 0)
            return -1;
        if (own == 0)
            continue;
        if (mayfly_ls(w->job.g, folders[i], &names) < 0)
            return job_fail(&w->job, err);
        for (size_t k = 0; names[k]; k++) {
            cleanup_free char *path =
                text_printf("%s/%s", folders[i], names[k]);

            if (!path)
                return error_no_memory(err);
            if (remove_path(w, path, err) < 0)
                return -1;
        }
    }
    return 0;
}

/* --- flag-reconfiguration --- */

int
run_flag_reconfiguration(struct work *w, struct error *err)
{
    if (mayfly_touch(w->job.g, "/.unconfigured") < 0)
        return job_fail(&w->job, err);
    work_note(w, MADE, "/.unconfigured");
    return 0;
}
