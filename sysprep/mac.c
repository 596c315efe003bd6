/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "sysprep/mac.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* What an edit does with a line: LINE of N bytes, without its end. */
enum verdict { KEEP, DROP, WRITTEN };
typedef enum verdict (*judge)(
    void *state, const char *line, size_t n, FILE *out);

static char *
edit_lines(const char *text, judge decide, void *state)
{
    char *result = NULL;
    size_t size;
    FILE *out = open_memstream(&result, &size);

    if (!out)
        return NULL;
    while (*text) {
        size_t n = strcspn(text, "\n");
        enum verdict v = decide(state, text, n, out);

        if (v == KEEP)
            fwrite(text, 1, n, out);
        text += n;
        if (*text == '\n' && v != DROP)
            putc('\n', out);
        text += *text == '\n';
    }
    if (fclose(out) != 0) {
        free(result);
        return NULL;
    }
    return result;
}

/* The value of NAME=... at LINE. */
static const char *
assigned(const char *line, const char *name)
{
    const char *rest = str_after(line + strspn(line, " \t"), name);

    rest = rest ? rest + strspn(rest, " \t") : NULL;
    return rest && *rest == '=' ? rest + 1 + strspn(rest + 1, " \t") : NULL;
}

static enum verdict
judge_assignment(void *state, const char *line, size_t n, FILE *out)
{
    const char *const *names = state;

    (void)n, (void)out;
    for (; *names; names++)
        if (assigned(line, *names))
            return DROP;
    return KEEP;
}

char *
text_without_assignments(const char *text, const char *const *names)
{
    return edit_lines(text, judge_assignment, (void *)(uintptr_t)names);
}

/* "52:54:00:12:34:56", maybe in quotes */
static bool
is_mac(const char *s)
{
    enum { PAIRS = 6 };

    s += *s == '"' || *s == '\'';
    for (int i = 0; i < PAIRS; i++, s += 3) {
        if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
            return false;
        if (i < PAIRS - 1 && s[2] != ':' && s[2] != '-')
            return false;
    }
    return true;
}

/* cloned-mac-address=stable and the like name no address. */
static enum verdict
judge_keyfile(void *state, const char *line, size_t n, FILE *out)
{
    const char *bound = assigned(line, "mac-address");
    const char *set = assigned(line, "cloned-mac-address");

    (void)state, (void)n, (void)out;
    return (bound && is_mac(bound)) || (set && is_mac(set)) ? DROP : KEEP;
}

char *
keyfile_without_mac(const char *text)
{
    return edit_lines(text, judge_keyfile, NULL);
}

/* --- netplan --- */

struct netplan {
    size_t bound;
    size_t match; /* indentation of the open "match:"; NO_MATCH: none */
};

enum { NO_MATCH = 1000000 };

static enum verdict
judge_netplan(void *state, const char *line, size_t n, FILE *out)
{
    static const char key[] = "macaddress:";
    struct netplan *p = state;
    cleanup_free char *copy = strndup(line, n);
    size_t indent = strspn(line, " ");
    const char *mac = copy ? strstr(copy, key) : NULL;
    const char *value = mac ? mac + strlen(key) : NULL;

    if (!copy || indent >= n || line[indent] == '#')
        return KEEP;
    if (p->match != NO_MATCH && indent <= p->match)
        p->match = NO_MATCH;
    if (str_equal(copy + indent, "match:"))
        p->match = indent;
    if (!value)
        return KEEP;
    value += strspn(value, " ");
    if (!is_mac(value))
        return KEEP;
    bool in_braces = strchr(copy, '{') != NULL;
    bool bound =
        in_braces ? strstr(copy, "match:") != NULL : p->match != NO_MATCH;
    if (!bound)
        return in_braces ? KEEP : DROP;
    p->bound++;
    value += strcspn(value, ",} \t");
    fprintf(out, "%.*sname: \"e*\"%s", (int)(mac - copy), copy, value);
    return WRITTEN;
}

char *
netplan_without_mac(const char *text, size_t *ret_bound)
{
    struct netplan p = {.match = NO_MATCH};
    char *result = edit_lines(text, judge_netplan, &p);

    *ret_bound = p.bound;
    return result;
}

/* --- systemd --- */

struct networkd {
    size_t bound;
    bool in_match;
};

static enum verdict
judge_networkd(void *state, const char *line, size_t n, FILE *out)
{
    struct networkd *p = state;
    const char *mac = assigned(line, "MACAddress");

    (void)n;
    if (*line == '[')
        p->in_match = str_after(line, "[Match]") != NULL;
    if (!mac || !is_mac(mac))
        return KEEP;
    if (!p->in_match)
        return DROP;
    p->bound++;
    fputs("Name=e*", out);
    return WRITTEN;
}

char *
networkd_without_mac(const char *text, size_t *ret_bound)
{
    struct networkd p = {0};
    char *result = edit_lines(text, judge_networkd, &p);

    *ret_bound = p.bound;
    return result;
}
