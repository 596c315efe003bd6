/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Foreign XML: nothing is loaded for an external entity, no address in it is
 * followed, entities that multiply are refused, and no text longer than
 * XML_TEXT_MAX is accepted.  Names are compared without their
 * namespaces. */
#pragma once
#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { XML_TEXT_MAX = 4096 };

/* NULL with an error that names the line. */
xmlDoc *xml_parse(const char *text, size_t size, struct error *err);

bool xml_is(const xmlNode *node, const char *name);

/* The first child of that name, or NULL; PARENT may be NULL. */
xmlNode *xml_child(const xmlNode *parent, const char *name);

/* The text in a node, or in an attribute, for the caller to free; NULL if it
 * has none, or without memory.  NODE may be NULL. */
char *xml_content(const xmlNode *node);
char *xml_attribute(const xmlNode *node, const char *name);

/* Was one of these NULL for lack of memory since the last xml_parse of this
 * thread?  What looks absent may then not be. */
bool xml_lacked_memory(void);
