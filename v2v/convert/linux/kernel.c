/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Do the kernels that can boot support the new machine? */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/kernels.h"
#include "v2v/convert/linux/steps.h"

/* The one that boots first: what the loader's settings say, else the newest
 * that has modules. */
static int
by_rank(const void *a, const void *b)
{
    const struct kernel *x = a, *y = b;

    if (x->is_default != y->is_default)
        return x->is_default ? -1 : 1;
    if (x->has_modules != y->has_modules)
        return x->has_modules ? -1 : 1;
    return strverscmp(y->version, x->version);
}

static void
free_kernel(struct kernel *k)
{
    free(k->version);
    free(k->image);
    free(k->initrd);
    strv_free(k->modules);
}

/* A file like a kernel that has no modules and that no entry starts is not one
 * that matters, if there are others. */
static void
drop_others(struct conversion *c)
{
    size_t n = 0;

    if (!c->kernels[0].has_modules)
        return;
    for (size_t i = 0; i < c->n_kernels; i++) {
        struct kernel *k = &c->kernels[i];

        if (i == 0 || k->has_modules || k->in_menu)
            c->kernels[n++] = *k;
        else
            free_kernel(k);
    }
    c->n_kernels = n;
}

/* --- what to say of them --- */

static int
examine_first(struct conversion *c, struct error *err)
{
    const struct kernel *k = &c->kernels[0];

    if (!k->has_modules)
        return conversion_tell(c, FINDING_REVIEW, k->image, err,
            "the guest has no modules of its kernel %s", k->version);
    if (!k->has_block)
        return conversion_tell(c, FINDING_BLOCKED, k->image, err,
            "the kernel %s has no driver for virtio disks", k->version);
    if (!k->has_net && c->guest->n_nics)
        return conversion_tell(c, FINDING_REVIEW, k->image, err,
            "the kernel %s has no driver for virtio network cards", k->version);
    return 0;
}

static int
examine_others(struct conversion *c, struct error *err)
{
    for (size_t i = 1; i < c->n_kernels; i++) {
        const struct kernel *k = &c->kernels[i];

        if (k->has_modules && !k->has_block &&
            conversion_tell(c, FINDING_REVIEW, k->image, err,
                "the kernel %s has no driver for virtio disks; it does not "
                "start on the new machine",
                k->version) < 0)
            return -1;
    }
    return 0;
}

int
linux_kernels(struct conversion *c, struct error *err)
{
    if (kernels_find(c, err) < 0)
        return -1;
    if (c->n_kernels == 0 && c->guest->kernel && kernel_bring_in(c, err) < 0)
        return -1;
    if (c->n_kernels == 0)
        return c->guest->kernel
                   ? 0
                   : conversion_tell(c, FINDING_BLOCKED, "/boot", err,
                         "the guest has no kernel; give one with --kernel and "
                         "--initrd");
    qsort(c->kernels, c->n_kernels, sizeof *c->kernels, by_rank);
    drop_others(c);
    return examine_first(c, err) < 0 ? -1 : examine_others(c, err);
}
