/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header reader: good images of each format, the same images broken one
 * field at a time, and broken everywhere a byte at a time. */
#include <config.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tests/unit/images.h"
#include "tests/unit/test.h"

/* A field to overwrite, and the error the reader must then give. */
struct fault {
    size_t offset;
    uint64_t value;
    int width; /* bytes */
    const char *message;
};

typedef struct bytes (*maker)(void);
typedef void (*putter)(uint8_t *p, uint64_t v, int n);

static int
try_read(struct bytes *b, const enum image_format *given,
    struct image_header *h, struct error *err)
{
    struct image_source src = bytes_source(b);

    return image_read(&src, given, h, err);
}

static void
check_good(
    maker make, enum image_format format, uint64_t size, const char *variant)
{
    struct bytes b = make();
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};

    if (try_read(&b, NULL, &h, &err) < 0)
        fprintf(stderr, "%s\n", error_text(&err));
    CHECK(err.code == 0);
    CHECK(h.format == format);
    CHECK(h.size == size);
    if (variant)
        CHECK_STR(h.variant, variant);
    CHECK(!image_refers(&h));
    free(b.p);
}

static void
check_message(struct bytes *b, const char *message)
{
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};

    if (try_read(b, NULL, &h, &err) == 0) {
        fprintf(stderr, "accepted, instead of '%s'\n", message);
        exit(1);
    }
    if (!strstr(error_text(&err), message)) {
        fprintf(stderr, "'%s' does not say '%s'\n", error_text(&err), message);
        exit(1);
    }
}

static void
check_faults(maker make, putter put, const struct fault *faults, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct bytes b = make();

        put(b.p + faults[i].offset, faults[i].value, faults[i].width);
        check_message(&b, faults[i].message);
        free(b.p);
    }
}

/* Every byte in turn set to a few values: any result is right except a crash.
 * The sanitizers and the exact size of the allocation catch overruns. */
static void
check_every_byte(maker make, size_t n)
{
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    struct bytes b = make();
    size_t refused = 0;

    if (n > b.n)
        n = b.n;
    for (size_t i = 0; i < n; i++) {
        uint8_t old = b.p[i];

        for (size_t v = 0; v < N_ELEMENTS(values); v++) {
            cleanup_image_header struct image_header h = {0};
            cleanup_error struct error err = {0};

            b.p[i] = values[v];
            refused += try_read(&b, NULL, &h, &err) < 0;
        }
        b.p[i] = old;
    }
    CHECK(refused > 0);
    free(b.p);
}

/* Truncated at each length: never a crash; below KEEP bytes it must be reported
 * when the format is given. */
static void
check_every_length(
    maker make, enum image_format format, size_t step, size_t keep)
{
    struct bytes whole = make();

    for (size_t n = 0; n < whole.n; n += step) {
        struct bytes b = bytes_new(n ? n : 1);
        cleanup_image_header struct image_header h = {0};
        cleanup_error struct error err = {0};

        b.n = n;
        memcpy(b.p, whole.p, n);
        int result = try_read(&b, &format, &h, &err);
        if (n < keep && result == 0) {
            fprintf(stderr, "accepted with %zu bytes\n", n);
            exit(1);
        }
        free(b.p);
    }
    free(whole.p);
}

TEST(good_images)
{
    check_good(make_qcow2, IMAGE_QCOW2, 32768, "v3");
    check_good(make_vmdk, IMAGE_VMDK, 32 << 20, "monolithicSparse");
    check_good(make_vdi, IMAGE_VDI, 2 << 20, "dynamic");
    check_good(make_vpc_fixed, IMAGE_VPC, 1 << 20, "fixed");
    check_good(make_vpc_dynamic, IMAGE_VPC, 8192, "dynamic");
    check_good(make_vhdx, IMAGE_VHDX, 1 << 20, NULL);
}

