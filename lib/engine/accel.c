/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/engine/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/engine/vm.h"
#include "lib/handle/handle.h"
#include "lib/known/cache.h"
#include "lib/known/verdict.h"

enum { RECORD_SIZE = 512 };

static int
get_wish(enum kvm_wish *ret, struct error *err)
{
    const char *wish = getenv("MAYFLY_ACCEL");

    if (!wish || !*wish || str_equal(wish, "auto"))
        *ret = KVM_AUTO;
    else if (str_equal(wish, "tcg"))
        *ret = KVM_NEVER;
    else if (str_equal(wish, "kvm"))
        *ret = KVM_ALWAYS;
    else
        return error_set(err, EINVAL,
            "MAYFLY_ACCEL is '%s'; it can be kvm, tcg or auto", wish);
    return 0;
}

static char *
read_record(const struct launch *l)
{
    cleanup_error struct error ignored = {0};
    cleanup_free char *name = verdict_name("kvm-", l->qemu_identity);

    return name && l->cache >= 0
               ? engine_cache_read(l->cache, name, RECORD_SIZE, NULL, &ignored)
               : NULL;
}

static void
look(struct kvm_facts *f, const struct launch *l)
{
    struct stat st = {0};
    cleanup_close int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

    f->error = fd < 0 || fstat(fd, &st) < 0 ? errno : 0;
    f->mode = st.st_mode;
    f->owner = st.st_uid;
    f->user = l->user;
    f->other_user = l->user != geteuid();
    f->now = time(NULL);
}

int
kvm_judge(const struct launch *l, struct kvm *ret, struct error *err)
{
    struct kvm_facts f = {.failed = l->g->kvm_failed};

    if (get_wish(&f.wish, err) < 0)
        return -1;
    cleanup_free char *record = f.wish == KVM_AUTO ? read_record(l) : NULL;
    f.record = record;
    if (f.wish != KVM_NEVER)
        look(&f, l);
    kvm_decide(&f, ret);
    if (f.wish == KVM_ALWAYS && ret->verdict == KVM_ABSENT)
        return error_set(err, f.error ? f.error : EACCES,
            "MAYFLY_ACCEL=kvm, but %s", ret->reason);
    return 0;
}

void
kvm_record(struct launch *l, enum kvm_outcome outcome, const char *reason)
{
    cleanup_error struct error ignored = {0};
    cleanup_free char *name = verdict_name("kvm-", l->qemu_identity);
    cleanup_free char *text = kvm_after(&l->kvm, outcome, reason, time(NULL));

    handle_debug(l->g, "engine: kvm %s%s",
        outcome == KVM_WORKED ? "works" : "has failed: ",
        outcome == KVM_WORKED ? "" : reason);
    if (!text || !*text)
        return;
    if (l->cache >= 0 && name)
        engine_cache_write(l->cache, name, text, strlen(text), &ignored);
    const struct kvm_facts now = {.record = text, .now = time(NULL)};
    kvm_decide(&now, &l->kvm);
}

int
kvm_blame_force(struct error *err)
{
    return error_context(err,
        "KVM does not work here, and MAYFLY_ACCEL=kvm asks for it (auto does "
        "without)");
}
