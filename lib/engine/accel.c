/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/engine/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/engine/vm.h"
#include "lib/handle/handle.h"
#include "lib/known/cache.h"
#include "lib/known/verdict.h"

enum {
    VERDICT_MAX = 512,
    BAD_DAYS = 30, /* then KVM is tried again */
};

/* "good", or "bad", the time, and the reason. */
static bool
read_verdict(const struct launch *l, struct kvm *kvm)
{
    cleanup_error struct error err = {0};
    cleanup_free char *name = verdict_name("kvm-", l->qemu_identity);
    cleanup_free char *text =
        name && l->cache >= 0
            ? engine_cache_read(l->cache, name, VERDICT_MAX, NULL, &err)
            : NULL;
    long long made;
    int n = 0;

    if (!text)
        return false;
    if (str_equal(text, "good\n")) {
        kvm->verdict = KVM_GOOD;
        return true;
    }
    if (sscanf(text, "bad %lld %n", &made, &n) != 1 || n == 0)
        return false;
    if (time(NULL) - made > BAD_DAYS * 86400LL)
        return false;
    kvm->verdict = KVM_BAD;
    snprintf(kvm->reason, sizeof kvm->reason, "%s", text + n);
    kvm->reason[strcspn(kvm->reason, "\n")] = 0;
    return true;
}

void
kvm_record(const struct launch *l, bool good, const char *reason)
{
    cleanup_error struct error err = {0};
    cleanup_free char *name = verdict_name("kvm-", l->qemu_identity);
    cleanup_free char *text =
        good ? strdup("good\n")
             : text_printf("bad %lld %.200s\n", (long long)time(NULL), reason);

    handle_debug(l->g, "engine: kvm %s%s",
        good ? "works" : "does not work: ", good ? "" : reason);
    if (l->cache >= 0 && name && text)
        engine_cache_write(l->cache, name, text, strlen(text), &err);
}

int
kvm_judge(const struct launch *l, struct kvm *ret, struct error *err)
{
    const char *wish = getenv("MAYFLY_ACCEL");
    struct kvm kvm = {.verdict = KVM_UNKNOWN};
    bool force = wish && str_equal(wish, "kvm");

    if (wish && *wish && !force && !str_equal(wish, "tcg") &&
        !str_equal(wish, "auto"))
        return error_set(err, EINVAL,
            "MAYFLY_ACCEL is '%s'; it can be kvm, tcg or auto", wish);
    if (wish && str_equal(wish, "tcg")) {
        kvm.verdict = KVM_REFUSED;
        *ret = kvm;
        return 0;
    }

    cleanup_close int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        kvm.verdict = KVM_ABSENT;
        snprintf(
            kvm.reason, sizeof kvm.reason, "/dev/kvm: %s", strerror(errno));
        if (force)
            return error_set(
                err, errno, "MAYFLY_ACCEL=kvm, but %s", kvm.reason);
    } else if (force) {
        kvm.verdict = KVM_FORCED;
    } else {
        read_verdict(l, &kvm);
    }
    *ret = kvm;
    return 0;
}
