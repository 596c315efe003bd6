/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/windows/hive.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { KEY_MAX = 1024 };

int
hive_open(
    struct hive *r, struct conversion *c, const char *name, struct error *err)
{
    struct mayfly_hivex_open_options options = {
        .set = MAYFLY_HIVEX_OPEN_WRITE,
        .write = true,
    };
    const char *path = str_equal(name, "SYSTEM")
                           ? c->job.root->windows_system_hive
                           : c->job.root->windows_software_hive;

    if (!path[0])
        return error_set(err, ENOENT, "Windows has no hive %s", name);
    if (mayfly_hivex_open(c->job.g, path, &options) < 0)
        return job_fail(&c->job, err);
    *r = (struct hive){.c = c, .name = name, .path = strdup(path)};
    return r->path ? 0 : error_no_memory(err);
}

/* --- reading --- */

/* The child of NODE named by the first N characters of KEY; 0: none. */
static int
step_down(struct hive *r, int64_t node, const char *key, size_t n, int64_t *ret,
    struct error *err)
{
    cleanup_free char *name = strndup(key, n);

    if (!name)
        return error_no_memory(err);
    if (mayfly_hivex_node_get_child(r->c->job.g, node, name, ret) < 0)
        return job_fail(&r->c->job, err);
    return 0;
}

int
hive_find(struct hive *r, const char *key, int64_t *ret, struct error *err)
{
    int64_t node;

    if (mayfly_hivex_root(r->c->job.g, &node) < 0)
        return job_fail(&r->c->job, err);
    while (*key && node) {
        size_t n = strcspn(key, "\\");

        if (step_down(r, node, key, n, &node, err) < 0)
            return -1;
        key += n + (key[n] == '\\');
    }
    *ret = node;
    return 0;
}

static int
find_value(struct hive *r, const char *key, const char *name, int64_t *ret,
    struct error *err)
{
    int64_t node;

    *ret = 0;
    if (hive_find(r, key, &node, err) < 0)
        return -1;
    if (node && mayfly_hivex_node_get_value(r->c->job.g, node, name, ret) < 0)
        return job_fail(&r->c->job, err);
    return 0;
}

uint8_t *
hive_get(struct hive *r, const char *key, const char *name, size_t *ret_size,
    struct error *err)
{
    int64_t value;
    void *data;

    if (find_value(r, key, name, &value, err) < 0 || !value)
        return NULL;
    if (mayfly_hivex_value_value(r->c->job.g, value, &data, ret_size) < 0)
        return job_fail(&r->c->job, err), NULL;
    return data;
}

char *
hive_text(struct hive *r, const char *key, const char *name, struct error *err)
{
    int64_t value;
    char *text;

    if (find_value(r, key, name, &value, err) < 0 || !value)
        return NULL;
    /* A value that is not a text counts as missing. */
    if (mayfly_hivex_value_string(r->c->job.g, value, &text) < 0)
        return NULL;
    return text;
}

int
hive_number(struct hive *r, const char *key, const char *name,
    uint32_t fallback, uint32_t *ret, struct error *err)
{
    size_t size;
    cleanup_free uint8_t *data = hive_get(r, key, name, &size, err);

    if (err->code)
        return -1;
    *ret = data && size == sizeof *ret ? get_le32(data) : fallback;
    return 0;
}

int
hive_keys(struct hive *r, const char *key, char ***ret, struct error *err)
{
    struct mayfly *g = r->c->job.g;
    struct mayfly_hivex_node_list *list;
    cleanup_strv char **names = NULL;
    bool failed = false;
    int64_t node;

    *ret = NULL;
    if (hive_find(r, key, &node, err) < 0)
        return -1;
    if (!node)
        return 0;
    if (mayfly_hivex_node_children(g, node, &list) < 0)
        return job_fail(&r->c->job, err);
    for (uint32_t i = 0; !failed && i < list->len; i++) {
        char *name = NULL;

        failed =
            mayfly_hivex_node_name(g, list->val[i].hivex_node_h, &name) < 0;
        if (!failed && strv_take(&names, name) < 0)
            failed = true;
    }
    mayfly_free_hivex_node_list(list);
    if (failed)
        return job_fail(&r->c->job, err);
    *ret = steal_pointer(&names);
    return 0;
}

/* --- undoing a change --- */

static int
note(struct hive *r, const char *line, struct error *err)
{
    char *all = text_printf("%s%s\n", r->undo ? r->undo : "", line);

    if (!all)
        return error_no_memory(err);
    free(r->undo);
    r->undo = all;
    return 0;
}

/* "[HKEY...]", or "[-HKEY...]" to remove the key. */
static int
note_key(struct hive *r, const char *key, size_t n, const char *minus,
    struct error *err)
{
    cleanup_free char *line = text_printf(
        "[%sHKEY_LOCAL_MACHINE\\%s\\%.*s]", minus, r->name, (int)n, key);

    return line ? note(r, line, err) : error_no_memory(err);
}

