/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disks of the caller are the targets of one SCSI controller; target 0 is
 * /dev/sda.  A disk that was plugged is there once the kernel has announced
 * it, which it does after its partitions are read.  The kernel gives out the
 * letters in the order in which it probes, and frees those of removed disks;
 * what came out of order is removed and scanned again.
 *
 * A saved appliance has a disk at target 0, the slot.  Either a resumed one
 * has another image there, which takes a look at size and partitions only; or
 * the library takes the slot away before it plugs target 0, and until then it
 * is hidden. */
#include <config.h>

#include "appliance/agent/storage/disks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/kernel/sysfs.h"
#include "appliance/agent/kernel/uevent.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"

enum {
    DISKS_TIMEOUT = 30, /* seconds for a plugged disk to show up */
    RESCAN_AFTER = 2,   /* seconds after which we scan ourselves */
};

void
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
find_scsi_host(void)
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
        if (sysfs_line(path, driver, sizeof driver) &&
            str_after(driver, "virtio_scsi") && (found < 0 || host < found))
            found = host;
    }
    return found;
}

/* It was there at boot and stays. */
static int
scsi_host(void)
{
    static int host = -1;

    if (host < 0)
        host = find_scsi_host();
    return host;
}

static bool slot_pending; /* the slot is there, and not claimed */

/* The slot that was just claimed also stays open until the next call is done:
 * the kernel forgets all it has read of a disk when the last one closes it,
 * and would open it again for the mount that mostly follows. */
static struct {
    int fd;
    unsigned calls;
} held = {-1, 0};

static void
let_go(void)
{
    if (held.fd >= 0)
        close(held.fd);
    held.fd = -1;
}

void
disks_call_ended(void)
{
    if (held.fd >= 0 && --held.calls == 0)
        let_go();
}

bool
disks_slot_expected(void)
{
    cleanup_fclose FILE *f = fopen("/proc/cmdline", "re");
    char line[2048];

    return f && fgets(line, sizeof line, f) && strstr(line, " mayfly.slot");
}

/* No accounting and throttling in a disk's queue: no one uses them here. */
static void
plain_queue(const char *name)
{
    static const char *const settings[] = {
        "wbt_lat_usec", "iostats", "add_random"};
    char path[300];

    for (size_t i = 0; i < N_ELEMENTS(settings); i++) {
        snprintf(
            path, sizeof path, "/sys/block/%s/queue/%s", name, settings[i]);
        write_setting(path, "0");
    }
}

void
disks_prepare(void)
{
    char name[DISK_NAME_MAX];
    double end = monotonic_seconds() + DISKS_TIMEOUT;

    scsi_host();
    while (disks_slot_expected() && !uevent_disk_at(0, name) &&
           monotonic_seconds() < end)
        uevent_wait(200);
    slot_pending = uevent_disk_at(0, name);
    if (slot_pending) {
        disk_drop_scheduler(name);
        plain_queue(name);
    }
}

bool
disks_is_slot(const char *kernel_name)
{
    char name[DISK_NAME_MAX];

    return slot_pending && uevent_disk_at(0, name) &&
           str_equal(name, kernel_name);
}

/* The kernel's name of the disk at a target; false if there is none. */
static bool
disk_at(int host, uint32_t target, char ret_name[DISK_NAME_MAX])
{
    char path[128];
    struct dirent *entry;

    if (uevent_disk_at(target, ret_name))
        return true;
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
    if (uevent_disk_at(target, ret_name))
        return true;
    if (uevent_lost() && disk_at(host, target, ret_name)) {
        /* Its opening waits for the reading of the partitions. */
        char node[64];

        snprintf(node, sizeof node, "/dev/%s", ret_name);
        cleanup_close int fd = open(node, O_RDONLY | O_CLOEXEC);
        return fd >= 0;
    }
    return false;
}

static void
scan_target(int host, uint32_t target)
{
    char path[64], text[32];

    snprintf(path, sizeof path, "/sys/class/scsi_host/host%d/scan", host);
    snprintf(text, sizeof text, "0 %u 0", target);
    write_setting(path, text);
}

static void
remove_target(int host, uint32_t target)
{
    char path[128];

    snprintf(path, sizeof path, "/sys/bus/scsi/devices/%d:0:%u:0/delete", host,
        target);
    write_setting(path, "1");
}

