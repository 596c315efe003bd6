/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/qemu/qemu_secret.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "lib/handle/secret.h"
#include "lib/qemu/qmp.h"

void
qemu_secret_name(unsigned number, char ret[QEMU_SECRET_NAME])
{
    snprintf(ret, QEMU_SECRET_NAME, "key%u", number);
}

int
qemu_secret_add(
    struct qmp *q, const struct secret *key, unsigned number, struct error *err)
{
    static const char head[] = "{\"qom-type\":\"secret\",\"id\":\"key%u\","
                               "\"format\":\"base64\",\"data\":\"";
    static const char tail[] = "\"}";
    cleanup_secret struct secret *text =
        secret_new(sizeof head + 16 + base64_length(key->size) + sizeof tail);

    if (!text)
        return error_no_memory(err);
    int n = snprintf(text->bytes, sizeof head + 16, head, number);
    char *end = base64_encode(key->bytes, key->size, text->bytes + n);
    memcpy(end, tail, sizeof tail);
    return qmp_command_text(q, "object-add", text->bytes, err);
}

int
qemu_secrets_remove(struct qmp *q, unsigned n, struct error *err)
{
    int result = 0;

    for (unsigned i = 0; i < n; i++) {
        char name[QEMU_SECRET_NAME];

        qemu_secret_name(i, name);
        if (qmp_command(
                q, "object-del", qmp_strings("id", name, NULL), NULL, err) < 0)
            result = -1;
    }
    return result;
}
