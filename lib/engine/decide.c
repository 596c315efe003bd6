/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/engine/decide.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum {
    DAY = 86400,
    BAD_DAYS = 30, /* then KVM is tried again */
    SLOW_DAYS = 7, /* the same, if the machine may just have been busy */
    FAILURES = 3,  /* in a row: what was good is bad */
};

/* --- the verdict --- */

/* The rules of open(2).  The cage gives QEMU the group of /dev/kvm if the group
 * may do anything with it. */
static bool
qemu_may_open(const struct kvm_facts *f)
{
    if (!f->other_user)
        return true;
    if (f->user == f->owner)
        return (f->mode & 0600) == 0600;
    if (f->mode & 0060)
        return (f->mode & 0060) == 0060;
    return (f->mode & 0006) == 0006;
}

static void
set_reason(struct kvm *kvm, const char *text)
{
    snprintf(kvm->reason, sizeof kvm->reason, "%s", text);
    kvm->reason[strcspn(kvm->reason, "\n")] = 0;
}

static bool
find_absence(const struct kvm_facts *f, struct kvm *kvm)
{
    if (f->error) {
        snprintf(kvm->reason, sizeof kvm->reason, "/dev/kvm: %s%s",
            strerror(f->error),
            f->error == EACCES ? "; be a member of its group (usermod -aG kvm "
                                 "USER), and log in again"
                               : "");
        return true;
    }
    if (qemu_may_open(f))
        return false;
    snprintf(kvm->reason, sizeof kvm->reason,
        "/dev/kvm has mode %04o, so QEMU's user %u cannot open it; chgrp kvm "
        "/dev/kvm and chmod 0660 /dev/kvm",
        (unsigned)(f->mode & 07777), (unsigned)f->user);
    return true;
}

/* Leaves *KVM unknown if the record is damaged or has had its time. */
static void
read_record(const char *record, int64_t now, struct kvm *kvm)
{
    int64_t when;
    int failures, n = 0;

    if (str_equal(record, "good\n")) {
        kvm->verdict = KVM_GOOD;
    } else if (sscanf(record, "doubted %d %" SCNd64 " %n", &failures, &when,
                   &n) == 2 &&
               record[n] && failures > 0 && failures < FAILURES) {
        kvm->verdict = KVM_DOUBTED;
        kvm->failures = failures;
        set_reason(kvm, record + n);
    } else if (sscanf(record, "bad %" SCNd64 " %n", &when, &n) == 1 &&
               record[n] && when > now &&
               when - now <= (int64_t)BAD_DAYS * DAY) {
        kvm->verdict = KVM_BAD;
        kvm->until = when;
        set_reason(kvm, record + n);
    }
}

static bool
is_usable(enum kvm_verdict v)
{
    return v == KVM_UNKNOWN || v == KVM_GOOD || v == KVM_DOUBTED;
}

void
kvm_decide(const struct kvm_facts *f, struct kvm *ret)
{
    struct kvm kvm = {.verdict = KVM_UNKNOWN};

    if (f->wish == KVM_NEVER) {
        kvm.verdict = KVM_REFUSED;
    } else if (find_absence(f, &kvm)) {
        kvm.verdict = KVM_ABSENT;
    } else if (f->wish == KVM_ALWAYS) {
        kvm.verdict = KVM_FORCED;
    } else if (f->record) {
        read_record(f->record, f->now, &kvm);
    }
    if (f->failed && is_usable(kvm.verdict)) {
        kvm.verdict = KVM_BAD;
        if (!kvm.reason[0])
            set_reason(&kvm, "it has failed in this run");
    }
    *ret = kvm;
}

/* --- after a try --- */

/* Not KVM's fault: the host is short of something. */
static bool
is_shortage(int code)
{
    return code == ENOSPC || code == EDQUOT || code == EMFILE ||
           code == ENFILE || code == EAGAIN;
}

/* By the last words of QEMU: qemu_may_open is not the whole truth, for there
 * are access lists, and modules that go. */
enum kvm_outcome
kvm_outcome(int code, const char *text)
{
    static const char *const causes[] = {"Permission denied",
        "Operation not permitted", "No such file or directory",
        "No such device"};
    const char *words = strstr(text, "initialize kvm: ");

    if (code == ETIMEDOUT)
        return KVM_SLOW;
    if (is_shortage(code))
        return KVM_UNTRIED;
    for (size_t i = 0; words && i < N_ELEMENTS(causes); i++)
        if (strstr(words, causes[i]))
            return KVM_UNTRIED;
    return KVM_FAILED;
}

char *
kvm_after(const struct kvm *before, enum kvm_outcome outcome,
    const char *reason, int64_t now)
{
    int days = outcome == KVM_SLOW ? SLOW_DAYS : BAD_DAYS;
    bool was_good =
        before->verdict == KVM_GOOD || before->verdict == KVM_DOUBTED;

    if (outcome == KVM_UNTRIED || (!was_good && before->verdict != KVM_UNKNOWN))
        return strdup("");
    if (outcome == KVM_WORKED)
        return strdup(before->verdict == KVM_GOOD ? "" : "good\n");
    if (was_good && before->failures + 1 < FAILURES)
        return text_printf("doubted %d %" PRId64 " %.200s\n",
            before->failures + 1, now, reason);
    return text_printf(
        "bad %" PRId64 " %.200s\n", now + (int64_t)days * DAY, reason);
}

bool
kvm_keeps_saved(const struct kvm *before, enum kvm_outcome outcome)
{
    return outcome == KVM_WORKED || outcome == KVM_UNTRIED ||
           (outcome == KVM_SLOW && before->failures == 0 &&
               before->verdict != KVM_FORCED);
}

/* --- how to start --- */

void
kvm_ways(enum kvm_verdict verdict, bool tcg_saved, enum way ret[WAYS])
{
    enum way ways[WAYS] = {WAY_TCG};

    switch (verdict) {
    case KVM_UNKNOWN:
        /* A saved appliance would win each race, and nothing be learned. */
        ways[0] = tcg_saved ? WAY_KVM : WAY_RACE;
        ways[1] = tcg_saved ? WAY_TCG : WAY_END;
        break;
    case KVM_GOOD:
    case KVM_DOUBTED:
        ways[0] = WAY_KVM;
        ways[1] = WAY_TCG;
        break;
    case KVM_FORCED:
        ways[0] = WAY_KVM;
        break;
    case KVM_ABSENT:
    case KVM_BAD:
    case KVM_REFUSED:
        break;
    }
    memcpy(ret, ways, sizeof ways);
}

const struct limits *
limits_for(bool kvm, enum kvm_verdict verdict)
{
    /* TCG on a busy machine. */
    static const struct limits tcg = {300, 30, 30};
    /* Longer means that KVM hangs, and TCG can do the work. */
    static const struct limits haste = {20, 5, 5};
    /* Nothing else can. */
    static const struct limits forced = {60, 30, 30};

    return !kvm ? &tcg : verdict == KVM_FORCED ? &forced : &haste;
}
