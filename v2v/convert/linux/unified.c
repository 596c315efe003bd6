/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A unified kernel image is a program for UEFI whose sections are the kernel,
 * its version, its command line and its initramfs. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/device.h"
#include "v2v/convert/linux/kernels.h"

enum {
    HEAD = 8192,
    PE_POINTER = 0x3c,
    SECTIONS_MAX = 64,
    SECTION = 40,
    TEXT_MAX = 65536,
};

struct section {
    uint32_t offset, size;
};

/* False if it is not there, or the file is not such an image. */
static bool
find_section(
    const uint8_t *head, size_t n, const char *name, struct section *ret)
{
    char padded[8] = "";

    if (n < 64 || head[0] != 'M' || head[1] != 'Z')
        return false;
    uint32_t pe = get_le32(head + PE_POINTER);
    if (pe > n || n - pe < 24 || memcmp(head + pe, "PE\0\0", 4) != 0)
        return false;
    size_t count = get_le16(head + pe + 6);
    size_t at = (size_t)pe + 24 + get_le16(head + pe + 20);
    memcpy(padded, name, strnlen(name, sizeof padded));
    for (size_t i = 0; i < count && i < SECTIONS_MAX; i++, at += SECTION) {
        if (at > n || n - at < SECTION)
            return false;
        if (memcmp(head + at, padded, sizeof padded) != 0)
            continue;
        uint32_t used = get_le32(head + at + 8);
        uint32_t stored = get_le32(head + at + 16);
        ret->size = used && used < stored ? used : stored;
        ret->offset = get_le32(head + at + 20);
        return true;
    }
    return false;
}

/* The text of a section; NULL without an error: there is no such. */
static char *
section_text(
    struct conversion *c, const char *path, const char *name, struct error *err)
{
    cleanup_free void *head = NULL, *data = NULL;
    struct section s;
    size_t n;

    if (mayfly_pread(c->job.g, path, HEAD, 0, &head, &n) < 0)
        return job_fail(&c->job, err), NULL;
    if (!find_section(head, n, name, &s) || s.size == 0 || s.size > TEXT_MAX)
        return NULL;
    if (mayfly_pread(c->job.g, path, (int32_t)s.size, s.offset, &data, &n) < 0)
        return job_fail(&c->job, err), NULL;
    char *text = strndup(data, n);
    if (!text)
        return error_no_memory(err), NULL;
    text[strcspn(text, "\n")] = 0;
    return text;
}

char *
unified_version(struct conversion *c, const char *path, struct error *err)
{
    cleanup_free char *text = section_text(c, path, ".uname", err);

    if (text && kernel_version_is_valid(text))
        return steal_pointer(&text);
    return NULL;
}

/* The names of the files in its initramfs, by a copy of it. */
static int
list_inside(
    struct conversion *c, const char *path, char ***ret, struct error *err)
{
    static const char copy[] = "/.mayfly-initramfs";
    cleanup_free void *head = NULL;
    struct section s;
    size_t n;

    if (mayfly_pread(c->job.g, path, HEAD, 0, &head, &n) < 0)
        return job_fail(&c->job, err);
    if (!find_section(head, n, ".initrd", &s))
        return 0;
    struct mayfly_copy_file_to_file_options options = {
        .set =
            MAYFLY_COPY_FILE_TO_FILE_SRCOFFSET | MAYFLY_COPY_FILE_TO_FILE_SIZE,
        .srcoffset = s.offset,
        .size = s.size,
    };
    int r = mayfly_copy_file_to_file(c->job.g, path, copy, &options);
    if (r == 0)
        mayfly_initrd_list(c->job.g, copy, ret);
    else
        job_fail(&c->job, err);
    if (mayfly_rm_f(c->job.g, copy) < 0 && r == 0)
        r = job_fail(&c->job, err);
    return r;
}

static bool
has_driver(char *const *names)
{
    for (; *names; names++)
        if (strstr(*names, "/virtio_blk.ko"))
            return true;
    return false;
}

int
unified_check(struct conversion *c, const struct kernel *k, struct error *err)
{
    struct device_renaming r = {c, k->image, FORM_LOOK};
    cleanup_free char *line = section_text(c, k->image, ".cmdline", err);
    cleanup_free char **names = NULL;

    if (err->code)
        return -1;
    if (line)
        free(edit_command_line(line, device_rename, &r, err));
    if (err->code || list_inside(c, k->image, &names, err) < 0)
        return -1;
    if (!k->modules || (names && has_driver(names)))
        return 0;
    return conversion_tell(c, FINDING_REVIEW, k->image, err,
        "%s, and it cannot be changed from outside since it may be signed; "
        "make it again in the guest, with virtio_blk and virtio_pci",
        names ? "its initramfs has no driver for virtio disks"
              : "its initramfs cannot be read");
}
