/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A descriptor is lines of `key=value` and of extents:
 *
 *     # Disk DescriptorFile
 *     version=1
 *     parentCID=ffffffff
 *     createType="twoGbMaxExtentFlat"
 *     RW 4192256 FLAT "disk-f001.vmdk" 0
 *     RW 1024 ZERO
 */
#include <config.h>

#include "lib/disk/formats/vmdk_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/charset.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum {
    SECTOR = 512,
    EXTENT_NAME_MAX = 511, /* QEMU cuts a longer one off, and opens that */
};

static const char *const variants[] = {
    "monolithicSparse",
    "monolithicFlat",
    "streamOptimized",
    "twoGbMaxExtentSparse",
    "twoGbMaxExtentFlat",
    "vmfs",
    "vmfsSparse",
    "seSparse",
};

/* The types that QEMU reads, whether each has a file, and whether QEMU only
 * reads it: it writes VMFSSPARSE without the header, so that ESXi would take
 * what was added for free space. */
static const struct {
    const char *name;
    bool file, offset, read_only;
} types[] = {
    {"FLAT", true, true, false},
    {"VMFS", true, false, false},
    {"SPARSE", true, false, false},
    {"VMFSSPARSE", true, false, true},
    {"SESPARSE", true, false, true},
    {"ZERO", false, false, false},
};

/* Cut the next line off TEXT and advance; NULL at the end. */
static char *
next_line(char **text)
{
    char *line = *text;

    if (*line == 0)
        return NULL;
    size_t n = strcspn(line, "\r\n");
    *text = line + n + (line[n] != 0);
    line[n] = 0;
    return line + strspn(line, " \t");
}

bool
vmdk_text_probe(const uint8_t *head, size_t n)
{
    static const char version[] = "version=";
    size_t at = 0;

    /* Comments and empty lines come first, then the version. */
    while (at < n && (head[at] == '#' || isspace(head[at]))) {
        if (head[at] == '#')
            while (at < n && head[at] != '\n')
                at++;
        else
            at++;
    }
    return n - at > sizeof version &&
           memcmp(head + at, version, sizeof version - 1) == 0 &&
           isdigit(head[at + sizeof version - 1]);
}

static int
corrupt(struct error *err, const char *what)
{
    return error_set(err, EINVAL, "corrupt: %s", what);
}

/* Up to N bytes of foreign text, made safe to print, as far as they help. */
static int
unknown(struct error *err, const char *what, const char *text, size_t n)
{
    cleanup_free char *copy = strndup(text, n < 32 ? n : 32);
    cleanup_free char *shown = copy ? text_escape(copy) : NULL;

    return error_set(err, ENOTSUP, "%s '%s'", what, shown ? shown : "?");
}

/* "key = value" or "key=\"value\"": the value if the line has that key. */
static char *
value_of(char *line, const char *key)
{
    size_t n = strlen(key);

    if (strncasecmp(line, key, n) != 0)
        return NULL;
    line += n;
    line += strspn(line, " \t");
    if (*line++ != '=')
        return NULL;
    line += strspn(line, " \t\"");
    n = strcspn(line, "\"");
    while (n > 0 && isspace((unsigned char)line[n - 1]))
        n--;
    line[n] = 0;
    return line;
}

bool
vmdk_is_extent(const char *line)
{
    static const char *const accesses[] = {"RW", "RDONLY", "NOACCESS"};

    for (size_t i = 0; i < N_ELEMENTS(accesses); i++) {
        const char *rest = str_after(line, accesses[i]);

        if (rest && (!*rest || strchr(" \t", *rest)))
            return true;
    }
    return false;
}

/* A number of sectors, as bytes; moves P past it. */
static bool
read_sectors(const char **p, uint64_t *ret)
{
    uint64_t value = 0;
    const char *start = *p;

    for (; isdigit((unsigned char)**p); (*p)++) {
        value = value * 10 + (uint64_t)(**p - '0');
        if (value > IMAGE_SIZE_MAX / SECTOR)
            return false;
    }
    *ret = value * SECTOR;
    return *p > start;
}

static int
parse_extent(const char *line, struct image_extent *e, struct error *err)
{
    const char *p = line + strcspn(line, " \t"); /* after the access */
    size_t type = N_ELEMENTS(types);

    e->writable = p - line == 2;
    if (str_after(line, "NOACCESS"))
        return error_set(err, ENOTSUP, "vmdk with an extent without access");
    p += strspn(p, " \t");
    if (!read_sectors(&p, &e->size) || e->size == 0)
        return corrupt(err, "bad size of an extent");
    p += strspn(p, " \t");
    size_t n = strcspn(p, " \t");
    for (size_t i = 0; i < N_ELEMENTS(types); i++)
        if (strlen(types[i].name) == n && strncmp(p, types[i].name, n) == 0)
            type = i;
    if (type == N_ELEMENTS(types))
        return unknown(err, "vmdk with extents of unknown type", p, n);
    strcpy(e->type, types[type].name);
    e->read_only = types[type].read_only;
    p += n;
    if (!types[type].file)
        return 0;

    p += strspn(p, " \t");
    const char *end = *p == '"' ? strchr(p + 1, '"') : NULL;
    if (!end || end == p + 1 || end - p - 1 > EXTENT_NAME_MAX)
        return corrupt(err, "bad file name of an extent");
    e->file = strndup(p + 1, (size_t)(end - p - 1));
    if (!e->file)
        return error_no_memory(err);
    p = end + 1;
    p += strspn(p, " \t");
    if (types[type].offset && *p && !read_sectors(&p, &e->offset))
        return corrupt(err, "bad offset of an extent");
    return 0;
}

