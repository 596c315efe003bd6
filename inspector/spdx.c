/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --sbom spdx: SPDX 2.3 (ISO/IEC 5962) in JSON.  Each system is a package of
 * its own, which contains the others.  A licence that is not on SPDX's list is
 * given as text under a name of this document. */
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

struct spdx {
    struct build build;
    struct json_object *packages, *relationships, *licences;
    struct json_object *known; /* the text of a licence to its name here */
    unsigned n_licences;
};

static void
relate(struct spdx *x, const char *from, const char *how, const char *to)
{
    struct build *j = &x->build;
    struct json_object *o = build_object(j);

    build_add_text(j, o, "spdxElementId", from);
    build_add_text(j, o, "relationshipType", how);
    build_add_text(j, o, "relatedSpdxElement", to);
    build_append(j, x->relationships, o);
}

static void
add_licence(struct spdx *x, struct json_object *o, const char *text)
{
    struct build *j = &x->build;
    struct json_object *name, *info;
    char ref[48];

    if (!text[0] || sbom_is_expression(text)) {
        build_add_text(j, o, "licenseDeclared", text[0] ? text : "NOASSERTION");
        return;
    }
    if (!json_object_object_get_ex(x->known, text, &name)) {
        snprintf(ref, sizeof ref, "LicenseRef-%u", ++x->n_licences);
        name = build_string(j, ref);
        build_add(j, x->known, text, name);
        info = build_object(j);
        build_add_text(j, info, "licenseId", ref);
        build_add_text(j, info, "extractedText", text);
        build_append(j, x->licences, info);
    }
    build_add(j, o, "licenseDeclared", json_object_get(name));
}

static struct json_object *
add_package(struct spdx *x, const char *id, const char *name,
    const char *version, const char *licence, const char *publisher)
{
    struct build *j = &x->build;
    struct json_object *o = build_object(j);

    build_add_text(j, o, "SPDXID", id);
    build_add_text(j, o, "name", name);
    build_add_text(j, o, "versionInfo", version);
    if (publisher[0]) {
        cleanup_free char *supplier =
            text_printf("Organization: %s", publisher);
        j->failed |= !supplier;
        build_add_text(j, o, "supplier", supplier);
    }
    build_add_text(j, o, "downloadLocation", "NOASSERTION");
    build_add(j, o, "filesAnalyzed", json_object_new_boolean(false));
    build_add_text(j, o, "licenseConcluded", "NOASSERTION");
    add_licence(x, o, licence);
    build_add_text(j, o, "copyrightText", "NOASSERTION");
    build_append(j, x->packages, o);
    return o;
}

static void
add_application(struct spdx *x, const struct mayfly_inspection_root *s,
    const struct mayfly_application2 *a, const char *id)
{
    struct build *j = &x->build;
    cleanup_free char *version = sbom_version(s, a), *purl = sbom_purl(s, a);
    struct json_object *o, *list, *ref;

    j->failed |= !version || !purl;
    o = add_package(x, id,
        a->app2_display_name[0] ? a->app2_display_name : a->app2_name,
        version ? version : "", a->app2_licence, a->app2_publisher);
    build_add_text(j, o, "summary", a->app2_summary);
    if (a->app2_source_package[0]) {
        cleanup_free char *info = text_printf(
            "built from the source package %s", a->app2_source_package);
        build_add_text(j, o, "sourceInfo", info);
    }
    list = build_array(j, o, "externalRefs");
    ref = build_object(j);
    build_add_text(j, ref, "referenceCategory", "PACKAGE-MANAGER");
    build_add_text(j, ref, "referenceType", "purl");
    build_add_text(j, ref, "referenceLocator", purl);
    build_append(j, list, ref);
}

static void
add_system(struct spdx *x, const struct mayfly_inspection_root *s, uint32_t n)
{
    struct build *j = &x->build;
    char system[64], id[64];
    const char *name = s->id[0]       ? s->id
                       : s->distro[0] ? s->distro
                       : s->type[0]   ? s->type
                                      : "unknown";

    snprintf(system, sizeof system, "SPDXRef-System-%u", n);
    struct json_object *o = add_package(x, system, name, s->version_id, "", "");
    build_add_text(j, o, "primaryPackagePurpose", "OPERATING_SYSTEM");
    build_add_text(j, o, "summary", s->product_name);
    relate(x, "SPDXRef-DOCUMENT", "DESCRIBES", system);
    for (uint32_t i = 0; i < s->n_applications; i++) {
        snprintf(id, sizeof id, "SPDXRef-Package-%u-%u", n, i);
        add_application(x, s, &s->applications[i], id);
        relate(x, system, "CONTAINS", id);
    }
}

int
document_spdx(const struct document *d, struct error *err)
{
    struct spdx x = {0};
    struct build *j = &x.build;
    struct json_object *o, *info, *list;
    char uuid[UUID_SIZE], now[SBOM_TIME_SIZE];

    if (uuid_random(uuid, err) < 0)
        return -1;
    sbom_time(now);
    cleanup_free char *space =
        text_printf("https://spdx.org/spdxdocs/mayfly-%s", uuid);
    o = build_object(j);
    x.known = build_object(j);
    build_add_text(j, o, "spdxVersion", "SPDX-2.3");
    build_add_text(j, o, "dataLicense", "CC0-1.0");
    build_add_text(j, o, "SPDXID", "SPDXRef-DOCUMENT");
    build_add_text(j, o, "name", d->name ? d->name : "disks");
    build_add_text(j, o, "documentNamespace", space);
    info = build_object(j);
    build_add_text(j, info, "created", now);
    list = build_array(j, info, "creators");
    build_append(
        j, list, build_string(j, "Tool: mayfly-inspector-" PACKAGE_VERSION));
    build_add(j, o, "creationInfo", info);
    x.packages = build_array(j, o, "packages");
    x.relationships = build_array(j, o, "relationships");
    x.licences = build_array(j, o, "hasExtractedLicensingInfos");
    for (uint32_t i = 0; i < d->found->n_roots; i++)
        add_system(&x, &d->found->roots[i], i);
    json_object_put(x.known);
    return build_write(j, o, err);
}
