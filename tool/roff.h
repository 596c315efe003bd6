/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only code that writes roff. */
#pragma once
#include <stdio.h>

/* Words that continue a line: what roff would read as its own is escaped, and
 * nothing is set in bold. */
void roff_plain(FILE *out, const char *text);

/* ".MACRO TEXT", as ".SH NAME". */
void roff_macro(FILE *out, const char *macro, const char *text);

/* Paragraphs, lists and code as tool/manual.h has them. */
void roff_text(FILE *out, const char *text);

/* The same inside an item of a list: paragraphs stay in it. */
void roff_item_text(FILE *out, const char *text);

/* One line of help as a sentence: "add a disk" becomes "Add a disk." */
void roff_sentence(FILE *out, const char *text);

/* The section SEE ALSO: "mayfish(1) mayfly(7)". */
void roff_see_also(FILE *out, const char *pages);

/* Code, indented and left as it stands. */
void roff_code(FILE *out, const char *text);
