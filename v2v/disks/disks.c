/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/disks/disks.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "tool/session.h"
#include "v2v/disks/assemble.h"
#include "v2v/disks/import.h"
#include "v2v/machine/device_name.h"
#include "v2v/source/reader.h"

static struct target_disk *
find(struct disks *disks, const char *letters)
{
    for (size_t i = 0; i < disks->n; i++)
        if (str_equal(disks->items[i].letters, letters))
            return &disks->items[i];
    return NULL;
}

static struct target_disk *
find_or_add(struct disks *disks, const char *letters, struct error *err)
{
    struct target_disk *t = find(disks, letters);

    if (t)
        return t;
    t = reallocarray(disks->items, disks->n + 1, sizeof *t);
    if (!t)
        return error_no_memory(err), NULL;
    disks->items = t;
    t += disks->n;
    *t = (struct target_disk){.letters = strdup(letters), .image = {.fd = -1}};
    if (!t->letters)
        return error_no_memory(err), NULL;
    disks->n++;
    return t;
}

static int
add(struct disks *disks, const struct guest_disk *d, size_t index,
    struct error *err)
{
    char letters[DEVICE_LETTERS];
    unsigned partition = 0;

    if (!d->name)
        device_letters((unsigned)index, letters);
    else if (!device_split(d->name, letters, &partition))
        return error_set(err, ENOTSUP,
            "disk %s: its name in the guest, '%s', does not say which disk it "
            "is",
            d->path, d->name);

    struct target_disk *t = find_or_add(disks, letters, err);
    if (!t)
        return -1;
    for (size_t i = 0; i < t->n_parts; i++) {
        if (t->parts[i].number == partition)
            return error_set(err, EINVAL, "two disks have the name %s",
                d->name ? d->name : letters);
        if (t->parts[i].number == 0 || partition == 0)
            return error_set(err, EINVAL,
                "the guest has xvd%s both as a whole disk and as partitions",
                letters);
    }
    if (t->n_parts == DISK_PARTS_MAX)
        return error_set(err, E2BIG, "xvd%s has more than %d partitions",
            letters, DISK_PARTS_MAX);
    t->parts[t->n_parts++] =
        (struct target_part){.disk = d, .number = partition};
    t->assembled |= partition != 0;
    return 0;
}

static int
by_letters(const void *a, const void *b)
{
    const struct target_disk *x = a, *y = b;
    size_t n = strlen(x->letters), m = strlen(y->letters);

    return n == m ? strcmp(x->letters, y->letters) : n < m ? -1 : 1;
}

