/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PID 1 of the appliance.
 *
 * Theory of operation.  The kernel starts us as /init of its initramfs, once
 * for a template.  We mount what every Linux has, load the modules that each
 * resume needs, find the port of the library and enter serve(), which says
 * that we are ready and blocks in a read.  There the VM is saved; every later
 * run continues from that read with another library at the other end.  So
 * what is done here costs nothing at a resume, and what could be done here
 * should not be done in a call.
 *
 * Nothing here waits for a time, but for a moment before the VM is saved
 * (settle): the port shows up as an event of the kernel.  A failure is printed
 * on the console, which is the library's debug log; a boot that cannot go on
 * ends the VM, which the library notices. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "appliance/agent/call/port.h"
#include "appliance/agent/call/stream.h"
#include "appliance/agent/call/worker.h"
#include "appliance/agent/kernel/sysfs.h"
#include "appliance/agent/kernel/uevent.h"
#include "appliance/agent/ops/augeas.h"
#include "appliance/agent/program/base_mounts.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/serve.h"
#include "appliance/agent/storage/disks.h"
#include "base/cleanup.h"
#include "base/strv.h"

static const struct base_mount tmp = {
    "tmpfs", "/tmp", "mode=1777", MS_NOSUID | MS_NODEV};

static const struct {
    const char *target, *path;
} links[] = {
    {"/proc/self/fd", "/dev/fd"},
    {"/proc/self/fd/0", "/dev/stdin"},
    {"/proc/self/fd/1", "/dev/stdout"},
    {"/proc/self/fd/2", "/dev/stderr"},
};

static const struct {
    const char *path, *value;
} settings[] = {
    /* A killed tool is reported by its status, not by a core in RAM. */
    {"/proc/sys/kernel/core_pattern", "|/bin/false"},
    /* An oops of a hostile file system must not leave a half-dead VM: the
     * library reports the first line of the panic. */
    {"/proc/sys/kernel/panic_on_oops", "1"},
    {"/proc/sys/kernel/panic", "-1"},
    /* Stalls are the library's to judge; under emulation they are noise. */
    {"/proc/sys/kernel/hung_task_timeout_secs", "0"},
    {"/proc/sys/kernel/watchdog", "0"},
    {"/proc/sys/kernel/printk_ratelimit", "0"},
    {"/proc/sys/vm/overcommit_memory", "1"},
    /* xfs_repair makes one map for many a record of a large file system. */
    {"/proc/sys/vm/max_map_count", "1048576"},
    /* Written at the end, when all is synced.  Before, it takes from the one
     * processor what it needs itself, and some of it is changed again. */
    {"/proc/sys/vm/dirty_background_ratio", "50"},
    {"/proc/sys/vm/dirty_ratio", "70"},
    /* Housekeeping of long-lived machines, every second or more often, which
     * an emulated processor would meet again right after each resume. */
    {"/proc/sys/vm/stat_interval", "3600"},
    {"/proc/sys/vm/compaction_proactiveness", "0"},
    {"/proc/sys/fs/protected_regular", "0"},
    {"/proc/sys/fs/protected_fifos", "0"},
    {"/proc/sys/fs/protected_hardlinks", "0"},
    {"/proc/sys/fs/protected_symlinks", "0"},
};

__attribute__((format(printf, 1, 2), noreturn)) static void
give_up(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fputs("mayfly-agent: ", stderr);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
    agent_power_off();
}

static void
mount_one(const struct base_mount *m)
{
    mkdir(m->where, 0755);
    if (base_mount(m) < 0)
        give_up("cannot mount %s: %m", m->where);
}

static void
mount_all(void)
{
    for (size_t i = 0; i < BASE_MOUNTS; i++)
        mount_one(&base_mounts[i]);
    mount_one(&tmp);
    mkdir("/run/lock", 0755);
    mkdir("/run/mount", 0755);
    for (size_t i = 0; i < N_ELEMENTS(links); i++)
        if (symlink(links[i].target, links[i].path) < 0 && errno != EEXIST)
            fprintf(stderr, "mayfly-agent: %s: %m\n", links[i].path);
}

/* The kernel gave us the console of its own /dev, or none. */
static void
open_console(void)
{
    int fd = open("/dev/console", O_RDWR | O_NOCTTY);

    if (fd < 0)
        fd = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++)
        if (fd >= 0 && fd != i)
            dup2(fd, i);
    if (fd > 2)
        close(fd);
    setvbuf(stderr, NULL, _IOLBF, 0);
}

static void
loopback_up(void)
{
    cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};

    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        fprintf(stderr, "mayfly-agent: no loopback: %m\n");
}