static int
add_extent(const char *line, struct image_header *h, struct error *err)
{
    if (h->n_extents == IMAGE_EXTENTS_MAX)
        return corrupt(err, "too many extents");

    struct image_extent *more =
        realloc(h->extents, (h->n_extents + 1) * sizeof *more);
    if (!more)
        return error_no_memory(err);
    h->extents = more;

    struct image_extent *e = &more[h->n_extents++];
    *e = (struct image_extent){0};
    if (parse_extent(line, e, err) < 0)
        return -1;
    if (e->read_only)
        h->write_refused = "a snapshot of ESXi can only be read";
    if (e->size > IMAGE_SIZE_MAX - h->size ||
        e->offset > IMAGE_SIZE_MAX - e->size)
        return corrupt(err, "the extents are too large");
    h->size += e->size;
    return 0;
}

static const char *
find_variant(const char *name)
{
    for (size_t i = 0; i < N_ELEMENTS(variants); i++)
        if (str_equal(name, variants[i]))
            return variants[i];
    return NULL;
}

int
vmdk_text_read(const struct image_source *src, uint64_t offset, size_t n,
    struct image_header *h, struct error *err)
{
    cleanup_free char *stored = malloc(n + 1);
    cleanup_free char *parent_name = NULL;
    bool parent = false;

    if (!stored)
        return error_no_memory(err);
    if (source_read(src, stored, n, offset, "the descriptor", err) < 0)
        return -1;
    stored[n] = 0; /* an embedded one is padded with NULs */
    cleanup_free char *text = text_from_own_charset(stored, "encoding");
    h->descriptor = text ? strdup(text) : NULL;
    if (!h->descriptor)
        return error_no_memory(err);

    h->variant = NULL;
    char *rest = text;
    for (char *line; (line = next_line(&rest));) {
        const char *value;

        if (vmdk_is_extent(line)) {
            if (add_extent(line, h, err) < 0)
                return -1;
        } else if ((value = value_of(line, "createType"))) {
            h->variant = find_variant(value);
            if (!h->variant)
                return unknown(
                    err, "vmdk of unknown type", value, strlen(value));
        } else if ((value = value_of(line, "parentCID"))) {
            parent = strcasecmp(value, "ffffffff") != 0;
        } else if ((value = value_of(line, "parentFileNameHint"))) {
            free(parent_name);
            parent_name = strndup(value, IMAGE_NAME_MAX);
        }
    }
    if (!h->variant)
        return corrupt(err, "the descriptor does not say its createType");
    if (h->n_extents == 0)
        return corrupt(err, "the descriptor lists no extents");
    if (parent && !parent_name)
        return corrupt(err, "the descriptor does not name its parent");
    if (parent)
        h->backing = steal_pointer(&parent_name);
    return 0;
}

/* QEMU skips extents that are not RW, and those of zeroes. */
static void
put_extent(FILE *f, const char *line, const char *name)
{
    const char *size = line + strcspn(line, " \t"), *quote = strchr(line, '"');
    const char *end = quote ? strchr(quote + 1, '"') : NULL;

    size += strspn(size, " \t");
    if (quote)
        fprintf(f, "RW %.*s\"%s\"%s\n", (int)(quote - size), size, name,
            end ? end + 1 : "");
    else
        fprintf(f, "RW %.*s FLAT \"%s\" 0\n", (int)strspn(size, "0123456789"),
            size, name);
}

char *
vmdk_text_rewrite(const char *text, char *const *names, uint32_t n)
{
    cleanup_free char *copy = strdup(text), *out = NULL;
    size_t size = 0;
    uint32_t i = 0;
    FILE *f = copy ? open_memstream(&out, &size) : NULL;

    if (!f)
        return NULL;
    char *rest = copy;
    for (char *line; (line = next_line(&rest));) {
        if (vmdk_is_extent(line) && i < n)
            put_extent(f, line, names[i++]);
        else if (*line) /* QEMU reads an extent after an empty line twice */
            fprintf(f, "%s\n", line);
    }
    if (fclose(f) != 0)
        return NULL;
    return steal_pointer(&out);
}