TEST(qcow2_faults)
{
    static const struct fault faults[] = {
        {4, 4, 4, "unknown version 4"},
        {8, 100, 8, "offset of the backing file's name"},
        {8, 513, 8, "offset of the backing file's name"},
        {8, UINT64_MAX, 8, "offset of the backing file's name"},
        {20, 8, 4, "bad cluster size"},
        {20, 22, 4, "bad cluster size"},
        {20, UINT32_MAX, 4, "bad cluster size"},
        {24, 0, 8, "disk of 0 bytes"},
        {24, 32769, 8, "L1 table is too small"},
        {24, UINT64_MAX, 8, "L1 table is too small"},
        {32, 1, 4, "encrypted"},
        {32, 2, 4, "encrypted"},
        {36, 0, 4, "L1 table is too small"},
        {36, UINT32_MAX, 4, "L1 table is too large"},
        {36, 1 << 20, 4, "truncated: the L1 table"},
        {40, 511, 8, "misaligned"},
        {40, 1 << 30, 8, "truncated: the L1 table"},
        {48, 511, 8, "misaligned"},
        {48, 1 << 30, 8, "truncated: the refcount table"},
        {48, 512 * 6, 8, "truncated: the refcount table"},
        {56, 0, 4, "size of the refcount table"},
        {56, UINT32_MAX, 4, "size of the refcount table"},
        {60, 65537, 4, "snapshots"},
        {72, 2, 8, "marked corrupt"},
        {72, 32, 8, "unknown features (0x20)"},
        {72, (uint64_t)1 << 63, 8, "unknown features"},
        {72, 16, 8, "extended L2"},
        {96, 7, 4, "refcounts"},
        {100, 103, 4, "length of the header"},
        {100, 520, 4, "length of the header"},
        {100, UINT32_MAX, 4, "length of the header"},
        {104, 0xe2792aca00001000, 8, "extension of bad length"},
        {104, 0xe2792acaffffffff, 8, "extension of bad length"},
        {104, 0xe2792aca00000000, 8, "not a valid name"},
        {104, 0xe2792aca00000004, 8, "not a valid name"},
        {104, 0x4441544100000004, 8, "not a valid name"},
        {2048, 0, 8, "refcount table is empty"},
        {2048, 1 << 30, 8, "truncated: a refcount block"},
    };

    check_faults(make_qcow2, put_be, faults, N_ELEMENTS(faults));
    check_every_byte(make_qcow2, SIZE_MAX);
    check_every_length(make_qcow2, IMAGE_QCOW2, 1, 2560 + 1);
}

/* The data lies beyond the end, whatever the refcounts say. */
TEST(qcow2_lost_tail)
{
    struct bytes b = make_qcow2();

    /* A used cluster beyond the end: lost. */
    put_be(b.p + 2560 + 2 * 6, 1, 2);
    put_be(b.p + 1024, 3072, 8);
    check_message(&b, "truncated: data of the disk");
    /* Reading zeros (version 3): nothing is lost. */
    put_be(b.p + 1024, 3072 | 1, 8);
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};
    CHECK(try_read(&b, NULL, &h, &err) == 0);
    /* Compressed. */
    put_be(b.p + 1024, (uint64_t)1 << 62 | 4000, 8);
    check_message(&b, "truncated: data of the disk");
    put_be(b.p + 512, 8192, 8);
    check_message(&b, "truncated: an L2 table");
    /* A leaked cluster beyond the end: harmless. */
    free(b.p);
    b = make_qcow2();
    put_be(b.p + 2560 + 2 * 7, 1, 2);
    cleanup_image_header struct image_header h2 = {0};
    CHECK(try_read(&b, NULL, &h2, &err) == 0);
    free(b.p);
}

/* Dirty refcounts are not believed. */
TEST(qcow2_dirty)
{
    struct bytes b = make_qcow2();

    put_be(b.p + 72, 1, 8);
    put_be(b.p + 1024 + 8, 1 << 20, 8);
    check_message(&b, "truncated: data of the disk");
    free(b.p);
}

