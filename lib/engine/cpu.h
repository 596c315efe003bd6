/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The appliance's processor: what it must not claim under TCG. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* A feature that says "this is fast", of something that TCG does slowly.  One
 * that goes takes with it all that need it: no processor has them without it,
 * and Linux and the C library rely on that. */
struct slow_feature {
    const char *name;
    /* Linux's number: word * 32 + bit.  Of the words that mirror CPUID it is
     * the same in every version. */
    int number;
    /* QEMU's option: every QEMU that is allowed has it, so programs do not see
     * the feature, either.  Otherwise only the kernel is told. */
    bool option;
    const char *needs; /* another one of the table, or NULL */
    const char *reason;
};

extern const struct slow_feature slow_features[];
extern const size_t n_slow_features;

/* The value of -cpu. */
char *cpu_model(bool kvm);

/* The kernel's arguments, ending in a space, or "". */
char *cpu_arguments(bool kvm);
