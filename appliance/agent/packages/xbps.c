/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Void's database: a property list in XML, a dictionary of dictionaries. */
#include <config.h>

#include <libxml/parser.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/packages/package.h"
#include "appliance/agent/packages/packages.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { OPTIONS = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING };

static bool
is_element(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE &&
           str_equal((const char *)node->name, name);
}

/* The text of an element, "" if it has none. */
static const char *
text_of(const xmlNode *node)
{
    const xmlNode *child = node->children;

    return child && child->type == XML_TEXT_NODE && child->content
               ? (const char *)child->content
               : "";
}

/* The element after a key is its value. */
static const xmlNode *
value_of(const xmlNode *key)
{
    for (const xmlNode *n = key->next; n; n = n->next)
        if (n->type == XML_ELEMENT_NODE)
            return n;
    return NULL;
}

static void
take_field(struct call *c, struct mayfly_application2 *p, const char *key,
    const char *value, char **version)
{
    if (str_equal(key, "pkgver"))
        *version = call_strndup(c, value, PACKAGE_TEXT_MAX);
    else if (str_equal(key, "architecture"))
        p->app2_arch = call_strndup(c, value, PACKAGE_NAME_MAX);
    else if (str_equal(key, "homepage"))
        p->app2_url = call_strndup(c, value, PACKAGE_TEXT_MAX);
    else if (str_equal(key, "license"))
        p->app2_licence = call_strndup(c, value, PACKAGE_TEXT_MAX);
    else if (str_equal(key, "short_desc"))
        p->app2_summary = call_strndup(c, value, PACKAGE_TEXT_MAX);
    else if (str_equal(key, "maintainer"))
        p->app2_publisher = call_strndup(c, value, PACKAGE_TEXT_MAX);
}

/* "bash-5.2.21_1" of the package "bash". */
static void
add(struct call *c, const char *name, const xmlNode *fields,
    struct list *packages)
{
    struct mayfly_application2 *p = package_add(c, packages);
    char *version = NULL;

    for (const xmlNode *n = fields->children; n; n = n->next) {
        const xmlNode *value = is_element(n, "key") ? value_of(n) : NULL;
        if (value && is_element(value, "string"))
            take_field(c, p, text_of(n), text_of(value), &version);
    }
    size_t length = strlen(name);
    if (!length || !version || strncmp(version, name, length) != 0 ||
        version[length] != '-') {
        packages->n--;
        return;
    }
    p->app2_name = call_strndup(c, name, PACKAGE_NAME_MAX);
    p->app2_version = version + length + 1;
}

static void
free_document(void *opaque)
{
    xmlFreeDoc(opaque);
}

static const char *
read_xbps(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    static const char *const paths[] = {
        "/var/db/xbps/pkgdb-0.38.plist", "/var/db/xbps/pkgdb-0.21.plist"};
    const char *path = paths[0];
    size_t size;
    char *text = tree_read(c, root, path, DATABASE_MAX, &size);

    if (!text) {
        path = paths[1];
        text = tree_read(c, root, path, DATABASE_MAX, &size);
    }
    if (!text) {
        *ret_reason = "cannot read /var/db/xbps/pkgdb-0.38.plist";
        return NULL;
    }
    xmlDocPtr doc = xmlReadMemory(text, (int)size, NULL, NULL, OPTIONS);
    const xmlNode *node = doc ? xmlDocGetRootElement(doc) : NULL;
    if (doc)
        call_defer(c, free_document, doc);
    for (node = node ? node->children : NULL;
         node && !is_element(node, "dict");)
        node = node->next;
    if (!node) {
        *ret_reason = call_printf(c, "%s is damaged", path);
        return NULL;
    }
    for (node = node->children; node && packages->n < PACKAGES_MAX;
         node = node->next) {
        const xmlNode *fields = is_element(node, "key") ? value_of(node) : NULL;
        if (fields && is_element(fields, "dict"))
            add(c, text_of(node), fields, packages);
    }
    return path;
}

const struct package_reader xbps_reader = {
    .format = "xbps",
    .read = read_xbps,
};
