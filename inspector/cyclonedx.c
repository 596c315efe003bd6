/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --sbom cyclonedx: CycloneDX 1.6 (ECMA-424).  Each system is a component, and
 * depends on its packages. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/uuid.h"
#include "inspector/build.h"
#include "inspector/document.h"
#include "inspector/sbom.h"

static void
add_licence(struct build *j, struct json_object *o, const char *licence)
{
    struct json_object *list, *item, *inner;

    if (!licence[0])
        return;
    list = build_array(j, o, "licenses");
    item = build_object(j);
    if (sbom_is_expression(licence)) {
        build_add_text(j, item, "expression", licence);
    } else {
        inner = build_object(j);
        build_add_text(j, inner, "name", licence);
        build_add(j, item, "license", inner);
    }
    build_append(j, list, item);
}

static void
add_property(struct build *j, struct json_object *list, const char *name,
    const char *value)
{
    struct json_object *o = build_object(j);

    build_add_text(j, o, "name", name);
    build_add_text(j, o, "value", value);
    build_append(j, list, o);
}

static struct json_object *
package(struct build *j, const struct mayfly_inspection_root *s,
    const struct mayfly_application2 *a, const char *ref)
{
    struct json_object *o = build_object(j), *list, *publisher;
    cleanup_free char *version = sbom_version(s, a), *purl = sbom_purl(s, a);
    bool program = str_equal(s->type, "windows") || a->app2_class[0];

    j->failed |= !version || !purl;
    build_add_text(j, o, "bom-ref", ref);
    build_add_text(j, o, "type", program ? "application" : "library");
    if (a->app2_publisher[0]) {
        publisher = build_object(j);
        build_add_text(j, publisher, "name", a->app2_publisher);
        build_add(j, o, "supplier", publisher);
    }
    build_add_text(j, o, "name",
        a->app2_display_name[0] ? a->app2_display_name : a->app2_name);
    build_add_text(j, o, "version", version);
    build_add_text(j, o, "description", a->app2_summary);
    add_licence(j, o, a->app2_licence);
    build_add_text(j, o, "purl", purl);
    list = build_array(j, o, "properties");
    if (a->app2_source_package[0])
        add_property(j, list, "mayfly:source", a->app2_source_package);
    if (a->app2_class[0])
        add_property(j, list, "mayfly:class", a->app2_class);
    return o;
}

static void
add_system(struct build *j, const struct mayfly_inspection_root *s, uint32_t n,
    struct json_object *components, struct json_object *dependencies)
{
    struct json_object *o = build_object(j), *needs = build_object(j), *list;
    char ref[64];

    snprintf(ref, sizeof ref, "system-%u", n);
    build_add_text(j, o, "bom-ref", ref);
    build_add_text(j, o, "type", "operating-system");
    build_add_text(j, o, "name",
        s->id[0]       ? s->id
        : s->distro[0] ? s->distro
        : s->type[0]   ? s->type
                       : "unknown");
    build_add_text(j, o, "version", s->version_id);
    build_add_text(j, o, "description", s->product_name);
    list = build_array(j, o, "properties");
    add_property(j, list, "mayfly:root", s->root);
    if (s->hostname[0])
        add_property(j, list, "mayfly:hostname", s->hostname);
    build_append(j, components, o);
    build_add_text(j, needs, "ref", ref);
    list = build_array(j, needs, "dependsOn");
    for (uint32_t i = 0; i < s->n_applications; i++) {
        snprintf(ref, sizeof ref, "package-%u-%u", n, i);
        build_append(j, components, package(j, s, &s->applications[i], ref));
        build_append(j, list, build_string(j, ref));
    }
    build_append(j, dependencies, needs);
}

static void
add_metadata(struct build *j, struct json_object *o, const struct document *d)
{
    struct json_object *meta = build_object(j), *tools = build_object(j),
                       *tool = build_object(j), *subject = build_object(j),
                       *list;
    char now[SBOM_TIME_SIZE];

    sbom_time(now);
    build_add_text(j, meta, "timestamp", now);
    list = build_array(j, tools, "components");
    build_add_text(j, tool, "type", "application");
    build_add_text(j, tool, "name", "mayfly-inspector");
    build_add_text(j, tool, "version", PACKAGE_VERSION);
    build_append(j, list, tool);
    build_add(j, meta, "tools", tools);
    build_add_text(j, subject, "bom-ref", "disks");
    build_add_text(j, subject, "type", "container");
    build_add_text(j, subject, "name", d->name ? d->name : "disks");
    build_add(j, meta, "component", subject);
    build_add(j, o, "metadata", meta);
}

int
document_cyclonedx(const struct document *d, struct error *err)
{
    struct build json = {0}, *j = &json;
    struct json_object *o, *components, *dependencies, *all, *list;
    char uuid[UUID_SIZE], ref[64];

    if (uuid_random(uuid, err) < 0)
        return -1;
    cleanup_free char *serial = text_printf("urn:uuid:%s", uuid);
    o = build_object(j);
    build_add_text(
        j, o, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    build_add_text(j, o, "bomFormat", "CycloneDX");
    build_add_text(j, o, "specVersion", "1.6");
    build_add_text(j, o, "serialNumber", serial);
    build_add_number(j, o, "version", 1);
    add_metadata(j, o, d);
    components = build_array(j, o, "components");
    dependencies = build_array(j, o, "dependencies");
    all = build_object(j);
    build_add_text(j, all, "ref", "disks");
    list = build_array(j, all, "dependsOn");
    for (uint32_t i = 0; i < d->found->n_roots; i++) {
        snprintf(ref, sizeof ref, "system-%u", i);
        build_append(j, list, build_string(j, ref));
        add_system(j, &d->found->roots[i], i, components, dependencies);
    }
    build_append(j, dependencies, all);
    return build_write(j, o, err);
}
