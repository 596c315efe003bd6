/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: Windows boots from a disk only if its driver is a
 * service that starts at boot, and if the device, which is new to Windows,
 * leads to that service without an installation.  Up to Windows 7 an entry in
 * the CriticalDeviceDatabase does that; since Windows 8 a package in the
 * DriverDatabase does, which names a configuration, which names the service.
 * The first boot then installs the driver properly, and it replaces this
 * package, whose version is 0.
 *
 * The device names are those in virtio-win's viostor.inf and vioscsi.inf. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/windows/windows.h"

static const char why[] = "Windows boots from a virtio disk";

/* The class SCSIAdapter: as text, and in binary form. */
static const char class_text[] = "{4D36E97B-E325-11CE-BFC1-08002BE10318}";

struct boot_driver {
    const char *name;
    const char *devices[2]; /* before virtio 1.0, and since */
};

static const struct boot_driver drivers[] = {
    {"viostor", {"VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00",
                    "VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01"}},
    {"vioscsi", {"VEN_1AF4&DEV_1004&SUBSYS_00081AF4&REV_00",
                    "VEN_1AF4&DEV_1048&SUBSYS_11001AF4&REV_01"}},
};

static int
add_service(struct windows *w, struct hive *r, const struct boot_driver *d,
    struct error *err)
{
    enum { KERNEL_DRIVER = 1, AT_BOOT = 0, REPORT_ERRORS = 1, PCI_BUS = 5 };
    cleanup_free char *key =
        text_printf("%s\\Services\\%s", w->current, d->name);
    cleanup_free char *bus =
        key ? text_printf("%s\\Parameters\\PnpInterface", key) : NULL;
    cleanup_free char *path = text_printf("system32\\drivers\\%s.sys", d->name);
    char number[] = {'0' + PCI_BUS, 0};

    if (!bus || !path)
        return error_no_memory(err);
    if (hive_set_number(r, key, "Type", KERNEL_DRIVER, err) < 0 ||
        hive_set_number(r, key, "Start", AT_BOOT, err) < 0 ||
        hive_set_number(r, key, "ErrorControl", REPORT_ERRORS, err) < 0 ||
        hive_set_text(r, key, "Group", REGISTRY_TEXT, "SCSI miniport", err) <
            0 ||
        hive_set_text(r, key, "ImagePath", REGISTRY_EXPANDED, path, err) < 0)
        return -1;
    return hive_set_number(r, bus, number, 1, err);
}

/* --- up to Windows 7 --- */

static int
add_critical(struct windows *w, struct hive *r, const struct boot_driver *d,
    const char *device, struct error *err)
{
    cleanup_free char *key = text_printf(
        "%s\\Control\\CriticalDeviceDatabase\\PCI#%s", w->current, device);

    if (!key)
        return error_no_memory(err);
    if (hive_set_text(r, key, "Service", REGISTRY_TEXT, d->name, err) < 0)
        return -1;
    return hive_set_text(r, key, "ClassGUID", REGISTRY_TEXT, class_text, err);
}

/* --- since Windows 8 --- */

/* The package: its .inf, its class and version, and what it configures. */
static int
add_package(struct windows *w, struct hive *r, const struct boot_driver *d,
    struct error *err)
{
    /* Two bytes, the processor (9: AMD64), the class, date and version 0. */
    uint8_t version[48] = {0x00, 0xff, w->is_64bit ? 9 : 0, 0, 0, 0, 0, 0, 0x7b,
        0xe9, 0x36, 0x4d, 0x25, 0xe3, 0xce, 0x11, 0xbf, 0xc1, 0x08, 0x00, 0x2b,
        0xe1, 0x03, 0x18};
    cleanup_free char *inf = text_printf("mayfly-%s.inf", d->name);
    cleanup_free char *file =
        inf ? text_printf("DriverDatabase\\DriverInfFiles\\%s", inf) : NULL;
    cleanup_free char *name = inf ? text_printf("%s_1", inf) : NULL;
    cleanup_free char *package =
        name ? text_printf("DriverDatabase\\DriverPackages\\%s", name) : NULL;
    cleanup_free char *configuration =
        package ? text_printf("%s\\Configurations\\mayfly", package) : NULL;

    if (!file || !configuration)
        return error_no_memory(err);
    if (hive_set_text(r, file, "", REGISTRY_TEXTS, name, err) < 0 ||
        hive_set_text(r, file, "Active", REGISTRY_TEXT, name, err) < 0 ||
        hive_set_text(
            r, file, "Configurations", REGISTRY_TEXTS, "mayfly", err) < 0 ||
        hive_set(r, package, "Version", REGISTRY_BINARY, version,
            sizeof version, err) < 0 ||
        hive_set_number(r, configuration, "ConfigFlags", 0, err) < 0 ||
        hive_set_text(
            r, configuration, "Service", REGISTRY_TEXT, d->name, err) < 0)
        return -1;
    for (size_t i = 0; i < N_ELEMENTS(d->devices); i++) {
        cleanup_free char *key =
            text_printf("%s\\Descriptors\\PCI\\%s", package, d->devices[i]);

        if (!key)
            return error_no_memory(err);
        if (hive_set_text(
                r, key, "Configuration", REGISTRY_TEXT, "mayfly", err) < 0)
            return -1;
    }
    return 0;
}

static int
add_device(struct hive *r, const struct boot_driver *d, const char *device,
    struct error *err)
{
    static const uint8_t rank[] = {0x01, 0xff, 0x00, 0x00};
    cleanup_free char *inf = text_printf("mayfly-%s.inf", d->name);
    cleanup_free char *key =
        text_printf("DriverDatabase\\DeviceIds\\PCI\\%s", device);

    if (!inf || !key)
        return error_no_memory(err);
    return hive_set(r, key, inf, REGISTRY_BINARY, rank, sizeof rank, err);
}

static int
add_driver(struct windows *w, struct hive *r, const struct boot_driver *d,
    bool has_database, struct error *err)
{
    if (add_service(w, r, d, err) < 0 ||
        (has_database && add_package(w, r, d, err) < 0))
        return -1;
    for (size_t i = 0; i < N_ELEMENTS(d->devices); i++)
        if ((has_database ? add_device(r, d, d->devices[i], err)
                          : add_critical(w, r, d, d->devices[i], err)) < 0)
            return -1;
    return 0;
}

int
windows_storage(struct windows *w, struct hive *system, struct error *err)
{
    int64_t database;

    if (hive_find(system, "DriverDatabase", &database, err) < 0)
        return -1;
    for (size_t i = 0; i < N_ELEMENTS(drivers); i++) {
        cleanup_free char *rest =
            text_printf("System32/drivers/%s.sys", drivers[i].name);
        cleanup_free char *path = rest ? windows_path(w, rest, err) : NULL;
        cleanup_free char *real = NULL;
        cleanup_free char *what =
            text_printf("the driver %s starts at boot", drivers[i].name);

        if (!path || !what)
            return error_no_memory(err);
        if (mayfly_case_sensitive_path(w->c->job.g, path, &real) < 0 ||
            !job_is_file(&w->c->job, real))
            continue;
        if (add_driver(w, system, &drivers[i], database != 0, err) < 0 ||
            hive_tell(system, what, why, err) < 0)
            return -1;
    }
    return 0;
}
