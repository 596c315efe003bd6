/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdarg.h>

/* "[   1.2] TEXT", with the seconds since START. */
void say_line(double start, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));
