/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/rpc/request.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/engine/engine.h"
#include "lib/handle/result.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/host_files.h"
#include "lib/rpc/lost.h"

enum {
    TRACE_TEXT_MAX = 256, /* bytes of one value shown in a trace */
    ARENA_FACTOR = 32,    /* memory for a reply, as a multiple of its size */
    ARENA_LEAST = 64 << 10,
};

int
request_begin(
    struct request *r, struct mayfly *g, const struct request_info *info)
{
    *r = (struct request){.g = g, .info = info, .start = monotonic_seconds()};
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
    if (handle_take_cancel(g, info->name) < 0)
        return -1;
    r->writer.cap = 1 << 20;
    if (g->trace || handle_listens(g, MAYFLY_EVENT_TRACE))
        strv_append(&r->trace, info->name);
    return 0;
}

/* --- arguments --- */

static void
refuse(struct request *r, const char *name, const char *why)
{
    if (!r->error.code)
        error_set(&r->error, EINVAL, "argument %s %s", name, why);
}

static char *
quoted(const char *value)
{
    cleanup_free char *safe = text_message(value);

    return safe ? text_printf("\"%.*s%s\"", TRACE_TEXT_MAX, safe,
                      strlen(safe) > TRACE_TEXT_MAX ? "..." : "")
                : NULL;
}

void
request_string(struct request *r, const char *name, const char *value,
    uint32_t max, bool may_be_null, bool secret)
{
    if (!value && !may_be_null)
        return refuse(r, name, "is NULL");
    if (value && strnlen(value, (size_t)max + 1) > max) {
        if (!r->error.code)
            error_set(&r->error, EINVAL, "argument %s is longer than %u bytes",
                name, max);
        return;
    }
    r->secret |= secret;
    if (r->trace)
        strv_take(&r->trace, secret  ? strdup("***")
                             : value ? quoted(value)
                                     : strdup("NULL"));
}

uint32_t
request_bytes(struct request *r, const char *name, const void *value,
    size_t size, uint32_t max)
{
    if (!value && size > 0)
        return refuse(r, name, "is NULL"), 0;
    if (size > max) {
        if (!r->error.code)
            error_set(&r->error, EINVAL, "argument %s is longer than %u bytes",
                name, max);
        return 0;
    }
    if (r->trace)
        strv_printf(&r->trace, "<%zu bytes>", size);
    return (uint32_t)size;
}

uint32_t
request_list(struct request *r, const char *name, const char *const *value,
    uint32_t max, uint32_t element_max)
{
    uint32_t n = 0;

    if (!value)
        return refuse(r, name, "is NULL"), 0;
    for (; value[n]; n++) {
        if (n == max)
            return refuse(r, name, "has too many elements"), 0;
        if (strnlen(value[n], (size_t)element_max + 1) > element_max)
            return refuse(r, name, "has an element that is too long"), 0;
    }
    if (r->trace)
        strv_printf(&r->trace, "[%u]", n);
    return n;
}

void
request_bool(struct request *r, const char *name, bool value)
{
    (void)name;
    if (r->trace)
        strv_append(&r->trace, value ? "true" : "false");
}

void
request_integer(struct request *r, const char *name, int64_t value, int64_t low,
    int64_t high)
{
    if ((value < low || value > high) && !r->error.code)
        error_set(&r->error, EINVAL,
            "argument %s is %" PRId64 ", not in %" PRId64 "..%" PRId64, name,
            value, low, high);
    if (r->trace)
        strv_printf(&r->trace, "%" PRId64, value);
}

void
request_unsigned(struct request *r, const char *name, uint64_t value)
{
    (void)name;
    if (r->trace)
        strv_printf(&r->trace, "%" PRIu64, value);
}

void
request_options(struct request *r, uint64_t set, uint64_t known)
{
    if (set & ~known)
        refuse(r, "options", "has unknown bits in `set`");
}

bool
request_arguments_good(const struct request *r)
{
    return !r->error.code;
}

/* --- sending and receiving --- */

static void
on_progress(void *opaque, uint64_t done, uint64_t total)
{
    handle_progress(opaque, done, total);
}

static bool
is_alive(void *opaque)
{
    struct mayfly *g = opaque;

    return engine_is_writing(g->engine);
}

static uint64_t
work_of_disks(void *opaque)
{
    struct mayfly *g = opaque;

    return engine_moved(g->engine);
}

/* The call that ends it all is asked for signs of writing. */
static bool
is_last(const struct request *r)
{
    return r->g->ending && r->g->engine;
}

int
request_perform(
    struct request *r, const char *stream_in, const char *stream_out)
{
    cleanup_close int input = -1;
    cleanup_output struct output output = {.fd = -1};
    size_t size = 0;
    int fd = -1;

    if (!r->error.code && r->writer.no_memory)
        error_no_memory(&r->error);
    if (!r->error.code && r->writer.bad)
        error_set(&r->error, EINVAL, "an argument is out of its bounds");
    if (r->error.code)
        return -1;
    if (stream_in)
        fd = input = files_open_input(stream_in, &r->error);
    else if (stream_out)
        fd = files_open_output(stream_out, &output, &r->error);
    if (r->error.code)
        return -1;

