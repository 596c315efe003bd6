/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests with Windows.  What is written into them follows what Windows itself
 * writes when a driver is installed; no program of the guest runs. */
#pragma once
#include "v2v/convert/conversion.h"
#include "v2v/convert/windows/registry.h"

/* Is it hibernated, or was it not shut down?  To be asked before its file
 * system is mounted; told as what is in the way. */
int windows_asleep(struct conversion *c, struct error *err);

/* All the steps, in their order. */
int windows_convert(struct conversion *c, struct error *err);

/* --- inside windows/ --- */

struct windows {
    struct conversion *c;
    uint32_t major, minor, build;
    bool server, is_64bit;
    char *current; /* "ControlSet001" */
    char **control_sets;
    char **uninstall; /* "{...}", products that were for the old machine */
    struct guest_nic found; /* the static address that it had; or no mac */
    bool has_addresses;     /* the script for them is there */
    bool has_agent;         /* the package of QEMU's agent is there */
};

int windows_read_version(struct windows *w, struct error *err);

/* A path below the folder of the system, to be freed. */
char *windows_path(
    const struct windows *w, const char *rest, struct error *err);

void windows_clear(struct windows *w);

/* The drivers' files for this version, in the guest and in its registry.  Told
 * if there are none. */
int windows_drivers(struct windows *w, struct error *err);

/* What starts at boot and finds its device without being installed.  SYSTEM
 * is the hive, open. */
int windows_storage(
    struct windows *w, struct registry *system, struct error *err);

/* Drivers of Xen, which would wait for it, or hide the disk. */
int windows_xen(struct windows *w, struct registry *system, struct error *err);

/* Static addresses of network cards, as they were or as they are wanted. */
int windows_find_addresses(
    struct windows *w, struct registry *system, struct error *err);
int windows_put_addresses(struct windows *w, struct error *err);

/* What has to be done when it runs again. */
int windows_find_leftovers(
    struct windows *w, struct registry *software, struct error *err);
int windows_firstboot(
    struct windows *w, struct registry *system, struct error *err);

/* Put a file there, with its folder; the report knows it. */
int windows_put(struct windows *w, const char *path, const void *data,
    size_t size, const char *what, const char *why, struct error *err);
