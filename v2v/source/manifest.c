/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/source/manifest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"

static const struct {
    const char *name, *prefix;
    enum hash_kind kind;
    size_t digits;
} kinds[] = {
    {"SHA1", "sha1:", HASH_SHA1, 40},
    {"SHA-1", "sha1:", HASH_SHA1, 40},
    {"SHA256", "sha256:", HASH_SHA256, 64},
    {"SHA-256", "sha256:", HASH_SHA256, 64},
    {"SHA2-256", "sha256:", HASH_SHA256, 64},
    {"SHA384", "sha384:", HASH_SHA384, 96},
    {"SHA512", "sha512:", HASH_SHA512, 128},
    {"SHA-512", "sha512:", HASH_SHA512, 128},
    {"SHA2-512", "sha512:", HASH_SHA512, 128},
};

/* KIND(NAME)= HEX or KIND (NAME) = HEX, on a line of its own. */
static char *
sum_of_line(const char *line, size_t length, const char *name, bool *ret_good)
{
    const char *open = memchr(line, '(', length);
    const char *close = open ? memrchr(line, ')', length) : NULL;
    const char *equals =
        close ? memchr(close, '=', length - (size_t)(close - line)) : NULL;
    size_t word = strcspn(line, " (");
    size_t kind = N_ELEMENTS(kinds);

    *ret_good = false;
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if (strlen(kinds[i].name) == word &&
            strncasecmp(line, kinds[i].name, word) == 0)
            kind = i;
    if (!equals || kind == N_ELEMENTS(kinds))
        return NULL;

    const char *hex = equals + 1 + strspn(equals + 1, " \t");
    if (strspn(hex, "0123456789abcdefABCDEF") != kinds[kind].digits)
        return NULL;
    *ret_good = true;
    const char *named = str_after(open + 1, "./");
    named = named ? named : open + 1;
    if (close < named || strlen(name) != (size_t)(close - named) ||
        strncmp(named, name, strlen(name)) != 0)
        return NULL;
    return text_printf(
        "%s%.*s", kinds[kind].prefix, (int)kinds[kind].digits, hex);
}

char *
manifest_sum(const char *text, const char *name, struct error *err)
{
    cleanup_free char *found = NULL;

    const char *first = str_after(text, "\xef\xbb\xbf");

    for (const char *line = first ? first : text; *line;) {
        size_t length = strcspn(line, "\r\n");
        bool good = true;
        errno = 0;
        cleanup_free char *sum =
            length ? sum_of_line(line, length, name, &good) : NULL;

        if (!good)
            return error_set(err, ENOTSUP, "invalid line in its manifest: %.*s",
                       (int)(length < 60 ? length : 60), line),
                   NULL;
        /* A disk whose sum is not known would not be checked. */
        if (!sum && errno == ENOMEM)
            return error_no_memory(err), NULL;
        if (!found)
            found = steal_pointer(&sum);
        line += length;
        line += strspn(line, "\r\n");
    }
    return steal_pointer(&found);
}

struct hash *
manifest_hash(const char *sum)
{
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if (str_after(sum, kinds[i].prefix))
            return hash_new(kinds[i].kind);
    return NULL;
}

int
manifest_check(
    struct hash *hash, const char *sum, const char *name, struct error *err)
{
    cleanup_free char *hex = hash_hex(hash);
    const char *want = strchr(sum, ':');

    if (!hex)
        return error_no_memory(err);
    if (!want || strcasecmp(hex, want + 1) != 0)
        return error_set(err, EBADMSG,
            "damaged: %s does not match its sum in the manifest", name);
    return 0;
}
