/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output that scripts read: text and JSON for every type of result. */
#include <config.h>

#include "fish/printer.h"
#include "tests/unit/test.h"

typedef void (*shape)(struct printer *p);

static char *
print(shape f, bool json)
{
    char *text = NULL;
    size_t size;
    FILE *out = tmpfile();
    struct printer p;

    CHECK(out);
    print_begin(&p, out, json);
    f(&p);
    CHECK(print_end(&p) == 0);
    size = (size_t)ftell(out);
    rewind(out);
    text = calloc(1, size + 1);
    CHECK(text && fread(text, 1, size, out) == size);
    fclose(out);
    /* Kept until the next. */
    static char *kept;
    free(kept);
    kept = text;
    return text;
}

#define CHECK_SHAPE(f, text, json)                                             \
    do {                                                                       \
        CHECK_STR(print(f, false), text);                                      \
        CHECK_STR(print(f, true), json);                                       \
    } while (0)

static void
text_line(struct printer *p)
{
    print_text(p, NULL, "a\nb\"");
}

static void
no_text(struct printer *p)
{
    print_text(p, NULL, NULL);
}

static void
bad_utf8(struct printer *p)
{
    print_text(p, NULL, "\xff\x01");
}

static void
blob(struct printer *p)
{
    print_bytes(p, NULL, "a\0b", 3);
}

static void
negative(struct printer *p)
{
    print_integer(p, NULL, INT64_MIN);
}

static void
largest(struct printer *p)
{
    print_unsigned(p, NULL, UINT64_MAX);
}

static void
hex(struct printer *p)
{
    print_hex(p, NULL, 0x83);
}

static void
octal(struct printer *p)
{
    print_octal(p, NULL, 022);
}

static void
octal_zero(struct printer *p)
{
    print_octal(p, NULL, 0);
}

static void
truth(struct printer *p)
{
    print_bool(p, NULL, true);
}

TEST(scalars)
{
    CHECK_SHAPE(text_line, "a\nb\"\n", "\"a\\nb\\\"\"\n");
    CHECK_SHAPE(no_text, "(null)\n", "");
    CHECK_SHAPE(bad_utf8, "\xff\x01\n", "{\"base64\":\"/wE=\"}\n");
    CHECK(memcmp(print(blob, false), "a\0b", 3) == 0);
    CHECK_STR(print(blob, true), "{\"base64\":\"YQBi\"}\n");
    CHECK_SHAPE(negative, "-9223372036854775808\n", "-9223372036854775808\n");
    CHECK_SHAPE(largest, "18446744073709551615\n", "18446744073709551615\n");
    CHECK_SHAPE(hex, "0x83\n", "131\n");
    CHECK_SHAPE(octal, "022\n", "18\n");
    CHECK_SHAPE(octal_zero, "0\n", "0\n");
    CHECK_SHAPE(truth, "true\n", "true\n");
}

static char a[] = "a", b[] = "b c", c[] = "/boot", d[] = "/dev/sda1";
static char *const two[] = {a, b};
static char *const pair[] = {c, d};

static void
strings(struct printer *p)
{
    print_strings(p, NULL, two, 2);
}

static void
no_strings(struct printer *p)
{
    print_strings(p, NULL, NULL, 0);
}

static void
pairs(struct printer *p)
{
    print_map(p, NULL, pair, 1);
}

TEST(lists)
{
    CHECK_SHAPE(strings, "a\nb c\n", "[\"a\",\"b c\"]\n");
    CHECK_SHAPE(no_strings, "", "[]\n");
    CHECK_SHAPE(pairs, "/boot: /dev/sda1\n", "{\"/boot\":\"/dev/sda1\"}\n");
}

static void
structure(struct printer *p)
{
    print_open_struct(p, NULL);
    print_integer(p, "major", 1);
    print_text(p, "extra", "");
    print_bytes(p, "raw", "a\x01\\", 3);
    print_text(p, "gone", NULL);
    print_close_struct(p);
}

static void
structures(struct printer *p)
{
    print_open_list(p, NULL);
    for (int i = 0; i < 2; i++) {
        print_open_struct(p, NULL);
        print_integer(p, "n", i);
        print_close_struct(p);
    }
    print_close_list(p);
}

static void
nested(struct printer *p)
{
    print_open_struct(p, NULL);
    print_strings(p, "tags", two, 2);
    print_map(p, "mounts", pair, 1);
    print_open_list(p, "parts");
    structure(p);
    print_close_list(p);
    print_open_struct(p, "one");
    print_bool(p, "ok", false);
    print_close_struct(p);
    print_close_struct(p);
}

TEST(structures)
{
    CHECK_SHAPE(structure, "major: 1\nextra: \nraw: a\\x01\\\ngone: \n",
        "{\"major\":1,\"extra\":\"\",\"raw\":{\"base64\":\"YQFc\"},"
        "\"gone\":null}\n");
    CHECK_SHAPE(structures, "[0] = {\n  n: 0\n}\n[1] = {\n  n: 1\n}\n",
        "[{\"n\":0},{\"n\":1}]\n");
    CHECK_SHAPE(nested,
        "tags:\n  a\n  b c\nmounts:\n  /boot: /dev/sda1\n"
        "parts:\n  [0] = {\n    major: 1\n    extra: \n    raw: a\\x01\\\n"
        "    gone: \n  }\none:\n  ok: false\n",
        "{\"tags\":[\"a\",\"b c\"],\"mounts\":{\"/boot\":\"/dev/sda1\"},"
        "\"parts\":[{\"major\":1,\"extra\":\"\",\"raw\":{\"base64\":\"YQFc\"}"
        ",\"gone\":null}],\"one\":{\"ok\":false}}\n");
}
