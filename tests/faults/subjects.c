/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tests/faults/subjects.h"

#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <libxml/xmlerror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/subprocess.h"
#include "builder/catalog/index.h"
#include "codec.h"
#include "customize/edit.h"
#include "lib/disk/disk.h"
#include "lib/disk/node.h"
#include "lib/handle/handle.h"
#include "lib/qemu/qmp.h"
#include "lib/rpc/channel.h"
#include "v2v/source/manifest.h"
#include "v2v/source/ovf.h"
#include "v2v/source/vhd_image.h"
#include "v2v/source/xl_disk.h"
#include "v2v/source/xl_grammar.h"
#include "v2v/source/xva_metadata.h"

/* A file of DATA in memory.  The seeds of images are sparse (fuzz/header.c):
 * u32 size, then records of u32 offset, u16 length and that many bytes. */
static int
file_of(const char *data, size_t size, struct error *err)
{
    cleanup_close int fd = memfd_create("seed", MFD_CLOEXEC);

    if (fd < 0)
        return error_errno(err, errno, "memfd");
    if (size < 8 || memcmp(data, "SPRS", 4) != 0) {
        if (write_all(fd, data, size) < 0)
            return error_errno(err, errno, "write");
        return steal_fd(&fd);
    }

    uint32_t whole, offset;
    uint16_t n;
    memcpy(&whole, data + 4, 4);
    if (ftruncate(fd, whole) < 0)
        return error_errno(err, errno, "ftruncate");
    for (size_t at = 8; size - at >= 6; at += n) {
        memcpy(&offset, data + at, 4);
        memcpy(&n, data + at + 4, 2);
        at += 6;
        if (n > size - at || pwrite(fd, data + at, n, offset) != n)
            return error_set(err, EINVAL, "bad seed");
    }
    return steal_fd(&fd);
}

static int
add_fd(void *opaque, int fd, struct error *err)
{
    (void)fd, (void)err;
    return ++*(int *)opaque;
}

static int
add_server(void *opaque, const struct disk *d, bool writable, const char *name,
    struct error *err)
{
    (void)d, (void)writable, (void)name;
    return add_fd(opaque, -1, err);
}

/* From a file's name to the node that QEMU would get. */
static int
run_disk(const char *data, size_t size, struct error *err)
{
    cleanup_close int fd = file_of(data, size, err);
    struct disk *d = NULL;
    struct disk_options options = {.read_only = true, .label = "label"};
    int n = 0, result = -1;
    struct node_builder builder = {add_fd, add_server, NULL, &n};
    char path[64];

    if (fd < 0)
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (disk_open(path, &options, &d, err) < 0)
        return -1;
    struct json_object *node = node_of_disk(&builder, d, err);
    if (node) {
        const char *text = json_object_to_json_string(node);

        result = 0;
        /* Half a node would have QEMU decide for itself. */
        if (!text)
            result = error_no_memory(err);
        else if (!strstr(text, "\"driver\"") || !strstr(text, "read-only"))
            result = error_set(err, EPROTO, "half a node: %s", text);
        json_object_put(node);
    }
    disk_free(d);
    return result;
}