    struct channel_call call = {
        .number = r->info->number,
        .arguments = r->writer.p,
        .size = r->writer.used,
        .timeout = is_last(r)      ? engine_end_interval(r->g->engine)
                   : r->g->timeout ? r->g->timeout
                                   : r->info->timeout,
        .stream_in = r->info->stream_in,
        .stream_out = r->info->stream_out,
        .stream_fd = fd,
        .progress = on_progress,
        .alive = is_last(r) ? is_alive : NULL,
        .work = r->g->engine ? work_of_disks : NULL,
        .opaque = r->g,
    };
    enum channel_result result =
        channel_call(r->g->channel, &call, &r->reply, &size, &r->error);

    if (result == CHANNEL_BROKEN)
        r->broken = true;
    if (result != CHANNEL_DONE || files_publish(&output, &r->error) < 0)
        return -1;
    r->arena.cap = size * ARENA_FACTOR + ARENA_LEAST;
    r->reader = (struct wire_reader){r->reply, size, false, &r->arena};
    return 0;
}

int
request_decoded(struct request *r, bool good)
{
    if (good)
        return 0;
    r->broken = true;
    if (r->arena.no_memory)
        return error_no_memory(&r->error);
    return error_set(&r->error, EPROTO, "the appliance sent a malformed reply");
}

/* --- results --- */

static void
no_memory(struct request *r)
{
    error_set(&r->error, ENOMEM, "no memory for the result");
}

char *
request_take_string(struct request *r, const char *value)
{
    char *copy = strdup(value);

    if (!copy)
        no_memory(r);
    else if (r->trace)
        r->traced_result = quoted(value);
    return copy;
}

void *
request_take_bytes(struct request *r, const uint8_t *value, uint32_t size)
{
    uint8_t *copy = malloc((size_t)size + 1);

    if (!copy)
        return no_memory(r), NULL;
    if (size > 0)
        memcpy(copy, value, size);
    copy[size] = 0;
    if (r->trace)
        r->traced_result = text_printf("<%u bytes>", size);
    return copy;
}

char **
request_take_strings(struct request *r, const char *const *value, size_t n)
{
    size_t size = (n + 1) * sizeof(char *);

    for (size_t i = 0; i < n; i++)
        size += strlen(value[i]) + 1;

    char **copy = malloc(size);
    if (!copy)
        return no_memory(r), NULL;
    char *p = (char *)(copy + n + 1);
    for (size_t i = 0; i < n; i++) {
        copy[i] = p;
        p = stpcpy(p, value[i]) + 1;
    }
    copy[n] = NULL;
    if (r->trace)
        r->traced_result = text_printf("[%zu]", n);
    return copy;
}

void *
request_take_struct(struct request *r, const void *value, size_t size)
{
    void *taken = result_take(&r->arena, value, size);

    if (!taken)
        return no_memory(r), NULL;
    if (r->trace)
        r->traced_result = strdup("<struct>");
    return taken;
}

void *
request_take_list(struct request *r, const void *value, uint32_t n)
{
    /* The layout of every generated struct mayfly_X_list. */
    struct {
        uint32_t len;
        const void *val;
    } list = {n, value};
    void *taken = request_take_struct(r, &list, sizeof list);

    if (r->trace && taken) {
        free(r->traced_result);
        r->traced_result = text_printf("<%u structs>", n);
    }
    return taken;
}

void
request_took_bool(struct request *r, bool value)
{
    if (r->trace)
        r->traced_result = strdup(value ? "true" : "false");
}

void
request_took_integer(struct request *r, int64_t value)
{
    if (r->trace)
        r->traced_result = text_printf("%" PRId64, value);
}

void
request_took_unsigned(struct request *r, uint64_t value)
{
    if (r->trace)
        r->traced_result = text_printf("%" PRIu64, value);
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
trace(struct request *r, bool failed)
{
    cleanup_free char *call = join(r->trace);
    cleanup_free char *line = NULL;
    double seconds = monotonic_seconds() - r->start;

    if (!call)
        return;
    if (failed)
        line = text_printf(
            "%s = error: %s (%.6f s)", call, error_text(&r->error), seconds);
    else
        line = text_printf("%s = %s (%.6f s)", call,
            r->traced_result ? r->traced_result : "ok", seconds);
    if (line)
        handle_trace(r->g, line);
}

int
request_end(struct request *r)
{
    struct mayfly *g = r->g;
    bool failed = r->error.code != 0;
    int result = 0;

    if (r->trace)
        trace(r, failed);
    handle_step(g, r->info->name);
    strv_free(r->trace);
    free(r->traced_result);
    if (r->secret && r->writer.p)
        explicit_bzero(r->writer.p, r->writer.used);
    wire_writer_free(&r->writer);
    wire_arena_free(&r->arena);
    free(r->reply);
    if (failed) {
        error_context(&r->error, "%s", r->info->name);
        result =
            r->broken ? handle_die(g, &r->error) : handle_fail(g, &r->error);
    }
    return result;
}
