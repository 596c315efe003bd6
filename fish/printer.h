/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Print the result of a call: as text that scripts know, or with --json as one
 * line of JSON for each command.
 *
 * A value has a name if it is the field of a structure, else NULL.  There is
 * one value between print_begin and print_end. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_object;

enum { PRINTER_DEPTH = 16 };

struct printer {
    FILE *out;
    bool json;
    int depth;                     /* of structures and lists */
    uint32_t count[PRINTER_DEPTH]; /* elements so far of the list at a depth */
    bool list[PRINTER_DEPTH];      /* is it a list? */
    struct json_object *tree[PRINTER_DEPTH]; /* --json: the value being built */
    struct json_object *result;              /* --json: the finished value */
};

void print_begin(struct printer *p, FILE *out, bool json);

/* Returns 0, or -1 if it cannot be written. */
int print_end(struct printer *p);

void print_text(struct printer *p, const char *name, const char *text);
void print_bytes(
    struct printer *p, const char *name, const void *data, size_t size);
void print_bool(struct printer *p, const char *name, bool value);
void print_integer(struct printer *p, const char *name, int64_t value);
void print_unsigned(struct printer *p, const char *name, uint64_t value);
void print_hex(struct printer *p, const char *name, uint64_t value);
void print_octal(struct printer *p, const char *name, uint64_t value);
void print_strings(
    struct printer *p, const char *name, char *const *list, size_t n);
/* N pairs of key and value. */
void print_map(
    struct printer *p, const char *name, char *const *list, size_t n);

void print_open_struct(struct printer *p, const char *name);
void print_close_struct(struct printer *p);
void print_open_list(struct printer *p, const char *name);
void print_close_list(struct printer *p);
