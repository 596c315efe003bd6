/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/transfer/tree_checksums.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "wire/contents.h"
#include "wire/frame.h"

enum {
    BLOCK = 1 << 20,
    GROUPS_MAX = 16 << 20, /* files with several names */
    ARENA_MAX = CONTENTS_FILES * (CONTENTS_PATH + 64), /* a round's paths */
};

struct sums {
    enum hash_kind kind;
    int from;
    uint8_t *block;
    size_t at, end; /* position and end within the block */
    uint8_t *table;
    FILE *to;
    /* The sums of files with several names, by their groups. */
    char **groups;
    uint32_t n_groups, room;
    struct error *err;
};

/* --- input --- */

/* Bytes that are available, at most MOST; 0: the input has ended. */
static ssize_t
take(struct sums *s, uint64_t most, const uint8_t **ret)
{
    if (s->at == s->end) {
        ssize_t n;

        do
            n = read(s->from, s->block, BLOCK);
        while (n < 0 && errno == EINTR);
        if (n < 0)
            return error_errno(s->err, errno, "cannot read the contents");
        s->at = 0;
        s->end = (size_t)n;
    }
    size_t n = s->end - s->at;
    if (n > most)
        n = (size_t)most;
    *ret = s->block + s->at;
    s->at += n;
    return (ssize_t)n;
}

static int
ended(struct sums *s)
{
    return error_set(s->err, EPROTO, "the contents of the files end too early");
}

static int
take_all(struct sums *s, uint8_t *to, size_t size)
{
    const uint8_t *p;

    for (size_t done = 0; done < size;) {
        ssize_t n = take(s, size - done, &p);
        if (n <= 0)
            return n < 0 ? -1 : ended(s);
        memcpy(to + done, p, (size_t)n);
        done += (size_t)n;
    }
    return 0;
}

/* --- output --- */

/* Like md5sum: \ and newlines are escaped, and the line then starts with a
 * backslash. */
static void
put_line(FILE *to, const char *sum, const char *path)
{
    bool escaped = strpbrk(path, "\\\n\r");

    fprintf(to, "%s%s  ./", escaped ? "\\" : "", sum);
    for (const char *p = path; *p; p++) {
        if (*p == '\\' || *p == '\n' || *p == '\r')
            putc('\\', to);
        putc(*p == '\n' ? 'n' : *p == '\r' ? 'r' : *p, to);
    }
    putc('\n', to);
}

static int
keep(struct sums *s, const char *sum)
{
    if (s->n_groups == s->room) {
        uint32_t room = s->room ? 2 * s->room : 64;
        char **bigger = room > GROUPS_MAX
                            ? NULL
                            : reallocarray(s->groups, room, sizeof *bigger);

        if (!bigger)
            return error_no_memory(s->err);
        s->groups = bigger;
        s->room = room;
    }
    s->groups[s->n_groups] = strdup(sum);
    return s->groups[s->n_groups++] ? 0 : error_no_memory(s->err);
}

static char *
sum_content(struct sums *s, uint64_t size)
{
    cleanup_hash struct hash *h = hash_new(s->kind);
    uint64_t fill = (BULK_ALIGN - size % BULK_ALIGN) % BULK_ALIGN;
    const uint8_t *p;
    ssize_t n;

    if (!h)
        return error_no_memory(s->err), NULL;
    for (; size > 0; size -= (uint64_t)n) {
        if ((n = take(s, size, &p)) <= 0)
            return n < 0 ? NULL : (ended(s), NULL);
        hash_feed(h, p, (size_t)n);
    }
    for (; fill > 0; fill -= (uint64_t)n)
        if ((n = take(s, fill, &p)) <= 0)
            return n < 0 ? NULL : (ended(s), NULL);
    char *sum = hash_hex(h);
    if (!sum)
        error_no_memory(s->err);
    return sum;
}

static int
sum_file(struct sums *s, const struct contents_file *f)
{
    if (f->group > 0 && f->group <= s->n_groups) {
        put_line(s->to, s->groups[f->group - 1], f->path);
        return 0;
    }
    if (f->group > s->n_groups + 1)
        return error_set(
            s->err, EPROTO, "%s: another name of an unknown file", f->path);
    cleanup_free char *sum = sum_content(s, f->size);
    if (!sum)
        return -1;
    put_line(s->to, sum, f->path);
    return f->group > 0 ? keep(s, sum) : 0;
}

/* --- the whole stream --- */

static int
read_table(struct sums *s, const struct contents_round *round,
    struct wire_arena *arena, struct contents_file *files)
{
    struct wire_reader r = {
        .p = s->table, .left = round->table, .arena = arena};

    if (take_all(s, s->table, round->table) < 0)
        return -1;
    for (uint32_t i = 0; i < round->files; i++)
        contents_get_file(&r, &files[i]);
    return wire_finish(&r) ? 0
                           : error_set(s->err, EPROTO,
                                 "the table of file names is malformed");
}

static int
sum_round(struct sums *s, const struct contents_round *round)
{
    struct contents_file files[CONTENTS_FILES];
    struct wire_arena arena = {.cap = ARENA_MAX};
    int r = read_table(s, round, &arena, files);

    for (uint32_t i = 0; r == 0 && i < round->files; i++)
        r = sum_file(s, &files[i]);
    wire_arena_free(&arena);
    return r;
}

static int
sum_all(struct sums *s)
{
    uint8_t header[CONTENTS_HEADER];
    struct contents_round round;
    const uint8_t *p;
    ssize_t n;

    while ((n = take(s, 1, &p)) > 0) {
        header[0] = *p;
        if (take_all(s, header + 1, sizeof header - 1) < 0)
            return -1;
        if (!contents_get_round(header, &round))
            return error_set(
                s->err, EPROTO, "the appliance sent malformed contents");
        if (sum_round(s, &round) < 0)
            return -1;
    }
    return n < 0 ? -1 : 0;
}

static void
free_sums(struct sums *s)
{
    for (uint32_t i = 0; i < s->n_groups; i++)
        free(s->groups[i]);
    free(s->groups);
    free(s->block);
    free(s->table);
}

int
sums_of_contents(enum hash_kind kind, int input, int output, struct error *err)
{
    int fd = fcntl(output, F_DUPFD_CLOEXEC, 3);
    struct sums s = {
        .kind = kind,
        .from = input,
        .block = malloc(BLOCK),
        .table = malloc(CONTENTS_TABLE),
        .to = fd < 0 ? NULL : fdopen(fd, "w"),
        .err = err,
    };
    int r = -1;

    if (!s.block || !s.table || !s.to)
        error_no_memory(err);
    else
        r = sum_all(&s);
    if (!s.to && fd >= 0)
        close(fd);
    if (s.to && fclose(s.to) != 0 && r == 0)
        r = error_errno(err, errno, "cannot write the checksums");
    free_sums(&s);
    return r;
}
