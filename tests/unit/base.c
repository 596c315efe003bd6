/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/: vectors and text, errors, hashes, blocks of zeroes, cleanup. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/strv.h"
#include "base/zeroes.h"
#include "tests/unit/test.h"

TEST(base64)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *text;
    } pairs[] = {
        {"", 0, ""},
        {"a", 1, "YQ=="},
        {"ab", 2, "YWI="},
        {"abc", 3, "YWJj"},
        {"a\n\0b", 4, "YQoAYg=="},
        {"\xff\xfe\xfb\xef", 4, "//777w=="},
    };
    static const char *const bad[] = {"Y", "YQ", "YQ=", "YWI", "Y=Q=", "YQ==Y",
        "YQ==YQ==", "YR==", "YWJ=", "====", "YW\nJj", "YQ= ", "Y-_j", "=",
        "Z==="};

    for (size_t i = 0; i < N_ELEMENTS(pairs); i++) {
        char text[16], bytes[16];
        size_t size = 99;

        *base64_encode(pairs[i].bytes, pairs[i].size, text) = '\0';
        CHECK(str_equal(text, pairs[i].text));
        CHECK(strlen(text) == base64_length(pairs[i].size));
        CHECK(base64_decode(pairs[i].text, bytes, &size));
        CHECK(size == pairs[i].size);
        CHECK(memcmp(bytes, pairs[i].bytes, size) == 0);
        /* In its own place. */
        CHECK(base64_decode(text, text, &size));
        CHECK(memcmp(text, pairs[i].bytes, size) == 0);
    }
    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        char bytes[16];
        size_t size;

        if (base64_decode(bad[i], bytes, &size))
            printf("accepted: %s\n", bad[i]);
        CHECK(!base64_decode(bad[i], bytes, &size));
    }
}

TEST(strv_empty)
{
    cleanup_strv char **v = NULL;

    CHECK(strv_length(NULL) == 0);
    CHECK(!strv_contains(NULL, "a"));
    strv_free(NULL);

    /* The copy of nothing is a vector, not NULL. */
    v = strv_copy(NULL);
    CHECK(v && !v[0]);
    CHECK(strv_append(&v, "a") == 0 && strv_length(v) == 1);
}

/* The sizes at which the vector grows are powers of two. */
TEST(strv_grows)
{
    cleanup_strv char **v = NULL;
    cleanup_strv char **copy = NULL;

    for (int i = 0; i < 300; i++) {
        CHECK(strv_printf(&v, "%d", i) == 0);
        CHECK(strv_length(v) == (size_t)i + 1);
        CHECK(!v[i + 1]);
    }
    CHECK_STR(v[0], "0");
    CHECK_STR(v[299], "299");

    copy = strv_copy(v);
    CHECK(strv_length(copy) == 300 && copy[7] != v[7]);
    CHECK_STR(copy[299], "299");
    CHECK(strv_append(&copy, "") == 0);
    CHECK(strv_contains(copy, "") && !strv_contains(v, ""));
    CHECK(strv_contains(v, "150") && !strv_contains(v, "300"));
}

TEST(strv_takes_a_failed_allocation)
{
    cleanup_strv char **v = NULL;

    CHECK(strv_take(&v, NULL) == -1 && !v);
    CHECK(strv_take(&v, strdup("a")) == 0);
    CHECK(strv_take(&v, NULL) == -1 && strv_length(v) == 1);
}

TEST(text_printf_prints)
{
    cleanup_free char *text = text_printf("%s-%d", "a", 7);
    cleanup_free char *none = text_printf("%s", "");

    CHECK_STR(text, "a-7");
    CHECK_STR(none, "");
}

TEST(str_after_finds_what_follows)
{
    const char *s = "prefix=value";

    CHECK(str_after(s, "prefix=") == s + 7);
    CHECK(str_after(s, "") == s);
    CHECK_STR(str_after("a", "a"), "");
    CHECK(!str_after("a", "ab"));
    CHECK(!str_after("", "a"));
    CHECK(str_equal("", "") && !str_equal("a", "A"));
}

