/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program of the guest finds around it.
 *
 * Theory of operation.  It gets a mount namespace of its own, where /dev,
 * /proc, /sys and an empty /run are laid over the guest's; no one else sees
 * them, and they vanish with its last process.  Another namespace gives it the
 * guest's host name.  Those of its processes that left the session (daemons)
 * are found by their root and killed: the guest must be free to be unmounted
 * when the call returns. */
#include <config.h>

#include "appliance/agent/program/namespace.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/program/base_mounts.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { KILL_WAIT = 5000 }; /* milliseconds for a killed process to go */

#define RESOLV_CONF     "/etc/resolv.conf"
#define OUR_RESOLV_CONF "/run/.mayfly-resolv.conf"

/* --- entering: between clone and exec, so system calls only --- */

/* The folders of a path in /run, which is ours and empty. */
static void
make_parents(char *path)
{
    for (char *p = path + 1; (p = strchr(p, '/')); p++) {
        *p = '\0';
        mkdir(path, 0755);
        *p = '/';
    }
}

/* The name server of the appliance's network becomes the guest's, for this
 * process and its children.  The guest's own file, or link, stays as it is;
 * where there is none to mount over, one is made and taken away again. */
static void
lay_resolv_conf(struct namespace *g)
{
    static const char text[] = "nameserver 10.0.2.3\n";
    char target[PATH_MAX], path[PATH_MAX + 8];
    struct stat s;

    int fd = open(OUR_RESOLV_CONF, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    ssize_t written = write(fd, text, sizeof text - 1);
    close(fd);
    if (written < 0 ||
        mount(OUR_RESOLV_CONF, RESOLV_CONF, NULL, MS_BIND, NULL) == 0)
        return;

    /* A link into /run, as resolved and NetworkManager make it, dangles. */
    ssize_t n = readlink(RESOLV_CONF, target, sizeof target - 1);
    if (n > 0) {
        target[n] = '\0';
        size_t start = str_after(target, "../") ? 2 : 0;
        if (str_after(target + start, "/run/") ||
            str_after(target + start, "/var/run/")) {
            const char *rest = strstr(target, "/run/");
            size_t length = strlen(rest);

            if (length < sizeof path && !strstr(rest, "/../")) {
                memcpy(path, rest, length + 1);
                make_parents(path);
                if (link(OUR_RESOLV_CONF, path) == 0)
                    return;
            }
        }
    }
    fd = open(RESOLV_CONF, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    if (fstat(fd, &s) == 0 && s.st_size == 0) {
        g->made_resolv_conf = true;
        g->resolv_conf = s.st_ino;
    }
    close(fd);
    mount(OUR_RESOLV_CONF, RESOLV_CONF, NULL, MS_BIND, NULL);
}

static bool
set_hostname(const char *name)
{
    size_t n = name ? strlen(name) : 0;

    return n > 0 &&
           sethostname(name, n < HOST_NAME_MAX ? n : HOST_NAME_MAX) == 0;
}

int
namespace_enter(struct namespace *g)
{
    if (chroot(SYSROOT) < 0 || chdir("/") < 0)
        return -1;
    /* A guest without /sys, say, is none of our business. */
    for (size_t i = 0; i < BASE_MOUNTS; i++)
        base_mount(&base_mounts[i]);
    /* The mode of mkdir lacks what umask takes. */
    if (mkdir("/run/lock", 0755) == 0)
        chmod("/run/lock", 01777);
    /* What systemd(1) gives to a guest without a name. */
    if (!set_hostname(g->hostname))
        set_hostname("localhost");
    if (g->network)
        lay_resolv_conf(g);
    return 0;
}

/* --- afterwards --- */

void
process_kill(pid_t pid)
{
    struct pollfd p = {.events = POLLIN};

    p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
    kill(pid, SIGKILL);
    if (p.fd >= 0) {
        poll(&p, 1, KILL_WAIT);
        close(p.fd);
    }
}

/* Kill every process whose root is the guest's. */
void
namespace_kill_all(void)
{
    cleanup_closedir DIR *dir = opendir("/proc");
    struct stat guest, root;
    struct dirent *entry;

    if (stat(SYSROOT, &guest) < 0)
        return;
    while (dir && (entry = readdir(dir))) {
        char path[300];
        int pid = atoi(entry->d_name);

        if (pid <= 1)
            continue;
        snprintf(path, sizeof path, "/proc/%d/root", pid);
        if (stat(path, &root) == 0 && root.st_dev == guest.st_dev &&
            root.st_ino == guest.st_ino)
            process_kill(pid);
    }
}

/* Take the empty file away that was made to mount over. */
static void
remove_resolv_conf(struct call *c, const struct namespace *g)
{
    struct stat s;
    char *name = NULL;
    char *path = path_real(c, RESOLV_CONF);
    cleanup_close int parent = path ? path_open_parent(c, path, &name) : -1;

    if (parent >= 0 && fstatat(parent, name, &s, AT_SYMLINK_NOFOLLOW) == 0 &&
        s.st_ino == g->resolv_conf && s.st_size == 0)
        unlinkat(parent, name, 0);
    call_forgive(c);
}

void
namespace_leave(struct call *c, struct namespace *g)
{
    int code = call_errno(c);
    char *text = code ? call_strdup(c, call_error_text(c)) : NULL;

    if (!g->made_resolv_conf)
        return;
    remove_resolv_conf(c, g);
    g->made_resolv_conf = false;
    if (code)
        call_error(c, code, "%s", text);
}
