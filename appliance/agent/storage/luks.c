/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the header says how much work the derivation of a key
 * is, for each slot, and cryptsetup does whatever it says: a damaged or hostile
 * header keeps it busy for years.  So the header is read first, as cryptsetup
 * prints it, and the slots that ask for too much are left out.  What the header
 * hides from that ends with a deadline. */
#include <config.h>

#include "appliance/agent/storage/luks.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "base/clock.h"
#include "base/strv.h"

/* cryptsetup itself makes a slot that takes its machine two seconds: a few
 * million iterations, or 4 passes over 1 GiB.  These are a hundred seconds of a
 * machine of today. */
#define ITERATIONS_MAX 100000000ull
#define PASSES_MAX     (64ull << 20) /* KiB of memory times passes */

enum {
    SECONDS = 300, /* emulated, a derivation takes a minute */
    SLOTS_MAX = 64,
};

struct slot {
    uint64_t number, iterations, passes, memory;
};

struct slots {
    struct slot items[SLOTS_MAX];
    size_t n;
    uint64_t digest; /* iterations: the most of all digests */
};

static int
run_until(struct call *c, const struct list *argv, const void *key, size_t size,
    double end, struct run_result *ret)
{
    double left = end - monotonic_seconds();
    struct list words = {0};
    /* An empty key is only taken as an empty line. */
    struct run run = {.input = size ? key : "\n",
        .input_size = size ? size : 1,
        .timeout = left > 1 ? (int)left : 1};

    for (uint32_t i = 0; i < argv->n; i++)
        list_add_string(c, &words, ((char **)argv->items)[i]);
    if (size)
        add_words(c, &words, "--key-file", "-", NULL);
    run.argv = words.items;
    if (run_command(c, &run, ret) == 0)
        return 0;
    if (call_errno(c) != ETIMEDOUT)
        return -1;
    return call_error(c, ETIMEDOUT,
        "cryptsetup did not derive the key within %d seconds; its key slots "
        "ask for too much work",
        SECONDS);
}

int
luks_run(struct call *c, const struct list *argv, const void *key, size_t size,
    struct run_result *ret)
{
    return run_until(c, argv, key, size, monotonic_seconds() + SECONDS, ret);
}

/* --- the header --- */

static bool
read_value(const char *line, const char *name, uint64_t *ret)
{
    const char *value = str_after(line + strspn(line, "\t"), name);

    if (value)
        *ret = strtoull(value, NULL, 10);
    return value;
}

/* A line without indentation begins a section. */
static struct slot *
begin_slot(struct slots *s, const char *line, bool in_slots)
{
    const char *old = str_after(line, "Key Slot "), *number = old;
    char *end;

    if (in_slots && str_after(line, "  ") && line[2] != ' ')
        number = line + 2;
    if (!number || s->n == SLOTS_MAX)
        return NULL;
    uint64_t n = strtoull(number, &end, 10);
    if (end == number || !str_after(end, old ? ": ENABLED" : ": luks2"))
        return NULL;
    s->items[s->n] = (struct slot){.number = n};
    return &s->items[s->n++];
}

/* The output of cryptsetup luksDump, of both versions. */
static void
read_slots(char *text, struct slots *ret)
{
    struct slot *slot = NULL;
    bool in_slots = false;
    char *line;

    *ret = (struct slots){0};
    while ((line = strsep(&text, "\n"))) {
        uint64_t n = 0;

        if (*line != '\t') {
            slot = begin_slot(ret, line, in_slots);
            if (*line != ' ')
                in_slots = str_equal(line, "Keyslots:");
        }
        if ((read_value(line, "Iterations:", &n) && !slot) ||
            read_value(line, "MK iterations:", &n))
            ret->digest = n > ret->digest ? n : ret->digest;
        else if (slot && n)
            slot->iterations = n;
        else if (slot && !read_value(line, "Time cost:", &slot->passes))
            read_value(line, "Memory:", &slot->memory);
    }
}

/* What a slot asks for, if that is too much; else NULL. */
static const char *
judge(struct call *c, const struct slot *s)
{
    if (s->iterations > ITERATIONS_MAX)
        return call_printf(c,
            "key slot %llu asks for %llu iterations, more than %llu",
            (unsigned long long)s->number, (unsigned long long)s->iterations,
            ITERATIONS_MAX);
    if (s->memory && s->passes > PASSES_MAX / s->memory)
        return call_printf(c,
            "key slot %llu asks for %llu passes over %llu KiB of memory, more "
            "than %llu GiB in all",
            (unsigned long long)s->number, (unsigned long long)s->passes,
            (unsigned long long)s->memory, PASSES_MAX >> 20);
    return NULL;
}

/* Options for the slots that fit; none: no slot has to be left out. */
static int
choose_slots(struct call *c, const char *device, struct list *ret_options,
    const char **ret_skipped)
{
    struct run_result r;
    struct run run = {
        .argv = (const char *const[]){"cryptsetup", "luksDump", device, NULL}};
    struct slots slots;

    *ret_skipped = NULL;
    if (run_command(c, &run, &r) < 0)
        return -1;
    if (r.status != 0)
        return 0; /* no LUKS, or cryptsetup says why when it opens it */
    read_slots(r.output, &slots);
    if (slots.digest > ITERATIONS_MAX)
        return call_error(c, EINVAL,
            "the header asks for %llu iterations to check a key, more than "
            "%llu; it is damaged, or made to keep the machine busy",
            (unsigned long long)slots.digest, ITERATIONS_MAX);
    for (size_t i = 0; i < slots.n; i++) {
        const char *why = judge(c, &slots.items[i]);

        if (why)
            *ret_skipped = why;
        else
            list_add_string(c, ret_options,
                call_printf(c, "--key-slot=%llu",
                    (unsigned long long)slots.items[i].number));
    }
    if (!*ret_skipped)
        *ret_options = (struct list){0};
    else if (ret_options->n == 0)
        return call_error(c, EINVAL,
            "%s; the header is damaged, or made to keep the machine busy",
            *ret_skipped);
    return 0;
}

int
luks_run_open(struct call *c, const char *device, const struct list *argv,
    const void *key, size_t size, struct run_result *ret,
    const char **ret_skipped)
{
    double end = monotonic_seconds() + SECONDS; /* of all slots */
    struct list options = {0};

    if (choose_slots(c, device, &options, ret_skipped) < 0)
        return -1;
    if (options.n == 0)
        return luks_run(c, argv, key, size, ret);
    for (uint32_t i = 0; i < options.n; i++) {
        struct list words = {0};

        for (uint32_t k = 0; k < argv->n; k++)
            list_add_string(c, &words, ((char **)argv->items)[k]);
        list_add_string(c, &words, ((char **)options.items)[i]);
        if (run_until(c, &words, key, size, end, ret) < 0)
            return -1;
        if (ret->status != 2)
            return 0;
    }
    return 0;
}