/* Record the current value; any type can be written as bytes. */
static int
note_value(struct hive *r, const char *name, int64_t value, struct error *err)
{
    struct mayfly *g = r->c->job.g;
    cleanup_free char *line = NULL;
    cleanup_free uint8_t *data = NULL;
    void *bytes;
    size_t size, length;
    int64_t type;

    if (mayfly_hivex_value_type(g, value, &type) < 0 ||
        mayfly_hivex_value_value(g, value, &bytes, &size) < 0)
        return job_fail(&r->c->job, err);
    data = bytes;

    FILE *f = open_memstream(&line, &length);
    if (!f)
        return error_no_memory(err);
    fprintf(
        f, *name ? "\"%s\"=hex(%x):" : "@%s=hex(%x):", name, (unsigned)type);
    for (size_t i = 0; i < size; i++)
        fprintf(f, "%s%02x", i ? "," : "", data[i]);
    if (fclose(f) != 0)
        return error_no_memory(err);
    return note(r, line, err);
}

static bool
is_below(const char *key, const char *above)
{
    const char *rest = above ? str_after(key, above) : NULL;

    return rest && (*rest == '\\' || !*rest);
}

static int
note_change(struct hive *r, const char *key, const char *name, int64_t value,
    struct error *err)
{
    /* It is removed with its key. */
    if (is_below(key, r->made))
        return 0;
    if (note_key(r, key, strlen(key), "", err) < 0)
        return -1;
    if (value)
        return note_value(r, name, value, err);

    cleanup_free char *line = text_printf(*name ? "\"%s\"=-" : "@%s=-", name);
    return line ? note(r, line, err) : error_no_memory(err);
}

/* --- writing --- */

/* The key; its missing parts are created. */
static int
make_key(struct hive *r, const char *key, int64_t *ret, struct error *err)
{
    struct mayfly *g = r->c->job.g;
    const char *p = key;
    int64_t node, child;

    if (mayfly_hivex_root(g, &node) < 0)
        return job_fail(&r->c->job, err);
    for (bool made = false; *p; node = child) {
        size_t n = strcspn(p, "\\");
        cleanup_free char *name = strndup(p, n);

        if (!name)
            return error_no_memory(err);
        if (step_down(r, node, p, n, &child, err) < 0)
            return -1;
        p += n;
        if (!child) {
            if (mayfly_hivex_node_add_child(g, node, name, &child) < 0)
                return job_fail(&r->c->job, err);
            r->changed = true;
        } else {
            p += *p == '\\';
            continue;
        }
        if (!made && !is_below(key, r->made)) {
            if (note_key(r, key, (size_t)(p - key), "-", err) < 0)
                return -1;
            free(r->made);
            if (!(r->made = strndup(key, (size_t)(p - key))))
                return error_no_memory(err);
        }
        made = true;
        p += *p == '\\';
    }
    *ret = node;
    return 0;
}

int
hive_set(struct hive *r, const char *key, const char *name, enum hive_type type,
    const void *data, size_t size, struct error *err)
{
    size_t old_size = 0;
    cleanup_free uint8_t *old = hive_get(r, key, name, &old_size, err);
    int64_t node = 0, value; /* 0: GCC 14 does not see that it is set */

    if (err->code)
        return -1;
    if (old && old_size == size && memcmp(old, data, size) == 0)
        return 0;
    if (strlen(key) > KEY_MAX)
        return error_set(err, E2BIG, "the key %s is too long", key);
    if (make_key(r, key, &node, err) < 0 ||
        find_value(r, key, name, &value, err) < 0 ||
        note_change(r, key, name, value, err) < 0)
        return -1;
    if (mayfly_hivex_node_set_value(r->c->job.g, node, name, type, data, size) <
        0)
        return job_fail(&r->c->job, err);
    r->changed = true;
    return 0;
}

int
hive_set_number(struct hive *r, const char *key, const char *name,
    uint32_t value, struct error *err)
{
    value = htole32(value);
    return hive_set(r, key, name, REGISTRY_NUMBER, &value, sizeof value, err);
}

int
hive_set_text(struct hive *r, const char *key, const char *name,
    enum hive_type type, const char *text, struct error *err)
{
    /* Including the NUL, and for a list the final extra NUL. */
    size_t n = strlen(text) + 1 + (type == REGISTRY_TEXTS);
    cleanup_free uint8_t *wide = calloc(n, 2);

    if (!wide)
        return error_no_memory(err);
    for (size_t i = 0; text[i]; i++)
        wide[2 * i] = (uint8_t)text[i];
    return hive_set(r, key, name, type, wide, 2 * n, err);
}

int
hive_tell(struct hive *r, const char *what, const char *why, struct error *err)
{
    cleanup_undo struct undo undo = {.kind = UNDO_REGISTRY};

    if (!r->undo)
        return 0;
    undo.before = steal_pointer(&r->undo);
    return report_change(&r->c->report, r->path, what, why, &undo, err);
}

int
hive_commit(struct hive *r, struct error *err)
{
    if (r->changed && mayfly_hivex_commit(r->c->job.g, NULL) < 0)
        return job_fail(&r->c->job, err);
    r->changed = false;
    return 0;
}

void
hive_close(struct hive *r)
{
    if (!r->c)
        return;
    mayfly_hivex_close(r->c->job.g);
    free(r->path);
    free(r->undo);
    free(r->made);
    *r = (struct hive){0};
}
