/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -O: what was found, in the XML of virt-v2v-inspector(1). */
#include <config.h>

#include "v2v/target/inspection_xml.h"

#include <stdio.h>
#include <sys/stat.h>

#include "tool/xml_mountpoints.h"
#include "tool/xml_writer.h"
#include "v2v/target/description.h"

enum { STAT_BLOCK = 512 };

/* What the image takes is an estimate of what its copy will. */
static void
put_disks(struct xml_writer *x, const struct result *r)
{
    put_start(x, "disks");
    for (size_t i = 0; i < r->disks->n; i++) {
        const struct target_disk *t = &r->disks->items[i];
        char index[24], allocated[24], order[24];
        struct stat st;

        snprintf(index, sizeof index, "%zu", i);
        put_start(x, "disk");
        put_attribute(x, "index", index);
        put_number(x, "virtual-size", (long long)t->size);
        snprintf(order, sizeof order, "%zu", disks_boot_order(r->disks, i));
        put_leaf(x, "boot", "order", order);
        if (t->base && stat(t->base, &st) == 0 && S_ISREG(st.st_mode)) {
            snprintf(allocated, sizeof allocated, "%lld",
                (long long)st.st_blocks * STAT_BLOCK);
            put_start(x, "allocated");
            put_attribute(x, "estimated", "true");
            put_text(x, allocated);
            put_end(x);
        }
        put_end(x);
    }
    put_end(x);
}

static void
put_system(struct xml_writer *x, const struct mayfly_inspection_root *root)
{
    put_start(x, "operatingsystem");
    put_optional(x, "name", root->type);
    put_optional(x, "distro", root->distro);
    put_optional(x, "osinfo", root->osinfo);
    put_optional(x, "arch", root->arch);
    put_number(x, "major_version", root->major_version);
    put_number(x, "minor_version", root->minor_version);
    put_optional(x, "package_format", root->package_format);
    put_optional(x, "package_management", root->package_management);
    put_optional(x, "product_name", root->product_name);
    put_optional(x, "product_variant", root->product_variant);
    put_optional(x, "windows_systemroot", root->windows_systemroot);
    put_optional(x, "windows_software_hive", root->windows_software_hive);
    put_optional(x, "windows_system_hive", root->windows_system_hive);
    put_optional(
        x, "windows_current_control_set", root->windows_current_control_set);
    put_optional(x, "root", root->root);
    put_mountpoints(x, root);
    put_end(x);
}

static void
put_document(struct xml_writer *x, const void *result)
{
    const struct result *r = result;

    put_start(x, "v2v-inspection");
    /* Programs may look for this name. */
    put_element(x, "program", "virt-v2v-inspector");
    put_element(x, "package", PACKAGE_NAME);
    put_element(x, "version", PACKAGE_VERSION);
    put_disks(x, r);
    put_leaf(x, "firmware", "type", r->guest->uefi ? "uefi" : "bios");
    put_system(x, r->root);
    put_end(x);
}

char *
inspection_xml_text(const struct result *r, struct error *err)
{
    size_t size;

    return xml_text(put_document, r, &target_xml, &size, err);
}
