/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the new disk is a VMDK in text form, a list of pieces of
 * files.  QEMU reads through it, so no data is moved:
 *
 *     head    1 MiB of our own: boot sector, table, boot loader
 *     part    the unchanged image of a partition
 *     zeroes  up to the next whole MiB
 *     part    ...
 *
 * QEMU accepts neither block devices nor other formats as pieces; those are
 * presented as raw files (raw_view.h).
 *
 * The table is an MBR, which every firmware and guest of that age understands;
 * each partition keeps the number that the guest uses for it.  An MBR has four
 * entries: more partitions get a GPT, made in the overlay once that is open,
 * whose backup lies in an extra MiB at the end. */
#include <config.h>

#include "v2v/disks/assemble.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "tool/session.h"
#include "tool/signals.h"
#include "v2v/disks/import.h"
#include "v2v/disks/loader.h"
#include "v2v/machine/device_name.h"
#include "v2v/source/reader.h"

enum {
    SECTOR = 512,
    ALIGN = 1 << 20,
    TABLE_AT = 446,
    TABLE_ENTRY = 16,
    PARTITIONS_MAX = 4,
    DISK_ID_AT = 440,
    TYPE_LINUX = 0x83,
    TYPE_SWAP = 0x82,
    TYPE_LVM = 0x8e,
    ACTIVE = 0x80,
};

/* --- the partitions --- */

static bool
is_device(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISBLK(st.st_mode);
}

static bool
is_raw(const struct target_part *p)
{
    return p->format && str_equal(p->format, "raw");
}

/* Make a sparse file of SIZE zeroes. */
static int
make_sparse(const char *path, off_t size, struct error *err)
{
    cleanup_close int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    return fd < 0 || ftruncate(fd, size) < 0
               ? error_errno(err, errno, "cannot write %s", path)
               : 0;
}

/* Write the content of the image to a raw file, zeroes as holes. */
static int
make_raw(struct target_part *p, const char *path, struct mayfly *g,
    struct error *err)
{
    const struct mayfly_disk_convert_options options = {
        .set = MAYFLY_DISK_CONVERT_SOURCEFORMAT,
        .sourceformat = p->format,
    };

    return mayfly_disk_convert(g, p->path, "raw", path, &options) < 0
               ? tool_handle_error(g, err)
               : 0;
}

/* Present the image as a raw file.  An error in *why if FUSE is missing or not
 * allowed: then the content has to be copied. */
static int
show_raw(struct target_part *p, const char *name, const char *folder,
    const struct tool *tool, char **ret_path, struct error *why,
    struct error *err)
{
    const struct server_image image = {
        .path = p->path, .format = p->format, .tool = tool};
    cleanup_server struct server server = {0};

    if (server_start(&server, &image, folder, err) < 0)
        return -1;
    return raw_view_start(&server, folder, name, &p->view, ret_path, why);
}

/* The reader's copy, or the image itself; and what that is, which is never
 * assumed: the bytes of a vmdk are not the disk in it. */
static int
find_image(struct target_part *p, const char *folder, const char *name,
    struct mayfly *g, struct error *err)
{
    const struct guest_disk *d = p->disk;
    bool packed = d->reader && d->reader->unpack;
    /* Only these pass the file on as it is; an NBD server has the disk in it,
     * if nothing else is said. */
    bool as_it_is = packed || (d->reader && server_is_remote(d->path) &&
                                  (!server_is_nbd(d->path) || d->format));
    const char *format = d->reader && !as_it_is ? "raw" : d->format;

    if (d->reader && import_disk(d, folder, name, &p->path, err) < 0)
        return -1;
    if (!d->reader && !(p->path = realpath(d->path, NULL)))
        return error_errno(err, errno, "cannot open %s", d->path);
    if (!format)
        return mayfly_disk_format(g, p->path, &p->format) < 0
                   ? tool_handle_error(g, err)
                   : 0;
    p->format = strdup(format);
    return p->format ? 0 : error_no_memory(err);
}

static int
find_content(struct target_part *p, const char *letters, const char *folder,
    const struct tool *tool, struct mayfly *g, struct error *err)
{
    cleanup_free char *name = text_printf("sd%s-part%u", letters, p->number);
    cleanup_free char *raw =
        name ? text_printf("%s/%s.raw", folder, name) : NULL;
    cleanup_error struct error why = {0};
    char *shown = NULL;

    if (!raw)
        return error_no_memory(err);
    if (find_image(p, folder, name, g, err) < 0)
        return -1;
    if (is_raw(p) && !is_device(p->path))
        return 0;
    if (show_raw(p, name, folder, tool, &shown, &why, err) < 0 &&
        (err->code || make_raw(p, raw, g, err) < 0))
        return -1;
    free(p->path);
    p->path = shown ? shown : steal_pointer(&raw);
    return 0;
}

