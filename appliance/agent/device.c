/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices, in a world without udev.
 *
 * Theory of operation.  Nodes come from devtmpfs, names of logical volumes
 * and arrays from the tools that make them.  What is left of udev's work is
 * knowing when the kernel is done: a disk that was plugged is there once the
 * kernel has announced it, which it does after its partitions are read.  We
 * listen to the kernel's events from the first moment of the boot, so no
 * announcement is missed, and keep the names of the disks that are announced;
 * an event that asks for a driver gets it from modprobe.
 *
 * The disks of the caller are the targets of one SCSI controller, target 0 is
 * /dev/sda.  The kernel gives out the letters in the order in which it probes
 * and frees those of removed disks; device_wait_disks makes it right by
 * removing and scanning again what came out of order. */
#include <config.h>

#include "appliance/agent/agent.h"
#include "appliance/agent/storage.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENT_MAX = 8192,        /* the kernel's limit is 2 KiB */
    EVENT_BUFFER = 32 << 20, /* bytes of events that may wait for us */
    ANNOUNCED_MAX = 1024,    /* disks at one time */
    DISK_NAME_MAX = 32,
    DISKS_TIMEOUT = 30, /* seconds for a plugged disk to show up */
    RESCAN_AFTER = 2,   /* seconds after which we scan ourselves */
};

static int events = -1;
static bool events_lost;
static char announced[ANNOUNCED_MAX][DISK_NAME_MAX];
static size_t n_announced;

/* --- events --- */

int
uevent_open(void)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    int size = EVENT_BUFFER;

    events = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
        NETLINK_KOBJECT_UEVENT);
    if (events < 0)
        return -1;
    setsockopt(events, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    return bind(events, (struct sockaddr *)&address, sizeof address);
}

static size_t
find_announced(const char *name)
{
    for (size_t i = 0; i < n_announced; i++)
        if (str_equal(announced[i], name))
            return i;
    return n_announced;
}

static void
note_disk(const char *action, const char *name)
{
    size_t i = find_announced(name);

    if (str_equal(action, "add") && i == n_announced &&
        n_announced < ANNOUNCED_MAX) {
        snprintf(announced[n_announced++], DISK_NAME_MAX, "%s", name);
    } else if (str_equal(action, "remove") && i < n_announced) {
        n_announced--;
        memmove(announced[i], announced[n_announced], DISK_NAME_MAX);
    }
}

/* "add@/devices/..." and then NAME=VALUE, each ended by a NUL. */
static void
take_event(const char *text, size_t size)
{
    const char *action = "", *subsystem = "", *kind = "", *name = "";
    const char *modalias = NULL;

    for (const char *p = text, *end = text + size; p < end;
         p += strlen(p) + 1) {
        const char *value;

        if ((value = str_after(p, "ACTION=")))
            action = value;
        else if ((value = str_after(p, "SUBSYSTEM=")))
            subsystem = value;
        else if ((value = str_after(p, "DEVTYPE=")))
            kind = value;
        else if ((value = str_after(p, "DEVNAME=")))
            name = value;
        else if ((value = str_after(p, "MODALIAS=")))
            modalias = value;
    }
    if (str_equal(subsystem, "block") && str_equal(kind, "disk"))
        note_disk(action, name);
    /* The driver of disks is there; to ask again for each costs more than
     * the rest of the plugging. */
    if (modalias && str_equal(action, "add") &&
        !str_after(modalias, "scsi:t-0x00"))
        run_quiet(
            (const char *const[]){"modprobe", "-b", "-q", modalias, NULL});
}

