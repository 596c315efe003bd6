/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Public SSH keys, as sshd(8) reads them in authorized_keys: one a line, with
 * options before it and a comment after it; blank lines and those that begin
 * with # are skipped. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/edit.h"

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789+/";

bool
text_has_line(const char *text, const char *line)
{
    size_t length = strlen(line);

    while (*text) {
        size_t n = strcspn(text, "\r\n");

        if (n == length && memcmp(text, line, n) == 0)
            return true;
        text += n + (text[n] != '\0');
    }
    return false;
}

/* What is no list of keys: a program's own format. */
static int
refuse_format(const char *text, struct error *err)
{
    const char *begin = strstr(text, "-----BEGIN ");

    if (str_after(text, "PuTTY-User-Key-File-") ||
        (begin && strstr(begin, "PRIVATE KEY-----")))
        return error_set(err, EINVAL,
            "a private SSH key, which must stay where it is; give the public "
            "key, which ssh-keygen -y prints");
    if (begin)
        return error_set(err, EINVAL,
            "a PEM file, not a public SSH key of OpenSSH; ssh-keygen -i -m "
            "PKCS8 converts it");
    if (strstr(text, "---- BEGIN SSH2 PUBLIC KEY ----"))
        return error_set(err, EINVAL,
            "a public SSH key of the format of RFC 4716; ssh-keygen -i "
            "converts it to that of OpenSSH");
    return 0;
}

static bool
is_type(const char *word, size_t n)
{
    static const char *const prefixes[] = {
        "ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-sha2-", "rsa-sha2-"};

    for (size_t i = 0; i < N_ELEMENTS(prefixes); i++) {
        size_t k = strlen(prefixes[i]);

        if (n > k && strncmp(word, prefixes[i], k) == 0 &&
            !memchr(word, '=', n) && !memchr(word, ',', n))
            return true;
    }
    return false;
}

/* The end of the options: the first blank that no quotes enclose. */
static const char *
skip_options(const char *p)
{
    bool quoted = false;

    for (; *p && (quoted || (*p != ' ' && *p != '\t')); p++) {
        if (p[0] == '\\' && p[1] == '"')
            p++;
        else if (*p == '"')
            quoted = !quoted;
    }
    return p;
}

static bool
is_key(const char *line)
{
    size_t n = strcspn(line, " \t");

    if (!is_type(line, n)) {
        line = skip_options(line);
        line += strspn(line, " \t");
        n = strcspn(line, " \t");
    }
    if (!is_type(line, n))
        return false;
    const char *key = line + n + strspn(line + n, " \t");
    n = strspn(key, base64);
    size_t end = n + strspn(key + n, "=");
    return n >= 4 && (!key[end] || key[end] == ' ' || key[end] == '\t');
}

char *
ssh_keys_read(const char *text, size_t size, size_t *ret_n, struct error *err)
{
    const char *mark = str_after(text, "\xef\xbb\xbf");
    cleanup_free char *copy = strdup(mark ? mark : text), *result = NULL;
    size_t n = 0, used = 0, number = 0;

    result = malloc(size + 2);
    if (!copy || !result)
        return error_no_memory(err), NULL;
    if (strlen(text) != size)
        return error_set(err, EINVAL, "not a text file"), NULL;
    if (refuse_format(copy, err) < 0)
        return NULL;
    for (char *rest = copy, *line; (line = strsep(&rest, "\n"));) {
        number++;
        /* A line can end in CR LF, or in CR alone. */
        for (char *part; (part = strsep(&line, "\r"));) {
            part += strspn(part, " \t");
            size_t length = strlen(part);
            while (length > 0 && strchr(" \t", part[length - 1]))
                part[--length] = '\0';
            if (!length || *part == '#')
                continue;
            if (!is_key(part))
                return error_set(err, EINVAL,
                           "line %zu is not a public SSH key", number),
                       NULL;
            used += (size_t)sprintf(result + used, "%s\n", part);
            n++;
        }
    }
    if (n == 0)
        return error_set(err, EINVAL, "not a public SSH key"), NULL;
    *ret_n = n;
    return steal_pointer(&result);
}
