/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "resize/say.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "tool/progress.h"

void
say_line(double start, const char *format, va_list ap)
{
    cleanup_free char *text = NULL, *shown = NULL;

    if (vasprintf(&text, format, ap) < 0)
        text = NULL;
    /* Names in it are the guest's: it must not be able to write a line. */
    shown = text ? text_escape(text) : NULL;
    tool_progress_clear();
    printf("[%6.1f] %s\n", monotonic_seconds() - start, shown ? shown : "");
    fflush(stdout);
}
