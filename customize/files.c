/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations on files. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "customize/edit.h"
#include "customize/operations.h"

/* The largest piece that fits in one call. */
enum { MAX_PIECE = 900 << 10 };

int
check_guest_path(const char *path, struct error *err)
{
    if (!path || path[0] != '/')
        return error_set(err, EINVAL,
            "'%s' does not start with '/': paths in the guest are absolute",
            path ? path : "");
    return 0;
}

int
check_host_file(const char *path, struct error *err)
{
    if (access(path, R_OK) < 0)
        return error_errno(err, errno, "cannot open %s", path);
    return 0;
}

static int
need_second(const struct step *step, struct error *err)
{
    if (!step->second)
        return error_set(err, EINVAL, "'%s' has no ':'", step->value);
    return 0;
}

int
check_path(const struct step *step, struct error *err)
{
    return check_guest_path(step->first, err);
}

int
check_append_line(const struct step *step, struct error *err)
{
    if (need_second(step, err) < 0 || check_guest_path(step->first, err) < 0)
        return -1;
    if (strchr(step->second, '\n'))
        return error_set(err, EINVAL,
            "a line must not contain a newline; give the option once for each "
            "line");
    return 0;
}

static int
parse_mode(const char *text, long *ret)
{
    char *end;

    /* As in virt-customize: octal with a leading 0, else decimal. */
    *ret = strtol(text, &end, text[0] == '0' ? 8 : 10);
    return *text && !*end && *ret >= 0 && *ret <= 07777 ? 0 : -1;
}

int
check_chmod(const struct step *step, struct error *err)
{
    long mode;

    if (need_second(step, err) < 0)
        return -1;
    if (parse_mode(step->first, &mode) < 0)
        return error_set(err, EINVAL,
            "invalid mode '%s'; write it as 0644, with the leading 0",
            step->first);
    return check_guest_path(step->second, err);
}

static int
parse_owner(
    const struct step *step, int *ret_uid, int *ret_gid, const char **ret_path)
{
    int at = 0;

    if (!step->second ||
        sscanf(step->value, "%9d:%9d:%n", ret_uid, ret_gid, &at) != 2 ||
        at == 0 || *ret_uid < 0 || *ret_gid < 0)
        return -1;
    *ret_path = step->value + at;
    return 0;
}

int
check_chown(const struct step *step, struct error *err)
{
    int uid, gid;
    const char *path;

    if (parse_owner(step, &uid, &gid, &path) < 0)
        return error_set(err, EINVAL,
            "'%s' is not UID:GID:PATH with two numbers", step->value);
    return check_guest_path(path, err);
}

int
check_pair(const struct step *step, struct error *err)
{
    if (need_second(step, err) < 0 || check_guest_path(step->first, err) < 0)
        return -1;
    return step->operation->run == run_write || step->operation->run == run_edit
               ? 0
               : check_guest_path(step->second, err);
}

int
check_upload(const struct step *step, struct error *err)
{
    struct stat st;

    if (need_second(step, err) < 0 || check_host_file(step->first, err) < 0)
        return -1;
    if (stat(step->first, &st) == 0 && !S_ISREG(st.st_mode))
        return error_set(err, EINVAL,
            "%s is not a regular file; --copy-in takes directories",
            step->first);
    return check_guest_path(step->second, err);
}

int
check_copy_in(const struct step *step, struct error *err)
{
    if (need_second(step, err) < 0 || check_host_file(step->first, err) < 0)
        return -1;
    return check_guest_path(step->second, err);
}

int
check_link(const struct step *step, struct error *err)
{
    if (need_second(step, err) < 0)
        return -1;
    for (const char *p = step->second; p; p = strchr(p, ':')) {
        p += *p == ':';
        if (check_guest_path(p, err) < 0)
            return -1;
    }
    return 0;
}

int
run_append_line(struct job *job, const struct step *step, struct error *err)
{
    size_t size = 0;
    cleanup_free char *text = NULL;

    job_say(job, false, "Appending a line to %s", step->first);
    if (job_exists(job, step->first)) {
        text = job_read(job, step->first, &size, err);
        if (!text)
            return -1;
    }

    cleanup_free char *longer =
        edit_append_line(text ? text : "", size, step->second, err);
    if (!longer)
        return -1;
    return job_write(job, step->first, longer, err);
}