TEST(qcow2_names)
{
    struct bytes b = make_qcow2();
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};

    put_be(b.p + 104, 0xe2792aca00000003, 8);
    memcpy(b.p + 112, "raw", 3);
    put_be(b.p + 120, 0x4441544100000006, 8);
    memcpy(b.p + 128, "x.data", 6);
    put_be(b.p + 72, 4, 8);
    put_be(b.p + 8, 200, 8);
    put_be(b.p + 16, 9, 4);
    memcpy(b.p + 200, "/etc/evil", 9);
    CHECK(try_read(&b, NULL, &h, &err) == 0);
    CHECK_STR(h.backing, "/etc/evil");
    CHECK_STR(h.backing_format, "raw");
    CHECK_STR(h.data_file, "x.data");
    CHECK(h.has_data_file && image_refers(&h));
    image_header_clear(&h);

    /* A name with a NUL inside is ambiguous. */
    b.p[204] = 0;
    check_message(&b, "not a valid name");
    b.p[204] = 'x';
    put_be(b.p + 16, 1024, 4);
    check_message(&b, "length of the backing file's name");
    put_be(b.p + 16, 400, 4);
    check_message(&b, "length of the backing file's name");
    put_be(b.p + 16, 9, 4);
    put_be(b.p + 72, 0, 8);
    check_message(&b, "data file named but not used");
    free(b.p);
}

TEST(vmdk_faults)
{
    static const struct fault faults[] = {
        {4, 0, 4, "unknown version 0"},
        {4, 4, 4, "unknown version 4"},
        {12, 0, 8, "bad size of the disk"},
        {12, UINT64_MAX, 8, "bad size of the disk"},
        {12, (uint64_t)1 << 40, 8, "truncated: the grain directory"},
        {20, 0, 8, "size of the grains"},
        {20, 3, 8, "size of the grains"},
        {20, UINT64_MAX, 8, "size of the grains"},
        {28, 1 << 30, 8, "truncated: the descriptor"},
        {28, UINT64_MAX, 8, "descriptor is too large"},
        {36, UINT64_MAX, 8, "descriptor is too large"},
        {44, 0, 4, "grain tables"},
        {44, 513, 4, "grain tables"},
        {44, UINT32_MAX, 4, "grain tables"},
        {56, 1 << 30, 8, "truncated: the grain directory"},
        {56, UINT64_MAX - 1, 8, "directory is too large"},
        {56, UINT64_MAX, 8, "truncated: no footer"},
        {73, '\n', 4, "line ends"},
        {4 * 512, 1 << 30, 4, "truncated: a grain table"},
        {4 * 512, 160, 4, "truncated: a grain table"},
        {5 * 512, 160, 4, "truncated: data of the disk"},
        {5 * 512, UINT32_MAX, 4, "truncated: data of the disk"},
        {512, 0, 4, "does not say its createType"},
    };

    check_faults(make_vmdk, put_le, faults, N_ELEMENTS(faults));
    check_every_byte(make_vmdk, 6 * 512);
    check_every_length(make_vmdk, IMAGE_VMDK, 97, 32 * 512 + 1);
}

static int
read_text(const char *text, struct image_header *h, struct error *err)
{
    struct bytes b = bytes_new(strlen(text));

    memcpy(b.p, text, b.n);
    int result = try_read(&b, NULL, h, err);
    free(b.p);
    return result;
}

#define VMDK "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\n"

TEST(vmdk_descriptor)
{
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};

    CHECK(read_text(VMDK "createType=\"twoGbMaxExtentFlat\"\r\n"
                         "RW 4096 FLAT \"a b.vmdk\" 128\r\n"
                         "RW 8 ZERO\r\n"
                         "RDONLY 16 SPARSE \"../c.vmdk\"\r\n",
              &h, &err) == 0);
    CHECK(h.format == IMAGE_VMDK && h.n_extents == 3);
    CHECK(h.size == (4096 + 8 + 16) * 512);
    CHECK_STR(h.extents[0].file, "a b.vmdk");
    CHECK(h.extents[0].offset == 128 * 512 && h.extents[0].writable);
    CHECK(!h.extents[1].file);
    CHECK_STR(h.extents[1].type, "ZERO");
    CHECK_STR(h.extents[2].file, "../c.vmdk");
    CHECK(!h.extents[2].writable);
    CHECK_STR(h.variant, "twoGbMaxExtentFlat");
}

