/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/xml.h"

#include <errno.h>
#include <libxml/parser.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

xmlDoc *
xml_parse(const char *text, size_t size, struct error *err)
{
    xmlResetLastError();
    xmlDoc *document =
        size > INT_MAX
            ? NULL
            : xmlReadMemory(text, (int)size, "description", NULL,
                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

    if (!document) {
        const xmlError *e = xmlGetLastError();

        if (xml_lacked_memory())
            error_no_memory(err);
        else
            error_set(err, EINVAL, "line %d is not valid XML", e ? e->line : 0);
    }
    return document;
}

bool
xml_lacked_memory(void)
{
    const xmlError *e = xmlGetLastError();

    return e && e->code == XML_ERR_NO_MEMORY;
}

bool
xml_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE &&
           xmlStrcmp(node->name, (const xmlChar *)name) == 0;
}

xmlNode *
xml_child(const xmlNode *parent, const char *name)
{
    for (xmlNode *n = parent ? parent->children : NULL; n; n = n->next)
        if (xml_is(n, name))
            return n;
    return NULL;
}

/* A copy of a string of libxml2 that free() can release. */
static char *
own(xmlChar *text)
{
    bool fits = text && xmlStrlen(text) <= XML_TEXT_MAX;

    if (fits && xmlFree == free)
        return (char *)text;
    char *copy = fits ? strdup((const char *)text) : NULL;
    xmlFree(text);
    return copy;
}

char *
xml_content(const xmlNode *node)
{
    return node ? own(xmlNodeGetContent(node)) : NULL;
}

char *
xml_attribute(const xmlNode *node, const char *name)
{
    return node ? own(xmlGetProp(node, (const xmlChar *)name)) : NULL;
}
