/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/known/layers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "lib/handle/handle.h"
#include "lib/known/cache.h"
#include "lib/known/verdict.h"
#include "lib/qemu/find.h"
#include "lib/qemu/process.h"

enum { RECORD_MAX_SIZE = 128, BOOT_ID = 36 };

/* --- what QEMU can have --- */

static const char *
verdict_text(const struct qemu_needs *n)
{
    static const char *const texts[2][2] = {
        {"sandbox no, programs no\n", "sandbox no, programs yes\n"},
        {"sandbox yes, programs no\n", "sandbox yes, programs yes\n"},
    };

    return texts[n->sandbox][n->programs];
}

static bool
read_verdict(const char *text, struct qemu_needs *ret)
{
    for (int i = 0; i < 4; i++) {
        struct qemu_needs n = {.sandbox = i & 1, .programs = i & 2};

        if (str_equal(text, verdict_text(&n))) {
            *ret = n;
            return true;
        }
    }
    return false;
}

void
layers_judge(struct mayfly *g, int cache, const char *path,
    const char *identity, struct qemu_needs *ret)
{
    cleanup_error struct error why = {0};
    struct qemu_needs needs = {.sandbox = true};
    cleanup_free char *name = verdict_name(LAYERS_VERDICT, identity);
    cleanup_free char *text =
        name && cache >= 0
            ? engine_cache_read(cache, name, RECORD_MAX_SIZE, NULL, &why)
            : NULL;

    if (!text || !read_verdict(text, &needs)) {
        error_clear(&why);
        if (qemu_ask_cage(path, &needs, &why) == 0 && name && cache >= 0)
            engine_cache_write(cache, name, verdict_text(&needs),
                strlen(verdict_text(&needs)), &why);
        if (why.code)
            handle_debug(g, "engine: cage: %s", error_text(&why));
    }
    *ret = needs;
}

/* --- what is missing --- */

static bool
is_required(void)
{
    const char *wish = getenv("MAYFLY_REQUIRE_CAGE");

    return wish && *wish && !str_equal(wish, "0");
}

void
layers_complete(struct qemu_process *p, const struct qemu_needs *needs)
{
    if (needs->sandbox)
        p->cage.layers |= CAGE_SECCOMP;
}

int
layers_demand(struct qemu_process *p, const char *path,
    const struct qemu_needs *needs, struct error *err)
{
    if (!is_required())
        return 0;
    if (qemu_process_started(p, path, err) < 0)
        return -1;
    layers_complete(p, needs);
    uint32_t missing = cage_missing(&p->cage);
    if (!missing)
        return 0;
    cleanup_free char *names = cage_names(missing);
    return error_set(err, EPERM,
        "QEMU would run without %s; run as a user who may make namespaces, or "
        "do without --require-cage (MAYFLY_REQUIRE_CAGE)",
        names ? names : "?");
}

/* This boot of this machine. */
static char *
boot_id(void)
{
    cleanup_error struct error ignored = {0};
    size_t size;

    return read_file(
        "/proc/sys/kernel/random/boot_id", BOOT_ID + 2, &size, &ignored);
}

void
layers_warn(struct mayfly *g, int cache, const struct qemu_process *p)
{
    cleanup_error struct error ignored = {0};
    uint32_t missing = cage_missing(&p->cage);
    cleanup_free char *id = missing ? boot_id() : NULL;
    cleanup_free char *names = missing ? cage_names(missing) : NULL;
    cleanup_free char *now =
        names ? text_printf("%.*s %x\n", BOOT_ID, id ? id : "?", missing)
              : NULL;

    if (!now)
        return;
    cleanup_free char *before = cache >= 0
                                    ? engine_cache_read(cache, LAYERS_WARNED,
                                          RECORD_MAX_SIZE, NULL, &ignored)
                                    : NULL;
    if (before && str_equal(before, now))
        return;
    handle_warning(
        g, "the appliance runs without %s; see mayfly-appliance status", names);
    error_clear(&ignored);
    if (cache >= 0)
        engine_cache_write(cache, LAYERS_WARNED, now, strlen(now), &ignored);
}
