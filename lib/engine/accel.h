/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Can KVM be used?  /dev/kvm may exist and yet make QEMU abort, or hang for
 * ever; only a booted appliance proves that it works.  The verdict is
 * remembered for this kernel and this QEMU; decide.h has the rules. */
#pragma once
#include "base/error.h"
#include "lib/engine/decide.h"

struct launch;

/* Fails if MAYFLY_ACCEL is wrong, or wants a KVM that cannot be opened. */
int kvm_judge(const struct launch *l, struct kvm *ret, struct error *err);

/* Remember the result of a try, in l->kvm as well; REASON is that of a
 * failure. */
void kvm_record(struct launch *l, enum kvm_outcome outcome, const char *reason);

/* MAYFLY_ACCEL=kvm asks for what has failed: put that before the error.
 * Always -1. */
int kvm_blame_force(struct error *err);
