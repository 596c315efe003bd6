/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls about the appliance itself. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/disks.h"
#include "appliance/agent/storage/mounts.h"
#include "appliance/agent/storage/names.h"
#include "appliance/agent/storage/table_adopt.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "ops-system.h"

enum {
    CANCEL_POLL = 100,    /* milliseconds between two looks for a cancel */
    KERNEL_LOG_READ = 3,  /* syslog(2): SYSLOG_ACTION_READ_ALL */
    KERNEL_LOG_SIZE = 10, /* SYSLOG_ACTION_SIZE_BUFFER */
    DMESG_MAX = 4 << 20,
};

int
op_ping_daemon(struct call *c, const struct api_ping_daemon_args *args)
{
    (void)c;
    (void)args;
    return 0;
}

int
op_echo_daemon(struct call *c, const struct api_echo_daemon_args *args,
    struct api_echo_daemon_ret *ret)
{
    size_t size = 1;
    char *out, *end;

    for (uint32_t i = 0; i < args->n_words; i++)
        size += strlen(args->words[i]) + 1;
    end = out = call_alloc(c, size);
    for (uint32_t i = 0; i < args->n_words; i++) {
        if (i > 0)
            *end++ = ' ';
        end = stpcpy(end, args->words[i]);
    }
    ret->value = out;
    return 0;
}

int
op_sleep(struct call *c, const struct api_sleep_args *args)
{
    double end = monotonic_seconds() + args->secs;

    for (double left; (left = end - monotonic_seconds()) > 0;) {
        int ms = left < 0.1 ? (int)(left * 1000) + 1 : CANCEL_POLL;

        poll(NULL, 0, ms);
        if (call_cancelled(c))
            return -1;
    }
    return 0;
}

int
op_utsname(struct call *c, const struct api_utsname_args *args,
    struct api_utsname_ret *ret)
{
    struct utsname u;

    (void)args;
    if (uname(&u) < 0)
        return call_fail(c, errno, "uname");
    ret->value.uts_sysname = call_strdup(c, u.sysname);
    ret->value.uts_release = call_strdup(c, u.release);
    ret->value.uts_version = call_strdup(c, u.version);
    ret->value.uts_machine = call_strdup(c, u.machine);
    return 0;
}

int
op_modprobe(struct call *c, const struct api_modprobe_args *args)
{
    /* "--": the name of a module may be anything. */
    return run_tool(c, NULL, "modprobe", "--", args->modulename, NULL);
}

int
op_dmesg(struct call *c, const struct api_dmesg_args *args,
    struct api_dmesg_ret *ret)
{
    int size = klogctl(KERNEL_LOG_SIZE, NULL, 0);

    (void)args;
    if (size < 0)
        return call_fail(c, errno, "the kernel's messages");
    if (size > DMESG_MAX)
        size = DMESG_MAX;
    char *text = call_alloc(c, (size_t)size + 1);
    int n = klogctl(KERNEL_LOG_READ, text, size);
    if (n < 0)
        return call_fail(c, errno, "the kernel's messages");
    text[n] = '\0';
    ret->value = text;
    return 0;
}

int
op_internal_disks(struct call *c, const struct api_internal_disks_args *args)
{
    uint32_t *targets = call_alloc(c, sizeof *targets * (args->n_targets + 1));

    for (uint32_t i = 0; i < args->n_targets; i++) {
        char *end;
        unsigned long n = strtoul(args->targets[i], &end, 10);

        if (*end || end == args->targets[i] || n > 255)
            return call_error(
                c, EINVAL, "%s: not a SCSI target", args->targets[i]);
        targets[i] = (uint32_t)n;
    }
    if (device_wait_disks(c, targets, args->n_targets, args->slot) < 0)
        return -1;

    for (uint32_t i = 0; i < args->n_targets; i++) {
        char name[DISK_NAME_MAX];

        disk_letters(targets[i], name);
        table_adopt(c, device_name(c, name));
    }
    return 0;
}

/* What could not be written back only fsync reports. */
static int
flush_disk(struct call *c, const char *device)
{
    cleanup_close int fd = open(device, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) < 0)
        return call_fail(c, errno, "flushing %s", device);
    return 0;
}

int
op_internal_shutdown(
    struct call *c, const struct api_internal_shutdown_args *args)
{
    struct list l = {0}, disks = {0};

    (void)args;
    if (mounts_read(c, "", &l) < 0)
        return -1;
    struct mount_entry *mounts = l.items;
    for (uint32_t i = l.n; i > 0; i--)
        if (umount2(mounts[i - 1].target, 0) < 0)
            return call_fail(c, errno, "unmounting %s", mounts[i - 1].source);
    sync();
    block_disks(c, &disks);
    for (uint32_t i = 0; i < disks.n; i++)
        if (flush_disk(c, ((char **)disks.items)[i]) < 0)
            return -1;
    return 0;
}

int
op_internal_panic(struct call *c, const struct api_internal_panic_args *args)
{
    cleanup_close int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

    (void)args;
    if (fd < 0 || write(fd, "c", 1) != 1)
        return call_fail(c, errno, "/proc/sysrq-trigger");
    return 0;
}

static int
show_usage(struct call *c, const char *option, const char **ret)
{
    char *out;

    if (need_root(c) < 0 || run_tool(c, &out, "df", option, NULL) < 0)
        return -1;
    *ret = out;
    return 0;
}

int
op_df(struct call *c, const struct api_df_args *args, struct api_df_ret *ret)
{
    (void)args;
    return show_usage(c, NULL, &ret->value);
}

int
op_df_h(
    struct call *c, const struct api_df_h_args *args, struct api_df_h_ret *ret)
{
    (void)args;
    return show_usage(c, "-h", &ret->value);
}
