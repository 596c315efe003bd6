/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/target/xml_writer.h"

#include <errno.h>
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "v2v/target/target.h"

struct xml_writer {
    xmlTextWriterPtr w;
    bool failed;
};

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
    cleanup_free char *clean = text_escape(value);

    check(x, clean
                 ? xmlTextWriterWriteAttribute(x->w, chars(name), chars(clean))
                 : -1);
}

void
put_text(struct xml_writer *x, const char *text)
{
    cleanup_free char *clean = text_escape(text);

    check(x, clean ? xmlTextWriterWriteString(x->w, chars(clean)) : -1);
}

void
put_element(struct xml_writer *x, const char *name, const char *value)
{
    put_start(x, name);
    put_text(x, value);
    put_end(x);
}

void
put_number(struct xml_writer *x, const char *name, unsigned long long value)
{
    char text[24];

    snprintf(text, sizeof text, "%llu", value);
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

char *
xml_text(void (*put)(struct xml_writer *x, const void *opaque),
    const void *opaque, size_t *ret_size, struct error *err)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    struct xml_writer x = {
        .w = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL};
    char *text = NULL;

    if (x.w) {
        check(&x, xmlTextWriterSetIndent(x.w, 1));
        check(&x, xmlTextWriterStartDocument(x.w, NULL, "utf-8", NULL));
        put(&x, opaque);
        check(&x, xmlTextWriterEndDocument(x.w));
        xmlFreeTextWriter(x.w);
        if (!x.failed)
            text = strdup((const char *)xmlBufferContent(buffer));
    }
    xmlBufferFree(buffer);
    if (!text)
        return error_set(err, ENOMEM, "cannot make the XML"), NULL;
    *ret_size = strlen(text);
    return text;
}

int
xml_write(const struct result *r, const char *ending,
    void (*put)(struct xml_writer *x, const void *result), struct error *err)
{
    cleanup_output struct output out = {.fd = -1};
    size_t size;
    cleanup_free char *text = xml_text(put, r, &size, err);

    if (!text || target_open(r, ending, 0666, &out, err) < 0)
        return -1;
    if (write_all(out.fd, text, size) < 0)
        return error_errno(err, errno, "cannot write %s", out.path);
    return output_commit(&out, err);
}
