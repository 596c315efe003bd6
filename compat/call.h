/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every guestfs_X does besides its work: send events, trace, fail.
 *
 * A generated call enters, traces its arguments, checks them, does its work by
 * mayfly_X or own_X, leaves, traces its result.  The order in which a failing
 * call traces and reports its error differs between calls done by the library
 * and calls done by the appliance, and programs' logs show it; so call_failed
 * knows both orders. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "compat/handle.h"
#include "compat/structs.h"

/* True: trace arguments, then trace_send. */
bool call_enter(guestfs_h *g, const char *name);
void trace_string(guestfs_h *g, const char *s);
void trace_strings(guestfs_h *g, char *const *v);
void trace_buffer(guestfs_h *g, const char *bytes, size_t n);
void trace_number(guestfs_h *g, int64_t n);
void trace_bool(guestfs_h *g, int value);
void trace_pointer(guestfs_h *g, const void *p);
void trace_option_string(guestfs_h *g, const char *name, const char *s);
void trace_option_strings(guestfs_h *g, const char *name, char *const *v);
void trace_option_number(guestfs_h *g, const char *name, int64_t n);
void trace_option_bool(guestfs_h *g, const char *name, int value);
void trace_send(guestfs_h *g);

/* True: trace the result by one of the functions below. */
bool call_leave(guestfs_h *g, const char *name);
void trace_result_number(guestfs_h *g, int64_t n);
void trace_result_string(guestfs_h *g, const char *s);
void trace_result_strings(guestfs_h *g, char *const *v);
void trace_result_buffer(guestfs_h *g, const char *bytes, size_t n);
void trace_result_struct(
    guestfs_h *g, const struct layout *l, const void *value);
void trace_result_list(guestfs_h *g, const struct layout *l, const void *list);

/* The program is exiting, and another thread has closed the handle: the call
 * fails silently, since no one is left to handle the error. */
void call_ended(guestfs_h *g);
/* The call has failed with the error of the mayfly handle; BAD is its return
 * value, as text. */
void call_failed(guestfs_h *g, const char *name, bool library, const char *bad);
/* The call has failed and reported its error; trace that. */
void call_traced_error(guestfs_h *g, const char *name, const char *bad);
void call_missing(guestfs_h *g, const char *name, const char *bad);
void call_null(guestfs_h *g, const char *name, const char *argument);
void call_no_option(
    guestfs_h *g, const char *name, const char *option, const char *bad);
void call_bad_option(guestfs_h *g, const char *name, int option);
void call_twice(guestfs_h *g, const char *name, int option);

/* Values from one side to the other.  If out of memory, they do not return,
 * unless the program's handler does; then they return NULL. */
const char *const *list_in(char *const *v);
/* A host file that a call reads or writes. */
const char *stream_name(const char *filename);
/* Takes over OURS, which is one block. */
char **strings_out(guestfs_h *g, char **ours);
void *struct_out(guestfs_h *g, const struct layout *l,
    const struct source *sources, const void *ours);
void *list_out(guestfs_h *g, const struct layout *l,
    const struct source *sources, size_t size, const void *ours, uint32_t n);
