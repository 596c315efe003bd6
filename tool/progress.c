/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of stderr that is overwritten: at most ten times a second, and not
 * for work that ends within half a second.  Remove it before printing anything
 * else. */
#include <config.h>

#include "tool/progress.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strv.h"
#include "tool/name.h"

static enum tool_progress wanted = PROGRESS_AUTO;

static FILE *parts; /* for PROGRESS_PARTS */

static struct {
    double started, drawn; /* seconds; 0: not yet */
    bool visible;
    char label[40];
    int percent; /* the last one reported */
} bar;

void
tool_progress_set(enum tool_progress mode)
{
    wanted = mode;
}

void
tool_progress_parts(FILE *f)
{
    wanted = PROGRESS_PARTS;
    parts = f;
}

static enum tool_progress
mode_in_force(void)
{
    if (wanted == PROGRESS_AUTO)
        wanted = isatty(STDERR_FILENO) ? PROGRESS_BAR : PROGRESS_NONE;
    return wanted;
}

void
tool_progress_clear(void)
{
    if (bar.visible)
        fputs("\r\033[K", stderr);
    bar.visible = false;
}

static void
draw_bar(double time, uint64_t done, uint64_t total)
{
    static const char full[] = "########################################";
    struct winsize w;
    int columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 ? w.ws_col : 80;
    int width = columns - (int)strlen(bar.label) - 18;

    if (width > 40)
        width = 40;
    double part = total ? (double)done / (double)total : 0;
    if (part > 1)
        part = 1;
    double elapsed = time - bar.started;
    int left = part > 0 ? (int)(elapsed / part - elapsed) : -1;

    fprintf(stderr, "\r%s ", bar.label);
    if (total)
        fprintf(stderr, "%3d%% ", (int)(part * 100));
    if (total && width > 4)
        fprintf(stderr, "[%.*s%*s] ", (int)(part * width), full,
            width - (int)(part * width), "");
    if (total && left >= 0 && left < 360000)
        fprintf(stderr, "%02d:%02d", left / 60, left % 60);
    fputs("\033[K", stderr);
    fflush(stderr);
    bar.visible = true;
}

static void
print_json(const char *label, uint64_t done, uint64_t total)
{
    fprintf(stderr,
        "{\"type\":\"progress\",\"step\":\"%s\",\"done\":%" PRIu64
        ",\"total\":%" PRIu64 "}\n",
        label, done, total);
}

/* The text is one line without control characters. */
static void
print_json_notice(const char *text)
{
    fputs("{\"type\":\"notice\",\"text\":\"", stderr);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', stderr);
        putc(*text, stderr);
    }
    fputs("\"}\n", stderr);
}

static void
print_part(uint64_t done, uint64_t total)
{
    int percent = total ? (int)((double)done / (double)total * 100) : 0;

    if (percent > 100)
        percent = 100;
    if (percent == bar.percent)
        return;
    bar.percent = percent;
    fprintf(parts, "%d/100\n", percent);
    fflush(parts);
}

void
tool_progress_show(const char *label, uint64_t done, uint64_t total)
{
    enum tool_progress mode = mode_in_force();

    if (mode == PROGRESS_NONE)
        return;
    double time = monotonic_seconds();
    bool end = total && done >= total;
    if (!str_equal(label, bar.label)) {
        tool_progress_clear();
        snprintf(bar.label, sizeof bar.label, "%s", label);
        bar.started = time;
        bar.drawn = 0;
        bar.percent = -1;
    }
    if (!end && time - bar.drawn < 0.1)
        return;
    bar.drawn = time;
    if (mode == PROGRESS_JSON)
        print_json(label, done, total);
    else if (mode == PROGRESS_PARTS)
        print_part(done, total);
    else if (!end && time - bar.started > 0.5)
        draw_bar(time, done, total);
    if (end) {
        tool_progress_clear();
        bar.label[0] = 0;
    }
}

static void
on_progress(
    struct mayfly *g, void *opaque, const struct mayfly_event_data *data)
{
    (void)g, (void)opaque;
    tool_progress_show("working", data->done, data->total);
}

/* A line of its own, which stays. */
static void
on_notice(struct mayfly *g, void *opaque, const struct mayfly_event_data *data)
{
    (void)g, (void)opaque;
    tool_progress_clear();
    if (wanted == PROGRESS_JSON)
        print_json_notice(data->text);
    else
        fprintf(stderr, "%s: %s\n", tool_name(), data->text);
}

void
tool_progress_attach(struct mayfly *g)
{
    enum tool_progress mode = mode_in_force();

    if (mode == PROGRESS_NONE)
        return;
    mayfly_set_event_callback(g, on_progress, MAYFLY_EVENT_PROGRESS, NULL);
    if (mode != PROGRESS_PARTS)
        mayfly_set_event_callback(g, on_notice, MAYFLY_EVENT_NOTICE, NULL);
}
