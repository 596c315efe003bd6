/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/disk/node.h"

#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "lib/disk/formats/vmdk_text.h"
#include "lib/disk/uri.h"

static struct json_object *
no_memory(struct error *err)
{
    error_no_memory(err);
    return NULL;
}

/* VALUE is taken over; NULL: there was no memory for it.  With an option less,
 * QEMU would write where it must not, or read a name from a header; so such a
 * node loses its driver as well, and QEMU refuses it. */
static void
add(struct json_object *o, const char *key, struct json_object *value)
{
    if (value && json_object_object_add(o, key, value) == 0)
        return;
    json_object_put(value);
    json_object_object_del(o, "driver");
}

static void
add_text(struct json_object *o, const char *key, const char *value)
{
    add(o, key, json_object_new_string(value));
}

static void
add_bool(struct json_object *o, const char *key, bool value)
{
    add(o, key, json_object_new_boolean(value));
}

static bool
is_whole(const struct json_object *o)
{
    static const char *const children[] = {"file", "data-file", "backing"};

    if (!json_object_object_get(o, "driver"))
        return false;
    for (size_t i = 0; i < N_ELEMENTS(children); i++) {
        struct json_object *child = json_object_object_get(o, children[i]);

        if (json_object_is_type(child, json_type_object) && !is_whole(child))
            return false;
    }
    return true;
}

/* What a disk's nodes do with writes: they go to the host's page cache, and
 * flushes reach the file, unless the disk is only temporary. */
struct treatment {
    bool no_flush, no_discard;
    bool read_only; /* even what is open for writing */
};

static const struct treatment temporary_file = {.no_flush = true};

/* Options common to every node. */
static void
add_common(struct json_object *o, bool writable, const struct treatment *t)
{
    struct json_object *cache = json_object_new_object();

    if (cache) {
        add_bool(cache, "direct", false);
        add_bool(cache, "no-flush", t->no_flush);
    }
    if (cache && json_object_object_length(cache) < 2) {
        json_object_put(cache);
        cache = NULL;
    }
    add(o, "cache", cache);
    add_bool(o, "read-only", !writable);
    add_bool(o, "auto-read-only", false);
    add_text(o, "discard", t->no_discard ? "ignore" : "unmap");
}

/* The same file, opened again. */
static int
reopen_read_only(int fd)
{
    char name[64];

    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    return open(name, O_RDONLY | O_CLOEXEC);
}

/* An open file.  Only files that we write to are locked: an image that someone
 * else is using can still be examined. */
static struct json_object *
file_node(const struct node_builder *b, int fd, bool is_block_device,
    bool writable, bool locked, const struct treatment *t, struct error *err)
{
    char name[64];
    int set = b->add_fd(b->opaque, fd, err);
    struct json_object *o = set < 0 ? NULL : json_object_new_object();

    if (!o)
        return set < 0 ? NULL : no_memory(err);
    snprintf(name, sizeof name, "/dev/fdset/%d", set);
    add_text(o, "driver", is_block_device ? "host_device" : "file");
    add_text(o, "filename", name);
    add_text(o, "locking", locked ? "on" : "off");
    add_common(o, writable, t);
    return o;
}

static struct json_object *
own_file_node(const struct node_builder *b, const struct disk_file *f,
    const struct treatment *t, struct error *err)
{
    bool writable = f->writable && !t->read_only;
    cleanup_close int again =
        f->writable && !writable ? reopen_read_only(f->fd) : -1;
    struct json_object *part = NULL;

    if (f->writable && !writable && again < 0)
        return error_errno(err, errno, "cannot open %s", f->path), NULL;

    struct json_object *file = file_node(b, again < 0 ? f->fd : again,
        f->is_block_device, writable, writable, t, err);

    if (!file || f->part_size == 0)
        return file;
    if (!(part = json_object_new_object())) {
        json_object_put(file);
        return no_memory(err);
    }
    add_text(part, "driver", "raw");
    add(part, "offset", json_object_new_int64((int64_t)f->part_start));
    add(part, "size", json_object_new_int64((int64_t)f->part_size));
    add_common(part, writable, t);
    add(part, "file", file);
    return part;
}

