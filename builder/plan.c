/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "builder/catalog/sources.h"
#include "download/fetch.h"
#include "builder/image/cache.h"
#include "builder/image/output.h"
#include "tool/size.h"
#include "tool/print.h"

/* The folder of the output must exist and be writable. */
static int
check_folder(const char *output, struct error *err)
{
    const char *slash = strrchr(output, '/');
    cleanup_free char *folder =
        slash ? strndup(output, (size_t)(slash + 1 - output)) : strdup(".");

    if (!folder)
        return error_no_memory(err);
    if (access(folder, W_OK | X_OK) < 0)
        return error_errno(err, errno, "cannot write in %s", folder);
    return 0;
}

int
plan_check(struct plan *plan, struct error *err)
{
    uint64_t least = plan->template->size, device;
    char have[24], want[24];

    if (output_examine(plan->output, &device, err) < 0)
        return -1;
    if (!device && check_folder(plan->output, err) < 0)
        return -1;
    if (device && !str_equal(plan->format, "raw"))
        return error_set(err, EINVAL,
            "%s is a block device: only --format raw fits there", plan->output);
    if (plan->size == 0)
        plan->size = device ? device : least;
    if (plan->size < least)
        return error_set(err, EINVAL,
            "--size %s is too small: the template %s needs %s",
            size_text(plan->size, want), plan->template->id,
            size_text(least, have));
    if (device && plan->size > device)
        return error_set(err, ENOSPC, "%s has only %s, not %s", plan->output,
            size_text(device, have), size_text(plan->size, want));
    return 0;
}

void
plan_print(const struct plan *plan)
{
    const struct template *t = plan->template;
    cleanup_free char *uri = fetch_join(t->source->uri, t->file);
    bool cached = plan->cache && cache_has(plan->cache, t);
    char size[24];
    int step = 1;

    printf("template %s, %s, revision %lld, from %s\n", t->id, t->arch,
        (long long)t->revision, t->source->uri);
    if (cached) {
        printf("%d. take the template from the cache in %s\n", step++,
            plan->cache);
    } else {
        printf("%d. download %s", step++, uri ? uri : t->file);
        if (t->compressed_size)
            printf(" (%s)", size_text(t->compressed_size, size));
        printf(plan->check ? ", check its SHA-512\n" : ", unchecked\n");
        printf("%d. unpack it%s%s\n", step++, plan->cache ? " into " : "",
            plan->cache ? plan->cache : "");
    }
    printf("%d. copy it to %s as %s, %s\n", step++, plan->output, plan->format,
        size_text(plan->size, size));
    if (plan->size > t->size)
        printf("%d. grow %s in place by %s\n", step++,
            t->expand ? t->expand : "the last partition",
            size_text(plan->size - t->size, size));
    printf("%d. give it a random seed and a machine id of its own\n", step++);
    for (size_t i = 0; i < plan->customize->n_steps; i++) {
        cleanup_free char *text = customize_describe(plan->customize, i);

        printf("%d. ", step++);
        tool_print(stdout, text ? text : "?");
        putchar('\n');
    }
}
