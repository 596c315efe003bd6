/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/copy/map.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/subprocess.h"
#include "tool/signals.h"

enum { TEXT_MAX = 256 << 20 };

/* Through a file: the output of qemu-img can be longer than a pipe holds. */
static char *
ask(const char *overlay, struct error *err)
{
    cleanup_free char *image = text_printf("file:%s", overlay);
    cleanup_free char *path = text_printf("%s.map", overlay);
    cleanup_close int fd =
        path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    const struct subprocess_limits limits = subprocess_strict(TEXT_MAX);
    const struct subprocess_spec spec = {
        .program = QEMU_IMG,
        .argv = (const char *const[]){"qemu-img", "map", "-U", "--output=json",
            "-f", "qcow2", image, NULL},
        .output = &fd,
        .limits = &limits,
        .interrupted = tool_interrupted,
    };

    if (!image || fd < 0)
        return error_errno(err, errno, "cannot make %s", path), NULL;
    if (subprocess_run(&spec, err) < 0)
        return NULL;

    char *text = read_file(path, TEXT_MAX, NULL, err);
    unlink(path);
    return text;
}

static uint64_t
number(struct json_object *o, const char *key)
{
    return json_object_get_uint64(json_object_object_get(o, key));
}

static bool
flag(struct json_object *o, const char *key)
{
    return json_object_get_boolean(json_object_object_get(o, key));
}

/* Only data at a known place in a known file, or zeroes: small holes between
 * data are read with it. */
static void
take(struct map *map, struct json_object *o)
{
    uint64_t depth = number(o, "depth");
    bool zero = !flag(o, "data") && flag(o, "zero");

    if (!zero && (!flag(o, "data") || !json_object_object_get(o, "offset") ||
                     depth >= MAP_FILES || map->files[depth] < 0))
        return;
    map->extents[map->n++] = (struct map_extent){
        .start = number(o, "start"),
        .size = number(o, "length"),
        .offset = zero ? 0 : number(o, "offset"),
        .file = zero ? MAP_ZERO : (int)depth,
    };
}

static int
take_all(struct map *map, const char *text, struct error *err)
{
    struct json_object *all = json_tokener_parse(text);
    size_t n = all && json_object_is_type(all, json_type_array)
                   ? json_object_array_length(all)
                   : 0;

    if (n == 0) {
        json_object_put(all);
        return error_set(err, EPROTO, "qemu-img map printed no map");
    }
    map->extents = calloc(n, sizeof *map->extents);
    for (size_t i = 0; map->extents && i < n; i++)
        take(map, json_object_array_get_idx(all, i));
    json_object_put(all);
    return map->extents ? 0 : error_no_memory(err);
}

int
map_read(
    struct map *ret, const char *overlay, const char *base, struct error *err)
{
    cleanup_map struct map map = {.files = {-1, -1}};

    const char *const names[] = {overlay, base};
    for (int i = 0; i < 2 && names[i]; i++) {
        map.files[i] = open(names[i], O_RDONLY | O_CLOEXEC);
        if (map.files[i] < 0)
            return error_errno(err, errno, "cannot open %s", names[i]);
    }

    cleanup_free char *text = ask(overlay, err);
    if (!text || take_all(&map, text, err) < 0)
        return -1;
    *ret = map;
    map = (struct map){.files = {-1, -1}};
    return 0;
}

/* The extent that OFFSET is in. */
static const struct map_extent *
find(const struct map *map, uint64_t offset)
{
    size_t low = 0, high = map->n;

    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct map_extent *e = &map->extents[middle];

        if (offset < e->start)
            high = middle;
        else if (offset - e->start >= e->size)
            low = middle + 1;
        else
            return e;
    }
    return NULL;
}

bool
map_pread(const struct map *map, uint8_t *data, size_t size, uint64_t offset)
{
    while (size) {
        const struct map_extent *e = find(map, offset);

        if (!e)
            return false;

        uint64_t into = offset - e->start;
        size_t n = size < e->size - into ? size : (size_t)(e->size - into);
        if (e->file == MAP_ZERO)
            memset(data, 0, n);
        else if (pread_all(map->files[e->file], data, n,
                     (off_t)(e->offset + into)) < 0)
            return false;
        data += n;
        size -= n;
        offset += n;
    }
    return true;
}

void
map_clear(struct map *map)
{
    for (size_t i = 0; i < MAP_FILES; i++)
        if (map->files[i] >= 0)
            close(map->files[i]);
    free(map->extents);
    *map = (struct map){.files = {-1, -1}};
}
