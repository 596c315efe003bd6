/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/source/ovf_xml.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/xml.h"

char *
ovf_content(const xmlNode *parent, const char *name)
{
    return xml_content(xml_child(parent, name));
}

const xmlNode *
ovf_find(
    const xmlNode *parent, const char *name, const char *key, const char *value)
{
    for (xmlNode *n = parent ? parent->children : NULL; n; n = n->next) {
        cleanup_free char *has = xml_is(n, name) ? xml_attribute(n, key) : NULL;

        if (has && str_equal(has, value))
            return n;
    }
    return NULL;
}

uint64_t
ovf_number(const xmlNode *item, const char *name)
{
    cleanup_free char *text = ovf_content(item, name);

    return text && isdigit((unsigned char)text[0]) ? strtoull(text, NULL, 10)
                                                   : 0;
}

unsigned
ovf_shift(const char *unit)
{
    if (!unit || strstr(unit, "2^20") || strcasestr(unit, "mega"))
        return 20;
    if (strstr(unit, "2^40") || strcasestr(unit, "tera"))
        return 40;
    if (strstr(unit, "2^30") || strcasestr(unit, "giga"))
        return 30;
    if (strstr(unit, "2^10") || strcasestr(unit, "kilo"))
        return 10;
    return strcasecmp(unit, "byte") == 0 || strcasecmp(unit, "bytes") == 0 ? 0
                                                                           : 20;
}
