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

/* "52:54:00:12:34:56", "5254.0012.3456", maybe in quotes; of InfiniBand more
 * pairs */
static bool
is_mac(const char *s)
{
    enum { DIGITS = 12 };
    int digits = 0, others = 0;

    for (s += *s == '"' || *s == '\''; *s; s++)
        if (isxdigit((unsigned char)*s))
            digits++;
        else if (strchr(":-.", *s))
            others++;
        else
            break;
    return others >= 2 ? digits >= DIGITS : others == 0 && digits == DIGITS;
}

/* --- keyfiles --- */

struct keyfile {
    size_t bound;
    bool has_name;
};

/* cloned-mac-address=stable and the like name no address. */
static enum verdict
judge_keyfile(void *state, const char *line, size_t n, FILE *out)
{
    struct keyfile *p = state;
    const char *bound = assigned(line, "mac-address");
    const char *set = assigned(line, "cloned-mac-address");
    const char *name = assigned(line, "interface-name");

    (void)n, (void)out;
    p->has_name |= name && *name && *name != '\n';
    p->bound += bound && is_mac(bound);
    return (bound && is_mac(bound)) || (set && is_mac(set)) ? DROP : KEEP;
}

char *
keyfile_without_mac(const char *text, size_t *ret_bound)
{
    struct keyfile p = {0};
    char *result = edit_lines(text, judge_keyfile, &p);

    *ret_bound = p.has_name ? 0 : p.bound;
    return result;
}

/* --- netplan --- */

struct netplan {
    size_t bound;
    size_t match; /* indentation of the open "match:"; NO_MATCH: none */
    bool named;   /* it has more than an address */
};

enum { NO_MATCH = 1000000 };

/* The bytes of a line before its comment. */
static size_t
without_comment(const char *line, size_t n)
{
    char quote = 0;

    for (size_t i = 0; i < n; i++)
        if (quote)
            quote = line[i] == quote ? 0 : quote;
        else if (line[i] == '"' || line[i] == '\'')
            quote = line[i];
        else if (line[i] == '#' &&
                 (i == 0 || isblank((unsigned char)line[i - 1])))
            n = i;
    while (n > 0 && strchr(" \t\r", line[n - 1]))
        n--;
    return n;
}

/* What follows KEY and its colon at S, maybe in quotes; NULL: another key. */
static const char *
yaml_value(const char *s, const char *key)
{
    char quote = *s == '"' || *s == '\'' ? *s : 0;
    const char *rest = str_after(s + (quote != 0), key);

    if (!rest || (quote && *rest++ != quote))
        return NULL;
    rest += strspn(rest, " ");
    return *rest == ':' ? rest + 1 + strspn(rest + 1, " ") : NULL;
}

/* After the line of "match:" at INDENT: does it have a key but the address? */
static bool
has_other_key(const char *line, size_t indent)
{
    while ((line = strchr(line, '\n'))) {
        size_t here = strspn(++line, " ");

        if (here >= without_comment(line, strcspn(line, "\n")))
            continue;
        if (here <= indent)
            return false;
        if (!yaml_value(line + here, "macaddress"))
            return true;
    }
    return false;
}

/* Does COPY, up to an opening brace at END, end in "match:"? */
static bool
opens_match(const char *copy, const char *end)
{
    while (end > copy && strchr(": \"'", end[-1]))
        end--;
    return end - copy >= 5 && strncmp(end - 5, "match", 5) == 0 &&
           (end - copy == 5 || strchr(" \"'{,", end[-6]));
}

/* KEY at MAC is in braces. */
static enum verdict
edit_braces(struct netplan *p, const char *copy, const char *mac,
    const char *value, const char *rest, FILE *out)
{
    const char *open = mac, *end = value + strcspn(value, ",}");

    while (open > copy && *open != '{')
        open--;
    bool alone = open + 1 + strspn(open + 1, " ") == mac && *end == '}';
    bool bound = p->match != NO_MATCH || opens_match(copy, open);
    if (alone && bound) {
        p->bound++;
        fprintf(
            out, "%.*sname: \"e*\"%s%s", (int)(mac - copy), copy, end, rest);
        return WRITTEN;
    }
    /* It goes with the comma after it, or the one before. */
    if (*end == ',')
        end += 1 + strspn(end + 1, " ");
    else
        while (mac > open + 1 && strchr(", ", mac[-1]))
            mac--;
    fprintf(out, "%.*s%s%s", (int)(mac - copy), copy, end, rest);
    return WRITTEN;
}

