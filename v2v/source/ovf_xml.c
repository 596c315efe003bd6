/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/source/ovf_xml.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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

/* In lower case, without blanks. */
static char *
plain_unit(const char *unit)
{
    char *plain = strdup(unit), *to = plain;

    for (const char *p = unit; plain && *p; p++)
        if (!isspace((unsigned char)*p))
            *to++ = (char)tolower((unsigned char)*p);
    if (plain)
        *to = 0;
    return plain;
}

/* BASE to the power in TEXT; 0: it is no number, or too large. */
static uint64_t
power(uint64_t base, const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    uint64_t value = 1;

    if (!isdigit((unsigned char)*text) || *end)
        return 0;
    for (; n > 0; n--)
        if (__builtin_mul_overflow(value, base, &value))
            return 0;
    return value;
}

uint64_t
ovf_unit(const char *unit)
{
    static const char *const words[][6] = {
        {"byte", "bytes", "b"},
        {"kilobyte", "kilobytes", "kb", "kib", "k"},
        {"megabyte", "megabytes", "mb", "mib", "m"},
        {"gigabyte", "gigabytes", "gb", "gib", "g"},
        {"terabyte", "terabytes", "tb", "tib", "t"},
    };
    cleanup_free char *plain = plain_unit(unit);
    const char *product = plain ? strchr(plain, '*') : NULL;
    size_t n = product ? (size_t)(product - plain) : plain ? strlen(plain) : 0;

    for (size_t i = 0; n && i < N_ELEMENTS(words); i++)
        for (size_t k = 0; k < N_ELEMENTS(words[i]) && words[i][k]; k++) {
            if (strlen(words[i][k]) != n || strncmp(plain, words[i][k], n) != 0)
                continue;
            if (!product)
                return UINT64_C(1) << (10 * i);
            const char *two = str_after(product, "*2^");
            const char *ten = str_after(product, "*10^");
            if (i > 0)
                return 0;
            return two ? power(2, two) : ten ? power(10, ten) : 0;
        }
    return 0;
}