/* A file in memory that holds these bytes; QEMU wants it opened for exactly
 * what it will do. */
static int
memory_file(const void *data, size_t n, bool writable)
{
    cleanup_close int fd = memfd_create("mayfly", MFD_CLOEXEC);

    if (fd < 0 || write_all(fd, data, n) < 0)
        return -1;
    return writable ? steal_fd(&fd) : reopen_read_only(fd);
}

/* A file of SIZE zeroes, none of which is stored. */
static int
file_of_zeroes(uint64_t size)
{
    cleanup_close int fd = memfd_create("zeroes", MFD_CLOEXEC);

    if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
        return -1;
    return reopen_read_only(fd);
}

/* QEMU skips extents of zeroes as if they were not listed. */
static int
add_extent(const struct node_builder *b, const struct image_extent *e,
    const struct disk_file *file, const struct treatment *t, struct error *err)
{
    bool again = file && file->writable && t->read_only;
    cleanup_close int fd = !file   ? file_of_zeroes(e->size)
                           : again ? reopen_read_only(file->fd)
                                   : -1;

    if (fd < 0 && (again || !file))
        return error_errno(err, errno, "cannot open an extent");
    return b->add_fd(b->opaque, fd < 0 ? file->fd : fd, err);
}

/* The vmdk driver opens the extents by the names in the descriptor, so it gets
 * a descriptor with the names of the open files. */
static struct json_object *
descriptor_node(const struct node_builder *b, const struct disk_file *f,
    const struct treatment *t, struct error *err)
{
    bool writable = f->writable && !t->read_only;
    uint32_t n = f->header.n_extents;
    cleanup_strv char **names = calloc(n + 1, sizeof(char *));

    if (!names)
        return no_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        int set = add_extent(b, &f->header.extents[i], f->extents[i], t, err);

        if (set < 0)
            return NULL;
        names[i] = text_printf("/dev/fdset/%d", set);
        if (!names[i])
            return no_memory(err);
    }
    cleanup_free char *text = vmdk_text_rewrite(f->header.descriptor, names, n);
    cleanup_close int fd =
        text ? memory_file(text, strlen(text), writable) : -1;
    if (fd < 0)
        return error_errno(
                   err, text ? errno : ENOMEM, "cannot copy the descriptor"),
               NULL;
    return file_node(b, fd, false, writable, false, &temporary_file, err);
}

/* The image's file with other first bytes.  A vmdk may consist of several
 * files, so that is what QEMU sees: a flat one of the new head and the rest of
 * the file. */
static struct json_object *
file_node_of_snapshot(const struct node_builder *b, const struct disk_file *f,
    const struct treatment *t, struct error *err)
{
    enum { SECTOR = 512 };
    uint64_t head = f->header.head_size / SECTOR;
    uint64_t all = (f->header.file_size + SECTOR - 1) / SECTOR;
    cleanup_close int head_fd =
        memory_file(f->header.head, f->header.head_size, false);

    if (head_fd < 0)
        return error_errno(err, errno, "cannot make a header"), NULL;
    int first = b->add_fd(b->opaque, head_fd, err);
    int rest = first < 0 ? -1 : b->add_fd(b->opaque, f->fd, err);
    if (rest < 0)
        return NULL;
    cleanup_free char *text =
        text_printf("# Disk DescriptorFile\n"
                    "version=1\n"
                    "CID=fffffffe\n"
                    "parentCID=ffffffff\n"
                    "createType=\"twoGbMaxExtentFlat\"\n"
                    "RW %llu FLAT \"/dev/fdset/%d\" 0\n"
                    "RW %llu FLAT \"/dev/fdset/%d\" %llu\n",
            (unsigned long long)head, first,
            (unsigned long long)(all > head ? all - head : 1), rest,
            (unsigned long long)head);
    cleanup_close int fd = text ? memory_file(text, strlen(text), false) : -1;
    if (fd < 0)
        return error_errno(err, text ? errno : ENOMEM, "cannot make a file"),
               NULL;
    struct json_object *file =
        file_node(b, fd, false, false, false, &temporary_file, err);
    struct json_object *o = file ? json_object_new_object() : NULL;
    if (!o) {
        json_object_put(file);
        return file ? no_memory(err) : NULL;
    }
    add_text(o, "driver", "vmdk");
    add_common(o, false, t);
    json_object_object_add(o, "file", file);
    json_object_object_add(o, "backing", NULL);
    return o;
}