TEST(vmdk_descriptor_faults)
{
    static const struct {
        const char *text, *message;
    } faults[] = {
        {VMDK "RW 1 FLAT \"x\" 0\n", "does not say its createType"},
        {VMDK "createType=\"x\x1b[1m\"\n", "unknown type 'x\\x1b[1m'"},
        {VMDK "createType=\"vmfs\"\n", "lists no extents"},
        {VMDK "createType=\"vmfs\"\nRW 1 VMFSRDM \"x\"\n", "'VMFSRDM'"},
        {VMDK "createType=\"vmfs\"\nRW 0 VMFS \"x\"\n", "size of an extent"},
        {VMDK "createType=\"vmfs\"\nRW x VMFS \"x\"\n", "size of an extent"},
        {VMDK "createType=\"vmfs\"\nRW 99999999999999999999 VMFS \"x\"\n",
            "size of an extent"},
        {VMDK "createType=\"vmfs\"\nRW 9007199254740991 ZERO\n"
              "RW 9007199254740991 ZERO\nRW 9007199254740991 ZERO\n",
            "extents are too large"},
        {VMDK "createType=\"vmfs\"\nRW 1 VMFS\n", "file name of an extent"},
        {VMDK "createType=\"vmfs\"\nRW 1 VMFS x\n", "file name of an extent"},
        {VMDK "createType=\"vmfs\"\nRW 1 VMFS \"\"\n", "file name of an ext"},
        {VMDK "createType=\"vmfs\"\nRW 1 VMFS \"x\n", "file name of an ext"},
        {VMDK "createType=\"vmfs\"\nRW 1 FLAT \"x\" -1\n", "bad offset"},
        {VMDK "createType=\"vmfs\"\nNOACCESS 1 FLAT \"x\"\n", "access"},
        {VMDK "parentCID=1\ncreateType=\"vmfs\"\nRW 1 FLAT \"x\" 0\n",
            "does not name its parent"},
    };

    for (size_t i = 0; i < N_ELEMENTS(faults); i++) {
        struct bytes b = {
            (uint8_t *)strdup(faults[i].text), strlen(faults[i].text)};

        check_message(&b, faults[i].message);
        free(b.p);
    }
}

#define TEXT     VMDK "createType=\"vmfs\"\nRW 1 VMFS \"x\"\n"
#define TWO_WAYS "read in two ways: with the parent"

/* QEMU finds a parent, or an extent, in places where no writer puts one. */
TEST(vmdk_read_in_two_ways)
{
    static const struct {
        const char *text, *message;
    } faults[] = {
        {TEXT "parentFileNameHint=\"p\"\n", TWO_WAYS " 'p'"},
        {TEXT "# parentFileNameHint=\"p\"\n", TWO_WAYS " 'p'"},
        {TEXT "# xparentFileNameHint=\"p\"\n", TWO_WAYS " 'p'"},
        {TEXT "ddb.parentFileNameHint=\"p\"\n", TWO_WAYS},
        {TEXT "parentFileNameHint=\"p", TWO_WAYS},
        {TEXT "parentFileNameHint=", TWO_WAYS},
        {TEXT "parentFileNameHint", "line 7 of the vmdk descriptor is neither"},
        {TEXT "parentCID=1\nparentFileNameHint=\"p\"\n"
              "parentFileNameHint=\"q\"\n",
            TWO_WAYS " 'p'"},
        {TEXT "parentCID=1\nparentFileNameHint = \"p\"\n", TWO_WAYS},
        {TEXT "parentCID=1\nparentFileNameHint=\"p \"\n", TWO_WAYS},
        {TEXT "parentCID=1\nPARENTFILENAMEHINT=\"p\"\n", TWO_WAYS " 'p'"},
        {TEXT "RW\t1\tVMFSRDM\t\"y\"\n", "'VMFSRDM'"},
        {TEXT "RW\n1 VMFS \"y\"\n", "size of an extent"},
        {TEXT "RW 1\nVMFS \"y\"\n", "extents of unknown type ''"},
        {TEXT "RW 1 VMFS\n\"y\"\n", "file name of an extent"},
        {TEXT "RW 1 ZERO\n\"y\"\n", "line 8 of the vmdk descriptor is neith"},
        {TEXT "\fRW 1 VMFS \"y\"\n", "line 7 of the vmdk descriptor has a c"},
        {TEXT "\vRW 1 VMFS \"y\"\n", "control character"},
        {TEXT "RW\f1 VMFS \"y\"\n", "control character"},
        {TEXT "RW\r1 VMFS \"y\"\n", "size of an extent"},
        {TEXT "a\rRW 1 VMFS \"y\"\n", "control character"},
        {TEXT "word\n", "neither a setting nor an extent"},
    };

    for (size_t i = 0; i < N_ELEMENTS(faults); i++) {
        struct bytes b = {
            (uint8_t *)strdup(faults[i].text), strlen(faults[i].text)};

        check_message(&b, faults[i].message);
        free(b.p);
    }
}

