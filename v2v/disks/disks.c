/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/disks/disks.h"

#include <ctype.h>
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

/* --- names --- */

/* A name of the guest: "xvda2" is of bus "xvd", disk "a" and partition 2,
 * "nvme0n1p2" of bus "nvme0n1". */
struct name {
    char bus[24], letters[DEVICE_LETTERS];
    unsigned partition;
};

/* "nvme0n1", "nvme0n1p2", "mmcblk0p1" */
static bool
split_numbered(const char *plain, struct name *ret)
{
    static const char *const kinds[] = {"nvme", "mmcblk"};
    unsigned partition = 0;
    size_t n = 0;

    for (size_t i = 0; !n && i < N_ELEMENTS(kinds); i++)
        n = str_after(plain, kinds[i]) ? strlen(kinds[i]) : 0;
    if (!n || !isdigit((unsigned char)plain[n]))
        return false;
    n += strspn(plain + n, "0123456789");
    if (plain[n] == 'n' && isdigit((unsigned char)plain[n + 1]))
        n += 1 + strspn(plain + n + 1, "0123456789");

    size_t digits = plain[n] == 'p' ? strspn(plain + n + 1, "0123456789") : 0;
    if (digits && digits <= 3)
        partition = (unsigned)strtoul(plain + n + 1, NULL, 10);
    if (plain[n + (digits ? digits + 1 : 0)] || n >= sizeof ret->bus ||
        (digits && !partition))
        return false;
    *ret = (struct name){.partition = partition};
    memcpy(ret->bus, plain, n);
    return true;
}

static bool
split_name(const char *name, struct name *ret)
{
    const char *plain = str_after(name, "/dev/");
    struct name n = {0};

    if (!plain)
        plain = name;
    if (!device_split(plain, n.letters, &n.partition))
        return split_numbered(plain, ret);
    /* What is before the letters; "d" of "sda" is none of them. */
    memcpy(n.bus, plain, plain[0] == 'x' ? 3 : 2);
    *ret = n;
    return true;
}

/* Xen has one series of letters for all its names: hda is xvda with drivers. */
static bool
is_one_series(const char *a, const char *b)
{
    return str_equal(a, b) || str_equal(a, "xvd") || str_equal(b, "xvd");
}

static bool
is_same(const struct name *a, const struct name *b)
{
    return is_one_series(a->bus, b->bus) && str_equal(a->letters, b->letters);
}

/* The name of the whole disk, if the source has one. */
static bool
name_of(const struct target_disk *t, struct name *ret)
{
    const char *name = t->n_parts > 0 ? t->parts[0].disk->name : NULL;

    return name && split_name(name, ret);
}

/* --- sorting --- */

static struct target_disk *
find(struct disks *disks, const struct name *name)
{
    for (size_t i = 0; i < disks->n; i++) {
        struct name own;

        if (name_of(&disks->items[i], &own) && is_same(&own, name))
            return &disks->items[i];
    }
    return NULL;
}

static bool
has_letters(const struct disks *disks, const char *letters)
{
    for (size_t i = 0; i < disks->n; i++)
        if (str_equal(disks->items[i].letters, letters))
            return true;
    return false;
}

