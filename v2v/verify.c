/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the library boots the disks (try_boot): in the cage, and
 * over throwaway layers.  Copies are added to a handle of their own, without
 * permission to refer to other files; overlays, and images changed in place,
 * are in the handle of the conversion already. */
#include <config.h>

#include "v2v/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "tool/tool.h"

enum { TAIL_LINES = 8, MEMORY_LEAST = 512, MEMORY_MOST = 1 << 20 };

#define PROMPT "login:"

/* The handle with the copies; NULL with an error. */
static struct mayfly *
open_copies(const struct result *r, struct error *err)
{
    struct mayfly *g = tool_handle(r->disks->tool);
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_READONLY | MAYFLY_ADD_DRIVE_FORMAT |
               MAYFLY_ADD_DRIVE_BACKING_POLICY,
        .readonly = true,
        .format = r->format,
        .backing_policy = "none",
    };

    if (!g)
        return error_no_memory(err), NULL;
    for (size_t i = 0; i < r->disks->n; i++) {
        disks_set_sectors(&r->disks->items[i], &options);
        if (mayfly_add_drive(g, r->images[i], &options) < 0) {
            tool_handle_error(g, err);
            mayfly_close(g);
            return NULL;
        }
    }
    return g;
}

static void
print_tail(const char *text)
{
    const char *start = text + strlen(text);
    cleanup_free char *tail = NULL;
    char *end;

    for (int lines = 0; start > text && lines < TAIL_LINES;)
        lines += *--start == '\n';
    if (!(tail = end = strdup(start)))
        return;
    for (const char *p = start; *p; p++)
        if (*p != '\r')
            *end++ = *p;
    *end = 0;
    printf("The end of its console:\n");
    tool_print(stdout, tail);
    putchar('\n');
}

/* *ret_login < 0: no prompt came. */
static int
boot(struct mayfly *g, const struct result *r, int seconds, double *ret_login,
    struct error *err)
{
    const struct guest *guest = r->guest;
    uint64_t memory = guest->memory >> 20;
    cleanup_free char *picture =
        text_printf("%s/%s-boot.png", r->folder ? r->folder : ".", guest->name);
    const struct mayfly_try_boot_options options = {
        .set = MAYFLY_TRY_BOOT_WANTED | MAYFLY_TRY_BOOT_MEMORY |
               MAYFLY_TRY_BOOT_UEFI | MAYFLY_TRY_BOOT_SCREENSHOT |
               MAYFLY_TRY_BOOT_FIRST,
        .wanted = PROMPT,
        .memory = memory < MEMORY_LEAST  ? MEMORY_LEAST
                  : memory > MEMORY_MOST ? MEMORY_MOST
                                         : (int32_t)memory,
        .uefi = guest->uefi,
        .screenshot = picture,
        .first = (int32_t)r->disks->boot,
    };
    cleanup_free char *console = NULL;
    double begin = monotonic_seconds();

    if (!picture)
        return error_no_memory(err);
    /* One of another boot is not to be taken for it. */
    if (unlink(picture) < 0 && errno != ENOENT)
        return error_errno(err, errno, "cannot replace %s", picture);
    if (mayfly_try_boot(g, seconds, &options, &console) < 0)
        return tool_handle_error(g, err);
    tool_progress_clear();
    if (strstr(console, PROMPT))
        *ret_login = monotonic_seconds() - begin;
    if (access(picture, F_OK) == 0)
        printf("%-10s %s\n", "Screen", picture);
    print_tail(console);
    return 0;
}

int
verify_boot(struct mayfly *g, const struct result *result, int seconds)
{
    cleanup_error struct error err = {0};
    cleanup_mayfly struct mayfly *own = NULL;
    double login = -1;

    printf("Booting it\n");
    fflush(stdout);
    if (result->images && !(own = open_copies(result, &err)))
        return tool_give_up(&err, TOOL_FAILED);
    int r = boot(own ? own : g, result, seconds, &login, &err);
    tool_progress_clear();
    if (r < 0) {
        error_context(&err, "cannot boot it");
        return tool_give_up(&err, TOOL_FAILED);
    }
    if (login < 0) {
        tool_error("no login prompt came within %d s", seconds);
        return TOOL_FAILED;
    }
    printf("%-10s to the login prompt in %.1f s\n", "Boots", login);
    return TOOL_OK;
}