TEST(text_escape_makes_foreign_text_printable)
{
    static const struct {
        const char *raw, *shown;
    } cases[] = {
        {"", ""},
        {"plain text", "plain text"},
        {"a\nb\tc", "a\\x0ab\\x09c"},
        {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
        {"b\\s", "b\\s"},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
            "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
        /* a C1 control character; the first that is none */
        {"\xc2\x9f\xc2\xa0", "\\xc2\\x9f\xc2\xa0"},
        /* overlong, a surrogate, above U+10FFFF, its neighbours */
        {"\xc0\xaf", "\\xc0\\xaf"},
        {"\xe0\x9f\xbf\xe0\xa0\x80", "\\xe0\\x9f\\xbf\xe0\xa0\x80"},
        {"\xed\xa0\x80\xed\x9f\xbf", "\\xed\\xa0\\x80\xed\x9f\xbf"},
        {"\xf0\x8f\xbf\xbf\xf0\x90\x80\x80",
            "\\xf0\\x8f\\xbf\\xbf\xf0\x90\x80\x80"},
        {"\xf4\x90\x80\x80\xf4\x8f\xbf\xbf",
            "\\xf4\\x90\\x80\\x80\xf4\x8f\xbf\xbf"},
        {"\xf5\x80\xff", "\\xf5\\x80\\xff"},
        /* cut short by the end and by another character */
        {"\xe2\x82", "\\xe2\\x82"},
        {"\xc3", "\\xc3"},
        {"\xe2\x82z", "\\xe2\\x82z"},
        /* marks, embeddings, overrides, isolates; their neighbours */
        {"\xd8\x9c\xd8\x9b", "\\xd8\\x9c\xd8\x9b"},
        {"\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90",
            "\xe2\x80\x8d\\xe2\\x80\\x8e\\xe2\\x80\\x8f\xe2\x80\x90"},
        {"\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf",
            "\xe2\x80\xa7\\xe2\\x80\\xa8\\xe2\\x80\\xaa\\xe2\\x80\\xae"
            "\xe2\x80\xaf"},
        {"\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaf\xe2\x81\xb0",
            "\xe2\x81\xa5\\xe2\\x81\\xa6\\xe2\\x81\\xa9\\xe2\\x81\\xaf"
            "\xe2\x81\xb0"},
        /* "exe.txt" that is shown as "txt.exe", after a letter of 4 bytes */
        {"\xf0\x9f\x98\x80\xe2\x80\xaetxt.exe",
            "\xf0\x9f\x98\x80\\xe2\\x80\\xaetxt.exe"},
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        cleanup_free char *shown = text_escape(cases[i].raw);

        CHECK_STR(shown, cases[i].shown);
        cleanup_free char *again = text_escape(shown);
        CHECK_STR(again, shown);
    }
}

TEST(messages_have_no_password)
{
    static const struct {
        const char *raw, *shown;
    } cases[] = {
        {"http://u:p@h/x", "http://u:***@h/x"},
        {"x: ssh://u:@h:22/a, nbd://v:a@b@[::1]:1",
            "x: ssh://u:***@h:22/a, nbd://v:***@[::1]:1"},
        {"http://u:a/b?c@h/x\ty", "http://u:***@h/x\\x09y"},
        {"iscsi://u%p@h/t/0", "iscsi://u%***@h/t/0"},
        {"smb://a:b@://c:d@e", "smb://a:***@://c:***@e"},
        {"http://u:a b@h/x", "http://u:***@h/x"},
        {"http://u:#a@h/", "http://u:***@h/"},
        {"http://u:/a@h/", "http://u:***@h/"},
        {"ISCSI://u%p@h/t/0", "ISCSI://u%***@h/t/0"},
        {"http://h:80/a@b", "http://h:80/a@b"},
        {"nbd://h:80: no, a@b", "nbd://h:80: no, a@b"},
        {"http://u%40x@h/", "http://u%40x@h/"},
        {"http://[::1]:80/a@b", "http://[::1]:80/a@b"},
        {"http://u@h:80/", "http://u@h:80/"},
        {"http://h: no, a@b", "http://h: no, a@b"},
        {"://", "://"},
        {"://:", "://:"},
        {"://:@", "://:***@"},
    };
    cleanup_error struct error err = {0};

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        cleanup_free char *shown = text_message(cases[i].raw);

        CHECK_STR(shown, cases[i].shown);
        cleanup_free char *again = text_message(shown);
        CHECK_STR(again, shown);
    }
    error_set(&err, EIO, "cannot open %s", cases[0].raw);
    CHECK_STR(error_text(&err), "cannot open http://u:***@h/x");
}

/* A document keeps what is text. */
TEST(text_escape_controls_keeps_directions)
{
    cleanup_free char *kept = text_escape_controls("a\xe2\x80\xae\xd8\x9c"
                                                   "b");
    cleanup_free char *changed = text_escape_controls("\x1b\xc2\x85\xff\n");

    CHECK_STR(kept, "a\xe2\x80\xae\xd8\x9c"
                    "b");
    CHECK_STR(changed, "\\x1b\\xc2\\x85\\xff\\x0a");
}

