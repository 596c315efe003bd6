/* SPDX-License-Identifier: GPL-2.0-or-later */
/* YARA.  The rules are kept compiled, in a file; rules and what they look at
 * both come from strangers, so that its own program does all of it. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/call/stream.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/program/run.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "ops-yara.h"

#define GIVEN "/run/yara.given"
#define RULES "/run/yara.rules"

enum { RULES_MAX = 256 << 20, MATCHES_MAX = 65536 };

/* How a file that yarac has made begins. */
static const char compiled[] = "YARA";

static int
receive(struct call *c, int fd)
{
    char head[sizeof compiled - 1] = {0};
    char buffer[65536];
    size_t size = 0;
    ssize_t n;

    while ((n = stream_read(c, buffer, sizeof buffer)) > 0) {
        if ((size += (size_t)n) > RULES_MAX)
            return call_error(
                c, EFBIG, "rules of more than %d bytes", RULES_MAX);
        if (write_all(fd, buffer, (size_t)n) < 0)
            return call_fail(c, errno, "cannot keep the rules");
    }
    if (n < 0)
        return -1;
    if (pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
        memcmp(head, compiled, sizeof head) == 0)
        return rename(GIVEN, RULES) < 0 ? call_fail(c, errno, RULES) : 0;
    return run_tool(c, NULL, "yarac", "-w", GIVEN, RULES, NULL);
}

int
op_yara_load(struct call *c, const struct api_yara_load_args *args)
{
    cleanup_close int fd =
        open(GIVEN, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int r;

    (void)args;
    if (fd < 0)
        return call_fail(c, errno, GIVEN);
    unlink(RULES);
    r = receive(c, fd);
    unlink(GIVEN);
    return r;
}

static int
no_rules(struct call *c)
{
    return call_error(c, ENOENT, "no yara rules loaded");
}

int
op_yara_destroy(struct call *c, const struct api_yara_destroy_args *args)
{
    (void)args;
    return unlink(RULES) < 0 ? no_rules(c) : 0;
}

/* Each line of TEXT begins with the name of a rule, which has no spaces. */
static int
read_matches(struct call *c, const char *path, char *text, struct list *ret)
{
    char *saved = NULL;

    for (char *line = strtok_r(text, "\n", &saved); line;
         line = strtok_r(NULL, "\n", &saved)) {
        struct mayfly_yara_detection *d;

        if (ret->n == MATCHES_MAX)
            return call_error(
                c, E2BIG, "%s: more than %d rules fit", path, MATCHES_MAX);
        line[strcspn(line, " ")] = '\0';
        d = list_add(c, ret, struct mayfly_yara_detection);
        d->yara_name = call_strdup(c, path);
        d->yara_rule = line;
    }
    return 0;
}

int
op_yara_scan(struct call *c, const struct api_yara_scan_args *args,
    struct api_yara_scan_ret *ret)
{
    cleanup_close int fd = path_open(c, args->path, O_RDONLY | O_NONBLOCK, 0);
    struct list found = {0};
    struct stat st;
    char *text;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return call_error(c, EINVAL, "%s: not a regular file", args->path);
    if (access(RULES, F_OK) < 0)
        return no_rules(c);
    const char *file = call_printf(c, "/proc/%d/fd/%d", (int)getpid(), fd);
    if (run_tool(c, &text, "yara", "-w", "-C", RULES, file, NULL) < 0)
        return -1;
    if (read_matches(c, args->path, text, &found) < 0)
        return -1;
    ret->value = found.items;
    ret->n_value = found.n;
    return 0;
}