static int
open_part(struct target_part *p, const char *letters, const char *folder,
    const struct tool *tool, struct mayfly *g, struct error *err)
{
    struct stat st;

    if (find_content(p, letters, folder, tool, g, err) < 0)
        return -1;
    if (stat(p->path, &st) < 0)
        return error_errno(err, errno, "cannot open %s", p->disk->path);
    p->size = (uint64_t)st.st_size;
    if (p->size == 0 || p->size % SECTOR != 0)
        return error_set(err, EINVAL,
            "%s has %llu bytes, which is not the size of a partition",
            p->disk->path, (unsigned long long)p->size);
    return 0;
}

/* The type of the partition for its table entry. */
static uint8_t
type_of(const char *path)
{
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    char label[8] = "", swap[10] = "";

    if (fd >= 0 && pread(fd, label, sizeof label, SECTOR) == sizeof label &&
        memcmp(label, "LABELONE", sizeof label) == 0)
        return TYPE_LVM;
    if (fd >= 0 && pread(fd, swap, sizeof swap, 4086) == sizeof swap &&
        memcmp(swap, "SWAPSPACE2", sizeof swap) == 0)
        return TYPE_SWAP;
    return TYPE_LINUX;
}

static bool
needs_gpt(const struct target_disk *t)
{
    return t->n_parts > PARTITIONS_MAX;
}

/* Keep the guest's partition numbers if the table has them. */
static void
place(struct target_disk *t)
{
    bool fits = true;

    for (size_t i = 0; i < t->n_parts; i++)
        fits &= t->parts[i].number <= PARTITIONS_MAX;
    for (size_t i = 0; i < t->n_parts; i++)
        t->parts[i].placed =
            fits && t->parts[i].number ? t->parts[i].number : (unsigned)i + 1;
}

/* --- the head --- */

static void
put_entry(uint8_t *entry, uint8_t type, uint64_t start, uint64_t size)
{
    /* Too far for cylinders, heads and sectors to express. */
    static const uint8_t far[3] = {0xfe, 0xff, 0xff};

    entry[0] = type == TYPE_LINUX ? ACTIVE : 0;
    memcpy(entry + 1, far, sizeof far);
    entry[4] = type;
    memcpy(entry + 5, far, sizeof far);
    put_le32(entry + 8, (uint32_t)(start / SECTOR));
    put_le32(entry + 12, (uint32_t)(size / SECTOR));
}

static void
put_table(uint8_t *head, const struct target_disk *t)
{
    bool active = false;

    for (size_t i = 0; i < t->n_parts; i++) {
        const struct target_part *p = &t->parts[i];
        uint8_t *entry = head + TABLE_AT + (p->placed - 1) * TABLE_ENTRY;

        put_entry(entry, type_of(p->path), p->start, p->size);
        if (active)
            entry[0] = 0;
        active |= entry[0] == ACTIVE;
    }
}

static int
write_head(struct target_disk *t, const char *path, struct error *err)
{
    cleanup_free uint8_t *head = calloc(1, ALIGN);
    uint64_t at = ALIGN;
    size_t end;

    if (!head)
        return error_no_memory(err);
    if (loader_write(head, ALIGN, &end, err) < 0)
        return -1;
    if (getrandom(head + DISK_ID_AT, 4, 0) != 4)
        return error_errno(err, errno, "cannot get random bytes");
    for (size_t i = 0; i < t->n_parts; i++) {
        t->parts[i].start = at;
        at += (t->parts[i].size + ALIGN - 1) / ALIGN * ALIGN;
    }
    if (!needs_gpt(t)) {
        if (at / SECTOR > UINT32_MAX)
            return error_set(
                err, EFBIG, "the disk is too large for its partition table");
        put_table(head, t);
    }
    head[SECTOR - 2] = 0x55;
    head[SECTOR - 1] = 0xaa;

    cleanup_close int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write_all(fd, head, ALIGN) < 0)
        return error_errno(err, errno, "cannot write %s", path);
    return 0;
}

/* --- the list of pieces --- */

/* A path may contain characters that the list cannot; so make a link with a
 * plain name next to the list. */
static char *
link_name(const char *letters, const struct target_part *p)
{
    return text_printf("sd%s%u.raw", letters, p->placed);
}

static int
link_part(
    const char *folder, const char *name, const char *path, struct error *err)
{
    cleanup_free char *link = text_printf("%s/%s", folder, name);

    if (!link)
        return error_no_memory(err);
    if (symlink(path, link) < 0)
        return error_errno(err, errno, "cannot make %s", link);
    return 0;
}