static void
take_waiting_events(void)
{
    while (uevent_wait(0) > 0)
        ;
}

static int
wait_disk(struct call *c, int host, uint32_t target)
{
    char name[DISK_NAME_MAX];
    double start = monotonic_seconds(), scan = start + RESCAN_AFTER;

    while (!disk_ready(host, target, name)) {
        if (monotonic_seconds() > start + DISKS_TIMEOUT)
            return call_error(c, ETIMEDOUT,
                "disk %u did not show up in the appliance", target);
        if (monotonic_seconds() > scan) {
            scan_target(host, target);
            scan = monotonic_seconds() + RESCAN_AFTER;
        }
        if (uevent_wait(200) < 0)
            return call_fail(c, errno, "events of the kernel");
    }
    return 0;
}

/* BLKRRPART also makes the kernel ask for the size.  What it cannot read is
 * reported by the calls that need it. */
static int
claim_slot(struct call *c)
{
    char name[DISK_NAME_MAX], node[64];

    if (!uevent_disk_at(0, name))
        return call_error(c, ENODEV, "the appliance has lost its first disk");
    snprintf(node, sizeof node, "/dev/%s", name);
    cleanup_close int fd = open(node, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return call_fail(c, errno, "%s", node);
    if (ioctl(fd, BLKRRPART) < 0 && errno != EIO)
        return call_fail(c, errno, "%s: partitions", node);
    held.fd = fd, held.calls = 2;
    fd = -1;
    slot_pending = false;
    return 0;
}

/* The library has taken the slot away, or is about to. */
static int
lose_slot(struct call *c)
{
    double end = monotonic_seconds() + DISKS_TIMEOUT;

    while (!uevent_any_removed()) {
        if (monotonic_seconds() > end)
            return call_error(c, ETIMEDOUT, "the first disk stays empty");
        if (uevent_wait(200) < 0)
            return call_fail(c, errno, "events of the kernel");
    }
    slot_pending = false;
    return 0;
}

static int
settle_slot(struct call *c, bool first, bool slot)
{
    if (!slot_pending || !first)
        return 0;
    return slot ? claim_slot(c) : lose_slot(c);
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
            !wanted_target(targets, n, (uint32_t)target) &&
            !(target == 0 && slot_pending))
            return target;
    return -1;
}

/* A disk that is announced, or that the host has, and is not among TARGETS; -1:
 * none.  The kernel takes a disk off the host before it lets go of its name and
 * announces that, and a disk that is plugged in meanwhile would pass for the
 * old one or get another name: both have to be over. */
static int
leaving_target(int host, const uint32_t *targets, uint32_t n)
{
    uint32_t announced;

    if (!uevent_lost() && uevent_other(targets, n, slot_pending, &announced))
        return (int)announced;
    /* At the first launch there is nothing to look for. */
    return uevent_lost() || uevent_any_removed()
               ? surplus_target(host, targets, n)
               : -1;
}

/* The kernel notices an unplugged disk a moment later than the library; if it
 * has missed that, it is told. */
static int
wait_gone(struct call *c, int host, const uint32_t *targets, uint32_t n)
{
    double start = monotonic_seconds(), removal = start + RESCAN_AFTER;
    int target;

    while ((target = leaving_target(host, targets, n)) >= 0) {
        if (monotonic_seconds() > start + DISKS_TIMEOUT)
            return call_error(c, ETIMEDOUT,
                "disk %d is still in use in the appliance", target);
        if (monotonic_seconds() > removal) {
            remove_target(host, (uint32_t)target);
            removal = monotonic_seconds() + RESCAN_AFTER;
        }
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
    char is[DISK_NAME_MAX], wanted[DISK_NAME_MAX];

    for (uint32_t i = 0; i < n; i++) {
        disk_letters(targets[i], wanted);
        if (!disk_at(host, targets[i], is) || !str_equal(is, wanted))
            remove_target(host, targets[i]);
    }
    take_waiting_events();
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
device_wait_disks(
    struct call *c, const uint32_t *targets, uint32_t n, bool slot)
{
    int host = scsi_host();

    if (host < 0)
        return call_error(c, ENODEV, "the appliance has no disk controller");
    /* A disk that is open would keep its letter. */
    let_go();
    take_waiting_events();
    if (settle_slot(c, wanted_target(targets, n, 0), slot) < 0)
        return -1;
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
