/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "download/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/leftover.h"
#include "base/strv.h"
#include "download/gpg.h"

static const char begin_signed[] = "-----BEGIN PGP SIGNED MESSAGE-----";
static const char begin_signature[] = "-----BEGIN PGP SIGNATURE-----";

enum { MAX_KEY_SIZE = 1 << 20, MAX_TEXT_SIZE = 16 << 20 };

struct ring {
    struct work_folder home;
    gpgme_ctx_t ctx;
};

static void
ring_close(struct ring *ring)
{
    if (ring->ctx)
        gpgme_release(ring->ctx);
    work_folder_remove(&ring->home);
}

#define cleanup_ring __attribute__((cleanup(ring_close)))

/* gpg must neither start an agent nor use the network, and the web of trust
 * does not count: the caller names the one key. */
static const char gpg_conf[] = "trust-model always\n"
                               "no-autostart\n"
                               "no-auto-key-retrieve\n"
                               "no-greeting\n";

static int
ring_open(struct ring *ring, struct error *err)
{
    if (work_folder_make(&ring->home, NULL, err) < 0)
        return -1;

    cleanup_free char *path = text_printf("%s/gpg.conf", ring->home.path);
    if (!path)
        return error_no_memory(err);
    cleanup_close int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write_all(fd, gpg_conf, sizeof gpg_conf - 1) < 0)
        return error_errno(err, errno, "cannot write %s", path);
    return gpg_context(ring->home.path, &ring->ctx, err);
}

char *
fingerprint_normalise(const char *text, struct error *err)
{
    cleanup_free char *out = malloc(strlen(text) + 1);
    size_t n = 0;

    if (!out)
        return error_no_memory(err), NULL;
    if (strncmp(text, "0x", 2) == 0)
        text += 2;
    for (const char *p = text; *p; p++) {
        if (strchr(" \t:", *p))
            continue;
        if (!strchr("0123456789abcdefABCDEF", *p)) {
            n = 0;
            break;
        }
        out[n++] = *p >= 'a' ? (char)(*p - 'a' + 'A') : *p;
    }
    out[n] = 0;
    if (n != 40 && n != 64)
        return error_set(err, EINVAL,
                   "'%s' is not a whole fingerprint; give its 40 hexadecimal "
                   "digits, as 'gpg --fingerprint' shows them",
                   text),
               NULL;
    return steal_pointer(&out);
}

static int
import_data(struct ring *ring, const void *data, size_t size, const char *name,
    struct error *err)
{
    cleanup_gpg_data gpgme_data_t keys = NULL;
    gpgme_error_t e;

    if ((e = gpgme_data_new_from_mem(&keys, data, size, 0)) ||
        (e = gpgme_op_import(ring->ctx, keys)))
        return gpg_error_set(err, e, "cannot read the key in %s", name);

    gpgme_import_result_t result = gpgme_op_import_result(ring->ctx);
    if (!result || result->considered == 0)
        return error_set(err, ENOKEY, "%s holds no OpenPGP key", name);
    return 0;
}

static int
import_file(struct ring *ring, const char *path, struct error *err)
{
    size_t size;
    cleanup_free char *data = read_file(path, MAX_KEY_SIZE, &size, err);

    if (!data)
        return error_context(err, "the key of the repository");
    return import_data(ring, data, size, path, err);
}

/* Returns 1 if the user's ring has the key, else 0. */
static int
import_from_user(struct ring *ring, const char *fingerprint, struct error *err)
{
    cleanup_gpg_context gpgme_ctx_t ctx = NULL;
    cleanup_gpg_data gpgme_data_t keys = NULL;
    gpgme_error_t e;

    if (gpg_context(NULL, &ctx, err) < 0)
        return -1;
    if ((e = gpgme_data_new(&keys)) ||
        (e = gpgme_op_export(ctx, fingerprint, 0, keys)))
        return gpg_error_set(err, e, "cannot read your GnuPG key ring");

    size_t size = 0;
    char *data = gpgme_data_release_and_get_mem(keys, &size);
    keys = NULL;
    int found = data && size > 0;
    if (found && import_data(ring, data, size, "your key ring", err) < 0)
        found = -1;
    gpgme_free(data);
    return found;
}