/* The name of a file of which QEMU would only read the start. */
TEST(vmdk_long_extent)
{
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};
    char name[514], text[1024];

    for (size_t n = 511; n <= 512; n++) {
        memset(name, 'n', n);
        name[n] = 0;
        snprintf(text, sizeof text,
            VMDK "createType=\"vmfs\"\nRW 1 VMFS \"%s\"\n", name);
        CHECK(read_text(text, &h, &err) == (n == 511 ? 0 : -1));
    }
    CHECK(strstr(error_text(&err), "file name of an extent"));
}

/* In a sparse file QEMU looks at the second sector, whatever the header says,
 * and at more than the descriptor. */
TEST(vmdk_hint_elsewhere)
{
    static const char hint[] = "parentFileNameHint=\"/etc/shadow\"\n";
    struct bytes b = make_vmdk();
    char *text = (char *)b.p + 512;

    /* The descriptor of the header is elsewhere, or nowhere. */
    strcpy((char *)b.p + 8 * 512, text);
    put_le(b.p + 28, 8, 8);
    strcat(text, hint);
    check_message(&b, TWO_WAYS " '/etc/shadow'");
    put_le(b.p + 28, 0, 8);
    check_message(&b, TWO_WAYS " '/etc/shadow'");
    free(b.p);

    /* Beyond the end that the header states. */
    b = make_vmdk();
    text = (char *)b.p + 512;
    memset(b.p + 4 * 512, 0, 512);
    put_le(b.p + 56, 30, 8);
    put_le(b.p + 36, 1, 8);
    memset(text + strlen(text), '\n', 600);
    strcpy(text + 600, hint);
    check_message(&b, TWO_WAYS " '/etc/shadow'");
    free(b.p);
}

TEST(vmdk_parent)
{
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};

    CHECK(read_text(VMDK "parentCID=1\ncreateType=\"vmfs\"\nRW 1 VMFS \"x\"\n"
                         "parentFileNameHint=\"a b.vmdk\"\n",
              &h, &err) == 0);
    CHECK_STR(h.backing, "a b.vmdk");
}

/* A text without a comment before the version is one for QEMU. */
TEST(vmdk_version_first)
{
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};

    CHECK(read_text("version=1\ncreateType=\"vmfs\"\nRW 1 VMFS \"x\"\n", &h,
              &err) == 0);
    CHECK(h.format == IMAGE_VMDK && h.n_extents == 1);
}

/* QEMU would take one of the two, and not always ours. */
TEST(two_formats)
{
    struct bytes b = make_qcow2();
    enum image_format qcow2 = IMAGE_QCOW2;
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};

    put_le(b.p + 64, 0xbeda107f, 4);
    check_message(&b, "looks like qcow2 and like vdi; give its format");
    put_le(b.p + 64, 0, 4);
    CHECK(try_read(&b, &qcow2, &h, &err) == 0);
    free(b.p);

    b = make_vpc_fixed();
    memcpy(b.p, "QFI\xfb\0\0\0\3", 8);
    check_message(&b, "looks like qcow2 and like vpc");
    memcpy(b.p, "QFI\xfb\0\0\0\1", 8);
    check_message(&b, "looks like vpc and like another (a qcow image");
    free(b.p);
}

TEST(vmdk_many_extents)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};

    fputs(VMDK "createType=\"vmfs\"\n", f);
    for (int i = 0; i <= IMAGE_EXTENTS_MAX; i++)
        fputs("RW 1 ZERO\n", f);
    fclose(f);
    CHECK(read_text(text, &h, &err) < 0);
    CHECK_STR(error_text(&err), "corrupt: too many extents");
    free(text);
}

