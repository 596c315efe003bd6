/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: one small file for each (source, key) below
 * $XDG_STATE_HOME/mayfly/repositories, named by a hash of the two, holding the
 * time of the newest signature seen.  Each key has a record of its own, so that
 * a stolen key cannot block its successor.  Without a writable home there is no
 * record; this is not an error, as the signature itself is still checked. */
#include <config.h>

#include "builder/catalog/trust.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/strv.h"

enum { MAX_STATE_SIZE = 4096 };

static char *
state_path(const struct template_source *source, const struct verified *v,
    char **ret_folder, struct error *err)
{
    cleanup_free char *base =
        xdg_directory("XDG_STATE_HOME", ".local/state", err);
    cleanup_hash struct hash *hash = hash_new(HASH_SHA256);

    if (!base || !hash)
        return NULL;
    hash_feed(hash, source->uri, strlen(source->uri) + 1);
    hash_feed(hash, v->fingerprint, strlen(v->fingerprint));

    cleanup_free char *hex = hash_hex(hash);
    cleanup_free char *folder = text_printf("%s/repositories", base);
    char *path = hex && folder ? text_printf("%s/%.32s", folder, hex) : NULL;

    if (path)
        *ret_folder = steal_pointer(&folder);
    return path;
}

static void
date_text(int64_t seconds, char buffer[static 32])
{
    time_t t = (time_t)seconds;
    struct tm tm;

    if (!gmtime_r(&t, &tm) ||
        strftime(buffer, 32, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
        snprintf(buffer, 32, "%" PRId64, seconds);
}

static void
remember(const struct template_source *source, const struct verified *v,
    const char *folder, const char *path)
{
    cleanup_error struct error ignored = {0};
    cleanup_output struct output out = {.fd = -1};
    cleanup_free char *text = text_printf(
        "%" PRId64 "\n%s\n%s\n", v->signed_at, source->uri, v->fingerprint);

    if (text && make_directories(folder, 0700, &ignored) == 0 &&
        output_open(&out, path, 0600, &ignored) == 0 &&
        write_all(out.fd, text, strlen(text)) == 0)
        output_commit(&out, &ignored);
}

int
trust_check_age(const struct template_source *source, const struct verified *v,
    struct error *err)
{
    cleanup_error struct error ignored = {0};
    cleanup_free char *folder = NULL;
    cleanup_free char *path = state_path(source, v, &folder, &ignored);

    if (!path)
        return 0;

    cleanup_free char *text = read_file(path, MAX_STATE_SIZE, NULL, &ignored);
    int64_t seen = text ? strtoll(text, NULL, 10) : 0;
    if (text && v->signed_at < seen) {
        char now[32], before[32];

        date_text(v->signed_at, now);
        date_text(seen, before);
        return error_set(err, ESTALE,
            "the index is a rollback: signed %s, but one signed %s was seen "
            "before; if that is right, remove %s",
            now, before, path);
    }
    if (!text || v->signed_at > seen)
        remember(source, v, folder, path);
    return 0;
}
