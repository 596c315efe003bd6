/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The status of a running engine, and removing saved appliances. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/engine/accel.h"
#include "lib/engine/cache.h"
#include "lib/engine/engine-internal.h"
#include "lib/engine/status.h"
#include "lib/handle/handle.h"

static int
add(char ***pairs, const char *name, char *text)
{
    if (strv_append(pairs, name) < 0) {
        free(text);
        return -1;
    }
    return strv_take(pairs, text);
}

static char *
kvm_text(const struct launch *l)
{
    static const char *const names[] = {
        [KVM_ABSENT] = "absent",
        [KVM_UNKNOWN] = "not tried yet",
        [KVM_GOOD] = "works",
        [KVM_BAD] = "does not work",
        [KVM_REFUSED] = "not wanted (MAYFLY_ACCEL=tcg)",
        [KVM_FORCED] = "forced (MAYFLY_ACCEL=kvm)",
    };
    cleanup_error struct error err = {0};
    struct kvm kvm;

    if (kvm_judge(l, &kvm, &err) < 0)
        return strdup(error_text(&err));
    return text_printf(
        "%s%s%s", names[kvm.verdict], kvm.reason[0] ? ": " : "", kvm.reason);
}

static char *
saved_text(const struct engine *e)
{
    int64_t age = time(NULL) - e->template.created;

    if (!e->resumed)
        return strdup("none used");
    return text_printf(
        "%s, %lld hours old", e->template.key, (long long)(age / 3600));
}

static char *
layers_text(uint32_t layers)
{
    cleanup_strv char **names = NULL;
    const char *name;
    size_t size = 1;

    if (layers == 0)
        return strdup("none");
    for (unsigned i = 0; (name = cage_layer_name(i)); i++) {
        if (!(layers & 1u << i))
            continue;
        if (strv_append(&names, name) < 0)
            return NULL;
        size += strlen(name) + 2;
    }
    char *text = calloc(1, size);
    char *end = text;
    for (size_t i = 0; text && names && names[i]; i++)
        end = stpcpy(stpcpy(end, i ? ", " : ""), names[i]);
    return text;
}

int
engine_status(struct engine *e, char ***ret, struct error *err)
{
    const struct launch *l = &e->launch;
    const struct cage_report *cage = &e->vm.process.cage;
    cleanup_strv char **p = NULL;

    if (add(&p, "version", strdup(PACKAGE_VERSION)) < 0 ||
        add(&p, "start", strdup(e->resumed ? "resumed" : "booted")) < 0 ||
        add(&p, "accelerator", strdup(accelerator_name(e->vm.accelerator))) <
            0 ||
        add(&p, "kvm", kvm_text(l)) < 0 ||
        add(&p, "qemu",
            text_printf("%s (%s)", qmp_version(e->vm.qmp), l->qemu)) < 0 ||
        add(&p, "memory", text_printf("%d MiB", l->memory)) < 0 ||
        add(&p, "image", strdup(appliance_image_folder())) < 0 ||
        add(&p, "saved", saved_text(e)) < 0 ||
        add(&p, "user", text_printf("%d", cage->uid)) < 0 ||
        add(&p, "cage", layers_text(cage->layers)) < 0 ||
        add(&p, "missing", layers_text(cage_missing(cage))) < 0)
        return error_no_memory(err);
    *ret = steal_pointer(&p);
    return 0;
}

/* --- what is saved --- */

static bool
is_hash(const char *name)
{
    return strspn(name, "0123456789abcdef") == 32 && !name[32];
}

/* What is known about KVM is removed with the appliances; only the appliances
 * are counted. */
static bool
is_ours(const char *name, bool *ret_saved)
{
    const char *verdict = str_after(name, "kvm-");

    *ret_saved = !verdict;
    return is_hash(verdict ? verdict : name);
}

static int
remove_saved(int cache, int32_t *ret, struct error *err)
{
    cleanup_close int copy = fcntl(cache, F_DUPFD_CLOEXEC, 0);
    cleanup_closedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);

    if (!dir)
        return error_errno(err, errno, "cannot list the cache");
    steal_fd(&copy);
    for (struct dirent *d; (d = readdir(dir));) {
        bool saved;

        if (!is_ours(d->d_name, &saved))
            continue;
        if ((saved ? remove_tree(cache, d->d_name)
                   : unlinkat(cache, d->d_name, 0)) < 0)
            return error_errno(err, errno, "cannot remove %s", d->d_name);
        *ret += saved;
    }
    return 0;
}

int
engine_clean(struct mayfly *g, int32_t *ret, struct error *err)
{
    cleanup_close int cache = -1, lock = -1;
    int32_t n = 0;

    if (engine_cache_open(g, &cache, err) < 0 ||
        template_lock(cache, &lock, err) < 0 ||
        remove_saved(cache, &n, err) < 0)
        return -1;
    *ret = n;
    return 0;
}

/* --- the calls --- */

/* The strings of a vector in one block, which free() frees. */
static char **
one_block(char *const *v)
{
    size_t n = strv_length(v), size = (n + 1) * sizeof(char *);

    for (size_t i = 0; i < n; i++)
        size += strlen(v[i]) + 1;
    char **block = malloc(size);
    char *text = block ? (char *)(block + n + 1) : NULL;
    for (size_t i = 0; block && i < n; i++) {
        block[i] = text;
        text = stpcpy(text, v[i]) + 1;
    }
    if (block)
        block[n] = NULL;
    return block;
}

MAYFLY_PUBLIC int
mayfly_appliance_status(struct mayfly *g, char ***ret)
{
    cleanup_error struct error err = {0};
    cleanup_strv char **pairs = NULL;

    error_clear(&g->error);
    if (g->state != HANDLE_READY)
        return error_set(
            &g->error, EINVAL, "appliance_status: launch the handle first");
    if (engine_status(g->engine, &pairs, &err) < 0)
        return handle_fail(g, &err);
    char **block = one_block(pairs);
    if (!block)
        return error_no_memory(&g->error);
    *ret = block;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_appliance_clean(struct mayfly *g, int32_t *ret)
{
    cleanup_error struct error err = {0};

    error_clear(&g->error);
    if (engine_clean(g, ret, &err) < 0) {
        error_context(&err, "appliance_clean");
        return handle_fail(g, &err);
    }
    return 0;
}