static struct json_object *image_node(const struct node_builder *b,
    const struct disk_file *f, const struct treatment *t, struct error *err);

/* Add the child KEY; fail if it is NULL. */
static int
add_child(struct json_object *o, const char *key, struct json_object *child)
{
    if (!child)
        return -1;
    add(o, key, child);
    return 0;
}

static int
add_children(const struct node_builder *b, const struct disk_file *f,
    const struct treatment *t, struct json_object *o, struct error *err)
{
    struct json_object *file = f->extents ? descriptor_node(b, f, t, err)
                               : f->header.head
                                   ? file_node_of_snapshot(b, f, t, err)
                                   : own_file_node(b, f, t, err);
    bool may_have_backing =
        f->header.format == IMAGE_QCOW2 || f->header.format == IMAGE_VMDK;

    if (add_child(o, "file", file) < 0)
        return -1;
    if (f->data_file &&
        add_child(o, "data-file", own_file_node(b, f->data_file, t, err)) < 0)
        return -1;
    if (f->backing &&
        add_child(o, "backing", image_node(b, f->backing, t, err)) < 0)
        return -1;
    /* Stated explicitly, so that QEMU does not read it from the header. */
    if (!f->backing && may_have_backing &&
        json_object_object_add(o, "backing", NULL) < 0)
        return error_no_memory(err);
    return is_whole(o) ? 0 : error_no_memory(err);
}

static int
add_encryption(const struct node_builder *b, const struct secret *key,
    struct json_object *o, struct error *err)
{
    char name[NODE_KEY_NAME];
    struct json_object *encrypt;

    if (!key)
        return error_set(err, ENOKEY, "it is encrypted; its key is needed");
    if (!b->add_key)
        return error_set(
            err, ENOTSUP, "an encrypted image cannot be used here");
    if (b->add_key(b->opaque, key, name, err) < 0)
        return -1;
    if (!(encrypt = json_object_new_object()))
        return error_no_memory(err);
    add_text(encrypt, "format", "luks");
    add_text(encrypt, "key-secret", name);
    if (json_object_object_length(encrypt) < 2) {
        json_object_put(encrypt);
        return error_no_memory(err);
    }
    add(o, "encrypt", encrypt);
    return 0;
}

static struct json_object *
image_node(const struct node_builder *b, const struct disk_file *f,
    const struct treatment *t, struct error *err)
{
    struct json_object *o = json_object_new_object();

    if (!o)
        return no_memory(err);
    add_text(o, "driver",
        f->header.plain ? "raw" : image_format_name(f->header.format));
    if (f->header.plain)
        add(o, "size", json_object_new_int64((int64_t)f->header.size));
    add_common(o, f->writable && !t->read_only, t);
    if ((f->header.encrypted && add_encryption(b, f->key, o, err) < 0) ||
        add_children(b, f, t, o, err) < 0) {
        json_object_put(o);
        return NULL;
    }
    return o;
}

struct json_object *
node_to_try(const struct node_builder *b, const struct disk_file *f,
    const struct secret *key, struct error *err)
{
    const struct treatment t = {.read_only = true};
    struct disk_file alone = *f;

    alone.backing = NULL;
    alone.key = key;
    return image_node(b, &alone, &t, err);
}

