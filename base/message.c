/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses with passwords turn up in errors, traces, notes and what other
 * programs say, far from where they were known to be addresses; so they are
 * looked for where text leaves the program. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { PASSWORD_MOST = 256 };

/* A message has a colon after an address. */
static bool
is_port(const char *s, size_t n)
{
    size_t digits = strspn(s, "0123456789");

    return digits > 0 && (digits >= n || (digits + 1 == n && s[digits] == ':'));
}

/* AUTHORITY: what follows "://" in TEXT.  NULL: no password is in it. */
static const char *
find_password(const char *text, const char *authority, const char **ret_end)
{
    size_t n = strcspn(authority, "/?# \t\n");
    /* libiscsi has USER%PASSWORD. */
    bool iscsi =
        authority - text >= 8 && strncasecmp(authority - 8, "iscsi", 5) == 0;
    size_t user = strcspn(authority, iscsi ? ":%" : ":");
    const char *at = memrchr(authority, '@', n);

    if (user >= n || *authority == '[')
        return NULL;
    const char *password = authority + user + 1;
    size_t rest = n - user - 1;
    /* A slash that should have been %2F, or a blank in it.  A blank right after
     * the colon is that of a sentence. */
    if (!at && !is_port(password, rest) && !isspace((unsigned char)*password))
        at = memchr(password, '@', strnlen(password, PASSWORD_MOST));
    if (!at || at < password)
        return NULL;
    *ret_end = at;
    return password;
}

char *
text_hide(const char *s)
{
    static const char stars[] = "***";
    /* An address of at least five bytes becomes at most three longer. */
    char *copy = malloc(2 * strlen(s) + 1), *to = copy;
    const char *from = s, *mark = s, *password, *end;

    if (!copy)
        return NULL;
    while ((mark = strstr(mark, "://"))) {
        mark += 3;
        if (!(password = find_password(s, mark, &end)))
            continue;
        to = mempcpy(to, from, (size_t)(password - from));
        to = mempcpy(to, stars, sizeof stars - 1);
        from = mark = end;
    }
    memcpy(to, from, strlen(from) + 1);
    return copy;
}

char *
text_message(const char *s)
{
    cleanup_free char *hidden = strstr(s, "://") ? text_hide(s) : NULL;

    if (strstr(s, "://") && !hidden)
        return NULL;
    return text_escape(hidden ? hidden : s);
}
