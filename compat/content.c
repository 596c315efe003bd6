/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls where mayfly's result has more detail than programs rely on. */
#include <config.h>

#include <string.h>

#include "compat-own.h"
#include "compat/handle.h"

/* The result of libguestfs does not say what a link points to. */
char *
own_file(guestfs_h *g, const char *path)
{
    static const char link[] = "symbolic link";
    char *text = NULL;

    if (mayfly_file(g->m, path, &text) < 0) {
        call_mayfly_error(g);
        return NULL;
    }
    if (str_after(text, link))
        text[strlen(link)] = '\0';
    return text;
}
