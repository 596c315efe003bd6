/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts in the character sets of other systems. */
#pragma once

/* A copy of TEXT in UTF-8, from the set that VMware calls NAME.  The text as it
 * is, if the set is unknown or the text is not in it.  NULL: no memory. */
char *text_from_charset(const char *text, const char *name);

/* The same, for a text that says in a line KEY = "NAME" which set it is in. */
char *text_from_own_charset(const char *text, const char *key);
