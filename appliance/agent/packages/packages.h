/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of package databases, one file each, ending in its table entry.
 * Adding one: the file, its entry below, its line in packages.c. */
#pragma once
#include <mayfly-types.h>

struct call;
struct list;

enum {
    PACKAGES_MAX = 131072,
    PACKAGE_NAME_MAX = 255,
    PACKAGE_TEXT_MAX = 65535,
    DATABASE_MAX = 64 << 20,  /* bytes of a database in one text file */
    PACKAGES_TEXT = 48 << 20, /* bytes of text of all packages together */
};

struct package_reader {
    const char *format; /* as inspect_get_package_format names it */
    /* Add what is installed below ROOT.  Returns the path that was read, or
     * NULL and the reason. */
    const char *(*read)(struct call *c, int root, struct list *packages,
        const char **ret_reason);
};

extern const struct package_reader dpkg_reader, rpm_reader, apk_reader,
    pacman_reader, windows_reader;
extern const struct package_reader opkg_reader, portage_reader, xbps_reader,
    pkgsrc_reader, openbsd_reader, slackware_reader;

/* Add snaps and Flatpak's: they are beside the packages of a Linux. */
void packages_add_bundles(struct call *c, int root, struct list *packages);

/* The packages of the given format, sorted by name, fit to be sent.  Returns
 * as the readers do; a format without a reader has none, with reason NULL. */
const char *packages_read(struct call *c, int root, const char *format,
    struct list *packages, const char **ret_reason);

/* "NAME (PATH)" of the databases that are there, but are not of FORMAT or have
 * no reader. */
void packages_unread(
    struct call *c, int root, const char *format, struct list *ret);
