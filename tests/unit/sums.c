/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contents of files as the agent sends them, and as it never should: a stream
 * gives checksums, or a readable error. */
#include <config.h>

#include "lib/transfer/tree_checksums.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "tests/unit/test.h"
#include "wire/contents.h"
#include "wire/frame.h"

/* md5 of nothing, and of "a". */
#define OF_NOTHING "d41d8cd98f00b204e9800998ecf8427e"
#define OF_A       "0cc175b9c0f1b6a831c399e269772661"

static struct wire_writer
new_stream(void)
{
    return (struct wire_writer){.cap = 64 << 20};
}

static void
put_round(struct wire_writer *w, const struct contents_file *files, uint32_t n)
{
    struct contents_round round = {.files = n};

    for (uint32_t i = 0; i < n; i++)
        round.table += CONTENTS_FILE + (uint32_t)strlen(files[i].path);
    contents_put_round(w, &round);
    for (uint32_t i = 0; i < n; i++)
        contents_put_file(w, &files[i]);
}

/* SIZE times BYTE, then the padding. */
static void
put_content(struct wire_writer *w, char byte, size_t size)
{
    for (size_t i = 0; i < bulk_round_up(size); i++)
        wire_put_u8(w, i < size ? (uint8_t)byte : 0xee);
}

/* The resulting lines, or NULL with *err. */
static char *
sums(struct wire_writer *w, struct error *err)
{
    int in = memfd_create("in", MFD_CLOEXEC);
    int out = memfd_create("out", MFD_CLOEXEC);
    char *text = calloc(1, 1 << 16);

    CHECK(!w->bad && write_all(in, w->p, w->used) == 0);
    CHECK(lseek(in, 0, SEEK_SET) == 0);
    int r = sums_of_contents(HASH_MD5, in, out, err);
    CHECK(r == 0 || err->code != 0);
    CHECK(pread(out, text, (1 << 16) - 1, 0) >= 0);
    close(in);
    close(out);
    wire_writer_free(w);
    if (r == 0)
        return text;
    free(text);
    return NULL;
}

static void
check_lines(struct wire_writer *w, const char *want)
{
    cleanup_error struct error err = {0};
    cleanup_free char *have = sums(w, &err);

    CHECK_STR(have ? have : error_text(&err), want);
}

static void
check_refused(struct wire_writer *w, const char *why)
{
    cleanup_error struct error err = {0};
    cleanup_free char *have = sums(w, &err);

    CHECK(!have);
    CHECK(err.code == EPROTO);
    CHECK(strstr(error_text(&err), why));
}

TEST(no_files)
{
    struct wire_writer w = new_stream();

    check_lines(&w, "");
}

TEST(names_and_sizes)
{
    struct wire_writer w = new_stream();
    const struct contents_file first[] = {
        {0, 0, "empty"}, {1, 0, "d/a\nb"}, {BULK_ALIGN, 0, "one block"}};
    const struct contents_file second[] = {{BULK_ALIGN + 1, 0, "more"}};

    put_round(&w, first, 3);
    put_content(&w, 'a', 1);
    put_content(&w, 'b', BULK_ALIGN);
    put_round(&w, second, 1);
    put_content(&w, 'b', BULK_ALIGN + 1);
    check_lines(&w, OF_NOTHING "  ./empty\n"
                               "\\" OF_A "  ./d/a\\nb\n"
                               "bdb166b6061ee9331efe719dcee62b41  ./one block\n"
                               "839047e5bd2287e1c6ca1794bed342c8  ./more\n");
}

TEST(later_names)
{
    struct wire_writer w = new_stream();
    const struct contents_file first[] = {
        {1, 1, "a"}, {0, 2, "empty"}, {1, 1, "again"}};
    const struct contents_file second[] = {{0, 2, "empty again"}, {1, 1, "b"}};

    put_round(&w, first, 3);
    put_content(&w, 'a', 1);
    put_round(&w, second, 2);
    check_lines(&w,
        OF_A "  ./a\n" OF_NOTHING "  ./empty\n" OF_A "  ./again\n" OF_NOTHING
             "  ./empty again\n" OF_A "  ./b\n");
}

TEST(later_name_of_nothing)
{
    struct wire_writer w = new_stream();

    put_round(&w, &(struct contents_file){1, 2, "a"}, 1);
    put_content(&w, 'a', 1);
    check_refused(&w, "another name of an unknown file");
}

TEST(cut_off)
{
    const struct contents_file a = {BULK_ALIGN + 1, 0, "a"};
    struct wire_writer whole = new_stream();

    put_round(&whole, &a, 1);
    put_content(&whole, 'a', (size_t)a.size);
    /* In the header, the table, the content and the padding. */
    for (size_t at = 1; at < whole.used; at += at < 40 ? 1 : 997) {
        struct wire_writer w = new_stream();

        for (size_t i = 0; i < at; i++)
            wire_put_u8(&w, whole.p[i]);
        check_refused(&w, "end too early");
    }
    wire_writer_free(&whole);
}

TEST(too_many)
{
    static const struct contents_round rounds[] = {{0, 0}, {0, 100},
        {CONTENTS_FILES + 1, 100}, {1, CONTENTS_TABLE + 1},
        {UINT32_MAX, UINT32_MAX}};

    for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
        struct wire_writer w = new_stream();

        contents_put_round(&w, &rounds[i]);
        check_refused(&w, "malformed contents");
    }
}

TEST(broken_tables)
{
    static const char nul[] = "a\0b";

    /* One byte more than its files need, and one less. */
    for (uint32_t change = 0; change < 2; change++) {
        struct wire_writer w = new_stream();

        contents_put_round(
            &w, &(struct contents_round){1, CONTENTS_FILE + 2 * change});
        contents_put_file(&w, &(struct contents_file){0, 0, "a"});
        wire_put_u8(&w, 0);
        check_refused(&w, "table of file names");
    }
    struct wire_writer w = new_stream();

    contents_put_round(&w, &(struct contents_round){1, CONTENTS_FILE + 3});
    wire_put_u64(&w, 0);
    wire_put_u32(&w, 0);
    wire_put_bytes(&w, (const uint8_t *)nul, 3, 3);
    check_refused(&w, "table of file names");
    w = new_stream();
    put_round(&w, &(struct contents_file){UINT64_MAX, 0, "a"}, 1);
    check_refused(&w, "table of file names");
}
