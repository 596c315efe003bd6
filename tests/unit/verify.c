/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures, good and bad, by keys that gpg makes here. */
#include <config.h>

#include "download/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "tests/unit/test.h"

#define GPG                                                                    \
    "gpg -q --batch --no-tty --pinentry-mode loopback --passphrase '' 2>>log "

static char *work; /* the current folder, with the keys */

static void
shell(const char *command)
{
    if (system(command) != 0) {
        fprintf(stderr, "failed: %s\n", command);
        exit(1);
    }
}

/* Keys "a" and "b"; "t" is a text, "t.asc" is signed by "a". */
static void
begin(void)
{
    work = strdup("/var/tmp/mayfly-test.XXXXXX");
    CHECK(work && mkdtemp(work) && chdir(work) == 0);
    CHECK(mkdir("home", 0700) == 0 && mkdir("empty", 0700) == 0);
    setenv("GNUPGHOME", "home", 1);
    shell(GPG "--quick-gen-key a@x ed25519 sign never");
    shell(GPG "--quick-gen-key b@x ed25519 sign never");
    shell("printf 'one\\n- two\\n' > t");
    shell(GPG "-u a@x --digest-algo SHA256 --clearsign t");
    shell(GPG "--export a@x > a.key && " GPG "--export b@x > b.key");
    shell(GPG "--export > both.key");
    shell(
        GPG "--with-colons -k a@x | sed -n 's/^fpr:*\\([^:]*\\):/\\1/p' > fpr");
}

static void
end(void)
{
    shell("gpgconf --homedir home --kill all");
    CHECK(chdir("/") == 0 && remove_tree(AT_FDCWD, work) == 0);
    free(work);
}

static char *
load(const char *name, size_t *ret_size)
{
    cleanup_error struct error err = {0};
    char *text = read_file_at(AT_FDCWD, name, 64 << 20, ret_size, &err);

    CHECK(text);
    return text;
}

static void
refused(const char *name, const struct signer *signer, int code,
    const char *message)
{
    cleanup_error struct error err = {0};
    struct verified v = {0};
    size_t n;
    cleanup_free char *text = load(name, &n);

    CHECK(verify_clearsigned(text, n, signer, &v, &err) == -1);
    CHECK(!v.text);
    if (err.code != code || !strstr(error_text(&err), message)) {
        fprintf(stderr, "%s: '%s' (%d), not '%s' (%d)\n", name,
            error_text(&err), err.code, message, code);
        exit(1);
    }
}

static void
accepted(const char *name, const struct signer *signer, const char *want)
{
    cleanup_error struct error err = {0};
    struct verified v = {0};
    size_t n;
    cleanup_free char *text = load(name, &n);
    cleanup_free char *fingerprint = load("fpr", &n);

    fingerprint[strcspn(fingerprint, "\n")] = 0;
    n = strlen(text);
    if (verify_clearsigned(text, n, signer, &v, &err) < 0) {
        fprintf(stderr, "%s: %s\n", name, error_text(&err));
        exit(1);
    }
    CHECK_STR(v.text, want);
    CHECK(v.size == strlen(want) && v.signed_at > 1600000000);
    CHECK_STR(v.fingerprint, fingerprint);
    free(v.text);
}

TEST(signatures)
{
    const struct signer a = {.key_file = "a.key"}, b = {.key_file = "b.key"};
    const struct signer both = {.key_file = "both.key"};
    const struct signer none = {.key_file = "t"};
    size_t n;

    begin();
    accepted("t.asc", &a, "one\n- two\n");
    refused("t.asc", &b, EKEYREJECTED, "signed by another key");
    refused("t.asc", &both, EINVAL, "several keys");
    {
        cleanup_error struct error err = {0};
        struct verified v;
        cleanup_free char *text = load("t.asc", &n);

        CHECK(verify_clearsigned(text, n, &none, &v, &err) == -1);
    }
    refused("t", &a, EBADMSG, "it is not signed");
    shell("sed s/one/two/ t.asc > changed");
    refused("changed", &a, EBADMSG, "the text was changed");
    shell("cat t.asc t.asc > twice");
    refused("twice", &a, EBADMSG, "several signed texts");
    shell("(echo; cat t.asc) > later");
    refused("later", &a, EBADMSG, "it is not signed");
    shell("sed '/BEGIN PGP SIGNATURE/,$d' t.asc > cut");
    refused("cut", &a, EBADMSG, "no signature");
    shell(GPG "-u a@x -u b@x --clearsign -o two t");
    refused("two", &both, EINVAL, "several keys");
    refused("two", &a, EBADMSG, "several signatures");
    shell("printf 'a\\0b\\n' > nul");
    shell(GPG "-u a@x --clearsign nul");
    refused("nul.asc", &a, EBADMSG, "a NUL byte");
    shell(GPG "-u a@x --digest-algo SHA512 --clearsign -o strong t");
    accepted("strong", &a, "one\n- two\n");
    shell(GPG "-u a@x --digest-algo SHA1 --clearsign -o weak t");
    refused("weak", &a, EBADMSG, "the weak hash SHA1");
    end();
}

