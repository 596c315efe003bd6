/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/hash.h"

#include <errno.h>
#include <gcrypt.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"

struct hash {
    gcry_md_hd_t md;
};

static const int algorithms[] = {
    [HASH_MD5] = GCRY_MD_MD5,
    [HASH_SHA1] = GCRY_MD_SHA1,
    [HASH_SHA224] = GCRY_MD_SHA224,
    [HASH_SHA256] = GCRY_MD_SHA256,
    [HASH_SHA384] = GCRY_MD_SHA384,
    [HASH_SHA512] = GCRY_MD_SHA512,
    [HASH_CRC32] = GCRY_MD_CRC32,
};

/* libgcrypt wants this once before use, with no other thread running. */
static void
initialize_gcrypt(void)
{
    if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
        return;
    gcry_check_version(NULL);
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

static void
initialize(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, initialize_gcrypt);
}

struct hash *
hash_new(enum hash_kind kind)
{
    initialize();

    struct hash *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    if (gcry_md_open(&h->md, algorithms[kind], 0)) {
        free(h);
        errno = ENOMEM;
        return NULL;
    }
    return h;
}

void
hash_feed(struct hash *h, const void *data, size_t size)
{
    gcry_md_write(h->md, data, size);
}

char *
hash_hex(struct hash *h)
{
    static const char digits[] = "0123456789abcdef";
    unsigned n = gcry_md_get_algo_dlen(gcry_md_get_algo(h->md));
    const unsigned char *raw = gcry_md_read(h->md, 0);
    char *hex = malloc(2 * (size_t)n + 1);

    if (!hex || !raw)
        return NULL;
    for (unsigned i = 0; i < n; i++) {
        hex[2 * i] = digits[raw[i] >> 4];
        hex[2 * i + 1] = digits[raw[i] & 15];
    }
    hex[2 * n] = 0;
    return hex;
}

void
hash_freep(struct hash **h)
{
    if (*h)
        gcry_md_close((*h)->md);
    free(*h);
}

void
hash_sha256(const void *data, size_t size, unsigned char ret[HASH_SHA256_SIZE])
{
    initialize();
    gcry_md_hash_buffer(GCRY_MD_SHA256, ret, data, size);
}

char *
hash_fd(enum hash_kind kind, int fd, struct error *err)
{
    enum { CHUNK = 1 << 20 };
    cleanup_hash struct hash *h = hash_new(kind);
    cleanup_free char *buffer = malloc(CHUNK);

    if (!h || !buffer)
        return error_set(err, ENOMEM, "no memory for a hash"), NULL;
    for (;;) {
        ssize_t n = read(fd, buffer, CHUNK);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(err, errno, "cannot read"), NULL;
        if (n == 0)
            break;
        hash_feed(h, buffer, (size_t)n);
    }

    char *hex = hash_hex(h);
    if (!hex)
        error_set(err, ENOMEM, "no memory for a hash");
    return hex;
}