int
run_chmod(struct job *job, const struct step *step, struct error *err)
{
    long mode;

    job_say(
        job, false, "Changing the mode of %s to %s", step->second, step->first);
    if (parse_mode(step->first, &mode) < 0 ||
        mayfly_chmod(job->g, (int32_t)mode, step->second) < 0)
        return job_fail(job, err);
    return 0;
}

int
run_chown(struct job *job, const struct step *step, struct error *err)
{
    int uid, gid;
    const char *path;

    job_say(job, false, "Changing the owner: %s", step->value);
    if (parse_owner(step, &uid, &gid, &path) < 0 ||
        mayfly_chown(job->g, uid, gid, path) < 0)
        return job_fail(job, err);
    return 0;
}

int
run_copy(struct job *job, const struct step *step, struct error *err)
{
    job_say(job, false, "Copying %s to %s", step->first, step->second);
    if (mayfly_cp_a(job->g, step->first, step->second) < 0)
        return job_fail(job, err);
    return 0;
}

int
run_copy_in(struct job *job, const struct step *step, struct error *err)
{
    job_say(job, false, "Copying %s into %s", step->first, step->second);
    if (mayfly_copy_in(job->g, step->first, step->second) < 0)
        return job_fail(job, err);
    return 0;
}

int
run_delete(struct job *job, const struct step *step, struct error *err)
{
    cleanup_free char **paths = NULL;
    struct mayfly_glob_expand_options options = {
        .set = MAYFLY_GLOB_EXPAND_DIRECTORYSLASH,
        .directoryslash = false,
    };

    job_say(job, false, "Deleting %s", step->value);
    if (mayfly_glob_expand(job->g, step->value, &options, &paths) < 0)
        return job_fail(job, err);
    for (size_t i = 0; paths[i]; i++)
        if (mayfly_rm_rf(job->g, paths[i]) < 0)
            return job_fail(job, err);
    return 0;
}

/* Run Perl with EXPRESSION for every line of FILE, in place.  Both are passed
 * in the environment, so that nothing needs quoting. */
static int
perl_in_place(const char *file, const char *expression, struct error *err)
{
    static const char command[] =
        "exec perl -i -e '$lineno = 0; my $code = $ENV{MAYFLY_EXPRESSION}; "
        "my $line = eval \"sub { $code }\"; die $@ if $@; "
        "while (<>) { $lineno++; $line->(); print $_; }' \"$MAYFLY_FILE\"";

    if (setenv("MAYFLY_EXPRESSION", expression, 1) < 0 ||
        setenv("MAYFLY_FILE", file, 1) < 0)
        return error_no_memory(err);

    int status = system(command);
    unsetenv("MAYFLY_EXPRESSION");
    unsetenv("MAYFLY_FILE");
    if (status != 0)
        return error_set(
            err, EINVAL, "perl cannot run the expression '%s'", expression);
    return 0;
}

int
run_edit(struct job *job, const struct step *step, struct error *err)
{
    const char *tmpdir = getenv("TMPDIR");
    size_t size;
    cleanup_free char *text = NULL, *edited = NULL;
    cleanup_free char *path =
        text_printf("%s/mayfly-edit.XXXXXX", tmpdir ? tmpdir : "/tmp");

    job_say(job, false, "Editing %s", step->first);
    if (!path)
        return error_no_memory(err);
    if (!job_is_file(job, step->first))
        return error_set(
            err, ENOENT, "%s is not a regular file in the guest", step->first);
    text = job_read(job, step->first, &size, err);
    if (!text)
        return -1;

    cleanup_close int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "cannot create %s", path);

    int r = write_all(fd, text, size);
    if (r < 0)
        error_errno(err, errno, "cannot write %s", path);
    else
        r = perl_in_place(path, step->second, err);
    if (r == 0 && !(edited = read_file(path, 32 << 20, &size, err)))
        r = -1;
    unlink(path);
    return r < 0 ? r : job_write_bytes(job, step->first, edited, size, err);
}

int
run_link(struct job *job, const struct step *step, struct error *err)
{
    cleanup_free char *links = strdup(step->second);
    char *save = NULL;

    job_say(job, false, "Linking %s to %s", step->second, step->first);
    if (!links)
        return error_no_memory(err);
    for (char *link = strtok_r(links, ":", &save); link;
         link = strtok_r(NULL, ":", &save))
        if (mayfly_ln_sf(job->g, step->first, link) < 0)
            return job_fail(job, err);
    return 0;
}