/* The fingerprint of the one key of the ring; the caller frees it. */
static char *
only_key(struct ring *ring, const char *path, struct error *err)
{
    cleanup_gpg_key gpgme_key_t first = NULL, second = NULL;
    gpgme_error_t e = gpgme_op_keylist_start(ring->ctx, NULL, 0);

    if (!e)
        e = gpgme_op_keylist_next(ring->ctx, &first);
    if (e)
        return gpg_error_set(err, e, "cannot read the key in %s", path), NULL;
    gpgme_op_keylist_next(ring->ctx, &second);
    gpgme_op_keylist_end(ring->ctx);
    if (second)
        return error_set(err, EINVAL,
                   "%s holds several keys; give the fingerprint of the right "
                   "one",
                   path),
               NULL;

    char *copy = strdup(first->fpr ? first->fpr : "");
    if (!copy)
        error_no_memory(err);
    return copy;
}

/* Import the signer's key into the ring and return its fingerprint. */
static char *
load_signer(struct ring *ring, const struct signer *signer, struct error *err)
{
    if (signer->key_file && import_file(ring, signer->key_file, err) < 0)
        return NULL;
    if (!signer->fingerprint)
        return only_key(ring, signer->key_file, err);

    cleanup_free char *pin = fingerprint_normalise(signer->fingerprint, err);
    if (!pin)
        return NULL;

    /* The user's ring may have a revocation that a copy lacks, so it is always
     * read; both are merged. */
    cleanup_error struct error ignored = {0};
    int found = import_from_user(ring, pin, &ignored);
    if (signer->key_data &&
        import_data(ring, signer->key_data, signer->key_size, "the repository",
            &ignored) == 0)
        found = 1;
    if (found <= 0 && !signer->key_file)
        return error_set(err, ENOKEY,
                   "no key with the fingerprint %s is known; "
                   "import it with 'gpg --import FILE'",
                   pin),
               NULL;
    return steal_pointer(&pin);
}

static int
bad_signature(gpgme_signature_t s, struct error *err)
{
    switch (gpgme_err_code(s->status)) {
    case GPG_ERR_SIG_EXPIRED:
        return error_set(err, EKEYEXPIRED, "the signature has expired");
    case GPG_ERR_KEY_EXPIRED:
        return error_set(
            err, EKEYEXPIRED, "the key that signed it has expired");
    case GPG_ERR_CERT_REVOKED:
        return error_set(err, EKEYREVOKED, "the key that signed it is revoked");
    case GPG_ERR_NO_PUBKEY:
        return error_set(err, EKEYREJECTED, "it is signed by another key (%s)",
            s->fpr ? s->fpr : "?");
    case GPG_ERR_BAD_SIGNATURE:
        return error_set(
            err, EBADMSG, "the signature is bad: the text was changed");
    default:
        return gpg_error_set(err, s->status, "the signature is bad");
    }
}

static bool
strong_hash(gpgme_hash_algo_t algorithm)
{
    return algorithm == GPGME_MD_SHA256 || algorithm == GPGME_MD_SHA384 ||
           algorithm == GPGME_MD_SHA512;
}

/* Check that the key that made S, perhaps a subkey, belongs to the pinned key
 * and is valid. */
static int
check_key(
    struct ring *ring, gpgme_signature_t s, const char *pin, struct error *err)
{
    cleanup_gpg_key gpgme_key_t key = NULL;
    gpgme_error_t e = gpgme_get_key(ring->ctx, s->fpr, &key, 0);

    if (e)
        return gpg_error_set(err, e, "the key %s is not known", s->fpr);
    if (!key->fpr || !str_equal(key->fpr, pin))
        return error_set(err, EKEYREJECTED, "it is signed by another key (%s)",
            key->fpr ? key->fpr : "?");
    for (gpgme_subkey_t sub = key->subkeys; sub; sub = sub->next) {
        bool primary = sub == key->subkeys;

        if (!primary && (!sub->fpr || !str_equal(sub->fpr, s->fpr)))
            continue;
        if (sub->revoked)
            return error_set(
                err, EKEYREVOKED, "the key that signed it is revoked");
        if (sub->expired ||
            (sub->expires > 0 && sub->expires <= (long)time(NULL)))
            return error_set(
                err, EKEYEXPIRED, "the key that signed it has expired");
        if (sub->invalid || sub->disabled)
            return error_set(
                err, EKEYREJECTED, "the key that signed it is not valid");
    }
    return 0;
}

