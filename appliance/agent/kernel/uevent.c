/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's events, received from the first moment of the boot, so that no
 * announcement is missed.  The names of the disks that are announced are
 * kept; an event that asks for a driver gets it from modprobe. */
#include <config.h>

#include "appliance/agent/kernel/uevent.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "appliance/agent/program/run.h"
#include "base/strv.h"

enum {
    EVENT_MAX = 8192,        /* the kernel's limit is 2 KiB */
    EVENT_BUFFER = 32 << 20, /* bytes of events that may wait for us */
    ANNOUNCED_MAX = 1024,    /* disks at one time */
};

#define NO_TARGET UINT32_MAX

static int events = -1;
static bool events_lost, any_removed;
static struct announced {
    char name[DISK_NAME_MAX];
    uint32_t target; /* NO_TARGET: not a SCSI disk */
} announced[ANNOUNCED_MAX];
static size_t n_announced;

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
        if (str_equal(announced[i].name, name))
            return i;
    return n_announced;
}

/* "/devices/.../host0/target0:0:3/0:0:3:0/block/sdd": 3 */
static uint32_t
scsi_target(const char *path)
{
    const char *p = strstr(path, "/target");
    uint32_t target;

    return p && sscanf(p, "/target%*u:%*u:%u/", &target) == 1 ? target
                                                              : NO_TARGET;
}

static void
note_disk(const char *action, const char *name, const char *path)
{
    size_t i = find_announced(name);

    if (str_equal(action, "add") && i < ANNOUNCED_MAX) {
        struct announced *a = &announced[i];

        n_announced += i == n_announced;
        snprintf(a->name, sizeof a->name, "%s", name);
        a->target = scsi_target(path);
    } else if (str_equal(action, "remove") && i < n_announced) {
        announced[i] = announced[--n_announced];
        any_removed = true;
    }
}

/* "add@/devices/..." and then NAME=VALUE, each ended by a NUL. */
static void
take_event(const char *text, size_t size)
{
    const char *action = "", *subsystem = "", *kind = "", *name = "";
    const char *path = "";
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
        else if ((value = str_after(p, "DEVPATH=")))
            path = value;
        else if ((value = str_after(p, "MODALIAS=")))
            modalias = value;
    }
    if (str_equal(subsystem, "block") && str_equal(kind, "disk"))
        note_disk(action, name, path);
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
    /* Only the kernel's events count. */
    if (from.nl_pid == 0) {
        text[size] = '\0';
        take_event(text, (size_t)size);
    }
    return 1;
}

bool
uevent_disk_at(uint32_t target, char ret_name[DISK_NAME_MAX])
{
    for (size_t i = 0; i < n_announced; i++)
        if (announced[i].target == target) {
            memcpy(ret_name, announced[i].name, DISK_NAME_MAX);
            return true;
        }
    return false;
}

bool
uevent_other(const uint32_t *targets, uint32_t n, bool not_first, uint32_t *ret)
{
    for (size_t i = 0; i < n_announced; i++) {
        uint32_t k = 0, target = announced[i].target;

        while (k < n && targets[k] != target)
            k++;
        if (k == n && target != NO_TARGET && !(target == 0 && not_first))
            return *ret = target, true;
    }
    return false;
}

bool
uevent_any_removed(void)
{
    return any_removed;
}

bool
uevent_lost(void)
{
    return events_lost;
}
