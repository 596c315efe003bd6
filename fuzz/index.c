/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index of a template repository: signed, but by someone the user trusts
 * with templates, not with files. */
#include <config.h>

#include <string.h>

#include "builder/catalog/index.h"
#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup_error struct error err = {0};
    struct index index = {0};

    if (index_parse((const char *)data, size, &index, &err) < 0) {
        HOLDS(err.code != 0);
        return 0;
    }
    for (size_t i = 0; i < index.n_templates; i++) {
        const struct template *t = &index.templates[i];

        HOLDS(t->id && t->arch && t->file);
        HOLDS(index_file_is_safe(t->file));
        HOLDS(!t->sha512 || strlen(t->sha512) == 128);
    }
    index_free(&index);
    return 0;
}
