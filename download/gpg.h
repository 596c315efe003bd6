/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short forms for GPGME. */
#pragma once
#include <gpgme.h>

#include "base/error.h"

/* A GPGME error, with ": " and its text appended; always -1. */
int gpg_error_set(struct error *err, gpgme_error_t code, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* A context for OpenPGP. HOME: the folder of its keys; NULL: the user's. */
int gpg_context(const char *home, gpgme_ctx_t *ret, struct error *err);

static inline void
gpg_context_freep(gpgme_ctx_t *ctx)
{
    if (*ctx)
        gpgme_release(*ctx);
}

static inline void
gpg_data_freep(gpgme_data_t *data)
{
    if (*data)
        gpgme_data_release(*data);
}

static inline void
gpg_key_freep(gpgme_key_t *key)
{
    if (*key)
        gpgme_key_unref(*key);
}

#define cleanup_gpg_context __attribute__((cleanup(gpg_context_freep)))
#define cleanup_gpg_data    __attribute__((cleanup(gpg_data_freep)))
#define cleanup_gpg_key     __attribute__((cleanup(gpg_key_freep)))
