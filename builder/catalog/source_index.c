/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a source to its index: fetch, verify, and only then parse. */
#include <config.h>

#include "builder/catalog/source_index.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "builder/catalog/ini.h"
#include "builder/catalog/trust.h"
#include "download/fetch.h"
#include "download/verify.h"

enum { MAX_KEY_SIZE = 1 << 20 };

/* A repository may publish its public key next to the index.  It is trusted
 * only if it has the fingerprint that the user gave. */
static const char key_name[] = "key.asc";

static int
verify_index(const struct template_source *source, const void *data,
    size_t size, struct verified *ret, struct error *err)
{
    struct signer signer = {
        .fingerprint = source->fingerprint,
        .key_file = source->key_file,
    };

    if (verify_clearsigned(data, size, &signer, ret, err) == 0)
        return 0;
    if (err->code != ENOKEY || !source->fingerprint)
        return -1;

    cleanup_error struct error ignored = {0};
    cleanup_free char *uri = fetch_join(source->uri, key_name);
    struct fetch f = {
        .uri = uri,
        .proxy = source->proxy,
        .max = MAX_KEY_SIZE,
    };
    size_t key_size = 0;
    cleanup_free char *key = uri ? fetch_memory(&f, &key_size, &ignored) : NULL;
    if (!key)
        return -1;
    signer.key_data = key;
    signer.key_size = key_size;
    return verify_clearsigned(data, size, &signer, ret, err);
}

int
source_read_index(const struct template_source *source, bool check,
    struct index *ret, struct error *err)
{
    struct fetch f = {
        .uri = source->uri,
        .proxy = source->proxy,
        .max = INI_MAX_SIZE,
    };
    size_t size;
    cleanup_free char *data = fetch_memory(&f, &size, err);
    cleanup_free char *text = NULL;

    if (!data)
        return -1;
    if (check && !source->unsigned_ok) {
        struct verified v;

        if (verify_index(source, data, size, &v, err) < 0)
            return error_context(err, "%s", source->uri);
        text = v.text;
        size = v.size;
        if (trust_check_age(source, &v, err) < 0)
            return error_context(err, "%s", source->uri);
    } else if (verify_nothing(data, size, &text, &size, err) < 0) {
        return -1;
    }
    if (index_parse(text, size, ret, err) < 0)
        return error_context(err, "%s", source->uri);
    for (size_t i = 0; i < ret->n_templates; i++)
        ret->templates[i].source = source;
    return 0;
}