int
uevent_wait(int milliseconds)
{
    struct pollfd p = {.fd = events, .events = POLLIN};
    struct sockaddr_nl from;
    char text[EVENT_MAX + 1];
    struct iovec part = {text, EVENT_MAX};
    struct msghdr message = {.msg_name = &from,
        .msg_namelen = sizeof from,
        .msg_iov = &part,
        .msg_iovlen = 1};

    int n = poll(&p, 1, milliseconds);
    if (n <= 0)
        return n < 0 && errno != EINTR ? -1 : 0;
    ssize_t size = recvmsg(events, &message, 0);
    if (size < 0) {
        events_lost = events_lost || errno == ENOBUFS;
        return errno == ENOBUFS || errno == EAGAIN || errno == EINTR ? 1 : -1;
    }
    /* Only the kernel is heard. */
    if (from.nl_pid == 0) {
        text[size] = '\0';
        take_event(text, (size_t)size);
    }
    return 1;
}

/* The line of a small file of /sys; false if there is none. */
static bool
read_line(const char *path, char *ret_line, size_t size)
{
    cleanup_fclose FILE *f = fopen(path, "re");

    if (!f || !fgets(ret_line, (int)size, f))
        return false;
    ret_line[strcspn(ret_line, "\n")] = '\0';
    return true;
}

/* Names of mapped devices that libdevmapper has not made nodes for, because
 * the kernel made the device by itself. */
static bool
nodes_missing(void)
{
    cleanup_closedir DIR *dir = opendir("/sys/block");
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char path[300], name[256], node[300];

        if (!str_after(entry->d_name, "dm-"))
            continue;
        snprintf(path, sizeof path, "/sys/block/%s/dm/name", entry->d_name);
        if (!read_line(path, name, sizeof name))
            continue;
        snprintf(node, sizeof node, "/dev/mapper/%s", name);
        if (access(node, F_OK) < 0)
            return true;
    }
    return false;
}

void
device_settle(struct call *c)
{
    (void)c;
    while (uevent_wait(0) > 0)
        ;
    if (nodes_missing()) {
        run_quiet((const char *const[]){"dmsetup", "mknodes", NULL});
        run_quiet((const char *const[]){"vgmknodes", NULL});
    }
}

/* --- the caller's disks --- */

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* 0: "sda", 25: "sdz", 26: "sdaa". */
static void
disk_letters(uint32_t target, char ret_name[DISK_NAME_MAX])
{
    char letters[8];
    size_t n = 0;

    for (uint32_t i = target + 1; i > 0 && n < sizeof letters; i = (i - 1) / 26)
        letters[n++] = (char)('a' + (i - 1) % 26);
    size_t at = (size_t)snprintf(ret_name, DISK_NAME_MAX, "sd");
    while (n > 0)
        ret_name[at++] = letters[--n];
    ret_name[at] = '\0';
}

/* The number of the SCSI host that the disks are on, or -1. */
static int
scsi_host(void)
{
    cleanup_closedir DIR *dir = opendir("/sys/class/scsi_host");
    struct dirent *entry;
    int host, found = -1;

    while (dir && (entry = readdir(dir))) {
        char path[300], driver[64];

        if (sscanf(entry->d_name, "host%d", &host) != 1)
            continue;
        snprintf(path, sizeof path, "/sys/class/scsi_host/%s/proc_name",
            entry->d_name);
        if (read_line(path, driver, sizeof driver) &&
            str_after(driver, "virtio_scsi") && (found < 0 || host < found))
            found = host;
    }
    return found;
}

/* The kernel's name of the disk at a target; false if there is none. */
static bool
disk_at(int host, uint32_t target, char ret_name[DISK_NAME_MAX])
{
    char path[128];
    struct dirent *entry;

    snprintf(path, sizeof path, "/sys/bus/scsi/devices/%d:0:%u:0/block", host,
        target);
    cleanup_closedir DIR *dir = opendir(path);
    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.') {
            snprintf(ret_name, DISK_NAME_MAX, "%.*s", DISK_NAME_MAX - 1,
                entry->d_name);
            return true;
        }
    return false;
}

/* Announced, hence complete with its partitions. */
static bool
disk_ready(int host, uint32_t target, char ret_name[DISK_NAME_MAX])
{
    if (!disk_at(host, target, ret_name))
        return false;
    if (find_announced(ret_name) < n_announced)
        return true;
    if (events_lost) {
        /* Its opening waits for the reading of the partitions. */
        char node[64];

        snprintf(node, sizeof node, "/dev/%s", ret_name);
        cleanup_close int fd = open(node, O_RDONLY | O_CLOEXEC);
        return fd >= 0;
    }
    return false;
}

