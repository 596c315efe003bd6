/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's events, heard from the first moment of the boot, so that no
 * announcement is missed.  The names of the disks that are announced are
 * kept; an event that asks for a driver gets it from modprobe. */
#include <config.h>

#include "appliance/agent/uevent.h"

#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENT_MAX = 8192,        /* the kernel's limit is 2 KiB */
    EVENT_BUFFER = 32 << 20, /* bytes of events that may wait for us */
    ANNOUNCED_MAX = 1024,    /* disks at one time */
};

static int events = -1;
static bool events_lost;
static char announced[ANNOUNCED_MAX][DISK_NAME_MAX];
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

bool
uevent_announced(const char *disk)
{
    return find_announced(disk) < n_announced;
}

bool
uevent_lost(void)
{
    return events_lost;
}