static int
by_number(const void *a, const void *b)
{
    const struct target_part *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

int
disks_sort(const struct guest *guest, struct disks *ret, struct error *err)
{
    cleanup_disks struct disks disks = {0};
    size_t index = 0;

    for (size_t i = 0; i < guest->n_disks; i++)
        if (!guest->disks[i].removable &&
            add(&disks, &guest->disks[i], index++, err) < 0)
            return -1;
    if (disks.n == 0)
        return error_set(err, EINVAL, "the machine has no disks");
    qsort(disks.items, disks.n, sizeof *disks.items, by_letters);
    for (size_t i = 0; i < disks.n; i++)
        qsort(disks.items[i].parts, disks.items[i].n_parts,
            sizeof *disks.items[i].parts, by_number);
    *ret = disks;
    disks = (struct disks){0};
    return 0;
}

/* Of an image that was not here before. */
static int
detect(struct target_disk *t, struct mayfly *g, struct error *err)
{
    return mayfly_disk_format(g, t->base, &t->format) < 0
               ? tool_handle_error(g, err)
               : 0;
}

/* A format that only we can read is imported once: straight into the resulting
 * image, if there will be one. */
static int
import(struct target_disk *t, const struct disks *disks, struct mayfly *g,
    struct error *err)
{
    const struct guest_disk *d = t->parts[0].disk;
    /* The file may be an image of any format. */
    bool any = server_is_remote(d->path) && !str_after(d->path, "nbd");
    const char *format = disks->format && !any ? disks->format : "raw";

    t->base = text_printf("%s/sd%s-base", disks->workspace.path, t->letters);
    if (!t->base)
        return error_no_memory(err);

    const struct image_options options = {.path = t->base,
        .format = format,
        .folder = disks->workspace.path,
        .digests = -1,
        .hash = disks->sums};
    if (import_image(d, &options, disks->bwlimit, &t->image, err) < 0)
        return -1;
    if (any && !d->format && detect(t, g, err) < 0)
        return -1;
    if (!t->format && !(t->format = strdup(any ? d->format : format)))
        return error_no_memory(err);
    t->own = disks->format && str_equal(t->format, disks->format) &&
             str_equal(t->format, format);
    return 0;
}

/* A copy that was made in phases also becomes the result. */
static int
use_copy(struct target_disk *t, const struct disks *disks, struct error *err)
{
    const struct guest_disk *d = t->parts[0].disk;
    cleanup_close int digests = open(d->digests, O_RDWR | O_CLOEXEC);
    struct image_options options = {.path = d->path,
        .format = d->format,
        .folder = disks->workspace.path,
        .size = t->size,
        .digests = digests};

    if (digests < 0)
        return error_errno(err, errno, "cannot open %s", d->digests);
    if (image_open(&t->image, &options, err) < 0 ||
        image_finish(&t->image, false, err) < 0)
        return -1;
    t->own = true;
    return 0;
}

/* A disk stored unchanged in an archive stays there; the library also
 * understands this name. */
static int
use_part(struct target_disk *t, struct error *err)
{
    const struct guest_disk *d = t->parts[0].disk;
    struct json_object *image = json_object_new_object();
    struct json_object *raw = json_object_new_object();
    struct json_object *file = json_object_new_object();
    const char *text;

    json_object_object_add(file, "driver", json_object_new_string("file"));
    json_object_object_add(file, "filename", json_object_new_string(d->path));
    json_object_object_add(raw, "driver", json_object_new_string("raw"));
    json_object_object_add(
        raw, "offset", json_object_new_int64((int64_t)d->part_start));
    json_object_object_add(
        raw, "size", json_object_new_int64((int64_t)d->part_size));
    json_object_object_add(raw, "file", file);
    json_object_object_add(image, "driver", json_object_new_string(d->format));
    json_object_object_add(image, "file", raw);
    text = json_object_to_json_string_ext(
        image, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    t->part = text ? text_printf("json:%s", text) : NULL;
    json_object_put(image);
    t->base = strdup(d->path);
    t->format = strdup(d->format);
    return t->part && t->base && t->format ? 0 : error_no_memory(err);
}

/* The base of a whole disk is the image itself. */
static int
use_whole(struct target_disk *t, const struct disks *disks, struct mayfly *g,
    struct error *err)
{
    const struct guest_disk *d = t->parts[0].disk;
    cleanup_free char *name = text_printf("sd%s", t->letters);

    if (!name)
        return error_no_memory(err);
    if (d->part_size)
        return use_part(t, err);
    if (d->reader && d->reader->copy)
        return import(t, disks, g, err);
    if (d->reader)
        return import_disk(d, disks->workspace.path, name, &t->base, err) < 0
                   ? -1
                   : detect(t, g, err);
    if (!(t->base = realpath(d->path, NULL)))
        return error_errno(err, errno, "cannot open %s", d->path);
    t->format = strdup(d->format);
    return t->format ? 0 : error_no_memory(err);
}

/* The folder of a file, which may hold its backing files; NULL for a device. */
static char *
folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct stat st;

    if (!slash || slash == path || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return NULL;
    return path_folder(path);
}

/* What the disk may name: itself below the overlay, its pieces, what --allow
 * says. */
static char **
allowed(const struct target_disk *t, const struct tool *tool)
{
    cleanup_strv char **allow = strv_copy(tool->allow);
    bool whole = !t->assembled && !t->part;
    bool in_folder = whole && tool->policy && str_equal(tool->policy, "folder");
    cleanup_free char *folder = in_folder ? folder_of(t->base) : NULL;

    if ((tool->allow && !allow) || strv_append(&allow, t->base) < 0 ||
        (folder && strv_append(&allow, folder) < 0))
        return NULL;
    for (size_t i = 0; t->assembled && i < t->n_parts; i++)
        if (strv_append(&allow, t->parts[i].path) < 0)
            return NULL;
    return steal_pointer(&allow);
}

static int
add_overlay(const struct target_disk *t, const struct tool *tool,
    struct mayfly *g, struct error *err)
{
    cleanup_strv char **allow = allowed(t, tool);
    cleanup_free char *name = text_printf("xvd%s", t->letters);
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_FORMAT | MAYFLY_ADD_DRIVE_ALLOW |
               MAYFLY_ADD_DRIVE_CACHEMODE | MAYFLY_ADD_DRIVE_NAME |
               MAYFLY_ADD_DRIVE_BACKING_POLICY,
        .format = "qcow2",
        /* The list of an assembled disk is our own. */
        .backing_policy = t->assembled ? "folder" : tool->policy,
        .allow = (void *)allow,
        .cachemode = "unsafe",
        .name = name,
    };

    if (!name || !allow)
        return error_no_memory(err);
    return mayfly_add_drive(g, t->overlay, &options) < 0
               ? tool_handle_error(g, err)
               : 0;
}

static int
make_overlay(struct target_disk *t, const char *folder, const struct tool *tool,
    struct mayfly *g, struct error *err)
{
    struct mayfly_disk_create_options options = {
        .set =
            MAYFLY_DISK_CREATE_BACKINGFILE | MAYFLY_DISK_CREATE_BACKINGFORMAT,
        .backingfile = t->part ? t->part : t->base,
        .backingformat = t->format,
    };

    t->overlay = text_printf("%s/sd%s.qcow2", folder, t->letters);
    if (!t->overlay)
        return error_no_memory(err);
    if (mayfly_disk_create(g, t->overlay, "qcow2", -1, &options) < 0)
        return tool_handle_error(g, err);
    return add_overlay(t, tool, g, err);
}

/* The image itself, to be changed. */
static int
add_image(const struct target_disk *t, const struct tool *tool,
    struct mayfly *g, struct error *err)
{
    cleanup_free char *name = text_printf("xvd%s", t->letters);
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_FORMAT | MAYFLY_ADD_DRIVE_NAME,
        .format = t->format,
        .name = name,
    };

    if (!name)
        return error_no_memory(err);
    tool_allow(tool, &options);
    return mayfly_add_drive(g, t->base, &options) < 0
               ? tool_handle_error(g, err)
               : 0;
}

