/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows guests.  What is written to them is what Windows itself writes when
 * it installs a driver; no program of the guest runs. */
#pragma once
#include "v2v/convert/conversion.h"
#include "v2v/convert/windows/hive.h"

/* Check before its file system is mounted: a guest that is hibernated or was
 * not shut down is reported as blocked. */
int windows_hibernated(struct conversion *c, struct error *err);

struct windows {
    struct conversion *c;
    uint32_t major, minor, build;
    bool server, is_64bit;
    char *current; /* "ControlSet001" */
    char **control_sets;
    char **uninstall;        /* "{...}", products of the old machine */
    struct guest_nic *found; /* static addresses of cards of this machine */
    size_t n_found;
    bool has_addresses; /* the script for them was written */
    bool signed_only;   /* PowerShell's policy lets no other script run */
    bool has_agent;     /* the QEMU guest agent's package was copied */
};

int windows_read_version(struct windows *w, struct error *err);

/* A path below the system's folder; the caller frees it. */
char *windows_path(
    const struct windows *w, const char *rest, struct error *err);

void windows_clear(struct windows *w);

/* Copy the drivers for this version to the guest and enter them in its
 * registry.  Reports missing drivers. */
int windows_drivers(struct windows *w, struct error *err);

/* Set up the disk driver to start at boot without an installation.  SYSTEM is
 * the open hive. */
int windows_storage(struct windows *w, struct hive *system, struct error *err);

/* Keep the other disks online, and look at drive letters. */
int windows_disks(struct windows *w, struct hive *system, struct error *err);

/* Disable Xen drivers, which would wait for Xen or hide the disk. */
int windows_xen(struct windows *w, struct hive *system, struct error *err);

/* The network cards' static addresses, as found or as requested. */
int windows_find_addresses(
    struct windows *w, struct hive *system, struct error *err);
int windows_put_addresses(struct windows *w, struct error *err);

/* What has to be done when Windows runs again. */
int windows_find_leftovers(
    struct windows *w, struct hive *software, struct error *err);
int windows_read_policy(
    struct windows *w, struct hive *software, struct error *err);
int windows_firstboot(
    struct windows *w, struct hive *system, struct error *err);

/* Write a file and its folder, and report it. */
int windows_put(struct windows *w, const char *path, const void *data,
    size_t size, const char *what, const char *why, struct error *err);
