/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Can KVM be used?  /dev/kvm may exist and yet make QEMU abort, or hang for
 * ever; only a booted appliance proves that it works.  The verdict is
 * remembered for this kernel and this QEMU. */
#pragma once
#include <stdbool.h>

#include "base/error.h"

struct launch;

enum kvm_verdict {
    KVM_ABSENT,  /* cannot be opened */
    KVM_UNKNOWN, /* never tried */
    KVM_GOOD,
    KVM_BAD,
    KVM_REFUSED, /* MAYFLY_ACCEL=tcg */
    KVM_FORCED,  /* MAYFLY_ACCEL=kvm */
};

struct kvm {
    enum kvm_verdict verdict;
    char reason[256]; /* for ABSENT and BAD; else "" */
};

int kvm_judge(const struct launch *l, struct kvm *ret, struct error *err);

/* Remember the result of a try. */
void kvm_record(const struct launch *l, bool good, const char *reason);
