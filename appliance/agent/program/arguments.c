/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/program/arguments.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "base/strv.h"

void
add_words(struct call *c, struct list *argv, ...)
{
    const char *word;
    va_list ap;

    va_start(ap, argv);
    while ((word = va_arg(ap, const char *)))
        list_add_string(c, argv, word);
    va_end(ap);
}

void
add_option(
    struct call *c, struct list *argv, const char *option, const char *value)
{
    if (!value)
        return;
    list_add_string(c, argv, option);
    list_add_string(c, argv, value);
}

void
add_number(struct call *c, struct list *argv, const char *option, bool has,
    int64_t value)
{
    if (has)
        add_option(c, argv, option, call_printf(c, "%lld", (long long)value));
}

void
add_flag(struct call *c, struct list *argv, bool wanted, const char *word)
{
    if (wanted)
        list_add_string(c, argv, word);
}

const char *
tool_path(struct call *c, const char *path)
{
    if (need_root(c) < 0)
        return NULL;
    char *real = path_real(c, path);
    return real ? call_printf(c, "%s%s", SYSROOT, real) : NULL;
}

const char *
tool_path_new(struct call *c, const char *path)
{
    size_t n = strlen(path);

    if (need_root(c) < 0)
        return NULL;
    while (n > 1 && path[n - 1] == '/')
        n--;
    char *folder = call_strndup(c, path, n), *slash = strrchr(folder, '/');
    if (!slash || !slash[1] || str_equal(slash, "/..") ||
        str_equal(slash, "/.")) {
        call_error(c, EINVAL, "%s: not the name of something new", path);
        return NULL;
    }
    *slash = '\0';
    char *real = path_real(c, *folder ? folder : "/");
    struct stat st;
    if (!real)
        return NULL;
    real = call_printf(
        c, "%s%s/%s", SYSROOT, str_equal(real, "/") ? "" : real, slash + 1);
    if (lstat(real, &st) == 0 && S_ISLNK(st.st_mode)) {
        call_error(c, ELOOP, "%s: a link, where something new is to be", path);
        return NULL;
    }
    return real;
}

const char *
tool_words(
    struct call *c, const char *text, const char *path, const char *guest_path)
{
    size_t n = strlen(path);
    const char *found, *done = "";

    while ((found = strstr(text, path))) {
        const char *rest = found + n;
        /* "/" and "/name" are "/name", not "//name". */
        bool joined = *rest == '/' && str_equal(guest_path, "/");

        done = call_printf(c, "%s%.*s%s", done, (int)(found - text), text,
            joined ? "" : guest_path);
        if (!done)
            return text;
        text = rest;
    }
    return call_printf(c, "%s%s", done, text);
}
