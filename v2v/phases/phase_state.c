/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/phases/phase_state.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"

enum { TEXT_MAX = 1 << 20, BOOT_MAX = 64 };

static char *
path_in(const char *folder, struct error *err)
{
    char *path = text_printf("%s/state.json", folder);

    if (!path)
        error_no_memory(err);
    return path;
}

char *
phase_state_boot(struct error *err)
{
    return read_file("/proc/sys/kernel/random/boot_id", BOOT_MAX, NULL, err);
}

static char *
text_of(struct json_object *o, const char *key)
{
    const char *text = json_object_get_string(json_object_object_get(o, key));

    return text ? strdup(text) : NULL;
}

static bool
flag_of(struct json_object *o, const char *key)
{
    return json_object_get_boolean(json_object_object_get(o, key));
}

static bool
take(struct phase_state *s, struct json_object *o)
{
    struct json_object *disks = json_object_object_get(o, "disks");
    size_t n = disks && json_object_is_type(disks, json_type_array)
                   ? json_object_array_length(disks)
                   : 0;

    if (n == 0 || n > GUEST_DISKS_MAX)
        return false;
    s->whole = flag_of(o, "whole");
    s->converted = flag_of(o, "converted");
    s->passes =
        (unsigned)json_object_get_int(json_object_object_get(o, "passes"));
    if (!(s->boot = text_of(o, "boot")))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct json_object *d = json_object_array_get_idx(disks, i);

        s->disks[i] = (struct phase_disk){
            .source = text_of(d, "source"), .format = text_of(d, "format")};
        s->n = i + 1;
        if (!s->disks[i].source || !s->disks[i].format)
            return false;
    }
    return true;
}

int
phase_state_read(const char *folder, struct phase_state *ret, struct error *err)
{
    cleanup_free char *path = path_in(folder, err);
    struct phase_state s = {0};

    if (!path)
        return -1;
    if (access(path, F_OK) < 0 && errno == ENOENT) {
        *ret = s;
        return 0;
    }
    cleanup_free char *text = read_file(path, TEXT_MAX, NULL, err);
    if (!text)
        return -1;

    struct json_object *o = json_tokener_parse(text);
    bool good = o && take(&s, o);
    json_object_put(o);
    if (!good) {
        phase_state_clear(&s);
        return error_set(err, EINVAL,
            "cannot understand %s; remove its folder to start again", path);
    }
    *ret = s;
    return 0;
}

static void
add(struct json_object *o, const char *key, struct json_object *value)
{
    json_object_object_add(o, key, value);
}

int
phase_state_write(
    const char *folder, const struct phase_state *s, struct error *err)
{
    cleanup_output struct output out = {.fd = -1};
    cleanup_free char *path = path_in(folder, err);
    struct json_object *o = json_object_new_object();
    struct json_object *disks = json_object_new_array();
    int r = -1;

    if (!path || !o || !disks)
        return error_no_memory(err);
    add(o, "whole", json_object_new_boolean(s->whole));
    add(o, "converted", json_object_new_boolean(s->converted));
    add(o, "passes", json_object_new_int((int)s->passes));
    add(o, "boot", json_object_new_string(s->boot ? s->boot : ""));
    for (size_t i = 0; i < s->n; i++) {
        struct json_object *d = json_object_new_object();

        add(d, "source", json_object_new_string(s->disks[i].source));
        add(d, "format", json_object_new_string(s->disks[i].format));
        json_object_array_add(disks, d);
    }
    add(o, "disks", disks);

    const char *text =
        json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);
    if (!text)
        error_no_memory(err);
    else if (output_open(&out, path, 0600, err) == 0)
        r = write_all(out.fd, text, strlen(text)) < 0
                ? error_errno(err, errno, "cannot write %s", path)
                : output_commit(&out, err);
    json_object_put(o);
    return r;
}

void
phase_state_clear(struct phase_state *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free(s->disks[i].source);
        free(s->disks[i].format);
    }
    free(s->boot);
    *s = (struct phase_state){0};
}
