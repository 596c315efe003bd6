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

#include "base/appliance.h"
#include "base/file.h"
#include "codec.h"
#include "lib/engine/accel.h"
#include "lib/engine/engine-internal.h"
#include "lib/engine/kernel_age.h"
#include "lib/engine/status.h"
#include "lib/handle/handle.h"
#include "lib/known/cache.h"

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
        [KVM_DOUBTED] = "works, but has failed",
        [KVM_BAD] = "does not work",
        [KVM_REFUSED] = "not wanted (MAYFLY_ACCEL=tcg)",
        [KVM_FORCED] = "forced (MAYFLY_ACCEL=kvm)",
    };
    cleanup_error struct error err = {0};
    struct kvm kvm;

    if (kvm_judge(l, &kvm, &err) < 0)
        return strdup(error_text(&err));
    if (kvm.until)
        return text_printf("%s: %s; it is tried again in %lld hours, or after "
                           "mayfly-appliance clean",
            names[kvm.verdict], kvm.reason,
            (long long)((kvm.until - time(NULL)) / 3600 + 1));
    return text_printf(
        "%s%s%s", names[kvm.verdict], kvm.reason[0] ? ": " : "", kvm.reason);
}

static char *
saved_text(const struct engine *e)
{
    int64_t age = time(NULL) - e->template.record.created;

    if (!e->resumed)
        return strdup("none used");
    return text_printf(
        "%s, %lld hours old", e->template.key, (long long)(age / 3600));
}

static char *
kept_text(const struct launch *l)
{
    cleanup_error struct error err = {0};
    struct templates t = {0};

    if (l->cache < 0)
        return strdup("no cache folder");
    if (template_count(l->cache, &t, &err) < 0)
        return strdup(error_text(&err));
    return text_printf("%u saved, %ju of %ju MiB (MAYFLY_CACHE_SIZE)", t.count,
        (uintmax_t)(t.size >> 20), (uintmax_t)(template_quota() >> 20));
}

/* What was passed over is said: whoever made it expects it to run. */
static char *
image_text(const char *folder, const char *passed)
{
    return passed ? text_printf("%s (%s)", folder, passed) : strdup(folder);
}

static char *
kernel_text(const char *folder)
{
    cleanup_error struct error err = {0};
    cleanup_free char *banner = NULL;

    if (kernel_banner(folder, &banner, &err) < 0)
        return text_printf("unknown: %s", error_text(&err));
    return kernel_age_text(banner, time(NULL));
}

int
engine_status(struct engine *e, char ***ret, struct error *err)
{
    const struct launch *l = &e->launch;
    const struct cage_report *cage = &e->vm.process.cage;
    cleanup_strv char **p = NULL;
    cleanup_free char *passed = NULL;
    cleanup_free char *folder = appliance_folder(API_HASH, &passed, err);

    if (!folder)
        return -1;
    if (add(&p, "version", strdup(PACKAGE_VERSION)) < 0 ||
        add(&p, "start", strdup(e->resumed ? "resumed" : "booted")) < 0 ||
        add(&p, "accelerator", strdup(accelerator_name(e->vm.accelerator))) <
            0 ||
        add(&p, "kvm", kvm_text(l)) < 0 ||
        add(&p, "qemu",
            text_printf("%s (%s)", qmp_version(e->vm.qmp), l->qemu)) < 0 ||
        add(&p, "memory", text_printf("%d MiB", l->memory)) < 0 ||
        add(&p, "image", image_text(folder, passed)) < 0 ||
        add(&p, "kernel", kernel_text(folder)) < 0 ||
        add(&p, "saved", saved_text(e)) < 0 ||
        add(&p, "kept", kept_text(l)) < 0 ||
        add(&p, "user", text_printf("%d", cage->uid)) < 0 ||
        add(&p, "cage", cage_names(cage->layers)) < 0 ||
        add(&p, "missing", cage_names(cage_missing(cage))) < 0)
        return error_no_memory(err);
    *ret = steal_pointer(&p);
    return 0;
}

/* --- what is saved --- */

/* What is known about this machine, such as whether KVM works: every file but
 * the lock. */
static int
remove_findings(int cache, struct error *err)
{
    cleanup_close int copy =
        openat(cache, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup_closedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);

    if (!dir)
        return error_errno(err, errno, "cannot list the cache");
    steal_fd(&copy);
    for (struct dirent *d; (d = readdir(dir));) {
        struct stat st;

        if (str_equal(d->d_name, "lock") || str_after(d->d_name, CACHE_NEW) ||
            fstatat(cache, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
            S_ISDIR(st.st_mode))
            continue;
        if (unlinkat(cache, d->d_name, 0) < 0)
            return error_errno(err, errno, "cannot remove %s", d->d_name);
    }
    return 0;
}

int
engine_clean(struct mayfly *g, int days, int32_t *ret, struct error *err)
{
    cleanup_close int cache = -1;
    unsigned n = 0;

    if (engine_cache_open(g, &cache, err) < 0 ||
        (days == 0 && remove_findings(cache, err) < 0) ||
        template_remove_unused(cache, days, &n, err) < 0)
        return -1;
    *ret = (int32_t)n;
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

static int
clean(struct mayfly *g, const char *call, int days, int32_t *ret)
{
    cleanup_error struct error err = {0};

    error_clear(&g->error);
    if (engine_clean(g, days, ret, &err) < 0) {
        error_context(&err, "%s", call);
        return handle_fail(g, &err);
    }
    return 0;
}

MAYFLY_PUBLIC int
mayfly_appliance_clean(struct mayfly *g, int32_t *ret)
{
    return clean(g, "appliance_clean", 0, ret);
}

MAYFLY_PUBLIC int
mayfly_appliance_clean_unused(struct mayfly *g, int32_t days, int32_t *ret)
{
    if (days < 1)
        return error_set(&g->error, EINVAL,
            "appliance_clean_unused: days: %d is less than 1", (int)days);
    return clean(g, "appliance_clean_unused", days, ret);
}
