/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call as its handler sees it.
 *
 * A handler is `int op_NAME(struct call *c, const struct api_NAME_args *args,
 * struct api_NAME_ret *ret)` (ret is left out for calls without a result).
 * It returns 0, or fails with `return call_fail(c, ...)`.  What it puts into
 * *ret lives in the call's arena: call_alloc, call_printf, call_strdup. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;

/* --- errors --- */

/* Set the call's error; always -1.  call_fail appends ": " and the text of
 * errno CODE; call_error gives the whole text itself. */
int call_fail(struct call *c, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int call_error(struct call *c, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The error set so far: 0 and "" if none; and forgetting it. */
int call_errno(const struct call *c);
const char *call_error_text(const struct call *c);
void call_forgive(struct call *c);

/* --- memory, freed when the reply is sent; more in memory.h --- */

/* Never NULL: without memory the call ends there and then with ENOMEM (the
 * agent jumps out of the handler), so handlers need no checks.  Hence a
 * handler must not hold malloc'ed memory or open files across these unless
 * through call_defer: FUNCTION(OPAQUE) is called when the reply is sent. */
void *call_alloc(struct call *c, size_t size);
_Noreturn void call_no_memory(struct call *c);
void call_defer(struct call *c, void (*function)(void *opaque), void *opaque);

/* Call FUNCTION(OPAQUE); false if it ran out of memory and was left. */
bool call_guard(struct call *c, void (*function)(void *opaque), void *opaque);

/* --- progress and cancel --- */

void call_progress(struct call *c, uint64_t done, uint64_t total);

/* True if the library has cancelled the call; the handler then fails with
 * ECANCELED.  Cheap enough for every turn of a loop over files. */
bool call_cancelled(struct call *c);

/* Whether the library asked for a network. */
bool call_network(const struct call *c);