static enum verdict
judge_netplan(void *state, const char *line, size_t n, FILE *out)
{
    struct netplan *p = state;
    size_t indent = strspn(line, " "), length = without_comment(line, n);
    cleanup_free char *copy = strndup(line, length);
    cleanup_free char *rest = strndup(line + length, n - length);
    const char *value = NULL;

    if (!copy || !rest || indent >= length)
        return KEEP;
    if (p->match != NO_MATCH && indent <= p->match)
        p->match = NO_MATCH;
    const char *mac = copy + indent, *match = yaml_value(mac, "match");
    if (match && !*match) {
        p->match = indent;
        p->named = has_other_key(line, indent);
    }
    while (
        !(value = yaml_value(mac, "macaddress")) && (mac = strpbrk(mac, "{,")))
        mac += 1 + strspn(mac + 1, " ");
    if (!value || !is_mac(value))
        return KEEP;
    if (mac != copy + indent)
        return edit_braces(p, copy, mac, value, rest, out);
    if (p->match == NO_MATCH || p->named)
        return DROP;
    p->bound++;
    fprintf(out, "%.*sname: \"e*\"%s", (int)indent, copy, rest);
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
    /* Of the section: does it match?  Is an address in it the machine's own, or
     * one of those that it serves?  Does it say more than an address? */
    bool in_match, is_own, named;
};

/* Up to the next section: something but the address that tells cards apart? */
static bool
section_names(const char *line)
{
    static const char *const keys[] = {"Name", "OriginalName", "Path", "Driver",
        "Type", "Kind", "Property", "SSID", "BSSID", "WLANInterfaceType"};

    while ((line = strchr(line, '\n')) && *++line != '[')
        for (size_t i = 0; i < N_ELEMENTS(keys); i++)
            if (assigned(line, keys[i]))
                return true;
    return false;
}

static enum verdict
judge_networkd(void *state, const char *line, size_t n, FILE *out)
{
    struct networkd *p = state;
    const char *mac = assigned(line, "MACAddress");

    (void)n;
    mac = mac ? mac : assigned(line, "PermanentMACAddress");
    if (*line == '[') {
        p->in_match = str_after(line, "[Match]") != NULL;
        p->is_own = str_after(line, "[Link]") || str_after(line, "[NetDev]") ||
                    str_after(line, "[Peer]");
        p->named = p->in_match && section_names(line);
    }
    if (!mac || !is_mac(mac) || (!p->in_match && !p->is_own))
        return KEEP;
    if (p->is_own || p->named)
        return DROP;
    p->bound++;
    p->named = true;
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

/* --- ifupdown, and what is left --- */

static enum verdict
judge_ifupdown(void *state, const char *line, size_t n, FILE *out)
{
    static const char key[] = "hwaddress";
    const char *rest = str_after(line + strspn(line, " \t"), key);

    (void)state, (void)n, (void)out;
    if (!rest || !isblank((unsigned char)*rest))
        return KEEP;
    rest += strspn(rest, " \t");
    const char *value = str_after(rest, "ether");
    rest = value ? value + strspn(value, " \t") : rest;
    return is_mac(rest) ? DROP : KEEP;
}

char *
ifupdown_without_mac(const char *text)
{
    return edit_lines(text, judge_ifupdown, NULL);
}

size_t
text_names_own_mac(const char *text)
{
    size_t number = 1;

    for (const char *line = text; *line; number++) {
        size_t n = without_comment(line, strcspn(line, "\n"));
        cleanup_free char *copy = strndup(line, n);

        for (const char *s = copy; s && (s = strcasestr(s, "mac"));) {
            s += strcspn(s, "=:");
            s += strspn(s, "=: \"'");
            if (*s && is_mac(s) && !strcasestr(copy, "bssid") && *copy != ';')
                return number;
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return 0;
}
