/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --xpath: shell scripts need no other program to read the document. */
#include <config.h>

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/xmlsave.h>
#include <libxml/xpath.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspector/document.h"
#include "tool/print.h"

/* Nothing is loaded from other places, no entity is expanded. */
#define PARSE_OPTIONS                                                          \
    (XML_PARSE_NONET | XML_PARSE_NOBLANKS | XML_PARSE_NOERROR |                \
        XML_PARSE_NOWARNING)

/* BAD_CAST of libxml2 takes the const away. */
static const xmlChar *
chars(const char *s)
{
    return (const xmlChar *)s;
}

static int
print_nodes(const xmlNodeSet *nodes, struct error *err)
{
    xmlBufferPtr out = xmlBufferCreate();
    xmlSaveCtxtPtr save =
        out ? xmlSaveToBuffer(out, NULL, XML_SAVE_NO_DECL | XML_SAVE_FORMAT)
            : NULL;

    if (!save) {
        xmlBufferFree(out);
        return error_no_memory(err);
    }
    int result = 0;
    for (int i = 0; nodes && result == 0 && i < nodes->nodeNr; i++) {
        /* Each result becomes a document of its own. */
        xmlDocPtr one = xmlNewDoc(chars("1.0"));
        xmlNodePtr copy =
            one ? xmlDocCopyNode(nodes->nodeTab[i], one, 1) : NULL;
        if (copy) {
            xmlDocSetRootElement(one, copy);
            if (xmlSaveDoc(save, one) < 0)
                result = error_no_memory(err);
        } else {
            result = error_no_memory(err);
        }
        xmlFreeDoc(one);
    }
    xmlSaveClose(save);
    if (result == 0)
        result = document_write(
            xmlBufferContent(out), (size_t)xmlBufferLength(out), err);
    xmlBufferFree(out);
    return result;
}

static int
print_result(xmlXPathObjectPtr found, struct error *err)
{
    if (found->type == XPATH_NODESET)
        return print_nodes(found->nodesetval, err);
    xmlChar *text = xmlXPathCastToString(found);
    if (!text)
        return error_no_memory(err);
    size_t n = strlen((char *)text);
    bool line = found->type == XPATH_STRING && (n == 0 || text[n - 1] == '\n');
    tool_print(stdout, (char *)text);
    if (!line)
        putchar('\n');
    xmlFree(text);
    return 0;
}

static void
ignore_error(void *context, const char *format, ...)
{
    (void)context, (void)format;
}

int
document_xpath(const char *query, struct error *err)
{
    int result;

    xmlSetGenericErrorFunc(NULL, ignore_error);
    xmlDocPtr document = xmlReadFd(STDIN_FILENO, NULL, "utf8", PARSE_OPTIONS);
    if (!document)
        return error_set(err, EINVAL,
            "standard input is not an XML document; pass it the output of this "
            "program");
    xmlXPathContextPtr context = xmlXPathNewContext(document);
    xmlXPathObjectPtr found =
        context ? xmlXPathEvalExpression(chars(query), context) : NULL;
    if (found)
        result = print_result(found, err);
    else
        result = error_set(err, EINVAL, "invalid XPath expression '%s'", query);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlFreeDoc(document);
    return result;
}