static void
write_text(const char *path, const char *text)
{
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        fprintf(stderr, "mayfly-agent: %s: %m\n", path);
}

static void
scan_target(int host, uint32_t target)
{
    char path[64], text[32];

    snprintf(path, sizeof path, "/sys/class/scsi_host/host%d/scan", host);
    snprintf(text, sizeof text, "0 %u 0", target);
    write_text(path, text);
}

static int
wait_disk(struct call *c, int host, uint32_t target)
{
    char name[DISK_NAME_MAX];
    double start = now(), scan = start + RESCAN_AFTER;

    while (!disk_ready(host, target, name)) {
        if (now() > start + DISKS_TIMEOUT)
            return call_error(c, ETIMEDOUT,
                "disk %u did not show up in the appliance", target);
        if (now() > scan) {
            scan_target(host, target);
            scan = now() + RESCAN_AFTER;
        }
        if (uevent_wait(200) < 0)
            return call_fail(c, errno, "events of the kernel");
    }
    return 0;
}

static bool
wanted_target(const uint32_t *targets, uint32_t n, uint32_t target)
{
    for (uint32_t i = 0; i < n; i++)
        if (targets[i] == target)
            return true;
    return false;
}

/* A target of the host that is not among TARGETS, or -1. */
static int
surplus_target(int host, const uint32_t *targets, uint32_t n)
{
    cleanup_closedir DIR *dir = opendir("/sys/bus/scsi/devices");
    struct dirent *entry;
    int h, target;

    while (dir && (entry = readdir(dir)))
        if (sscanf(entry->d_name, "%d:0:%d:0", &h, &target) == 2 && h == host &&
            !wanted_target(targets, n, (uint32_t)target))
            return target;
    return -1;
}

/* The kernel hears of an unplugged disk a moment later than the library. */
static int
wait_gone(struct call *c, int host, const uint32_t *targets, uint32_t n)
{
    double end = now() + DISKS_TIMEOUT;
    int target;

    while ((target = surplus_target(host, targets, n)) >= 0) {
        if (now() > end)
            return call_error(c, ETIMEDOUT,
                "disk %d is still in use in the appliance", target);
        if (uevent_wait(200) < 0)
            return call_fail(c, errno, "events of the kernel");
    }
    return 0;
}

static bool
in_order(int host, const uint32_t *targets, uint32_t n)
{
    char is[DISK_NAME_MAX], wanted[DISK_NAME_MAX];

    for (uint32_t i = 0; i < n; i++) {
        disk_letters(targets[i], wanted);
        if (!disk_at(host, targets[i], is) || !str_equal(is, wanted))
            return false;
    }
    return true;
}

/* Take away every disk whose name is not its own, then scan those targets
 * again from the lowest, so that each takes the lowest free letter. */
static int
reorder(struct call *c, int host, const uint32_t *targets, uint32_t n)
{
    char is[DISK_NAME_MAX], wanted[DISK_NAME_MAX], path[128];

    for (uint32_t i = 0; i < n; i++) {
        disk_letters(targets[i], wanted);
        if (disk_at(host, targets[i], is) && str_equal(is, wanted))
            continue;
        snprintf(path, sizeof path, "/sys/bus/scsi/devices/%d:0:%u:0/delete",
            host, targets[i]);
        write_text(path, "1");
    }
    while (uevent_wait(0) > 0)
        ;
    for (uint32_t i = 0; i < n; i++) {
        if (disk_at(host, targets[i], is))
            continue;
        scan_target(host, targets[i]);
        if (wait_disk(c, host, targets[i]) < 0)
            return -1;
    }
    return 0;
}

