/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding files by walking, by pattern, and adding up what they take. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/call/stream.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/guest/root.h"
#include "appliance/agent/tree/walk.h"
#include "base/cleanup.h"
#include "ops-search.h"

/* A path below a directory is shown as libguestfs shows it: without the
 * directory as it was written; so that of "/d" leaves the "/" after it. */
static bool
shows_slash(const char *directory)
{
    return directory[strlen(directory) - 1] != '/';
}

static int
find_visit(struct walk *w, const struct walk_file *f)
{
    struct strings *result = w->opaque;

    if (!shows_slash(w->top))
        return strings_add(w->c, result, f->path, f->length);
    return strings_add(
        w->c, result, call_printf(w->c, "/%s", f->path), f->length + 1);
}

int
op_find(
    struct call *c, const struct api_find_args *args, struct api_find_ret *ret)
{
    struct strings result = {0};
    struct walk w = {
        .c = c, .top = args->directory, .visit = find_visit, .opaque = &result};

    if (walk_top(&w) < 0)
        return -1;
    list_sort_strings(&result.list);
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

/* Bytes gathered until they are worth a frame. */
struct output {
    char bytes[65536];
    size_t used;
};

static int
find0_visit(struct walk *w, const struct walk_file *f)
{
    struct output *o = w->opaque;

    if (o->used + f->length + 2 > sizeof o->bytes) {
        if (stream_write(w->c, o->bytes, o->used) < 0)
            return -1;
        o->used = 0;
    }
    if (shows_slash(w->top))
        o->bytes[o->used++] = '/';
    memcpy(o->bytes + o->used, f->path, f->length + 1);
    o->used += f->length + 1;
    return 0;
}

int
op_find0(struct call *c, const struct api_find0_args *args)
{
    struct output *o = call_alloc(c, sizeof *o);
    struct walk w = {
        .c = c, .top = args->directory, .visit = find0_visit, .opaque = o};

    if (walk_top(&w) < 0)
        return -1;
    return stream_write(c, o->bytes, o->used);
}

int
op_glob_expand(struct call *c, const struct api_glob_expand_args *args,
    struct api_glob_expand_ret *ret)
{
    bool slash = !args->has_directoryslash || args->directoryslash;
    struct strings result = {0};
    glob_t found = {0};

    if (args->pattern[0] != '/')
        return call_error(c, EINVAL,
            "%s: the pattern must start with a / character", args->pattern);
    if (guest_root_enter(c, "/") < 0)
        return -1;
    int r =
        glob(args->pattern, GLOB_BRACE | (slash ? GLOB_MARK : 0), NULL, &found);
    guest_root_leave(c);
    if (r != 0 && r != GLOB_NOMATCH)
        return call_fail(
            c, r == GLOB_NOSPACE ? ENOMEM : EIO, "%s", args->pattern);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        if (strings_add(
                c, &result, found.gl_pathv[i], strlen(found.gl_pathv[i])) < 0) {
            globfree(&found);
            return -1;
        }
    }
    globfree(&found);
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

/* Files with several links that were counted: an open hash table. */
struct seen {
    struct inode {
        dev_t dev;
        ino_t ino;
    } * table;
    size_t room, used;
};

struct usage {
    struct seen seen;
    int64_t blocks; /* of 512 bytes */
};

static bool seen_add(struct call *c, struct seen *s, dev_t dev, ino_t ino);

static void
seen_grow(struct call *c, struct seen *s)
{
    struct seen bigger = {.room = s->room ? 2 * s->room : 1024};

    bigger.table = call_alloc(c, bigger.room * sizeof *bigger.table);
    for (size_t i = 0; i < s->room; i++)
        if (s->table[i].ino != 0)
            seen_add(c, &bigger, s->table[i].dev, s->table[i].ino);
    *s = bigger;
}

/* False if it was there already. */
static bool
seen_add(struct call *c, struct seen *s, dev_t dev, ino_t ino)
{
    if (2 * s->used >= s->room)
        seen_grow(c, s);
    for (size_t i = (ino * 2654435761u + dev) % s->room;;
         i = (i + 1) % s->room) {
        if (s->table[i].ino == 0) {
            s->table[i] = (struct inode){dev, ino};
            s->used++;
            return true;
        }
        if (s->table[i].ino == ino && s->table[i].dev == dev)
            return false;
    }
}

static int
usage_visit(struct walk *w, const struct walk_file *f)
{
    struct usage *u = w->opaque;

    if (f->type != DT_DIR && f->st.st_nlink > 1 && f->st.st_ino != 0 &&
        !seen_add(w->c, &u->seen, f->st.st_dev, f->st.st_ino))
        return 0;
    u->blocks += f->st.st_blocks;
    return 0;
}

int
op_du(struct call *c, const struct api_du_args *args, struct api_du_ret *ret)
{
    struct usage usage = {0};
    struct walk w = {.c = c,
        .top = args->path,
        .stat = true,
        .visit = usage_visit,
        .opaque = &usage};
    struct stat st;
    cleanup_close int fd = path_open(c, args->path, O_PATH | O_NOFOLLOW, 0);
    if (fd < 0)
        return -1;

    if (fstat(fd, &st) < 0)
        return call_fail(c, errno, "%s", args->path);
    usage.blocks = st.st_blocks;
    if (S_ISDIR(st.st_mode) && walk_top(&w) < 0)
        return -1;
    ret->value = (usage.blocks + 1) / 2;
    return 0;
}
