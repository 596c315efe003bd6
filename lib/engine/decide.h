/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is decided about KVM, from facts alone: nothing here looks at the
 * machine.
 *
 * A record says what is known: "good", "doubted N TIME REASON" (it was good and
 * has failed N times in a row since), "bad UNTIL REASON".  No record: it was
 * never tried.  What cannot be opened was not tried either, so it leaves the
 * record alone. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum kvm_verdict {
    KVM_ABSENT,  /* QEMU cannot open it */
    KVM_UNKNOWN, /* never tried */
    KVM_GOOD,
    KVM_DOUBTED, /* good, but it has failed since */
    KVM_BAD,
    KVM_REFUSED, /* MAYFLY_ACCEL=tcg */
    KVM_FORCED,  /* MAYFLY_ACCEL=kvm */
};

enum kvm_wish { KVM_AUTO, KVM_NEVER, KVM_ALWAYS };

struct kvm_facts {
    enum kvm_wish wish;
    int error;          /* errno of opening /dev/kvm here; 0 */
    mode_t mode;        /* of /dev/kvm */
    uid_t owner;        /* of /dev/kvm */
    bool other_user;    /* QEMU runs as another user than this program */
    uid_t user;         /* ... which is this one */
    bool failed;        /* in this launch already */
    const char *record; /* NULL: none */
    int64_t now;        /* seconds since 1970 */
};

struct kvm {
    enum kvm_verdict verdict;
    int failures;     /* in a row, for DOUBTED */
    int64_t until;    /* for BAD: then it is tried again; 0 */
    char reason[256]; /* for ABSENT, DOUBTED and BAD; else "" */
};

void kvm_decide(const struct kvm_facts *f, struct kvm *ret);

enum kvm_outcome {
    KVM_WORKED,
    KVM_SLOW,    /* it was given up, after a time */
    KVM_FAILED,  /* QEMU or the appliance ended */
    KVM_UNTRIED, /* QEMU could not open it, or something else was short */
};

enum kvm_outcome kvm_outcome(int code, const char *text);

/* The record after a try; "" if the old one stays.  NULL without memory. */
char *kvm_after(const struct kvm *before, enum kvm_outcome outcome,
    const char *reason, int64_t now);

/* May the saved appliance of that try be used again? */
bool kvm_keeps_saved(const struct kvm *before, enum kvm_outcome outcome);

/* The ways to start, in order; each is taken if the one before it failed. */
enum way {
    WAY_END,
    WAY_KVM,
    WAY_TCG,
    WAY_RACE, /* both at once: the first that is up */
};
enum { WAYS = 3 };

void kvm_ways(enum kvm_verdict verdict, bool tcg_saved, enum way ret[WAYS]);

/* Seconds, before MAYFLY_PATIENCE. */
struct limits {
    int boot, resume, hello;
};

const struct limits *limits_for(bool kvm, enum kvm_verdict verdict);