/* A decoder has no error, only `bad`. */
#define DECODER(name)                                                          \
    static bool try_##name(struct wire_reader *r, struct wire_writer *w)       \
    {                                                                          \
        struct api_##name value;                                               \
                                                                               \
        if (!api_get_##name(r, &value))                                        \
            return false;                                                      \
        api_put_##name(w, &value);                                             \
        return !w->bad;                                                        \
    }
#include "fuzz-decoders.h"
#undef DECODER

typedef bool (*decoder)(struct wire_reader *r, struct wire_writer *w);

#define DECODER(name) try_##name,
static const decoder decoders[] = {
#include "fuzz-decoders.h"
};
#undef DECODER

static int
run_codec(const char *data, size_t size, struct error *err)
{
    struct wire_arena arena = {.cap = 1 << 20};
    const uint8_t *p = (const uint8_t *)data;
    struct wire_reader r = {p + 2, size - 2, false, &arena};
    struct wire_writer w = {.cap = size};
    size_t which = ((size_t)p[0] | (size_t)p[1] << 8) % N_ELEMENTS(decoders);
    int result = 0;

    if (!decoders[which](&r, &w))
        result = error_no_memory(err);
    else if (w.used != size - 2 || (w.used && memcmp(w.p, p + 2, w.used) != 0))
        result = error_set(err, EPROTO, "not what was read");
    wire_writer_free(&w);
    wire_arena_free(&arena);
    return result;
}

static int
call_some(struct mayfly *g)
{
    bool yes;
    char *text, **texts;
    struct mayfly_file_status *status;
    struct mayfly_dirent_list *entries;

    if (mayfly_is_dir(g, "/", NULL, &yes) < 0)
        return -1;
    if (mayfly_readlink(g, "/", &text) < 0)
        return -1;
    free(text);
    if (mayfly_list_devices(g, &texts) < 0)
        return -1;
    free(texts);
    if (mayfly_stat(g, "/", &status) < 0)
        return -1;
    mayfly_free_file_status(status);
    if (mayfly_readdir(g, "/", &entries) < 0)
        return -1;
    mayfly_free_dirent_list(entries);
    return mayfly_download(g, "/a", "/dev/null");
}

/* A few calls; DATA is what the appliance answers. */
static int
run_channel(const char *data, size_t size, struct error *err)
{
    struct mayfly *g = mayfly_create();
    int ends[2], result;

    if (!g)
        return error_no_memory(err);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        abort();
    g->channel = channel_new(ends[0], -1, NULL, err);
    result = g->channel ? 0 : -1;
    if (result == 0) {
        g->state = HANDLE_READY;
        if (write_all(ends[1], data, size) < 0)
            abort();
        shutdown(ends[1], SHUT_WR);
        result = call_some(g);
        if (result < 0)
            error_set(err, mayfly_last_errno(g), "%s", mayfly_last_error(g));
        g->state = HANDLE_DEAD; /* there is no engine to stop */
    }
    mayfly_close(g);
    close(ends[0]);
    close(ends[1]);
    return result;
}

static int
run_settings(const char *data, size_t size, struct error *err)
{
    struct mayfly *g = mayfly_create();
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_LABEL | MAYFLY_ADD_DRIVE_FORMAT,
        .label = "x",
        .format = "raw",
    };
    char *text;
    int result = 0;

    (void)data, (void)size;
    if (!g)
        return error_no_memory(err);
    if (mayfly_set_cachedir(g, "/var/tmp") < 0 ||
        mayfly_set_tmpdir(g, "/var/tmp") < 0 ||
        mayfly_add_drive(g, "/dev/null/x", &options) == 0 ||
        mayfly_last_errno(g) != ENOTDIR ||
        mayfly_add_drive_scratch(g, 1 << 20, NULL) < 0 ||
        mayfly_get_cachedir(g, &text) < 0)
        result =
            error_set(err, mayfly_last_errno(g), "%s", mayfly_last_error(g));
    else
        free(text);
    mayfly_close(g);
    return result;
}

static int
run_index(const char *data, size_t size, struct error *err)
{
    cleanup_index struct index index = {0};

    return index_parse(data, size, &index, err);
}

static int
run_xl(const char *data, size_t size, struct error *err)
{
    cleanup_xl struct xl_config config = {0};
    cleanup_guest struct guest guest = {0};

    if (xl_parse(data, size, &config, err) < 0)
        return -1;
    for (char *const *item = xl_list(&config, "disk"); item && *item; item++) {
        struct guest_disk *disk = guest_add_disk(&guest, err);

        if (!disk || xl_disk_parse(*item, disk, err) < 0)
            return -1;
        if (!disk->name || !disk->format || !(disk->path || disk->removable))
            return error_set(err, EPROTO, "half a disk");
    }
    return 0;
}

static int
run_vhd(const char *data, size_t size, struct error *err)
{
    cleanup_close int fd = file_of(data, size, err);
    cleanup_close int folder = open("/proc/self/fd", O_DIRECTORY | O_CLOEXEC);
    enum vhd_place place;
    uint64_t n = 1, offset;
    struct vhd_image v;
    char name[16];

    snprintf(name, sizeof name, "%d", fd);
    if (fd < 0 || vhd_open(folder, name, &v, err) < 0)
        return -1;
    int result = vhd_find(&v, 0, &n, &place, &offset, err);
    vhd_close(&v);
    return result;
}

static int
run_manifest(const char *data, size_t size, struct error *err)
{
    cleanup_free char *text = strndup(data, size);
    cleanup_free char *sum = text ? manifest_sum(text, "disk.vmdk", err) : NULL;

    if (!text)
        return error_no_memory(err);
    if (!sum)
        return err->code ? -1 : error_set(err, EPROTO, "no sum");
    cleanup_hash struct hash *hash = manifest_hash(sum);
    return hash ? 0 : error_no_memory(err);
}