static struct target_disk *
new_disk(struct disks *disks, const char *letters, struct error *err)
{
    struct target_disk *t = reallocarray(disks->items, disks->n + 1, sizeof *t);

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
    struct name name = {0};
    struct target_disk *t = NULL;

    if (!d->name)
        device_letters((unsigned)index, name.letters);
    else if (!split_name(d->name, &name))
        return error_set(err, ENOTSUP,
            "disk %s: its name in the guest, '%s', does not say which disk it "
            "is",
            d->path, d->name);
    else
        t = find(disks, &name);

    if (!t) {
        /* sda and vda are two disks, of which one gets other letters. */
        disks->relettered |=
            !name.letters[0] || has_letters(disks, name.letters);
        t = new_disk(disks, name.letters, err);
    }
    if (!t)
        return -1;
    for (size_t i = 0; i < t->n_parts; i++) {
        if (t->parts[i].number == name.partition)
            return error_set(err, EINVAL, "two disks have the name %s",
                d->name ? d->name : name.letters);
        if (t->parts[i].number == 0 || name.partition == 0)
            return error_set(err, EINVAL,
                "the guest has %s%s both as a whole disk and as partitions",
                name.bus, name.letters);
    }
    if (t->n_parts == DISK_PARTS_MAX)
        return error_set(err, E2BIG, "%s%s has more than %d partitions",
            name.bus, name.letters, DISK_PARTS_MAX);
    t->parts[t->n_parts++] =
        (struct target_part){.disk = d, .number = name.partition};
    t->assembled |= name.partition != 0;
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

/* Names of several kinds: in the order of the source. */
static int
reletter(struct disks *disks, struct error *err)
{
    for (size_t i = 0; i < disks->n; i++) {
        char letters[DEVICE_LETTERS];

        device_letters((unsigned)i, letters);
        free(disks->items[i].letters);
        if (!(disks->items[i].letters = strdup(letters)))
            return error_no_memory(err);
    }
    return 0;
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
    if (disks.relettered && reletter(&disks, err) < 0)
        return -1;
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

/* Does a server have a file, which may be an image of any format?  An NBD
 * server mostly has the disk in it, but it may have been told that the image is
 * raw. */
static int
is_any(const struct guest_disk *d, const char *folder, bool *ret,
    struct error *err)
{
    const struct server_image image = {.path = d->path, .format = "raw"};
    cleanup_server struct server server = {0};
    bool raw;

    *ret = server_is_remote(d->path) &&
           (!server_is_nbd(d->path) ||
               (d->format && !str_equal(d->format, "raw")));
    if (d->format || !server_is_nbd(d->path))
        return 0;
    if (server_start(&server, &image, folder, err) < 0 ||
        server_looks_raw(&server, folder, &raw, err) < 0)
        return server_name(d->path, err);
    *ret = !raw;
    return 0;
}

/* A format that only we can read is imported once: straight into the resulting
 * image, if there will be one. */
static int
import(struct target_disk *t, const struct disks *disks, struct mayfly *g,
    struct error *err)
{
    const struct guest_disk *d = t->parts[0].disk;
    bool any;

    if (is_any(d, disks->workspace.path, &any, err) < 0)
        return -1;
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

void
disks_set_sectors(
    const struct target_disk *t, struct mayfly_add_drive_options *options)
{
    options->set &= ~MAYFLY_ADD_DRIVE_BLOCKSIZE;
    if (t->sector_size) {
        options->blocksize = t->sector_size;
        options->set |= MAYFLY_ADD_DRIVE_BLOCKSIZE;
    }
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
    disks_set_sectors(t, &options);
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
    disks_set_sectors(t, &options);
    return mayfly_add_drive(g, t->base, &options) < 0
               ? tool_handle_error(g, err)
               : 0;
}

static int
open_one(struct disks *disks, size_t i, struct mayfly *g, struct error *err)
{
    struct target_disk *t = &disks->items[i];
    int64_t size;

    t->sector_size = disks->sector_size;
    if (disks->in_place && (t->assembled || t->parts[0].disk->reader))
        return error_set(err, ENOTSUP,
            "%s cannot be changed in place: it is not a whole disk that QEMU "
            "can "
            "write",
            t->parts[0].disk->path);
    if ((t->assembled ? assemble(t, disks->workspace.path, disks->tool, g, err)
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

/* --- errors --- */

/* A copy of TEXT in which each FROM is TO. */
static char *
replace_all(const char *text, const char *from, const char *to)
{
    cleanup_free char *done = strdup("");
    const char *found;

    for (; done && (found = strstr(text, from)); text = found + strlen(from)) {
        char *longer =
            text_printf("%s%.*s%s", done, (int)(found - text), text, to);

        free(done);
        done = longer;
    }
    return done ? text_printf("%s%s", done, text) : NULL;
}

static int
rename_in_error(struct error *err, const char *from, const char *to)
{
    cleanup_free char *text = replace_all(error_text(err), from, to);

    return text ? error_set(err, err->code, "%s", text) : -1;
}

int
disks_explain(const struct disks *disks, struct error *err)
{
    for (size_t i = 0; i < disks->n; i++) {
        const struct target_disk *t = &disks->items[i];
        const struct guest_disk *d = t->n_parts ? t->parts[0].disk : NULL;
        const char *source = d && d->member ? d->member : d ? d->path : NULL;
        cleanup_free char *below =
            t->base ? text_printf("its backing file %s: ", t->base) : NULL;

        if (!source)
            continue;
        if (below)
            rename_in_error(err, below, "");
        if (t->base && disks->workspace.path &&
            str_after(t->base, disks->workspace.path))
            rename_in_error(err, t->base, source);
        if (t->overlay)
            rename_in_error(err, t->overlay, source);
    }
    return -1;
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
            return disks_explain(disks, err);
    return 0;
}

/* Could the guest mean this disk? A kernel calls all its disks sd but the
 * virtual ones of QEMU and Xen, whatever the source says: then letters count,
 * where they are those of one disk only. */
static bool
fits(const struct disks *disks, const struct target_disk *t,
    const struct name *name, bool exact)
{
    struct name own;

    if (!name_of(t, &own))
        return !exact && name->letters[0] &&
               str_equal(t->letters, name->letters);
    if (exact)
        return str_equal(own.bus, name->bus) &&
               str_equal(own.letters, name->letters);
    return own.letters[0] && str_equal(own.letters, name->letters) &&
           (!disks->relettered || is_one_series(own.bus, name->bus) ||
               (str_equal(own.bus, "hd") && str_equal(name->bus, "sd")));
}

static const struct target_disk *
find_fitting(const struct disks *disks, const struct name *name, bool exact)
{
    const struct target_disk *found = NULL;

    for (size_t i = 0; i < disks->n; i++) {
        if (!fits(disks, &disks->items[i], name, exact))
            continue;
        if (found)
            return NULL;
        found = &disks->items[i];
    }
    return found;
}

char *
disks_device(const struct disks *disks, const char *name)
{
    char own[DEVICE_LETTERS];
    const struct target_disk *t;
    struct name n;

    if (!split_name(name, &n) || (!(t = find_fitting(disks, &n, true)) &&
                                     !(t = find_fitting(disks, &n, false))))
        return NULL;
    device_letters((unsigned)(t - disks->items), own);
    if (!t->assembled)
        return n.partition ? text_printf("/dev/sd%s%u", own, n.partition)
                           : text_printf("/dev/sd%s", own);
    for (size_t k = 0; k < t->n_parts; k++)
        if (t->parts[k].number == n.partition)
            return text_printf("/dev/sd%s%u", own, t->parts[k].placed);
    return NULL;
}

size_t
disks_boot_order(const struct disks *disks, size_t i)
{
    return i == disks->boot ? 1 : i < disks->boot ? i + 2 : i + 1;
}

static void
forget(struct target_disk *t)
{
    for (size_t i = 0; i < t->n_parts; i++) {
        raw_view_stop(steal_pointer(&t->parts[i].view));
        free(steal_pointer(&t->parts[i].path));
        free(steal_pointer(&t->parts[i].format));
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