/* /etc/mayfly/modules, written by build.sh: one name a line. */
static void
load_modules(void)
{
    cleanup_fclose FILE *f = fopen("/etc/mayfly/modules", "re");
    char line[128];
    const char *argv[128] = {"modprobe", "-a", "-q"};
    size_t n = 3;

    while (f && n < N_ELEMENTS(argv) - 1 && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        char *name = strdup(line);
        if (name && *name)
            argv[n++] = name;
    }
    argv[n] = NULL;
    /* While modules load, the kernel asks for modules that do not exist,
     * sixteen times for aesni_intel alone, each time by a program.  What is
     * needed modprobe knows by itself. */
    write_setting("/proc/sys/kernel/modprobe", "\n");
    /* Fails if one of them is not in this kernel, which is no fault. */
    run_quiet(argv);
    write_setting("/proc/sys/kernel/modprobe", "/sbin/modprobe");
    for (size_t i = 3; i < n; i++)
        free((void *)(uintptr_t)argv[i]);
}

/* The place of a port in /dev, if the port NAME is there already. */
static bool
find_port(const char *name, char *ret_path, size_t size)
{
    cleanup_closedir DIR *dir = opendir("/sys/class/virtio-ports");
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char path[512], text[64] = "";

        snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name",
            entry->d_name);
        cleanup_fclose FILE *f = fopen(path, "re");
        if (!f || !fgets(text, sizeof text, f))
            continue;
        text[strcspn(text, "\n")] = '\0';
        if (str_equal(text, name)) {
            snprintf(ret_path, size, "/dev/%s", entry->d_name);
            return true;
        }
    }
    return false;
}

static int
open_port(const char *name)
{
    char path[300];

    while (!find_port(name, path, sizeof path))
        if (uevent_wait(-1) < 0)
            give_up("no port %s: %m", name);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        give_up("cannot open %s: %m", path);
    return fd;
}

/* Memory for usual calls, so that none asks the kernel for it: in a resumed
 * appliance every first of a kind has its price. */
static void
grow_heap(void)
{
    enum { HEAP = 4 << 20 };

    mallopt(M_MMAP_THRESHOLD, 2 * HEAP);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    void *p = malloc(HEAP);
    if (p)
        explicit_bzero(p, HEAP);
    free(p);
}

/* What was just closed, unmounted and dropped the kernel frees a little later,
 * when it has nothing else to do: now, and not at every resume.  It does so
 * after grace periods of RCU and by delayed work, of which no event can be
 * waited for; without this wait, that was 43 % of what an emulated processor
 * did up to its first answer.  The time is paid once, before a saving. */
static void
settle(void)
{
    const struct timespec moment = {.tv_nsec = 400 * 1000 * 1000};

    nanosleep(&moment, NULL);
}

/* What a resume would otherwise do first: page in the agent, and the first
 * run of the programs that nearly every session runs. */
static void
warm_up(void)
{
    static const char *const tools[][4] = {
        {"mount", "--version"},
        {"blkid", "-c", "/dev/null"},
        {"lvm", "version"},
    };

    /* The events of the boot: some ask for drivers, each by a program. */
    while (uevent_wait(0) > 0)
        ;
    for (size_t i = 0; i < N_ELEMENTS(tools); i++)
        run_quiet(tools[i]);
    disks_prepare();
    worker_prepare();
    disk_drop_scheduler("vda");
    bulk_prepare();
    if (disks_slot_expected())
        augeas_prepare();
    grow_heap();
    if (mlockall(MCL_CURRENT) < 0)
        fprintf(stderr, "mayfly-agent: mlockall: %m\n");
    sync();
    write_setting("/proc/sys/vm/drop_caches", "3");
    if (disks_slot_expected())
        settle();
}

int
main(void)
{
    struct rlimit none = {0, 0}, files = {65536, 65536};

    if (getpid() != 1) {
        fprintf(stderr, "mayfly-agent: I am the init of the appliance\n");
        return 1;
    }
    umask(0022);
    mount_all();
    open_console();
    signal(SIGPIPE, SIG_IGN);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_NOFILE, &files);
    clearenv();
    setenv("PATH", RUN_PATH, 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("HOME", "/root", 1);
    setenv("TERM", "dumb", 1);
    if (chdir("/") < 0 || uevent_open() < 0)
        give_up("no events of the kernel: %m");
    for (size_t i = 0; i < N_ELEMENTS(settings); i++)
        write_setting(settings[i].path, settings[i].value);
    loopback_up();
    load_modules();
    int port = open_port("org.mayfly.agent");
    warm_up();
    serve(port);
}