int
device_wait_disks(struct call *c, const uint32_t *targets, uint32_t n)
{
    int host = scsi_host();

    if (host < 0)
        return call_error(c, ENODEV, "the appliance has no disk controller");
    for (uint32_t i = 0; i < n; i++)
        if (wait_disk(c, host, targets[i]) < 0)
            return -1;
    if (wait_gone(c, host, targets, n) < 0)
        return -1;
    if (in_order(host, targets, n))
        return 0;
    if (reorder(c, host, targets, n) < 0)
        return -1;
    if (!in_order(host, targets, n))
        return call_error(
            c, EBUSY, "the appliance could not name the disks in their order");
    return 0;
}

/* --- names --- */

static bool
is_block(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && S_ISBLK(s.st_mode);
}

const char *
device_check(struct call *c, const char *device)
{
    static const char *const others[] = {"/dev/hd", "/dev/vd", "/dev/xvd"};
    const char *name = device;
    const char *rest;

    if (!str_after(device, "/dev/") || strstr(device, "/../")) {
        call_error(
            c, EINVAL, "%s: not the name of a device (/dev/...)", device);
        return NULL;
    }
    if (access(device, F_OK) < 0)
        for (size_t i = 0; i < N_ELEMENTS(others); i++)
            if ((rest = str_after(device, others[i])))
                name = call_printf(c, "/dev/sd%s", rest);
    /* An array or a volume that nobody has asked for yet. */
    if (access(name, F_OK) < 0)
        storage_activate(c);
    if (access(name, F_OK) < 0) {
        call_fail(c, errno, "%s", device);
        return NULL;
    }
    if (!is_block(name)) {
        call_error(c, ENOTBLK, "%s: not a block device", device);
        return NULL;
    }
    return name;
}

/* "vg--a-lv" -> "vg-a/lv": the separator is the first single "-". */
static char *
volume_name(struct call *c, const char *mapped)
{
    char *out = call_alloc(c, strlen(mapped) + 2);
    size_t n = 0;
    bool split = false;

    for (const char *p = mapped; *p; p++) {
        if (*p == '-' && p[1] == '-')
            out[n++] = *p++;
        else if (*p == '-' && !split)
            split = true, out[n++] = '/';
        else
            out[n++] = *p;
    }
    out[n] = '\0';
    return split ? out : NULL;
}

char *
device_name(struct call *c, const char *kernel_name)
{
    char uuid[256] = "", mapped[256];

    if (str_after(kernel_name, "dm-") &&
        read_line(call_printf(c, "/sys/block/%s/dm/name", kernel_name), mapped,
            sizeof mapped)) {
        read_line(call_printf(c, "/sys/block/%s/dm/uuid", kernel_name), uuid,
            sizeof uuid);
        char *name = str_after(uuid, "LVM-") ? volume_name(c, mapped) : NULL;
        return name ? call_printf(c, "/dev/%s", name)
                    : call_printf(c, "/dev/mapper/%s", mapped);
    }
    char *path = call_printf(c, "/dev/%s", kernel_name);
    /* The kernel writes "!" where the node has "/". */
    for (char *p = path; *p; p++)
        if (*p == '!')
            *p = '/';
    return path;
}

int
mountable_split(struct call *c, const char *mountable, const char **ret_device,
    const char **ret_subvolume)
{
    const char *rest = str_after(mountable, "btrfsvol:");

    if (!rest) {
        const char *device = device_check(c, mountable);
        if (!device)
            return -1;
        *ret_device = device;
        *ret_subvolume = NULL;
        return 0;
    }
    if (!str_after(rest, "/dev/sd"))
        storage_activate(c);
    /* The device ends at the first "/" before which there is one: both
     * /dev/sda1/home and /dev/VG/LV/home occur. */
    for (const char *p = str_after(rest, "/dev/"); p && *p; p++) {
        if (*p != '/')
            continue;
        char *device = call_strndup(c, rest, (size_t)(p - rest));
        if (is_block(device) && p[1]) {
            *ret_device = device;
            *ret_subvolume = call_strdup(c, p + 1);
            return 0;
        }
    }
    return call_error(
        c, EINVAL, "%s: no such device with a subvolume", mountable);
}
