/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings and lists in the memory of a call. */
#include <config.h>

#include "appliance/agent/call/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"

char *
call_strndup(struct call *c, const char *s, size_t n)
{
    size_t size = strnlen(s, n);

    /* The memory is zeroed, its last byte stays so. */
    return memcpy(call_alloc(c, size + 1), s, size);
}

char *
call_strdup(struct call *c, const char *s)
{
    return call_strndup(c, s, strlen(s));
}

char *
call_printf(struct call *c, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        call_no_memory(c);
    char *s = call_alloc(c, (size_t)n + 1);
    vsnprintf(s, (size_t)n + 1, format, again);
    va_end(again);
    return s;
}

void *
list_add_size(struct call *c, struct list *l, size_t size)
{
    /* One element more stays zeroed: the NULL at the end. */
    if (l->n + 1 >= l->room) {
        uint32_t room = l->room ? l->room * 2 : 16;
        void *bigger = call_alloc(c, room * size);

        if (l->n > 0)
            memcpy(bigger, l->items, l->n * size);
        l->items = bigger;
        l->room = room;
    }
    return (uint8_t *)l->items + size * l->n++;
}

void
list_add_string(struct call *c, struct list *l, const char *s)
{
    *list_add(c, l, char *) = call_strdup(c, s);
}

static int
compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
list_sort_strings(struct list *l)
{
    if (l->n > 1)
        qsort(l->items, l->n, sizeof(char *), compare_strings);
}

static void
close_deferred(void *opaque)
{
    close((int)(intptr_t)opaque);
}

void
call_defer_close(struct call *c, int fd)
{
    call_defer(c, close_deferred, (void *)(intptr_t)fd);
}