static int
check_signature(
    struct ring *ring, const char *pin, struct verified *ret, struct error *err)
{
    gpgme_verify_result_t result = gpgme_op_verify_result(ring->ctx);
    gpgme_signature_t s = result ? result->signatures : NULL;

    if (!s)
        return error_set(err, EBADMSG, "it carries no signature");
    if (s->next)
        return error_set(err, EBADMSG, "it carries several signatures");
    if (gpgme_err_code(s->status) != GPG_ERR_NO_ERROR)
        return bad_signature(s, err);
    if (!strong_hash(s->hash_algo))
        return error_set(err, EBADMSG,
            "the signature uses the weak hash %s; sign it again with SHA-256 "
            "or better",
            gpgme_hash_algo_name(s->hash_algo));
    if (s->wrong_key_usage)
        return error_set(
            err, EBADMSG, "the key that signed it is not a signing key");
    if (check_key(ring, s, pin, err) < 0)
        return -1;
    ret->signed_at = (int64_t)s->timestamp;
    snprintf(ret->fingerprint, sizeof ret->fingerprint, "%s", pin);
    return 0;
}

/* Limits what gpg sees: one clear-signed text and no more. */
static int
check_shape(const char *data, size_t size, struct error *err)
{
    const size_t n = sizeof begin_signed - 1;

    if (size > MAX_TEXT_SIZE)
        return error_set(err, EFBIG, "longer than %d MiB", MAX_TEXT_SIZE >> 20);
    if (size < n || memcmp(data, begin_signed, n) != 0)
        return error_set(err, EBADMSG,
            "it is not signed (--no-check-signature would use it as it is)");
    if (memmem(data + n, size - n, begin_signed, n))
        return error_set(err, EBADMSG, "it holds several signed texts");
    return 0;
}

int
verify_clearsigned(const void *data, size_t size, const struct signer *signer,
    struct verified *ret, struct error *err)
{
    cleanup_ring struct ring ring = {0};
    cleanup_gpg_data gpgme_data_t in = NULL, out = NULL;
    struct verified v = {0};
    gpgme_error_t e;

    if (check_shape(data, size, err) < 0 || ring_open(&ring, err) < 0)
        return -1;

    cleanup_free char *pin = load_signer(&ring, signer, err);
    if (!pin)
        return -1;
    if ((e = gpgme_data_new_from_mem(&in, data, size, 0)) ||
        (e = gpgme_data_new(&out)))
        return gpg_error_set(err, e, "no memory");
    e = gpgme_op_verify(ring.ctx, in, NULL, out);
    if (e && gpgme_err_code(e) != GPG_ERR_NO_DATA)
        return gpg_error_set(err, e, "cannot check the signature");
    if (check_signature(&ring, pin, &v, err) < 0)
        return -1;

    size_t text_size = 0;
    char *text = gpgme_data_release_and_get_mem(out, &text_size);
    out = NULL;
    v.text = text ? strndup(text, text_size) : strdup("");
    gpgme_free(text);
    if (!v.text)
        return error_no_memory(err);
    v.size = text_size;
    if (strlen(v.text) != text_size) {
        free(v.text);
        return error_set(err, EBADMSG, "it holds a NUL byte");
    }
    *ret = v;
    return 0;
}

int
verify_nothing(const void *data, size_t size, char **ret, size_t *ret_size,
    struct error *err)
{
    cleanup_free char *text = malloc(size + 1);
    const char *from = data, *end = from + size;
    size_t used = 0;

    if (!text)
        return error_no_memory(err);

    bool armored = size >= sizeof begin_signed - 1 &&
                   memcmp(data, begin_signed, sizeof begin_signed - 1) == 0;
    bool header = armored;
    while (from < end) {
        const char *newline = memchr(from, '\n', (size_t)(end - from));
        const char *next = newline ? newline + 1 : end;
        size_t n = (size_t)(next - from);

        if (armored && n >= sizeof begin_signature - 1 &&
            memcmp(from, begin_signature, sizeof begin_signature - 1) == 0)
            break;
        if (header) {
            header = strspn(from, " \t\r\n") < n;
        } else {
            size_t dash = armored && n > 2 && memcmp(from, "- ", 2) == 0;

            memcpy(text + used, from + 2 * dash, n - 2 * dash);
            used += n - 2 * dash;
        }
        from = next;
    }
    text[used] = 0;
    *ret = steal_pointer(&text);
    *ret_size = used;
    return 0;
}
