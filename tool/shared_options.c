/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that programs share, by group, and their effect on the struct
 * tool. --format and --blocksize apply to the -a options that follow them. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/exit.h"
#include "tool/print.h"
#include "tool/progress.h"
#include "tool/table.h"

/* PROTOCOL://... of at least two letters, so that a drive C: is not one. */
static const char *
uri_rest(const char *file)
{
    size_t n = strspn(file, "abcdefghijklmnopqrstuvwxyz+");

    return n >= 2 && strncmp(file + n, "://", 3) == 0 ? file + n + 3 : NULL;
}

/* Errors that the library would also report, but found before anything is
 * started. */
static int
check_file(const char *file, struct error *err)
{
    struct stat st;

    if (stat(file, &st) < 0)
        return error_set(err, errno, "cannot open %s: %s; check the name", file,
            strerror(errno));
    if (S_ISDIR(st.st_mode))
        return error_set(
            err, EISDIR, "%s is a directory; give the image file in it", file);
    if (access(file, R_OK) < 0)
        return error_set(err, errno,
            "cannot open %s: %s; ask its owner for read permission", file,
            strerror(errno));
    return 0;
}

/* Room for one more. */
static int
append_disk(struct tool *t, struct error *err)
{
    struct tool_disk *bigger =
        reallocarray(t->disks, t->n_disks + 1, sizeof *bigger);

    if (!bigger)
        return error_set(err, ENOMEM, "no memory");
    t->disks = bigger;
    return 0;
}

int
tool_add_disk(struct tool *t, const char *file, struct error *err)
{
    const char *plain = str_after(file, "file://");
    bool network = !plain && uri_rest(file);

    if (plain)
        file = plain;
    if (!network && check_file(file, err) < 0)
        return -1;

    if (append_disk(t, err) < 0)
        return -1;
    t->disks[t->n_disks++] = (struct tool_disk){
        .file = file,
        .format = t->scan.format,
        .blocksize = t->scan.blocksize,
        .network_uri = network,
    };
    t->scan.unused = NULL;
    return 0;
}

int
tool_take_disk(struct tool *t, const struct tool_disk *disk, struct error *err)
{
    if (append_disk(t, err) < 0)
        return -1;
    t->disks[t->n_disks++] = *disk;
    return 0;
}

int
tool_add_new_disk(
    struct tool *t, const char *file, const char *format, struct error *err)
{
    struct tool_disk disk = {.file = file, .format = format, .writable = true};

    return tool_take_disk(t, &disk, err);
}

static int
set_domain(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    struct tool_disk disk = {.domain = value};

    (void)o;
    return tool_take_disk(opaque, &disk, err);
}

static int
set_add(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    (void)o;
    if (tool_add_disk(opaque, value, err) < 0) {
        tool_error("%s", error_text(err));
        exit(TOOL_INPUT);
    }
    return 0;
}

static int
set_format(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    struct tool *t = opaque;

    (void)err;
    t->scan.format = value && value[0] ? value : NULL;
    t->scan.unused = t->scan.format ? o->name : NULL;
    return 0;
}

static int
set_blocksize(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    struct tool *t = opaque;

    if (!value || !value[0])
        t->scan.blocksize = 0;
    else if (str_equal(value, "512") || str_equal(value, "4096"))
        t->scan.blocksize = atoi(value);
    else
        return error_set(
            err, EINVAL, "invalid size '%s': use 512 or 4096", value);
    t->scan.unused = t->scan.blocksize ? o->name : NULL;
    return 0;
}

/* DEV[:MP[:OPTS[:FSTYPE]]].  A btrfsvol: mountable has a colon of its own. */
static int
set_mount(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    struct tool *t = opaque;
    char **parts[4];

    (void)o;
    struct tool_mount *bigger =
        reallocarray(t->mounts, t->n_mounts + 1, sizeof *bigger);
    if (!bigger)
        return error_set(err, ENOMEM, "no memory");
    t->mounts = bigger;

    struct tool_mount *m = &t->mounts[t->n_mounts++];
    *m = (struct tool_mount){0};
    parts[0] = &m->device;
    parts[1] = &m->mountpoint;
    parts[2] = &m->options;
    parts[3] = &m->fstype;

    const char *start = value;
    size_t skip = str_after(value, "btrfsvol:") ? strlen("btrfsvol:") : 0;
    for (size_t i = 0; i < N_ELEMENTS(parts); i++) {
        size_t n = i == 3 ? strlen(start) : skip + strcspn(start + skip, ":");

        skip = 0;
        if (n > 0 && !(*parts[i] = strndup(start, n)))
            return error_set(err, ENOMEM, "no memory");
        start += n;
        if (!*start)
            break;
        start++;
    }
    if (!m->device)
        return error_set(err, EINVAL, "no device in '%s'", value);
    if (!m->mountpoint)
        m->mountpoint = strdup("/");
    if (!m->mountpoint)
        return error_set(err, ENOMEM, "no memory");
    if (m->mountpoint[0] != '/')
        return error_set(err, EINVAL,
            "mount point '%s' does not start with '/'", m->mountpoint);
    return 0;
}