int
assemble_pieces(const struct target_disk *t, struct map *map, struct error *err)
{
    for (size_t i = 0; i < t->n_parts; i++) {
        const struct target_part *p = &t->parts[i];

        if ((!p->view || is_raw(p)) &&
            map_add_piece(map, p->view ? p->disk->path : p->path, p->start,
                p->size, 0, err) < 0)
            return -1;
    }
    return 0;
}

static void
list_piece(FILE *f, uint64_t size, const char *name)
{
    if (size)
        fprintf(f, "RW %llu FLAT \"%s\" 0\n",
            (unsigned long long)(size / SECTOR), name);
}

/* QEMU does not support pieces without a file. */
static int
write_list(struct target_disk *t, const char *folder, const char *head,
    struct error *err)
{
    cleanup_free char *zeroes = text_printf("sd%s-zeroes.raw", t->letters);
    cleanup_free char *path =
        zeroes ? text_printf("%s/%s", folder, zeroes) : NULL;
    cleanup_fclose FILE *f = fopen(t->base, "wxe");

    if (!f)
        return error_errno(err, errno, "cannot write %s", t->base);
    if (!path)
        return error_no_memory(err);
    fprintf(f, "# Disk DescriptorFile\nversion=1\nCID=fffffffe\n"
               "parentCID=ffffffff\ncreateType=\"twoGbMaxExtentFlat\"\n");
    list_piece(f, ALIGN, head);
    for (size_t i = 0; i < t->n_parts; i++) {
        struct target_part *p = &t->parts[i];
        cleanup_free char *name = link_name(t->letters, p);

        if (!name)
            return error_no_memory(err);
        if (link_part(folder, name, p->path, err) < 0)
            return -1;
        list_piece(f, p->size, name);
        list_piece(f, (ALIGN - p->size % ALIGN) % ALIGN, zeroes);
    }
    if (needs_gpt(t))
        list_piece(f, ALIGN, zeroes);
    fprintf(f, "ddb.adapterType = \"ide\"\n");
    if (fflush(f) != 0)
        return error_errno(err, errno, "cannot write %s", t->base);
    return make_sparse(path, ALIGN, err);
}

int
assemble(struct target_disk *t, const char *folder, const struct tool *tool,
    struct mayfly *g, struct error *err)
{
    cleanup_free char *head = text_printf("sd%s-head.raw", t->letters);
    cleanup_free char *path = head ? text_printf("%s/%s", folder, head) : NULL;

    t->base = text_printf("%s/sd%s.vmdk", folder, t->letters);
    t->format = strdup("vmdk");
    if (!path || !t->base || !t->format)
        return error_no_memory(err);
    place(t);
    for (size_t i = 0; i < t->n_parts; i++)
        if (open_part(&t->parts[i], t->letters, folder, tool, g, err) < 0)
            return -1;
    if (write_head(t, path, err) < 0)
        return -1;
    return write_list(t, folder, head, err);
}

/* --- a GPT --- */

/* The code in the boot sector stays. */
static int
make_gpt(const struct target_disk *t, struct mayfly *g, const char *device,
    struct error *err)
{
    cleanup_free void *before = NULL, *after = NULL;
    size_t n, m;
    int32_t written;

    if (mayfly_pread_device(g, device, SECTOR, 0, &before, &n) < 0 ||
        mayfly_part_init(g, device, "gpt") < 0)
        return tool_handle_error(g, err);
    for (size_t i = 0; i < t->n_parts; i++) {
        const struct target_part *p = &t->parts[i];

        if (mayfly_part_add(g, device, "p", (int64_t)(p->start / SECTOR),
                (int64_t)((p->start + p->size) / SECTOR) - 1) < 0)
            return tool_handle_error(g, err);
    }
    if (mayfly_pread_device(g, device, SECTOR, 0, &after, &m) < 0)
        return tool_handle_error(g, err);
    if (n != SECTOR || m != SECTOR)
        return error_set(err, EIO, "cannot read %s", device);
    memcpy(after, before, DISK_ID_AT);
    if (mayfly_pwrite_device(g, device, after, SECTOR, 0, &written) < 0)
        return tool_handle_error(g, err);
    return written == SECTOR ? 0
                             : error_set(err, EIO, "cannot write %s", device);
}

int
assemble_tables(const struct disks *disks, struct mayfly *g, struct error *err)
{
    for (size_t i = 0; i < disks->n; i++) {
        char letters[DEVICE_LETTERS];

        if (!disks->items[i].assembled || !needs_gpt(&disks->items[i]))
            continue;
        device_letters((unsigned)i, letters);
        cleanup_free char *device = text_printf("/dev/sd%s", letters);
        if (!device)
            return error_no_memory(err);
        if (make_gpt(&disks->items[i], g, device, err) < 0)
            return -1;
    }
    return 0;
}
