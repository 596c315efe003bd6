/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/xml: foreign XML, well formed and hostile. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/xml.h"
#include "tests/unit/test.h"

static xmlDoc *
parse(const char *text)
{
    cleanup_error struct error err = {0};
    xmlDoc *document = xml_parse(text, strlen(text), &err);

    if (!document)
        fprintf(stderr, "%s\n", error_text(&err));
    CHECK(document);
    return document;
}

TEST(xml_names_and_contents)
{
    xmlDoc *document =
        parse("<?xml version='1.0'?>\n<o:r xmlns:o='urn:o' o:a='1' b=''>\n"
              "  <!-- c --> text <o:c>one</o:c><c>two</c><e/></o:r>");
    xmlNode *root = xmlDocGetRootElement(document);
    cleanup_free char *one = xml_content(xml_child(root, "c"));
    cleanup_free char *none = xml_content(xml_child(root, "e"));
    cleanup_free char *a = xml_attribute(root, "a");
    cleanup_free char *b = xml_attribute(root, "b");

    CHECK(xml_is(root, "r") && !xml_is(root, "R"));
    CHECK(!xml_is(root->children, "text"));
    CHECK_STR(one, "one");
    CHECK_STR(none, "");
    CHECK_STR(a, "1");
    CHECK_STR(b, "");
    CHECK(!xml_child(root, "d") && !xml_child(NULL, "c"));
    CHECK(!xml_attribute(root, "d") && !xml_attribute(NULL, "a"));
    CHECK(!xml_content(NULL) && !xml_content(xml_child(root, "d")));
    xmlFreeDoc(document);
}

TEST(xml_errors_name_the_line)
{
    cleanup_error struct error err = {0};
    static const char open[] = "<a>\n<b>\n</a>";

    CHECK(!xml_parse(open, strlen(open), &err) && err.code == EINVAL);
    CHECK_STR(error_text(&err), "line 3 is not valid XML");
    CHECK(!xml_parse("", 0, &err) && err.code == EINVAL);
    CHECK(!xml_parse("no XML", 6, &err));
    CHECK_STR(error_text(&err), "line 1 is not valid XML");
    /* The size counts, not the NUL. */
    CHECK(!xml_parse("<a></a>", 3, &err));
    CHECK(!xml_parse("<a>\0</a>", 8, &err));
    CHECK(!xml_parse("<a>\xff</a>", 8, &err));
    /* Too large for libxml2's int: not one byte of it is read. */
    CHECK(!xml_parse("", (size_t)1 << 32, &err) && err.code == EINVAL);
}

TEST(xml_text_has_a_limit)
{
    for (int more = 0; more < 2; more++) {
        size_t size = XML_TEXT_MAX + (size_t)more;
        cleanup_free char *text = calloc(1, size + 1);

        CHECK(text);
        memset(text, 'x', size);
        cleanup_free char *xml = text_printf("<a b='%s'>%s</a>", text, text);
        xmlDoc *document = parse(xml);
        xmlNode *root = xmlDocGetRootElement(document);
        cleanup_free char *content = xml_content(root);
        cleanup_free char *attribute = xml_attribute(root, "b");

        CHECK((content != NULL) == (more == 0));
        CHECK((attribute != NULL) == (more == 0));
        CHECK(more || str_equal(content, text));
        xmlFreeDoc(document);
    }
}

/* No file is read for an entity, and no address followed. */
TEST(xml_loads_no_external_entity)
{
    char path[] = "/tmp/mayfly-xml.XXXXXX";
    int fd = mkstemp(path);

    CHECK(fd >= 0 && write(fd, "secret", 6) == 6);
    close(fd);
    cleanup_free char *xml =
        text_printf("<!DOCTYPE r SYSTEM 'file://%s' [<!ENTITY e SYSTEM "
                    "'file://%s'>]><r>a&e;b</r>",
            path, path);
    xmlDoc *document = parse(xml);
    cleanup_free char *content = xml_content(xmlDocGetRootElement(document));

    CHECK(!content || !strstr(content, "secret"));
    xmlFreeDoc(document);
    unlink(path);
}

/* Entities that would grow tenfold six times over are refused at once. */
TEST(xml_refuses_entities_that_multiply)
{
    cleanup_error struct error err = {0};
    cleanup_free char *xml = strdup("<!DOCTYPE r [<!ENTITY l0 'lollollol'>");

    for (int i = 1; i <= 6; i++) {
        cleanup_free char *before = steal_pointer(&xml);

        xml = text_printf("%s<!ENTITY l%d '&l%d;&l%d;&l%d;&l%d;&l%d;&l%d;"
                          "&l%d;&l%d;&l%d;&l%d;'>",
            before, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
            i - 1, i - 1);
        CHECK(xml);
    }
    cleanup_free char *whole = text_printf("%s]><r>&l6;</r>", xml);
    CHECK(!xml_parse(whole, strlen(whole), &err) && err.code == EINVAL);
}