static int
run_v2v(const char *data, size_t size, struct error *err)
{
    switch (data[0]) {
    case 'x':
        return run_xl(data + 1, size - 1, err);
    case 'v':
        return run_vhd(data + 1, size - 1, err);
    case 'o':
    case 'a':
        return 0; /* run_xml has them */
    case 'm':
        return run_manifest(data + 1, size - 1, err);
    default:
        return error_set(err, EPROTO, "unknown seed");
    }
}

static int
run_xml(const char *data, size_t size, struct error *err)
{
    cleanup_guest struct guest guest = {0};
    int result = 0;

    if (data[0] == 'o')
        result = ovf_read(data + 1, size - 1, &guest, err);
    else if (data[0] == 'a')
        result = xva_metadata_read(data + 1, size - 1, &guest, err);
    xmlResetLastError(); /* its text is the thread's, until the next one */
    return result;
}

static int
run_edit(const char *data, size_t size, struct error *err)
{
    cleanup_free char *a = NULL, *b = NULL, *c = NULL, *d = NULL;

    (void)data, (void)size;
    a = edit_append_line("a\nb", 3, "c", err);
    if (a)
        b = edit_shadow("root:*:1\nme:x:", "me", "$y$", err);
    if (b)
        c = edit_hosts("127.0.0.1 a.b a\n", "a.b", "c.d", err);
    if (c)
        d = edit_assignment("A=1\nB=2\n", "B", "3", err);
    return d ? 0 : -1;
}

static const char said[] =
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, "
    "\"major\": 7}, \"package\": \"x\"}, \"capabilities\": [\"oob\"]}}\r\n"
    "{\"return\": {}, \"id\": 1}\r\n"
    "{\"event\": \"STOP\", \"data\": {\"a\": \"b\"}}\r\n"
    "{\"return\": {\"x\": [1, 2]}, \"id\": 2}\r\n"
    "{\"return\": {}, \"id\": 3}\r\n";

/* All that went to QEMU, which must be what was meant. */
static int
check_heard(int fd, struct error *err)
{
    char text[1024];
    ssize_t n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);

    text[n > 0 ? n : 0] = '\0';
    if (!strstr(text, "\"first\": \"1\"") && !strstr(text, "\"first\":\"1\""))
        return error_set(err, EPROTO, "QEMU heard: %s", text);
    return 0;
}

static int
talk(struct qmp *q, int fd, struct error *err)
{
    struct json_object *value = NULL, *event;

    if (qmp_command(q, "qmp_capabilities", NULL, NULL, err) < 0)
        return -1;
    struct json_object *arguments =
        qmp_strings("first", "1", "second", "2", NULL);
    if (!arguments)
        return error_no_memory(err);
    if (qmp_command(q, "query", arguments, &value, err) < 0)
        return -1;
    json_object_put(value);
    if (check_heard(fd, err) < 0)
        return -1;
    event = qmp_take_event(q, "STOP");
    if (!event)
        return error_set(err, EPROTO, "an event is lost");
    json_object_put(event);
    qmp_batch(q);
    if (qmp_command(q, "cont", NULL, NULL, err) < 0)
        return -1;
    return qmp_gather(q, 0, err);
}

static int
run_qmp(const char *data, size_t size, struct error *err)
{
    int ends[2], result = -1;

    (void)data, (void)size;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ||
        write_all(ends[1], said, sizeof said - 1) < 0)
        abort();
    struct qmp *q = qmp_new(ends[0], -1);
    if (q) {
        result = talk(q, ends[1], err);
        qmp_free(q);
    } else {
        error_no_memory(err);
    }
    close(ends[0]);
    close(ends[1]);
    return result;
}

static int
run_subprocess(const char *data, size_t size, struct error *err)
{
    static const char *const argv[] = {"true", "a", NULL};
    struct subprocess_limits limits = subprocess_strict(1 << 20);
    struct subprocess_spec spec = {
        .program = "true", .argv = argv, .limits = &limits, .seconds = 10};

    (void)data, (void)size;
    return subprocess_run(&spec, err);
}

const struct subject subjects[] = {
    {"disk", "header", run_disk, NULL},
    {"codec", "codec", run_codec, NULL},
    {"channel", "channel", run_channel, NULL},
    {"settings", NULL, run_settings, NULL},
    {"index", "index", run_index, NULL},
    {"v2v", "v2v", run_v2v, NULL},
    {"xml", "v2v", run_xml,
        "libxml2 gives NULL both for what is not there and without memory"},
    {"edit", NULL, run_edit, NULL},
    {"qmp", NULL, run_qmp, NULL},
    {"subprocess", NULL, run_subprocess, NULL},
};
const size_t n_subjects = N_ELEMENTS(subjects);