TEST(vmdk_extents)
{
    struct bytes b = make_vmdk();
    struct image_source src = bytes_source(&b);
    struct image_extent e = {.size = 32 << 20, .type = "SPARSE"};
    cleanup_error struct error err = {0};

    CHECK(image_read_extent(&src, &e, &err) == 0);
    e.size++;
    CHECK(image_read_extent(&src, &e, &err) < 0);
    CHECK(strstr(error_text(&err), "smaller than the descriptor"));
    strcpy(e.type, "FLAT");
    e.size = b.n - 512;
    e.offset = 512;
    CHECK(image_read_extent(&src, &e, &err) == 0);
    e.offset = 513;
    CHECK(image_read_extent(&src, &e, &err) < 0);
    CHECK(strstr(error_text(&err), "end of the extent is at byte 81921"));
    memset(b.p, 0, 4);
    strcpy(e.type, "SPARSE");
    CHECK(image_read_extent(&src, &e, &err) < 0);
    CHECK_STR(error_text(&err), "not a sparse vmdk extent");
    free(b.p);
}

TEST(vdi_faults)
{
    static const struct fault faults[] = {
        {68, 0x00020001, 4, "unknown version 2.1"},
        {76, 4, 4, "needs a parent"},
        {76, 3, 4, "unknown type 3"},
        {340, 1, 4, "bad vdi header"},
        {340, 512 << 20, 4, "truncated: the block map"},
        {344, 1, 4, "bad vdi header"},
        {344, 1 << 30, 4, "truncated: data of the disk"},
        {360, 4096, 4, "sectors of 4096"},
        {368, 0, 8, "disk of 0 bytes"},
        {368, (2 << 20) + 1, 8, "bad vdi header"},
        {368, UINT64_MAX, 8, "bad vdi header"},
        {376, 4096, 4, "blocks of 4096"},
        {384, UINT32_MAX, 4, "bad vdi header"},
        {384, 0x3fffffff, 4, "truncated: the block map"},
        {388, 3, 4, "bad vdi header"},
        {388, 2, 4, "truncated: data of the disk"},
        {424, 1, 1, "needs a parent"},
        {455, 1, 1, "needs a parent"},
    };

    check_faults(make_vdi, put_le, faults, N_ELEMENTS(faults));
    check_every_byte(make_vdi, 1024);
    check_every_length(make_vdi, IMAGE_VDI, 4099, 1024);
}

TEST(vpc_faults)
{
    static const struct fault faults[] = {
        {8, 3, 4, "bad checksum"},
        {64, 0, 4, "bad checksum"},
        {512, 0, 4, "bad dynamic vpc header"},
        {540, 3, 4, "bad dynamic vpc header"},
        {1536, 1 << 20, 4, "truncated: data of the disk"},
        {2048 + 512 + 4096, 0, 8, "truncated: no footer"},
    };

    check_faults(make_vpc_dynamic, put_be, faults, N_ELEMENTS(faults));
    check_every_byte(make_vpc_dynamic, 2048);
    check_every_length(make_vpc_dynamic, IMAGE_VPC, 1, 2048 + 512 + 4096 + 512);
}

/* Faults under a good checksum. */
TEST(vpc_deep_faults)
{
    static const struct {
        bool footer; /* the field is in the footer, else in the header */
        struct fault fault;
    } faults[] = {
        {true, {16, UINT64_MAX, 8, "truncated: the dynamic header"}},
        {true, {16, 1 << 20, 8, "truncated: the dynamic header"}},
        {true, {60, 4, 4, "needs a parent"}},
        {true, {60, 2, 4, "truncated: the footer"}},
        {true, {60, 9, 4, "unknown type 9"}},
        {true, {48, 0, 8, "disk of 0 bytes"}},
        {true, {48, UINT64_MAX, 8, "block table is too small"}},
        {true, {48, 12288, 8, "block table is too small"}},
        {false, {16, UINT64_MAX, 8, "truncated: the block table"}},
        {false, {28, 1, 4, "block table is too small"}},
        {false, {28, UINT32_MAX, 4, "truncated: the block table"}},
        {false, {32, 0, 4, "blocks of 0"}},
        {false, {32, 4097, 4, "blocks of 4097"}},
        {false, {32, 1u << 31, 4, "blocks of 2147483648"}},
    };

    for (size_t i = 0; i < N_ELEMENTS(faults); i++) {
        const struct fault *f = &faults[i].fault;
        struct bytes b = make_vpc_dynamic();
        uint8_t *p = b.p + (faults[i].footer ? 0 : 512);

        put_be(p + f->offset, f->value, f->width);
        vpc_checksum(
            p, faults[i].footer ? 512 : 1024, faults[i].footer ? 64 : 36);
        check_message(&b, f->message);
        free(b.p);
    }
}

