/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/qemu/find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/qemu/argv.h"
#include "lib/qemu/process.h"

#define QEMU_NAME "qemu-system-x86_64"

/* The name in one of the folders of PATH, symbolic links resolved; or NULL. */
static char *
search_path(const char *name)
{
    const char *path = getenv("PATH");

    for (const char *p = path ? path : "/usr/bin:/bin"; *p;) {
        size_t n = strcspn(p, ":");
        cleanup_free char *file = text_printf("%.*s/%s", (int)n, p, name);

        if (n > 0 && file && access(file, X_OK) == 0)
            return realpath(file, NULL);
        p += n;
        p += *p == ':';
    }
    return NULL;
}

char *
qemu_find(struct error *err)
{
    static const char *const elsewhere[] = {
        ("/usr/bin/" QEMU_NAME), "/usr/libexec/qemu-kvm", "/usr/bin/qemu-kvm"};
    const char *given = getenv("MAYFLY_QEMU");
    char *path = NULL;

    if (given && *given) {
        path = strchr(given, '/') ? realpath(given, NULL) : search_path(given);
        if (!path || access(path, X_OK) < 0) {
            error_errno(err, path ? errno : ENOENT,
                "cannot run %s (from MAYFLY_QEMU)", given);
            free(path);
            return NULL;
        }
        return path;
    }
    path = search_path(QEMU_NAME);
    for (size_t i = 0; !path && i < N_ELEMENTS(elsewhere); i++) {
        if (access(elsewhere[i], X_OK) == 0)
            path = realpath(elsewhere[i], NULL);
    }
    if (!path)
        error_set(err, ENOENT,
            "no QEMU found (" QEMU_NAME "); install the package "
            "qemu-system-x86 (Debian, Ubuntu) or qemu-system-x86-core "
            "(Fedora), or set MAYFLY_QEMU");
    return path;
}

char *
program_find(const char *name, const char *package, struct error *err)
{
    char *path = search_path(name);

    if (!path)
        error_set(err, ENOENT, "cannot find %s; install %s", name, package);
    return path;
}

char *
qemu_find_img(struct error *err)
{
    return program_find(QEMU_IMG_NAME, "qemu-utils", err);
}

char *
qemu_identity(const char *path, struct error *err)
{
    struct stat st;
    char *text = NULL;

    if (stat(path, &st) < 0)
        error_errno(err, errno, "cannot examine %s", path);
    else if (!(text = text_printf("%s %ju %ju %jd.%09ld %jd.%09ld", path,
                   (uintmax_t)st.st_ino, (uintmax_t)st.st_size,
                   (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                   (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec)))
        error_no_memory(err);
    return text;
}

/* "QEMU emulator version 7.2.22 (Debian ...)" */
static char *
parse_version(const char *text)
{
    const char *p = strstr(text, "version ");

    if (!p)
        return NULL;
    p += strlen("version ");
    return strndup(p, strspn(p, "0123456789."));
}

/* Run QEMU with ARGS in a cage, to its end: its status, and the start of what
 * it writes. */
static int
ask(struct cage *cage, const char *const *args, char *text, size_t size,
    struct cage_report *ret_report, int *ret_status, struct error *err)
{
    enum { PATIENCE = 10 };
    struct qemu_process process;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return error_errno(err, errno, "cannot make a pipe");
    cleanup_close int out = ends[0], in = ends[1];
    cleanup_strv char **argv = NULL, **env = NULL;
    bool made = strv_append(&argv, cage->binary) == 0 &&
                strv_append(&env, "LC_ALL=C") == 0;
    for (size_t i = 0; made && args[i]; i++)
        made = strv_append(&argv, args[i]) == 0;
    if (!made)
        return error_no_memory(err);
    if (cage_prepare(cage, err) < 0)
        return -1;
    struct qemu_process_spec spec = {
        .argv = argv, .environment = env, .cage = cage, .output = in};
    int result = qemu_process_spawn(&spec, &process, err);
    cage_clear(cage);
    if (result < 0)
        return -1;

    bool ended = qemu_process_wait(&process, PATIENCE);
    result = qemu_process_started(&process, cage->binary, err);
    *ret_report = process.cage;
    *ret_status = ended ? process.status : -1;
    qemu_process_clear(&process);
    if (result < 0)
        return -1;
    ssize_t n = read(out, text, size - 1);
    text[n > 0 ? n : 0] = 0;
    return 0;
}

char *
qemu_ask_version(
    const char *path, struct cage_report *ret_report, struct error *err)
{
    static const char *const args[] = {"--version", NULL};
    struct cage cage = {.binary = path};
    struct cage_report report;
    char text[512];
    int status;

    if (ask(&cage, args, text, sizeof text, &report, &status, err) < 0)
        return NULL;
    if (ret_report)
        *ret_report = report;
    char *version = parse_version(text);
    if (!version)
        error_set(err, EINVAL, "%s is not QEMU", path);
    return version;
}

/* -cpu help: QEMU puts its filter on before it prints the list. */
int
qemu_ask_cage(const char *path, struct qemu_needs *ret, struct error *err)
{
    static const char *const with[] = {
        "-display", "none", "-sandbox", QEMU_SANDBOX, "-cpu", "help", NULL};
    static const char *const without[] = {
        "-display", "none", "-cpu", "help", NULL};

    for (int i = 0; i < 4; i++) {
        struct qemu_needs needs = {.sandbox = i % 2 == 0, .programs = i >= 2};
        struct cage cage = {.binary = path, .programs = needs.programs};
        struct cage_report report;
        char text[64];
        int status;

        if (ask(&cage, needs.sandbox ? with : without, text, sizeof text,
                &report, &status, err) < 0)
            return -1;
        if (status < 0)
            return error_set(err, ETIMEDOUT, "%s does not answer", path);
        if (status == 0) {
            *ret = needs;
            return 0;
        }
    }
    return error_set(err, EINVAL, "%s does not run", path);
}

bool
qemu_at_least(const char *version, int major, int minor)
{
    int a = 0, b = 0;

    return sscanf(version, "%d.%d", &a, &b) == 2 &&
           (a > major || (a == major && b >= minor));
}
