/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network card of the appliance, for programs of the guest.
 *
 * It is plugged after the resume and only if the handle asks for it, so it
 * may show up at any time after the hello; it is waited for when the first
 * program needs it.  The other end is passt, or QEMU's user-mode network, which
 * have the same addresses, and these never change: there is nothing to ask for
 * by DHCP. */
#include <config.h>

#include "appliance/agent/kernel/network.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/kernel/uevent.h"
#include "base/cleanup.h"
#include "base/strv.h"

#define ADDRESS "10.0.2.15"
#define NETMASK "255.255.255.0"
#define GATEWAY "10.0.2.2"

enum { CARD_TIMEOUT = 15 }; /* seconds */

static bool is_up;

void
network_expect(void)
{
    /* Take note of what has been plugged by now, and load its driver. */
    while (uevent_wait(0) > 0)
        ;
}

/* The first card that is not the loopback. */
static bool
find_card(char name[IFNAMSIZ])
{
    cleanup_closedir DIR *dir = opendir("/sys/class/net");
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        size_t n = strlen(entry->d_name);

        if (entry->d_name[0] == '.' || str_equal(entry->d_name, "lo") ||
            n >= IFNAMSIZ)
            continue;
        memcpy(name, entry->d_name, n + 1);
        return true;
    }
    return false;
}

static void
set_address(struct sockaddr *to, const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};

    inet_pton(AF_INET, text, &in.sin_addr);
    memcpy(to, &in, sizeof in);
}

static int
configure(const char *name)
{
    cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {0};
    struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};

    if (fd < 0)
        return -1;
    snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
    set_address(&request.ifr_addr, ADDRESS);
    if (ioctl(fd, SIOCSIFADDR, &request) < 0)
        return -1;
    set_address(&request.ifr_netmask, NETMASK);
    if (ioctl(fd, SIOCSIFNETMASK, &request) < 0)
        return -1;
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return -1;
    set_address(&route.rt_dst, "0.0.0.0");
    set_address(&route.rt_genmask, "0.0.0.0");
    set_address(&route.rt_gateway, GATEWAY);
    return ioctl(fd, SIOCADDRT, &route) < 0 && errno != EEXIST ? -1 : 0;
}

int
network_up(struct call *c)
{
    char name[IFNAMSIZ];
    time_t end = time(NULL) + CARD_TIMEOUT;

    if (is_up || !call_network(c))
        return 0;
    while (!find_card(name)) {
        if (time(NULL) > end)
            return call_error(c, ENETDOWN,
                "the network card did not show up in the appliance");
        if (uevent_wait(500) < 0)
            return call_fail(c, errno, "events of the kernel");
    }
    if (configure(name) < 0)
        return call_fail(c, errno, "setting up the network card %s", name);
    is_up = true;
    return 0;
}
