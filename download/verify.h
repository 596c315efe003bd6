/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenPGP signatures, by GPGME (GnuPG).
 *
 * Each verification has a key ring of its own in a private folder, which is
 * removed when the call ends.  No setting in the user's or a repository's ring
 * counts; only the one public key is taken from it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Whose signature is accepted. */
struct signer {
    const char *fingerprint; /* 40 or 64 hex digits; NULL: that of the one
                                key in key_file */
    const char *key_file;    /* NULL: the key ring of the user */
    const void *key_data;    /* a copy of the key from elsewhere, or NULL: */
    size_t key_size;         /* trusted only by the fingerprint */
};

struct verified {
    char *text; /* what was signed, and nothing else; to be freed */
    size_t size;
    int64_t signed_at;    /* seconds since 1970, from the signature */
    char fingerprint[65]; /* of the primary key, upper case */
};

/* Check a clear-signed text.  It passes only with exactly one signature,
 * good, not expired, made with SHA-256 or better by a key that belongs to
 * the signer and is neither expired nor revoked. */
int verify_clearsigned(const void *data, size_t size,
    const struct signer *signer, struct verified *ret, struct error *err);

/* The text of a file without checking its signature, if it has one. */
int verify_nothing(const void *data, size_t size, char **ret, size_t *ret_size,
    struct error *err);

/* The fingerprint in canonical form (no blanks, upper case), or NULL if it is
 * not complete.  The caller frees it. */
char *fingerprint_normalise(const char *text, struct error *err);
