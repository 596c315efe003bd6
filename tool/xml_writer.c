/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/xml_writer.h"

#include <errno.h>
#include <libxml/xmlwriter.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

struct xml_writer {
    xmlTextWriterPtr w;
    char *(*escape)(const char *text);
    bool failed;
};

/* BAD_CAST of libxml2 takes the const away. */
static const xmlChar *
chars(const char *s)
{
    return (const xmlChar *)s;
}

static void
check(struct xml_writer *x, int result)
{
    x->failed |= result < 0;
}

void
put_start(struct xml_writer *x, const char *name)
{
    check(x, xmlTextWriterStartElement(x->w, chars(name)));
}

void
put_end(struct xml_writer *x)
{
    check(x, xmlTextWriterEndElement(x->w));
}

void
put_attribute(struct xml_writer *x, const char *name, const char *value)
{
    cleanup_free char *clean = x->escape(value);

    check(x, clean
                 ? xmlTextWriterWriteAttribute(x->w, chars(name), chars(clean))
                 : -1);
}

void
put_text(struct xml_writer *x, const char *text)
{
    cleanup_free char *clean = x->escape(text);

    check(x, clean ? xmlTextWriterWriteString(x->w, chars(clean)) : -1);
}

void
put_comment(struct xml_writer *x, const char *text)
{
    cleanup_free char *clean = x->escape(text);
    cleanup_free char *out = clean ? malloc(2 * strlen(clean) + 3) : NULL;

    if (!out) {
        x->failed = true;
        return;
    }
    char *to = out;
    *to++ = ' ';
    for (const char *p = clean; *p; p++) {
        if (*p == '-' && to[-1] == '-')
            *to++ = ' ';
        *to++ = *p;
    }
    *to++ = ' ';
    *to = '\0';
    check(x, xmlTextWriterWriteComment(x->w, chars(out)));
}

void
put_element(struct xml_writer *x, const char *name, const char *value)
{
    put_start(x, name);
    put_text(x, value);
    put_end(x);
}

void
put_optional(struct xml_writer *x, const char *name, const char *value)
{
    if (value && value[0])
        put_element(x, name, value);
}

void
put_number(struct xml_writer *x, const char *name, long long value)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", value);
    put_element(x, name, text);
}

void
put_leaf(
    struct xml_writer *x, const char *name, const char *key, const char *value)
{
    put_start(x, name);
    put_attribute(x, key, value);
    put_end(x);
}

void
put_bytes(struct xml_writer *x, const void *data, size_t size)
{
    check(x, size > INT_MAX
                 ? -1
                 : xmlTextWriterWriteBase64(x->w, data, 0, (int)size));
}

void
put_failed(struct xml_writer *x)
{
    x->failed = true;
}

/* Not to a file directly: libxml2 would report a full disk in its own words,
 * and in the middle of the document. */
char *
xml_text(void (*put)(struct xml_writer *x, const void *opaque),
    const void *opaque, const struct xml_style *style, size_t *ret_size,
    struct error *err)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    struct xml_writer x = {
        .w = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL,
        .escape = style->escape ? style->escape : text_escape_controls,
    };
    char *text = NULL;

    if (x.w) {
        check(&x, xmlTextWriterSetIndent(x.w, 1));
        if (style->indent)
            check(&x, xmlTextWriterSetIndentString(x.w, chars(style->indent)));
        check(&x, xmlTextWriterStartDocument(x.w, NULL, style->encoding, NULL));
        put(&x, opaque);
        check(&x, xmlTextWriterEndDocument(x.w));
        xmlFreeTextWriter(x.w);
        if (!x.failed)
            text = strdup((const char *)xmlBufferContent(buffer));
    }
    xmlBufferFree(buffer);
    if (!text)
        return error_set(err, ENOMEM, "no memory for the XML"), NULL;
    *ret_size = strlen(text);
    return text;
}
