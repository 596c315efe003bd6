/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names, for an image x.vmdk or x.qcow2:
 *
 *     extents    x-flat.vmdk, x-delta.vmdk, x-sesparse.vmdk, x-s001.vmdk,
 *                x-f001.vmdk (qemu-img keeps another ending than .vmdk)
 *     parents    of x-000002.vmdk: x-000001.vmdk and x.vmdk
 *     data file  x.raw, x.data, x-data, x-data.raw, x.data.raw, x.qcow2.raw,
 *                x.qcow2.data
 */
#include <config.h>

#include "lib/disk/names.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { SNAPSHOT_DIGITS = 6, EXTENT_DIGITS = 3 };

/* A file name in two parts: "x" and ".vmdk". */
struct split {
    const char *stem, *ending;
    size_t n; /* bytes of the stem */
};

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static struct split
split(const char *path)
{
    const char *name = base_name(path), *dot = strrchr(name, '.');
    size_t n = dot && dot > name ? (size_t)(dot - name) : strlen(name);

    return (struct split){name, name + n, n};
}

const char *
file_role_name(enum file_role role)
{
    static const char *const names[] = {
        [ROLE_BACKING] = "backing file",
        [ROLE_DATA] = "data file",
        [ROLE_EXTENT] = "extent",
    };

    return names[role];
}

static size_t
digits(const char *s)
{
    return strspn(s, "0123456789");
}

/* What follows the stem of IMAGE in the name FILE; NULL if another name. */
static const char *
rest_after(const char *file, const struct split *image)
{
    const char *name = base_name(file);

    return strncmp(name, image->stem, image->n) == 0 ? name + image->n : NULL;
}

static bool
is_ending(const char *s, const char *own)
{
    return str_equal(s, own) || strcasecmp(s, ".vmdk") == 0;
}

static bool
is_extent(const char *file, const struct split *image)
{
    static const char *const kinds[] = {"-flat", "-delta", "-sesparse"};
    const char *rest = rest_after(file, image), *after;

    if (!rest)
        return false;
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if ((after = str_after(rest, kinds[i])))
            return is_ending(after, image->ending);
    if (rest[0] != '-' || (rest[1] != 's' && rest[1] != 'f'))
        return false;
    return digits(rest + 2) >= EXTENT_DIGITS &&
           is_ending(rest + 2 + digits(rest + 2), image->ending);
}

static bool
is_data_file(const char *file, const struct split *image)
{
    static const char *const rests[] = {
        ".raw", ".data", "-data", "-data.raw", ".data.raw"};
    const char *rest = rest_after(file, image);
    const char *whole = rest ? str_after(rest, image->ending) : NULL;

    for (size_t i = 0; rest && i < N_ELEMENTS(rests); i++)
        if (str_equal(rest, rests[i]))
            return true;
    return whole && (str_equal(whole, ".raw") || str_equal(whole, ".data"));
}

/* Take the number of a snapshot off the stem. */
static void
cut_number(struct split *s)
{
    if (s->n <= SNAPSHOT_DIGITS + 1)
        return;

    const char *at = s->stem + s->n - SNAPSHOT_DIGITS;
    if (at[-1] == '-' && digits(at) == SNAPSHOT_DIGITS)
        s->n -= SNAPSHOT_DIGITS + 1;
}

static bool
is_parent(const char *file, struct split image)
{
    struct split parent = split(file);
    size_t n = image.n;

    if (strcasecmp(image.ending, ".vmdk") != 0 ||
        strcasecmp(parent.ending, ".vmdk") != 0)
        return false;
    cut_number(&image);
    cut_number(&parent);
    /* Only a snapshot has a parent of that name. */
    return image.n < n && image.n == parent.n &&
           strncmp(image.stem, parent.stem, image.n) == 0;
}

bool
name_belongs(const char *file, const char *image, enum file_role role)
{
    struct split s = split(image);

    switch (role) {
    case ROLE_EXTENT:
        return is_extent(file, &s);
    case ROLE_DATA:
        return is_data_file(file, &s);
    case ROLE_BACKING:
        return is_parent(file, s);
    }
    return false;
}

bool
name_is_image(const char *file)
{
    static const char *const endings[] = {".qcow2", ".qcow", ".vmdk", ".vdi",
        ".vhd", ".vpc", ".vhdx", ".avhd", ".avhdx"};
    const char *ending = split(file).ending;

    for (size_t i = 0; i < N_ELEMENTS(endings); i++)
        if (strcasecmp(ending, endings[i]) == 0)
            return true;
    return false;
}

bool
name_is_raw(const char *file)
{
    const char *ending = split(file).ending;

    return strcasecmp(ending, ".raw") == 0 || strcasecmp(ending, ".img") == 0;
}

bool
name_states(const char *file, enum image_format format)
{
    static const struct {
        const char *ending;
        enum image_format format;
    } endings[] = {
        {".qcow2", IMAGE_QCOW2},
        {".qcow", IMAGE_QCOW2},
        {".vmdk", IMAGE_VMDK},
        {".vdi", IMAGE_VDI},
        {".vhd", IMAGE_VPC},
        {".vpc", IMAGE_VPC},
        {".vhdx", IMAGE_VHDX},
    };
    const char *ending = split(file).ending;

    for (size_t i = 0; i < N_ELEMENTS(endings); i++)
        if (strcasecmp(ending, endings[i].ending) == 0)
            return endings[i].format == format;
    return false;
}
