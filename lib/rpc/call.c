/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/rpc/call.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/handle/result.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/host_files.h"

enum {
    TRACE_TEXT_MAX = 256, /* bytes of one value shown in a trace */
    ARENA_FACTOR = 32,    /* memory for a reply, as a multiple of its size */
    ARENA_LEAST = 64 << 10,
};

int
call_begin(struct call *c, struct mayfly *g, const struct call_info *info)
{
    *c = (struct call){.g = g, .info = info, .start = monotonic_seconds()};
    error_clear(&g->error);
    if (g->state == HANDLE_CONFIG)
        return error_set(
            &g->error, EINVAL, "%s: call launch first", info->name);
    if (g->state == HANDLE_DEAD)
        return error_set(&g->error, ESHUTDOWN,
            "%s: the appliance is gone; close the handle", info->name);
    if (g->read_only && info->writes)
        return error_set(
            &g->error, EROFS, "%s: the handle is read-only", info->name);
    handle_forget_cancel(g);
    c->writer.cap = 1 << 20;
    if (g->trace || handle_listens(g, MAYFLY_EVENT_TRACE))
        strv_append(&c->trace, info->name);
    return 0;
}

/* --- arguments --- */

static void
refuse(struct call *c, const char *name, const char *why)
{
    if (!c->error.code)
        error_set(&c->error, EINVAL, "argument %s %s", name, why);
}

static char *
quoted(const char *value)
{
    cleanup_free char *safe = text_escape(value);

    return safe ? text_printf("\"%.*s%s\"", TRACE_TEXT_MAX, safe,
                      strlen(safe) > TRACE_TEXT_MAX ? "..." : "")
                : NULL;
}

void
call_string(struct call *c, const char *name, const char *value, uint32_t max,
    bool may_be_null, bool secret)
{
    if (!value && !may_be_null)
        return refuse(c, name, "is NULL");
    if (value && strnlen(value, (size_t)max + 1) > max) {
        if (!c->error.code)
            error_set(&c->error, EINVAL, "argument %s is longer than %u bytes",
                name, max);
        return;
    }
    if (c->trace)
        strv_take(&c->trace, secret  ? strdup("***")
                             : value ? quoted(value)
                                     : strdup("NULL"));
}

uint32_t
call_bytes(struct call *c, const char *name, const void *value, size_t size,
    uint32_t max)
{
    if (!value && size > 0)
        return refuse(c, name, "is NULL"), 0;
    if (size > max) {
        if (!c->error.code)
            error_set(&c->error, EINVAL, "argument %s is longer than %u bytes",
                name, max);
        return 0;
    }
    if (c->trace)
        strv_printf(&c->trace, "<%zu bytes>", size);
    return (uint32_t)size;
}

uint32_t
call_list(struct call *c, const char *name, const char *const *value,
    uint32_t max, uint32_t element_max)
{
    uint32_t n = 0;

    if (!value)
        return refuse(c, name, "is NULL"), 0;
    for (; value[n]; n++) {
        if (n == max)
            return refuse(c, name, "has too many elements"), 0;
        if (strnlen(value[n], (size_t)element_max + 1) > element_max)
            return refuse(c, name, "has an element that is too long"), 0;
    }
    if (c->trace)
        strv_printf(&c->trace, "[%u]", n);
    return n;
}

void
call_bool(struct call *c, const char *name, bool value)
{
    (void)name;
    if (c->trace)
        strv_append(&c->trace, value ? "true" : "false");
}

void
call_integer(
    struct call *c, const char *name, int64_t value, int64_t low, int64_t high)
{
    if ((value < low || value > high) && !c->error.code)
        error_set(&c->error, EINVAL,
            "argument %s is %" PRId64 ", not in %" PRId64 "..%" PRId64, name,
            value, low, high);
    if (c->trace)
        strv_printf(&c->trace, "%" PRId64, value);
}

void
call_unsigned(struct call *c, const char *name, uint64_t value)
{
    (void)name;
    if (c->trace)
        strv_printf(&c->trace, "%" PRIu64, value);
}

void
call_options(struct call *c, uint64_t set, uint64_t known)
{
    if (set & ~known)
        refuse(c, "options", "has unknown bits in `set`");
}

bool
call_arguments_good(const struct call *c)
{
    return !c->error.code;
}

/* --- sending and receiving --- */

static void
on_progress(void *opaque, uint64_t done, uint64_t total)
{
    handle_progress(opaque, done, total);
}

