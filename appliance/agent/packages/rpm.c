/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rpm's database, read by librpm: sqlite, ndb and, read-only, Berkeley DB.
 *
 * Theory of operation.  librpm is large, keeps global state and wants to
 * write beside the database (sqlite's shared memory), and what it reads here
 * may be made to break it.  So it runs in a child, in a mount namespace of
 * its own, chrooted into the guest, with an overlay of memory over the folder
 * of the database.  Only the appliance's own macros are read: those of the
 * guest could run commands.  The child gives back an encoded list, which is
 * decoded like everything else that is foreign. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <rpm/rpmts.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/packages/package.h"
#include "appliance/agent/packages/packages.h"
#include "appliance/agent/program/run.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "wire/wire.h"
#include "codec.h"

enum { TIMEOUT = 300, WIRE_MAX = 256 << 20 };

#define SCRATCH "/tmp/mayfly-rpm"

struct kind {
    const char *file, *backend, *name;
};

struct rpm_job {
    int root;
    const char *folder; /* of the database, as the guest sees it */
    const struct kind *kind;
};

/* The root directory ROOT again, in a mount namespace of our own: mounts of
 * the old one can be read there, but not mounted over. */
static int
enter_namespace(struct call *c, int root)
{
    char link[32], path[4096];

    snprintf(link, sizeof link, "/proc/self/fd/%d", root);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0 || unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return call_fail(c, errno, "mount namespace");
    path[n] = '\0';
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? call_fail(c, errno, "%s", path) : fd;
}

/* An overlay over the open folder DB, all changes of which are lost. */
static int
overlay(struct call *c, int db)
{
    char options[256];

    mkdir(SCRATCH, 0700);
    if (mount("tmpfs", SCRATCH, "tmpfs", 0, "mode=0700") < 0 ||
        mkdir(SCRATCH "/upper", 0700) < 0 || mkdir(SCRATCH "/work", 0700) < 0)
        return call_fail(c, errno, SCRATCH);
    snprintf(options, sizeof options,
        "lowerdir=/proc/self/fd/%d,upperdir=" SCRATCH "/upper,workdir=" SCRATCH
        "/work",
        db);
    char *target = call_printf(c, "/proc/self/fd/%d", db);
    if (mount("overlay", target, "overlay", 0, options) < 0)
        return call_fail(c, errno, "overlay");
    return 0;
}

static char *
tag(struct call *c, Header h, rpmTagVal name)
{
    char *text = headerGetAsString(h, name);
    char *copy = call_strndup(c, text ? text : "", PACKAGE_TEXT_MAX);

    free(text);
    return copy;
}

/* "bash-5.1.8-6.el9.src.rpm" -> "bash" */
static char *
source_name(char *file)
{
    for (int i = 0; i < 2; i++) {
        char *hyphen = strrchr(file, '-');
        if (!hyphen)
            return file;
        *hyphen = '\0';
    }
    return file;
}

static void
add_header(struct call *c, Header h, struct list *packages)
{
    struct mayfly_application2 *p = package_add(c, packages);
    uint64_t epoch = headerGetNumber(h, RPMTAG_EPOCH);

    p->app2_name = call_strndup(c, tag(c, h, RPMTAG_NAME), PACKAGE_NAME_MAX);
    p->app2_epoch = epoch > INT_MAX ? INT_MAX : (int32_t)epoch;
    p->app2_version = tag(c, h, RPMTAG_VERSION);
    p->app2_release = tag(c, h, RPMTAG_RELEASE);
    p->app2_arch = call_strndup(c, tag(c, h, RPMTAG_ARCH), PACKAGE_NAME_MAX);
    p->app2_url = tag(c, h, RPMTAG_URL);
    p->app2_source_package = source_name(tag(c, h, RPMTAG_SOURCERPM));
    p->app2_licence = tag(c, h, RPMTAG_LICENSE);
    p->app2_summary = tag(c, h, RPMTAG_SUMMARY);
    p->app2_description = tag(c, h, RPMTAG_DESCRIPTION);
    if (!p->app2_name[0])
        packages->n--;
}

static int
send_packages(struct call *c, int fd, const struct list *packages)
{
    struct api_inspect_list_applications2_ret ret = {
        .value = packages->items, .n_value = packages->n};
    struct wire_writer w = {.cap = WIRE_MAX};

    api_put_inspect_list_applications2_ret(&w, &ret);
    if (w.bad)
        return call_error(c, E2BIG, "there are too many packages");
    if (write_all(fd, w.p, w.used) < 0)
        return call_fail(c, errno, "pipe");
    return 0;
}

/* In the child. */
static int
read_database(struct call *c, void *opaque, int fd)
{
    struct rpm_job *job = opaque;
    struct list packages = {0};
    Header h;

    /* Before the chroot: our configuration, and what it links. */
    rpmlogSetMask(RPMLOG_UPTO(RPMLOG_ERR));
    if (rpmReadConfigFiles(NULL, NULL) < 0)
        return call_error(c, EIO, "librpm has no configuration");
    int root = enter_namespace(c, job->root);
    if (root < 0)
        return -1;
    int db = tree_open(root, job->folder, O_RDONLY | O_DIRECTORY);
    if (db < 0)
        return call_fail(c, errno, "%s", job->folder);
    if (overlay(c, db) < 0)
        return -1;
    if (fchdir(root) < 0 || chroot(".") < 0 || chdir("/") < 0)
        return call_fail(c, errno, "chroot");
    rpmPushMacro(NULL, "_dbpath", NULL, job->folder, RMIL_CMDLINE);
    rpmPushMacro(NULL, "_db_backend", NULL, job->kind->backend, RMIL_CMDLINE);

    rpmts ts = rpmtsCreate();
    if (!ts)
        return call_fail(c, ENOMEM, "librpm");
    rpmtsSetVSFlags(ts, _RPMVSF_NODIGESTS | _RPMVSF_NOSIGNATURES);
    if (rpmtsOpenDB(ts, O_RDONLY) != 0)
        return call_error(
            c, EIO, "librpm cannot open the database in %s", job->folder);
    rpmdbMatchIterator i = rpmtsInitIterator(ts, RPMDBI_PACKAGES, NULL, 0);
    while (i && (h = rpmdbNextIterator(i)) && packages.n < PACKAGES_MAX)
        add_header(c, h, &packages);
    if (packages.n == 0)
        return call_error(c, ENOTSUP,
            "%s/%s is empty, damaged, or of a kind (%s) that the appliance's "
            "librpm does not read",
            job->folder, job->kind->file, job->kind->name);
    /* Nothing is freed: the process ends here. */
    return send_packages(c, fd, &packages);
}

static void
free_arena(void *opaque)
{
    wire_arena_free(opaque);
}

static int
decode(struct call *c, const char *data, size_t size, struct list *packages)
{
    struct wire_arena arena = {.cap = WIRE_MAX};
    struct wire_reader r = {(const uint8_t *)data, size, false, &arena};
    struct api_inspect_list_applications2_ret ret;

    if (!api_get_inspect_list_applications2_ret(&r, &ret)) {
        wire_arena_free(&arena);
        return -1;
    }
    /* Over to the call's memory, whose end frees it. */
    struct wire_arena *kept = call_alloc(c, sizeof *kept);
    *kept = arena;
    call_defer(c, free_arena, kept);
    packages->items = (void *)(uintptr_t)ret.value;
    packages->n = packages->room = ret.n_value;
    return 0;
}

static bool
find_database(struct rpm_job *job)
{
    static const char *const folders[] = {
        "/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm"};
    static const struct kind kinds[] = {
        {"rpmdb.sqlite", "sqlite", "SQLite"},
        {"Packages.db", "ndb", "ndb"},
        {"Packages", "bdb_ro", "Berkeley DB"},
    };
    char path[64];

    for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
        for (size_t k = 0; k < N_ELEMENTS(kinds); k++) {
            snprintf(path, sizeof path, "%s/%s", folders[i], kinds[k].file);
            if (tree_is_file(job->root, path)) {
                job->folder = folders[i];
                job->kind = &kinds[k];
                return true;
            }
        }
    }
    return false;
}

static const char *
read_rpm(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    struct rpm_job job = {.root = root};
    char *output;
    size_t size;

    if (!find_database(&job)) {
        *ret_reason = "/var/lib/rpm holds no database of a kind that is known";
        return NULL;
    }
    if (run_function(c, read_database, &job, TIMEOUT, &output, &size) < 0) {
        *ret_reason = call_strdup(c, call_error_text(c));
        call_forgive(c);
        return NULL;
    }
    if (decode(c, output, size, packages) < 0) {
        *ret_reason = "the parser gave back nonsense";
        return NULL;
    }
    return job.folder;
}

const struct package_reader rpm_reader = {
    .format = "rpm",
    .read = read_rpm,
};