/* A guest can write a footer at the end of its raw disk; it only counts if it
 * fits the file exactly. */
TEST(vpc_fixed_is_careful)
{
    struct bytes b = make_vpc_fixed();
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};

    vpc_footer(b.p + (1 << 20), 2, 1 << 19, UINT64_MAX);
    CHECK(try_read(&b, NULL, &h, &err) == 0);
    CHECK(h.format == IMAGE_RAW && h.size == b.n);
    vpc_footer(b.p + (1 << 20), 3, 1 << 20, 0);
    CHECK(try_read(&b, NULL, &h, &err) == 0);
    CHECK(h.format == IMAGE_RAW);
    free(b.p);
}

TEST(vhdx_faults)
{
    enum { KIB = 1024, MIB = 1 << 20 };
    static const struct fault faults[] = {
        {MIB, 0, 4, "bad vhdx metadata"},
        {MIB + 10, 0, 2, "metadata item is missing"},
        {MIB + 10, 2048, 2, "bad vhdx metadata"},
        {MIB + 32 + 16, 0, 4, "bad vhdx metadata item"},
        {MIB + 32 + 16, UINT32_MAX, 4, "bad vhdx metadata item"},
        {MIB + 32 + 20, 4, 4, "bad vhdx metadata item"},
        {MIB + 32 + 20, UINT32_MAX, 4, "bad vhdx metadata item"},
        {MIB + 64 * KIB, 12345, 4, "block size"},
        {MIB + 64 * KIB, 1 << 29, 4, "block size"},
        {MIB + 64 * KIB + 4, 2, 4, "needs a parent"},
        {MIB + 64 * KIB + 8, 0, 8, "disk of 0 bytes"},
        {MIB + 64 * KIB + 8, UINT64_MAX, 8, "vhdx disk of"},
        {MIB + 64 * KIB + 16, 1024, 4, "sector size"},
        {MIB + 64 * KIB + 16, 4096, 4, "sectors of 4096 bytes"},
        {2 * MIB, UINT64_MAX, 8, "truncated: data of the disk"},
        {2 * MIB, (uint64_t)4 * MIB | 6, 8, "truncated: data of the disk"},
    };

    check_faults(make_vhdx, put_le, faults, N_ELEMENTS(faults));
    check_every_length(make_vhdx, IMAGE_VHDX, 50021, 3 * MIB + 1);
}

TEST(vhdx_copies)
{
    enum { KIB = 1024 };
    struct bytes b = make_vhdx();
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};

    /* One broken copy of each is fine, two are not. */
    b.p[64 * KIB + 100] ^= 1;
    b.p[192 * KIB + 100] ^= 1;
    CHECK(try_read(&b, NULL, &h, &err) == 0);
    b.p[128 * KIB + 100] ^= 1;
    check_message(&b, "neither vhdx header");
    b.p[128 * KIB + 100] ^= 1;
    b.p[256 * KIB + 100] ^= 1;
    check_message(&b, "no valid vhdx region table");
    b.p[256 * KIB + 100] ^= 1;
    /* The log of the current header. */
    b.p[128 * KIB + 48] = 1;
    vhdx_checksum(b.p + 128 * KIB, 4096);
    image_header_clear(&h);
    CHECK(try_read(&b, NULL, &h, &err) == 0);
    CHECK(h.read_only_refused && !h.write_refused);
    free(b.p);
}

TEST(raw_contents)
{
    struct bytes b = bytes_new(128 << 10);
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};

    CHECK(try_read(&b, NULL, &h, &err) == 0);
    CHECK(h.format == IMAGE_RAW && h.size == b.n && !h.variant);
    memcpy(b.p + 510, "\x55\xaa", 2);
    CHECK(try_read(&b, NULL, &h, &err) == 0);
    CHECK_STR(h.variant, "mbr");
    memcpy(b.p + 512, "EFI PART", 8);
    CHECK(try_read(&b, NULL, &h, &err) == 0);
    CHECK_STR(h.variant, "gpt");
    memset(b.p, 0, b.n);
    memcpy(b.p + 32769, "CD001", 5);
    CHECK(try_read(&b, NULL, &h, &err) == 0);
    CHECK_STR(h.variant, "iso9660");
    memset(b.p, 0, b.n);
    memcpy(b.p + 65600, "_BHRfS_M", 8);
    CHECK(try_read(&b, NULL, &h, &err) == 0);
    CHECK_STR(h.variant, "btrfs");
    b.n = 0;
    check_message(&b, "empty");
    free(b.p);
}