/* Wherever a name of a guest gets into an error. */
TEST(errors_are_printable)
{
    cleanup_error struct error err = {0};

    error_set(&err, EIO, "%s", "\x1b]0;x\x07");
    CHECK_STR(error_text(&err), "\\x1b]0;x\\x07");
    error_context(&err, "\xe2\x80\xae%s", "a\nb");
    CHECK_STR(error_text(&err), "\\xe2\\x80\\xaea\\x0ab: \\x1b]0;x\\x07");
    CHECK(err.code == EIO);
    error_errno(&err, EACCES, "%s",
        "\xc2\x9b"
        "31m");
    CHECK_STR(error_text(&err), "\\xc2\\x9b"
                                "31m: Permission denied");
}

static void
set_limit(__rlimit_resource_t resource, rlim_t n)
{
    struct rlimit limit;

    CHECK(getrlimit(resource, &limit) == 0);
    limit.rlim_cur = n;
    CHECK(setrlimit(resource, &limit) == 0);
}

TEST(errors_name_the_limit)
{
    cleanup_error struct error err = {0};

    set_limit(RLIMIT_NOFILE, 64);
    error_errno(&err, EMFILE, "cannot open x");
    CHECK_STR(error_text(&err), "cannot open x: Too many open files; "
                                "RLIMIT_NOFILE is 64; raise it with ulimit -n");
    error_errno(&err, EFBIG, "cannot write x");
    CHECK_STR(error_text(&err), "cannot write x: File too large");
    set_limit(RLIMIT_FSIZE, 2 << 20);
    error_errno(&err, EFBIG, "cannot write x");
    CHECK_STR(error_text(&err),
        "cannot write x: File too large; "
        "RLIMIT_FSIZE is 2048; raise it with ulimit -f");
    error_of_program(&err, EIO, "disk: Could not open x: Too many open files");
    CHECK(err.code == EMFILE);
    CHECK_STR(error_text(&err), "disk: Could not open x: Too many open files; "
                                "RLIMIT_NOFILE is 64; raise it with ulimit -n");
    error_of_program(&err, EIO, "disk: Too many open files, says x");
    CHECK(err.code == EIO);
    CHECK_STR(error_text(&err), "disk: Too many open files, says x");
    /* An error that is not the limit's. */
    error_set(&err, EFBIG, "x is too large");
    CHECK_STR(error_text(&err), "x is too large");
    error_errno(&err, ENOSPC, "cannot write x");
    CHECK_STR(error_text(&err), "cannot write x: No space left on device");
    if (UNDER_ASAN)
        return;
    set_limit(RLIMIT_AS, (rlim_t)1 << 30);
    error_no_memory(&err);
    CHECK_STR(error_text(&err),
        "no memory; RLIMIT_AS is 1048576; raise it with ulimit -v");
}

TEST(error_text_and_code)
{
    cleanup_error struct error err = {0};

    CHECK_STR(error_text(&err), "unknown error");
    CHECK(error_set(&err, ENOENT, "no %s in %d places", "disk", 3) == -1);
    CHECK(err.code == ENOENT);
    CHECK_STR(error_text(&err), "no disk in 3 places");

    /* A second one replaces the first. */
    CHECK(error_set(&err, 0, "other") == -1 && err.code == EIO);
    CHECK_STR(error_text(&err), "other");

    CHECK(error_errno(&err, EACCES, "cannot open %s", "/x") == -1);
    CHECK(err.code == EACCES);
    CHECK_STR(error_text(&err), "cannot open /x: Permission denied");

    CHECK(error_no_memory(&err) == -1 && err.code == ENOMEM);
    CHECK_STR(error_text(&err), "no memory");

    error_clear(&err);
    CHECK(err.code == 0 && !err.text);
    error_clear(&err);

    /* What is left where there was no memory for the text. */
    err.code = ENOSPC;
    CHECK_STR(error_text(&err), "No space left on device");
}

TEST(error_context_and_move)
{
    cleanup_error struct error err = {0}, other = {0};

    error_set(&err, ENOSPC, "disk full");
    CHECK(error_context(&err, "cannot write %s", "/x") == -1);
    CHECK(err.code == ENOSPC);
    CHECK_STR(error_text(&err), "cannot write /x: disk full");

    error_set(&other, EIO, "to be replaced");
    CHECK(error_move(&other, &err) == -1);
    CHECK(err.code == 0 && !err.text && other.code == ENOSPC);
    CHECK_STR(error_text(&other), "cannot write /x: disk full");

    CHECK(error_move(&other, &other) == -1 && other.code == ENOSPC);
    CHECK_STR(error_text(&other), "cannot write /x: disk full");
}