int
run_mkdir(struct job *job, const struct step *step, struct error *err)
{
    job_say(job, false, "Making directory %s", step->value);
    if (mayfly_mkdir_p(job->g, step->value) < 0)
        return job_fail(job, err);
    return 0;
}

int
run_move(struct job *job, const struct step *step, struct error *err)
{
    job_say(job, false, "Moving %s to %s", step->first, step->second);
    if (mayfly_mv(job->g, step->first, step->second) < 0)
        return job_fail(job, err);
    return 0;
}

int
run_tar_in(struct job *job, const struct step *step, struct error *err)
{
    struct mayfly_tar_in_options options = {
        .set =
            MAYFLY_TAR_IN_XATTRS | MAYFLY_TAR_IN_SELINUX | MAYFLY_TAR_IN_ACLS,
        .xattrs = true,
        .selinux = true,
        .acls = true,
    };

    job_say(job, false, "Unpacking %s in %s", step->first, step->second);
    if (mayfly_tar_in(job->g, step->first, step->second, &options) < 0)
        return job_fail(job, err);
    return 0;
}

int
run_scrub(struct job *job, const struct step *step, struct error *err)
{
    job_say(job, false, "Scrubbing %s", step->value);
    return mayfly_scrub_file(job->g, step->value) < 0 ? job_fail(job, err) : 0;
}

int
run_touch(struct job *job, const struct step *step, struct error *err)
{
    job_say(job, false, "Touching %s", step->value);
    if (mayfly_touch(job->g, step->value) < 0)
        return job_fail(job, err);
    return 0;
}

int
run_truncate(struct job *job, const struct step *step, struct error *err)
{
    job_say(job, false, "Truncating %s", step->value);
    if (!job_exists(job, step->value))
        return error_set(err, ENOENT, "the guest has no file %s", step->value);
    if (mayfly_truncate(job->g, step->value) < 0)
        return job_fail(job, err);
    return 0;
}

/* Every regular file below a directory; links are not followed. */
int
run_truncate_recursive(
    struct job *job, const struct step *step, struct error *err)
{
    cleanup_free char **paths = NULL;

    job_say(job, false, "Truncating all files below %s", step->value);
    if (mayfly_find(job->g, step->value, &paths) < 0)
        return job_fail(job, err);
    for (size_t i = 0; paths[i]; i++) {
        cleanup_free char *path = text_printf("%s/%s", step->value, paths[i]);
        bool file = false;

        if (!path)
            return error_no_memory(err);
        if (mayfly_is_file(job->g, path, NULL, &file) < 0 ||
            (file && mayfly_truncate(job->g, path) < 0))
            return job_fail(job, err);
    }
    return 0;
}

/* The mode is copied with the file; the owner is root, for the user numbers of
 * this machine mean nothing in the guest. */
int
run_upload(struct job *job, const struct step *step, struct error *err)
{
    const char *slash = strrchr(step->first, '/');
    cleanup_free char *path = job_is_dir(job, step->second)
                                  ? text_printf("%s/%s", step->second,
                                        slash ? slash + 1 : step->first)
                                  : strdup(step->second);
    struct stat st;

    job_say(job, false, "Uploading %s to %s", step->first, step->second);
    if (!path)
        return error_no_memory(err);
    if (stat(step->first, &st) < 0)
        return error_errno(err, errno, "cannot open %s", step->first);
    if (mayfly_upload(job->g, step->first, path) < 0 ||
        mayfly_chmod(job->g, (int32_t)(st.st_mode & 07777), path) < 0)
        return job_fail(job, err);
    return 0;
}

int
run_write(struct job *job, const struct step *step, struct error *err)
{
    job_say(job, false, "Writing %s", step->first);
    return job_write(job, step->first, step->second, err);
}

/* Data larger than one piece is written in several. */
int
job_write_bytes(struct job *job, const char *path, const char *data,
    size_t size, struct error *err)
{
    size_t n = size < MAX_PIECE ? size : MAX_PIECE;

    if (mayfly_write(job->g, path, data, n) < 0)
        return job_fail(job, err);
    for (size_t at = n; at < size; at += n) {
        n = size - at < MAX_PIECE ? size - at : MAX_PIECE;
        if (mayfly_write_append(job->g, path, data + at, n) < 0)
            return job_fail(job, err);
    }
    return 0;
}

int
job_write(
    struct job *job, const char *path, const char *text, struct error *err)
{
    return job_write_bytes(job, path, text, strlen(text), err);
}