static int
set_key(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    struct tool *t = opaque;

    (void)o;
    return tool_keys_add(&t->keys, value, err);
}

static int
set_progress(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    static const char *const names[] = {
        [PROGRESS_AUTO] = "auto",
        [PROGRESS_BAR] = "bar",
        [PROGRESS_JSON] = "json",
        [PROGRESS_NONE] = "none",
    };

    (void)opaque, (void)o;
    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        if (str_equal(value, names[i])) {
            tool_progress_set((enum tool_progress)i);
            return 0;
        }
    }
    return error_set(
        err, EINVAL, "invalid value '%s': use auto, bar, json or none", value);
}

static int
set_bar(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    (void)opaque, (void)value, (void)err;
    tool_progress_set(o->offset ? PROGRESS_BAR : PROGRESS_NONE);
    return 0;
}

#define FIELD(name) offsetof(struct tool, name)

static const struct {
    unsigned group; /* 0: for every program */
    struct tool_option option;
} shared[] = {
    {TOOL_DISKS, {"add", 'a', "FILE|URI", "add a disk image", set_add, 0}},
    {TOOL_DISKS, {"domain", 'd', "NAME|UUID",
                     "add the disks of a domain of libvirt", set_domain, 0}},
    {TOOL_DISKS, {"connect", 'c', "URI", "which libvirt to ask for domains",
                     tool_set_text, FIELD(libvirt_uri)}},
    {TOOL_DISKS,
        {"format", 0, "[FORMAT]",
            "format of the images that follow: raw, qcow2, vmdk, ...; empty: "
            "read it from their headers",
            set_format, 0}},
    {TOOL_DISKS, {"blocksize", 0, "[BYTES]",
                     "sector size of the images that follow: 512 or 4096",
                     set_blocksize, 0}},
    {TOOL_MODE, {"ro", 'r', NULL, "never write to the images", tool_set_flag,
                    FIELD(read_only)}},
    {TOOL_MODE, {"rw", 'w', NULL, "write to the images (default)",
                    tool_set_flag, FIELD(read_write)}},
    {TOOL_MOUNTS,
        {"inspector", 'i', NULL, "find the guest and mount its file systems",
            tool_set_flag, FIELD(inspect)}},
    {TOOL_MOUNTS, {"mount", 'm', "DEV[:MP[:OPTS[:FSTYPE]]]",
                      "mount DEV on MP (default /)", set_mount, 0}},
    {TOOL_SECRETS,
        {"key", 0, "SELECTOR",
            "key of an encrypted device: ID:key:STRING or ID:file:PATH; ID "
            "is a device, a UUID or 'all'",
            set_key, 0}},
    {TOOL_SECRETS, {"keys-from-stdin", 0, NULL, "read passphrases from stdin",
                       tool_set_flag, FIELD(keys.from_stdin)}},
    {TOOL_SECRETS,
        {"echo-keys", 0, NULL, "show passphrases while they are typed",
            tool_set_flag, FIELD(keys.echo)}},
    {TOOL_NETWORK, {"network", 0, NULL, "give the appliance a network",
                       tool_set_flag, FIELD(network)}},
    {TOOL_NETWORK, {"no-network", 0, NULL, "no network (default)",
                       tool_clear_flag, FIELD(network)}},
    {0, {"progress", 0, "MODE", "auto, bar, json (lines on stderr) or none",
            set_progress, 0}},
    {0, {"progress-bars", 0, NULL, NULL, set_bar, 1}},
    {0, {"no-progress-bars", 0, NULL, NULL, set_bar, 0}},
    {0, {"verbose", 'v', NULL, "tell what the engine does", tool_set_flag,
            FIELD(verbose)}},
    {0, {"trace", 'x', NULL, "tell every call with its time", tool_set_flag,
            FIELD(trace)}},
};

const struct tool_option *
shared_at(unsigned groups, size_t i)
{
    for (size_t row = 0; row < N_ELEMENTS(shared); row++) {
        if (shared[row].group && !(shared[row].group & groups))
            continue;
        if (i-- == 0)
            return &shared[row].option;
    }
    return NULL;
}

void
tool_free(struct tool *t)
{
    for (size_t i = 0; i < t->n_mounts; i++) {
        free(t->mounts[i].device);
        free(t->mounts[i].mountpoint);
        free(t->mounts[i].options);
        free(t->mounts[i].fstype);
    }
    free(t->mounts);
    free(t->disks);
    strv_free(t->kept);
    tool_keys_free(&t->keys);
    *t = (struct tool){0};
}
