/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside ovf*.c: values in the elements of a description. */
#pragma once
#include <libxml/tree.h>
#include <stdint.h>

/* The text in the child NAME of PARENT; its number, 0 without one. */
char *ovf_content(const xmlNode *parent, const char *name);
uint64_t ovf_number(const xmlNode *parent, const char *name);

/* The child NAME of PARENT whose ATTRIBUTE has that value. */
const xmlNode *ovf_find(const xmlNode *parent, const char *name,
    const char *key, const char *value);

/* The bytes of "byte * 2^20", "MegaBytes", "MB"; 0: not known. */
uint64_t ovf_unit(const char *unit);