static int
open_one(struct disks *disks, size_t i, struct mayfly *g, struct error *err)
{
    struct target_disk *t = &disks->items[i];
    int64_t size;

    if (disks->in_place && (t->assembled || t->parts[0].disk->reader))
        return error_set(err, ENOTSUP,
            "%s cannot be changed in place: it is not a whole disk that QEMU "
            "can "
            "write",
            t->parts[0].disk->path);
    if ((t->assembled ? assemble(t, disks->workspace.path, g, err)
                      : use_whole(t, disks, g, err)) < 0)
        return -1;
    if ((disks->in_place ? add_image(t, disks->tool, g, err)
                         : make_overlay(t, disks->workspace.path, disks->tool,
                               g, err)) < 0)
        return -1;
    if (mayfly_disk_virtual_size(
            g, disks->in_place ? t->base : t->overlay, &size) < 0)
        return tool_handle_error(g, err);
    t->size = (uint64_t)size;
    return disks->format && !t->assembled && t->parts[0].disk->digests
               ? use_copy(t, disks, err)
               : 0;
}

int
disks_open(struct disks *disks, const char *folder, struct mayfly *g,
    struct error *err)
{
    if (!disks->workspace.path &&
        workspace_make(&disks->workspace, folder, err) < 0)
        return -1;
    for (size_t i = 0; i < disks->n; i++)
        if (open_one(disks, i, g, err) < 0)
            return -1;
    return 0;
}

char *
disks_device(const struct disks *disks, const char *name)
{
    char letters[DEVICE_LETTERS], own[DEVICE_LETTERS];
    unsigned partition;

    if (!device_split(name, letters, &partition))
        return NULL;
    for (size_t i = 0; i < disks->n; i++) {
        const struct target_disk *t = &disks->items[i];

        if (!str_equal(t->letters, letters))
            continue;
        device_letters((unsigned)i, own);
        if (!t->assembled)
            return partition ? text_printf("/dev/sd%s%u", own, partition)
                             : text_printf("/dev/sd%s", own);
        for (size_t k = 0; k < t->n_parts; k++)
            if (t->parts[k].number == partition)
                return text_printf("/dev/sd%s%u", own, t->parts[k].placed);
    }
    return NULL;
}

static void
forget(struct target_disk *t)
{
    for (size_t i = 0; i < t->n_parts; i++) {
        raw_view_stop(steal_pointer(&t->parts[i].view));
        free(steal_pointer(&t->parts[i].path));
    }
    free(steal_pointer(&t->base));
    free(steal_pointer(&t->part));
    free(steal_pointer(&t->format));
    free(steal_pointer(&t->overlay));
    image_close(&t->image);
    t->own = false;
}

void
disks_reset(struct disks *disks)
{
    for (size_t i = 0; i < disks->n; i++)
        forget(&disks->items[i]);
    workspace_remove(&disks->workspace);
}

void
disks_clear(struct disks *disks)
{
    disks_reset(disks);
    for (size_t i = 0; i < disks->n; i++)
        free(disks->items[i].letters);
    free(disks->items);
    *disks = (struct disks){0};
}