TEST(pins)
{
    size_t n;

    begin();
    cleanup_free char *fingerprint = load("fpr", &n);
    fingerprint[strcspn(fingerprint, "\n")] = 0;
    cleanup_free char *key = load("a.key", &n);
    struct signer pin = {.fingerprint = fingerprint};
    struct signer other = {.fingerprint = fingerprint, .key_file = "b.key"};

    /* The user's ring. */
    accepted("t.asc", &pin, "one\n- two\n");
    accepted("t.asc", &other, "one\n- two\n");
    setenv("GNUPGHOME", "empty", 1);
    refused("t.asc", &pin, ENOKEY, "no key with the fingerprint");
    refused("t.asc", &other, EKEYREJECTED, "signed by another key");
    pin.key_data = key;
    pin.key_size = n;
    accepted("t.asc", &pin, "one\n- two\n");
    pin.fingerprint = "0123456789012345678901234567890123456789";
    refused("t.asc", &pin, EKEYREJECTED, "signed by another key");
    pin.fingerprint = "0123";
    refused("t.asc", &pin, EINVAL, "fingerprint");
    end();
}

TEST(keys_that_ended)
{
    const struct signer a = {.key_file = "a.key"}, old = {.key_file = "o.key"};

    begin();
    shell(GPG "--faked-system-time 20200101T000000! --quick-gen-key o@x "
              "ed25519 sign 1d");
    shell(GPG "--faked-system-time 20200101T000001! -u o@x --clearsign -o o t");
    shell(GPG "--export o@x > o.key");
    refused("o", &old, EKEYEXPIRED, "has expired");
    shell("sed s/^:-/-/ home/openpgp-revocs.d/$(cat fpr).rev > rev");
    shell(GPG "--import rev && " GPG "--export a@x > a.key");
    refused("t.asc", &a, EKEYREVOKED, "is revoked");
    end();
}

static void
unchecked(const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    cleanup_free char *got = NULL;
    size_t n = 0;

    CHECK(verify_nothing(text, strlen(text), &got, &n, &err) == 0);
    CHECK_STR(got, want);
    CHECK(n == strlen(want));
}

TEST(nothing_checked)
{
    unchecked("a\n- b", "a\n- b");
    unchecked("", "");
    unchecked("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\na\n- -b\n-\n"
              "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END",
        "a\n-b\n-\n");
}

TEST(fingerprints)
{
    static const char *const bad[] = {"",
        "012345678901234567890123456789012345678",
        "01234567890123456789012345678901234567890",
        "g123456789012345678901234567890123456789",
        "012345678901234567890123456789012345678901234567890123456789012"};

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        cleanup_error struct error err = {0};

        CHECK(!fingerprint_normalise(bad[i], &err) && err.code == EINVAL);
    }
    cleanup_error struct error err = {0};
    cleanup_free char *a = fingerprint_normalise(
        "abcd ef01 2345 6789 0123  4567 89ab cdef 0123 4567", &err);
    CHECK_STR(a, "ABCDEF01234567890123456789ABCDEF01234567");
    cleanup_free char *b = fingerprint_normalise(
        "0123456789012345678901234567890123456789012345678901234567890123",
        &err);
    CHECK(b && strlen(b) == 64);
}
