/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/processors.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"

enum { GROUPS_MAX_BYTES = 65536, LIMIT_MAX_BYTES = 128 };

/* What cpu.max in the folder says, "QUOTA PERIOD" or "max PERIOD", as whole
 * processors; at most MOST. */
static unsigned
limit_of(const char *folder, unsigned most)
{
    cleanup_error struct error err = {0};
    cleanup_free char *path = text_printf("%s/cpu.max", folder);
    cleanup_free char *text =
        path ? read_file(path, LIMIT_MAX_BYTES, NULL, &err) : NULL;
    unsigned long long quota, period;

    if (!text || sscanf(text, "%llu %llu", &quota, &period) != 2 ||
        period == 0 || quota / period >= most)
        return most;
    unsigned whole = (unsigned)((quota + period - 1) / period);
    return whole ? whole : 1;
}

/* The group of version 2, "0::/a/b"; the caller frees it. */
static char *
own_group(const char *groups)
{
    cleanup_error struct error err = {0};
    cleanup_free char *text = read_file(groups, GROUPS_MAX_BYTES, NULL, &err);
    const char *line = text;

    while (line) {
        const char *group = str_after(line, "0::/");

        if (group)
            return strndup(group, strcspn(group, "\n"));
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return NULL;
}

unsigned
processors_within(unsigned affinity, const char *groups, const char *root)
{
    cleanup_free char *group = own_group(groups);
    cleanup_free char *folder =
        group ? text_printf("%s/%s", root, group) : NULL;
    size_t top = strlen(root);

    if (!folder)
        return affinity;
    for (;;) {
        char *slash;

        affinity = limit_of(folder, affinity);
        if (!(slash = strrchr(folder, '/')) || (size_t)(slash - folder) < top)
            return affinity;
        *slash = '\0';
    }
}

/* As many as the kernel has, also where it has more than cpu_set_t holds. */
static unsigned
allowed_by_affinity(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return (unsigned)CPU_COUNT(&set);
    return online > 0 ? (unsigned)online : 1;
}

unsigned
processors_available(void)
{
    unsigned affinity = allowed_by_affinity();

    return processors_within(
        affinity ? affinity : 1, "/proc/self/cgroup", "/sys/fs/cgroup");
}