int
call_perform(struct call *c, const char *stream_in, const char *stream_out)
{
    cleanup_close int input = -1;
    cleanup_output struct output output = {.fd = -1};
    size_t size = 0;
    int fd = -1;

    if (!c->error.code && c->writer.bad)
        error_set(&c->error, EINVAL, "an argument is out of its bounds");
    if (c->error.code)
        return -1;
    if (stream_in)
        fd = input = files_open_input(stream_in, &c->error);
    else if (stream_out)
        fd = files_open_output(stream_out, &output, &c->error);
    if (c->error.code)
        return -1;

    struct channel_call call = {
        .number = c->info->number,
        .arguments = c->writer.p,
        .size = c->writer.used,
        .timeout = c->g->timeout ? c->g->timeout : c->info->timeout,
        .stream_in = c->info->stream_in,
        .stream_out = c->info->stream_out,
        .stream_fd = fd,
        .progress = on_progress,
        .opaque = c->g,
    };
    enum channel_result result =
        channel_call(c->g->channel, &call, &c->reply, &size, &c->error);

    if (result == CHANNEL_BROKEN)
        c->broken = true;
    if (result != CHANNEL_DONE || files_publish(&output, &c->error) < 0)
        return -1;
    c->arena.cap = size * ARENA_FACTOR + ARENA_LEAST;
    c->reader = (struct wire_reader){c->reply, size, false, &c->arena};
    return 0;
}

int
call_decoded(struct call *c, bool good)
{
    if (good)
        return 0;
    c->broken = true;
    return error_set(&c->error, EPROTO, "the appliance sent a malformed reply");
}

/* --- results --- */

static void
no_memory(struct call *c)
{
    error_set(&c->error, ENOMEM, "no memory for the result");
}

char *
call_take_string(struct call *c, const char *value)
{
    char *copy = strdup(value);

    if (!copy)
        no_memory(c);
    else if (c->trace)
        c->traced_result = quoted(value);
    return copy;
}

void *
call_take_bytes(struct call *c, const uint8_t *value, uint32_t size)
{
    uint8_t *copy = malloc((size_t)size + 1);

    if (!copy)
        return no_memory(c), NULL;
    if (size > 0)
        memcpy(copy, value, size);
    copy[size] = 0;
    if (c->trace)
        c->traced_result = text_printf("<%u bytes>", size);
    return copy;
}

char **
call_take_strings(struct call *c, const char *const *value, size_t n)
{
    size_t size = (n + 1) * sizeof(char *);

    for (size_t i = 0; i < n; i++)
        size += strlen(value[i]) + 1;

    char **copy = malloc(size);
    if (!copy)
        return no_memory(c), NULL;
    char *p = (char *)(copy + n + 1);
    for (size_t i = 0; i < n; i++) {
        copy[i] = p;
        p = stpcpy(p, value[i]) + 1;
    }
    copy[n] = NULL;
    if (c->trace)
        c->traced_result = text_printf("[%zu]", n);
    return copy;
}

void *
call_take_struct(struct call *c, const void *value, size_t size)
{
    void *taken = result_take(&c->arena, value, size);

    if (!taken)
        return no_memory(c), NULL;
    if (c->trace)
        c->traced_result = strdup("<struct>");
    return taken;
}

void *
call_take_list(struct call *c, const void *value, uint32_t n)
{
    /* The layout of every generated struct mayfly_X_list. */
    struct {
        uint32_t len;
        const void *val;
    } list = {n, value};
    void *taken = call_take_struct(c, &list, sizeof list);

    if (c->trace && taken) {
        free(c->traced_result);
        c->traced_result = text_printf("<%u structs>", n);
    }
    return taken;
}

void
call_took_bool(struct call *c, bool value)
{
    if (c->trace)
        c->traced_result = strdup(value ? "true" : "false");
}

void
call_took_integer(struct call *c, int64_t value)
{
    if (c->trace)
        c->traced_result = text_printf("%" PRId64, value);
}

void
call_took_unsigned(struct call *c, uint64_t value)
{
    if (c->trace)
        c->traced_result = text_printf("%" PRIu64, value);
}

/* --- the end --- */

static char *
join(char *const *words)
{
    size_t size = 1;

    for (size_t i = 0; words[i]; i++)
        size += strlen(words[i]) + 1;
    char *line = malloc(size), *p = line;
    if (!line)
        return NULL;
    *p = 0;
    for (size_t i = 0; words[i]; i++) {
        if (i > 0)
            *p++ = ' ';
        p = stpcpy(p, words[i]);
    }
    return line;
}

static void
trace(struct call *c, bool failed)
{
    cleanup_free char *call = join(c->trace);
    cleanup_free char *line = NULL;
    double seconds = monotonic_seconds() - c->start;

    if (!call)
        return;
    if (failed)
        line = text_printf(
            "%s = error: %s (%.6f s)", call, error_text(&c->error), seconds);
    else
        line = text_printf("%s = %s (%.6f s)", call,
            c->traced_result ? c->traced_result : "ok", seconds);
    if (line)
        handle_trace(c->g, line);
}

int
call_end(struct call *c)
{
    struct mayfly *g = c->g;
    bool failed = c->error.code != 0;
    int result = 0;

    if (c->trace)
        trace(c, failed);
    handle_step(g, c->info->name);
    strv_free(c->trace);
    free(c->traced_result);
    wire_writer_free(&c->writer);
    wire_arena_free(&c->arena);
    free(c->reply);
    if (failed) {
        error_context(&c->error, "%s", c->info->name);
        result =
            c->broken ? handle_die(g, &c->error) : handle_fail(g, &c->error);
    }
    return result;
}