/* The digests of "abc", from the standards. */
TEST(hash_known_digests)
{
    static const struct {
        enum hash_kind kind;
        const char *hex;
    } cases[] = {
        {HASH_MD5, "900150983cd24fb0d6963f7d28e17f72"},
        {HASH_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {HASH_SHA224,
            "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
        {HASH_SHA256, "ba7816bf8f01cfea414140de5dae2223"
                      "b00361a396177a9cb410ff61f20015ad"},
        {HASH_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
                      "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
        {HASH_SHA512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        cleanup_hash struct hash *h = hash_new(cases[i].kind);

        CHECK(h);
        /* In pieces, one of them empty. */
        hash_feed(h, "a", 1);
        hash_feed(h, "", 0);
        hash_feed(h, "bc", 2);
        cleanup_free char *hex = hash_hex(h);
        CHECK_STR(hex, cases[i].hex);
    }
}

TEST(hash_of_a_buffer)
{
    static const unsigned char want[] = {0xe3, 0xb0, 0xc4, 0x42};
    unsigned char got[HASH_SHA256_SIZE];

    hash_sha256("", 0, got);
    CHECK(memcmp(got, want, sizeof want) == 0);
}

TEST(hash_of_a_file)
{
    cleanup_error struct error err = {0};
    int pipe_fds[2];

    /* A pipe gives short reads. */
    CHECK(pipe(pipe_fds) == 0);
    CHECK(write(pipe_fds[1], "abc", 3) == 3);
    close(pipe_fds[1]);
    cleanup_free char *hex = hash_fd(HASH_MD5, pipe_fds[0], &err);
    CHECK_STR(hex, "900150983cd24fb0d6963f7d28e17f72");

    /* At its end there is nothing more to hash. */
    cleanup_free char *empty = hash_fd(HASH_MD5, pipe_fds[0], &err);
    CHECK_STR(empty, "d41d8cd98f00b204e9800998ecf8427e");
    close(pipe_fds[0]);

    CHECK(!hash_fd(HASH_MD5, pipe_fds[0], &err) && err.code == EBADF);
    CHECK_STR(error_text(&err), "cannot read: Bad file descriptor");
}

TEST(zeroes_at_every_place)
{
    static uint8_t block[ZEROES_BLOCK];

    CHECK(is_zeroes(block, 0) && is_zeroes(NULL, 0));
    CHECK(is_zeroes(block, 1) && is_zeroes(block, sizeof block));
    for (size_t i = 0; i < sizeof block; i += i < 70 ? 1 : 4093) {
        block[i] = 1;
        CHECK(!is_zeroes(block, sizeof block));
        CHECK(!is_zeroes(block, i + 1));
        CHECK(is_zeroes(block, i));
        CHECK(is_zeroes(block + i + 1, sizeof block - i - 1));
        block[i] = 0;
    }
    block[sizeof block - 1] = 0x80;
    CHECK(!is_zeroes(block, sizeof block));
}

static void
leave_scope(const char *path, int *ret_fd)
{
    cleanup_close int none = -1;
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    cleanup_fclose FILE *f = fopen(path, "re");
    cleanup_fclose FILE *no_file = NULL;
    cleanup_closedir DIR *dir = opendir("/");
    cleanup_closedir DIR *no_dir = NULL;
    cleanup_free char *text = strdup("text");

    CHECK(none == -1 && fd >= 0 && f && !no_file && dir && !no_dir && text);
    *ret_fd = fd;
    errno = ENOTTY;
}

TEST(cleanup_closes_and_keeps_errno)
{
    int fd = -1, before = test_open_files();

    leave_scope("/dev/null", &fd);
    CHECK(fcntl(fd, F_GETFD) == -1);
    CHECK(test_open_files() == before);

    /* A close that fails does not hide the error that was there. */
    errno = ENOSPC;
    int bad = 9999;
    cleanup_close_fn(&bad);
    CHECK(errno == ENOSPC);
}

TEST(steal_hands_over)
{
    cleanup_close int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cleanup_free char *text = strdup("text");
    int stolen = steal_fd(&fd);
    char *taken = steal_pointer(&text);

    CHECK(fd == -1 && stolen >= 0 && steal_fd(&fd) == -1);
    CHECK(!text && !steal_pointer(&text));
    CHECK_STR(taken, "text");
    free(taken);
    close(stolen);
}

TEST(clock_goes_forward)
{
    double first = monotonic_seconds(), second = monotonic_seconds();

    CHECK(first > 0 && second >= first && second - first < 60);
}
