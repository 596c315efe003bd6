/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's files say about its network cards, each in the way in which
 * its owner reads it.  A reader takes the text of one file and adds to the
 * list; nothing here touches a guest. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* One statement about one card. */
struct net_setting {
    const char
        *name; /* what the card is called, or a pattern (en*); NULL: any */
    const char *old; /* the name that it had before it got that one; or NULL */
    const char *mac; /* of the card, in lower case; NULL: not said */
    const char *pci; /* its place, "0000:0b:00.0"; NULL: not said */
    const char *misfit; /* what it asks for that the new machine does not have;
                         * or NULL */
    const char *owner;  /* the bond or bridge that it is part of; or NULL */
    const char *file;
    unsigned line;
    bool starts;  /* at boot; otherwise it is there but not used */
    bool by_auto; /* ifupdown: it starts if an "auto" line names it */
    bool names;   /* the file names the card; otherwise it only uses the name */
    bool pins;    /* and goes on doing so on another machine, by its address */
    bool also;    /* the file does more than name it */
};

struct net_settings {
    struct net_setting *items;
    size_t n;
    char **autos;    /* of ifupdown: names and patterns */
    char **virtuals; /* made by software: bonds, bridges, VLANs */
    char **broken;   /* "FILE: why it could not be read" */
    bool sets_more;  /* a .link file does more than name cards */
    char **texts;    /* what the items point to */
};

enum { NET_SETTINGS_MAX = 1000, NET_INCLUDES_MAX = 100 };

/* Add a copy of ITEM and its texts.  Aliases (eth0:1) count as their card, and
 * so do VLANs by name (eth0.7).  A name that no card can have is left out. */
int net_add(
    struct net_settings *s, const struct net_setting *item, struct error *err);

/* Append WORD of FILE to a LIST, which has no more words than settings; what is
 * left out goes to the broken ones. */
int net_add_word(struct net_settings *s, const char *file, char ***list,
    const char *word, struct error *err);

/* A file that could not be read. */
int net_add_broken(struct net_settings *s, const char *file, const char *why,
    struct error *err);

/* All files were read: settle what starts, and remove what software makes. */
void net_settle(struct net_settings *s);

bool net_is_pattern(const char *name);
bool net_matches(const char *pattern, const char *name);

/* "00:50:56:aa:bb:cc" from any of the usual spellings; NULL without an error
 * if it is no MAC address. */
char *net_mac(const char *text, struct error *err);

/* What is said of settings for cards with these DRIVERS, a list in which "!"
 * is "not", if a virtio card is not one; else NULL, also with an error. */
char *net_driver_misfit(const char *drivers, struct error *err);

/* Is this a copy that an editor or a package manager has left? */
bool net_is_backup(const char *file);

void net_settings_clear(struct net_settings *s);
#define cleanup_net_settings __attribute__((cleanup(net_settings_clear)))

/* --- readers --- */

/* /etc/network/interfaces.  Other files that it includes are appended to
 * *RET_MORE: "f" and a pattern of files, or "d" and a folder. */
int net_read_ifupdown(struct net_settings *s, const char *file,
    const char *text, char ***ret_more, struct error *err);

/* ifcfg-NAME of Red Hat's and of SUSE's. */
int net_read_ifcfg(struct net_settings *s, const char *file, const char *text,
    bool is_suse, struct error *err);

/* A profile of netctl. */
int net_read_netctl(struct net_settings *s, const char *file, const char *text,
    bool enabled, struct error *err);

/* /etc/conf.d/net of Gentoo. */
int net_read_netifrc(struct net_settings *s, const char *file, const char *text,
    struct error *err);

/* NetworkManager's keyfiles. */
int net_read_keyfile(struct net_settings *s, const char *file, const char *text,
    struct error *err);

/* The UUID of a keyfile; NULL without an error: none. */
char *net_keyfile_uuid(const char *text, struct error *err);

/* systemd's files: .network, .netdev, .link.  DROPINS: the names and the texts
 * of the files in FILE.d, in turn; or NULL. */
int net_read_networkd(struct net_settings *s, const char *file,
    const char *text, char *const *dropins, struct error *err);

/* Rules of udev. */
int net_read_udev(struct net_settings *s, const char *file, const char *text,
    struct error *err);

/* Interfaces in the XML of wicked. */
int net_read_wicked(struct net_settings *s, const char *file, const char *text,
    struct error *err);

/* dhcpcd.conf. */
int net_read_dhcpcd(struct net_settings *s, const char *file, const char *text,
    struct error *err);

/* NetworkManager.conf and its parts: only what asks for a driver. */
int net_read_manager(struct net_settings *s, const char *file, const char *text,
    struct error *err);

/* Several files of netplan add to one another, so they are read as one; so are
 * those of cloud-init, which also have an older form. */
struct netplan;
struct netplan *netplan_new(bool is_cloud, struct error *err);
int netplan_read(struct netplan *p, struct net_settings *s, const char *file,
    const char *text, struct error *err);
int netplan_finish(
    struct netplan *p, struct net_settings *s, struct error *err);
void netplan_free(struct netplan *p);