TEST(foreign_files)
{
    static const struct {
        size_t offset, n;
        const char *magic, *message;
    } files[] = {
        {0, 6, "\xfd\067zXZ\0", "unxz"},
        {0, 3, "\x1f\x8b\x08", "gunzip"},
        {0, 4, "\x28\xb5\x2f\xfd", "unzstd"},
        {0, 4, "QED\0", "qemu-img convert"},
        {0, 8, "QFI\xfb\0\0\0\1", "version 1"},
        {257, 5, "ustar", "tar"},
        {0, 4, "\x04\x22\x4d\x18", "unlz4"},
        {0, 5, "VMA\0\0", "Proxmox"},
        {0, 8, "EVF\t\r\n\xff\0", "ewfexport"},
        {0, 16, "\xbe\xba\xfe\xca\0\0\0\0\1\0\0\0\2\0\0\0",
            "the descriptor file"},
        {4, 6, "1AY&SY", "bunzip2"},
        {0, 4, "\x3a\xff\x26\xed", "simg2img"},
        {0, 16, "#!/bin/sh\n#V2.0 ", "cloop"},
        {0, 30, "version https://git-lfs.github", "Git LFS"},
        {0, 20, "<!DOCTYPE html><html", "a web page"},
        {0, 20, "<?xml version='1.0'?", "XML"},
        {4096 - 512, 12, "koly\0\0\0\4\0\0\2\0", "dmg"},
    };

    for (size_t i = 0; i < N_ELEMENTS(files); i++) {
        struct bytes b = bytes_new(4096);
        enum image_format raw = IMAGE_RAW;
        cleanup_image_header struct image_header h = {0};
        cleanup_error struct error err = {0};

        memcpy(b.p + files[i].offset, files[i].magic, files[i].n);
        check_message(&b, files[i].message);
        CHECK(try_read(&b, &raw, &h, &err) == 0);
        free(b.p);
    }
}

TEST(wrong_format_given)
{
    static const struct {
        maker make;
        enum image_format given;
        const char *message;
    } wrong[] = {
        {make_vmdk, IMAGE_QCOW2, "not a qcow2 image: it looks like vmdk"},
        {make_qcow2, IMAGE_VDI, "not a vdi image: it looks like qcow2"},
        {make_vpc_fixed, IMAGE_VHDX, "not a vhdx image: it looks like vpc"},
        {make_vhdx, IMAGE_VPC, "not a vpc image: it looks like vhdx"},
        {make_vdi, IMAGE_VMDK, "not a vmdk image: it looks like vdi"},
    };

    for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
        struct bytes b = wrong[i].make();
        cleanup_image_header struct image_header h = {0};
        cleanup_error struct error err = {0};

        CHECK(try_read(&b, &wrong[i].given, &h, &err) < 0);
        CHECK_STR(error_text(&err), wrong[i].message);
        free(b.p);
    }
    /* An image that is said to be raw is raw. */
    struct bytes b = make_qcow2();
    enum image_format raw = IMAGE_RAW;
    cleanup_image_header struct image_header h = {0};
    cleanup_error struct error err = {0};
    CHECK(try_read(&b, &raw, &h, &err) == 0);
    CHECK(h.format == IMAGE_RAW && h.size == b.n);
    free(b.p);
}

TEST(format_names)
{
    enum image_format f;

    for (int i = 0; i < IMAGE_FORMATS; i++) {
        CHECK(image_format_find(image_format_name((enum image_format)i), &f));
        CHECK((int)f == i);
    }
    CHECK(image_format_find("vhd", &f) && f == IMAGE_VPC);
    CHECK(!image_format_find("", &f) && !image_format_find("QCOW2", &f));
}
