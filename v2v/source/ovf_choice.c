/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/source/ovf_choice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/xml.h"

enum { DEPTH_MAX = 8 };

static void
find_systems(const xmlNode *parent, int depth, xmlNode **ret_first, unsigned *n)
{
    for (xmlNode *i = parent->children; i; i = i->next) {
        if (xml_is(i, "VirtualSystem")) {
            if ((*n)++ == 0)
                *ret_first = i;
        } else if (depth > 0 && xml_is(i, "VirtualSystemCollection")) {
            find_systems(i, depth - 1, ret_first, n);
        }
    }
}

xmlNode *
ovf_only_system(const xmlNode *envelope, struct error *err)
{
    xmlNode *first = NULL;
    unsigned n = 0;

    find_systems(envelope, DEPTH_MAX, &first, &n);
    if (n > 1)
        return error_set(err, ENOTSUP,
                   "it describes more than one machine: %u; export them one by "
                   "one",
                   n),
               NULL;
    return first;
}

/* --- sizes --- */

/* That which is marked, else the first; NULL: there are no sizes. */
static char *
default_size(const xmlNode *envelope, unsigned *ret_n)
{
    const xmlNode *section = xml_child(envelope, "DeploymentOptionSection");
    const xmlNode *chosen = NULL;

    *ret_n = 0;
    for (const xmlNode *i = section ? section->children : NULL; i;
         i = i->next) {
        if (!xml_is(i, "Configuration"))
            continue;
        cleanup_free char *marked = xml_attribute(i, "default");
        if (++*ret_n == 1 ||
            (marked && (str_equal(marked, "true") || str_equal(marked, "1"))))
            chosen = i;
    }
    return xml_attribute(chosen, "id");
}

/* An item without sizes is for all of them. */
static bool
is_for_size(const xmlNode *item, const char *size)
{
    cleanup_free char *sizes = xml_attribute(item, "configuration");
    char *rest = sizes, *word;
    bool any = false;

    while ((word = strsep(&rest, " \t\r\n"))) {
        if (str_equal(word, size))
            return true;
        any |= *word != 0;
    }
    return !any;
}

int
ovf_choose_size(const xmlNode *envelope, xmlNode *hardware, struct guest *ret,
    struct error *err)
{
    unsigned n;
    cleanup_free char *size = default_size(envelope, &n);
    bool dropped = false;

    if (!size)
        return 0;
    for (xmlNode *i = hardware->children, *next; i; i = next) {
        next = i->next;
        if (i->type != XML_ELEMENT_NODE || is_for_size(i, size))
            continue;
        xmlUnlinkNode(i);
        xmlFreeNode(i);
        dropped = true;
    }
    return dropped && n > 1
               ? guest_note(ret, err,
                     "the machine comes in %u sizes: it gets '%s'", n, size)
               : 0;
}