static struct treatment
treatment_of(const struct disk *d, bool read_only)
{
    return (struct treatment){
        .no_flush = d->unsafe,
        .no_discard = d->discard == DISCARD_OFF,
        .read_only = read_only || d->read_only,
    };
}

struct json_object *
node_of_server(const struct node_builder *b, const struct disk *d,
    bool read_only, struct error *err)
{
    const struct treatment t = treatment_of(d, read_only);

    if (b->add_server(b->opaque, d, !t.read_only, NODE_CONNECTION, err) < 0)
        return NULL;

    struct json_object *o = json_object_new_object();
    struct json_object *server = json_object_new_object();
    if (!o || !server) {
        json_object_put(o);
        json_object_put(server);
        return no_memory(err);
    }
    add_text(server, "type", "fd");
    add_text(server, "str", NODE_CONNECTION);
    add_text(o, "driver", "nbd");
    add_text(o, "export", uri_export(d->uri));
    add_common(o, !t.read_only, &t);
    add(o, "server", server);
    if (is_whole(o))
        return o;
    json_object_put(o);
    return no_memory(err);
}

struct json_object *
node_of_driver(const struct disk *d, bool read_only, struct error *err)
{
    const struct treatment t = treatment_of(d, read_only);
    struct json_object *o = uri_node(d->uri);

    if (!o)
        return no_memory(err);
    add_common(o, !t.read_only, &t);
    if (is_whole(o))
        return o;
    json_object_put(o);
    return no_memory(err);
}

/* FILE, a node or the name of one, is taken over. */
static struct json_object *
format_node(const struct disk *d, enum image_format format,
    struct json_object *file, bool read_only, struct error *err)
{
    const struct treatment t = treatment_of(d, read_only);
    struct json_object *o = json_object_new_object();

    if (!o || !file) {
        json_object_put(o);
        json_object_put(file);
        return no_memory(err);
    }
    add_text(o, "driver", image_format_name(format));
    add_common(o, !t.read_only, &t);
    add(o, "file", file);
    if (is_whole(o) && (format != IMAGE_QCOW2 ||
                           json_object_object_add(o, "backing", NULL) == 0))
        return o;
    json_object_put(o);
    return no_memory(err);
}

struct json_object *
node_on_server(const struct disk *d, enum image_format format, const char *name,
    bool read_only, struct error *err)
{
    return format_node(d, format, json_object_new_string(name), read_only, err);
}

static struct json_object *
plain_remote_node(const struct node_builder *b, const struct disk *d,
    bool read_only, struct error *err)
{
    struct json_object *server = node_of_server(b, d, read_only, err);

    return server ? format_node(d, IMAGE_RAW, server, read_only, err) : NULL;
}

static struct json_object *
node_of(const struct node_builder *b, const struct disk *d, bool read_only,
    struct error *err)
{
    const struct treatment t = treatment_of(d, read_only);

    return d->uri ? plain_remote_node(b, d, read_only, err)
                  : image_node(b, d->file, &t, err);
}

struct json_object *
node_of_disk(
    const struct node_builder *b, const struct disk *d, struct error *err)
{
    return node_of(b, d, false, err);
}

struct json_object *
node_to_read(
    const struct node_builder *b, const struct disk *d, struct error *err)
{
    return node_of(b, d, true, err);
}

struct json_object *
node_of_overlay(const struct node_builder *b, int fd,
    struct json_object *backing, struct error *err)
{
    struct json_object *file =
        file_node(b, fd, false, true, false, &temporary_file, err);
    struct json_object *o = file ? json_object_new_object() : NULL;

    if (!o) {
        json_object_put(backing);
        json_object_put(file);
        return file ? no_memory(err) : NULL;
    }
    add_text(o, "driver", "qcow2");
    add_common(o, true, &temporary_file);
    add(o, "file", file);
    add(o, "backing", backing);
    return o;
}

struct json_object *
node_of_file(const struct node_builder *b, int fd, struct error *err)
{
    return file_node(b, fd, false, true, false, &temporary_file, err);
}
