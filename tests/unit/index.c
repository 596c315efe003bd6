/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index of a repository, once its text is verified. */
#include <config.h>

#include "builder/catalog/index.h"

#include "tests/unit/test.h"

#define SUM                                                                    \
    "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"         \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define MINIMAL "[t]\narch=amd64\nfile=t.xz\nsize=1024\n"

static struct index
parse(const char *text)
{
    cleanup_error struct error err = {0};
    struct index index = {0};

    if (index_parse(text, strlen(text), &index, &err) < 0) {
        fprintf(stderr, "%s\n", error_text(&err));
        exit(1);
    }
    return index;
}

static void
refuse(const char *text, const char *message)
{
    cleanup_error struct error err = {0};
    struct index index = {0};

    CHECK(index_parse(text, strlen(text), &index, &err) < 0);
    if (!strstr(error_text(&err), message)) {
        fprintf(stderr, "'%s', not '%s'\n", error_text(&err), message);
        exit(1);
    }
}

TEST(defaults)
{
    cleanup_index struct index index = parse(MINIMAL);
    const struct template *t = index.templates;

    CHECK(index.n_templates == 1);
    CHECK_STR(t->id, "t");
    CHECK_STR(t->arch, "x86_64");
    CHECK_STR(t->file, "t.xz");
    CHECK(t->size == 1024 && t->revision == 1 && !t->hidden);
    CHECK(!t->sha512 && !t->format && !t->expand && !t->name);
    CHECK(!template_notes(t));
    CHECK(!template_has_alias(t, "t"));
}

TEST(all_fields)
{
    cleanup_index struct index index =
        parse(MINIMAL "name=A template\nosinfo=debian12\nrevision=7\n"
                      "format=qcow2\ncompressed_size=99\nexpand=/dev/sda3\n"
                      "lvexpand=/dev/vg/root\nhidden=true\nx_ours=1\n"
                      "aliases=one two\t three\nchecksum[sha512]=" SUM "\n"
                      "notes=plain\nnotes[de]=deutsch\n\n text\n");
    const struct template *t = index.templates;

    CHECK_STR(t->name, "A template");
    CHECK_STR(t->osinfo, "debian12");
    CHECK_STR(t->format, "qcow2");
    CHECK_STR(t->expand, "/dev/sda3");
    CHECK_STR(t->lvexpand, "/dev/vg/root");
    CHECK(t->revision == 7 && t->compressed_size == 99 && t->hidden);
    CHECK(strlen(t->sha512) == 128 && !strpbrk(t->sha512, "ABCDEF"));
    CHECK(template_has_alias(t, "one") && template_has_alias(t, "three"));
    CHECK(!template_has_alias(t, "one two"));

    unsetenv("LC_ALL");
    setenv("LC_MESSAGES", "de_AT.UTF-8", 1);
    CHECK_STR(template_notes(t), "deutsch\n\ntext");
    setenv("LC_ALL", "fr_FR", 1);
    CHECK_STR(template_notes(t), "plain");
}

TEST(checksum_without_kind)
{
    cleanup_index struct index index = parse(MINIMAL "checksum=" SUM "\n");

    CHECK(strlen(index.templates[0].sha512) == 128);
}

TEST(one_id_for_two_processors)
{
    cleanup_index struct index index =
        parse(MINIMAL "[t]\narch=arm64\nfile=u\nsize=1\n");

    CHECK(index.n_templates == 2);
    CHECK_STR(index.templates[1].arch, "aarch64");
}

TEST(refused)
{
    refuse("[t]\nfile=a\nsize=1\n", "no arch=");
    refuse("[t]\narch=x86_64\nsize=1\n", "no file=");
    refuse("[t]\narch=x86_64\nfile=\nsize=1\n", "no file=");
    refuse("[t]\narch=x86_64\nfile=a\n", "no size=");
    refuse("[t]\narch=x86_64\nfile=a\nsize=0\n", "no size=");
    refuse("[t]\narch=x86_64\nfile=a\nsize=-1\n", "is not a number");
    refuse("[t]\narch=x86_64\nfile=a\nsize=10G\n", "is not a number");
    refuse("[t]\narch=x86_64\nfile=a\nsize=9223372036854775808\n",
        "is not a number");
    refuse(MINIMAL "revision=x\n", "is not a number");
    refuse(MINIMAL "checksum[sha512]=abc\n", "128 hexadecimal");
    refuse(MINIMAL "format=vmdk\n", "neither raw nor qcow2");
    refuse(MINIMAL "size=1024\n", "appears twice");
    refuse(MINIMAL MINIMAL, "appears twice");
    refuse(MINIMAL "[t]\narch=x86_64\nfile=u\nsize=1\n", "appears twice");
    refuse("[t]\narch=x86_64\nfile=../a\nsize=1\n", "leads out");
}

TEST(files_that_lead_out)
{
    CHECK(index_file_is_safe("a"));
    CHECK(index_file_is_safe("a/b.xz"));
    CHECK(index_file_is_safe("a..b"));
    CHECK(index_file_is_safe("..a"));
    CHECK(index_file_is_safe("a/...") && index_file_is_safe("./a"));
    CHECK(!index_file_is_safe(""));
    CHECK(!index_file_is_safe("/a"));
    CHECK(!index_file_is_safe(".."));
    CHECK(!index_file_is_safe("../a"));
    CHECK(!index_file_is_safe("a/.."));
    CHECK(!index_file_is_safe("a/../b"));
    CHECK(!index_file_is_safe("http://x/a"));
}

TEST(names_of_processors)
{
    CHECK_STR(arch_normalise("amd64"), "x86_64");
    CHECK_STR(arch_normalise("x86_64"), "x86_64");
    CHECK_STR(arch_normalise("i386"), "i686");
    CHECK_STR(arch_normalise("s390x"), "s390x");
}
