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

enum { ALLOW_MAX = 60 }; /* the library takes 64 */

/* PROTOCOL://... of at least two letters, so that a drive C: is not one; or
 * nbd:..., which nbdkit writes. */
static bool
is_uri(const char *file)
{
    size_t n = strspn(file, "abcdefghijklmnopqrstuvwxyz+");

    return (n >= 2 && strncmp(file + n, "://", 3) == 0) ||
           str_after(file, "nbd:");
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
    if (access(file, R_OK) < 0)
        return error_set(err, errno,
            "cannot open %s: %s; ask its owner for read permission", file,
            strerror(errno));
    if (S_ISDIR(st.st_mode))
        return error_set(
            err, EISDIR, "%s is a directory; give the image file in it", file);
    return 0;
}

/* Room for one more. */
static int
append_disk(struct tool *t, struct error *err)
{
    struct tool_disk *bigger =
        reallocarray(t->disks, t->n_disks + 1, sizeof *bigger);

    if (!bigger)
        return error_no_memory(err);
    t->disks = bigger;
    return 0;
}

int
tool_add_disk(struct tool *t, const char *file, struct error *err)
{
    const char *plain = str_after(file, "file://");
    bool network = !plain && is_uri(file);

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

void
tool_take_words(struct tool *t)
{
    for (size_t i = 0; i < t->n_words; i++) {
        cleanup_error struct error err = {0};

        if (t->n_disks > i)
            tool_misuse(
                "unexpected argument '%s'; give disks with -a", t->words[i]);
        if (tool_add_disk(t, t->words[i], &err) < 0) {
            tool_error("%s", error_text(&err));
            exit(TOOL_INPUT);
        }
    }
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

static int
set_allow(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    static const char *const policies[] = {"none", "named", "images", "folder"};
    struct tool *t = opaque;

    (void)o;
    for (size_t i = 0; i < N_ELEMENTS(policies); i++) {
        if (str_equal(value, policies[i])) {
            t->policy = policies[i];
            return 0;
        }
    }
    if (access(value, F_OK) < 0)
        return error_set(err, errno,
            "%s: %s; give none, named, images, folder, or a file or directory "
            "that is "
            "there",
            value, strerror(errno));
    if (strv_length(t->allow) == ALLOW_MAX)
        return error_set(err, E2BIG, "no more than %d paths", ALLOW_MAX);
    return strv_append(&t->allow, value) < 0 ? error_no_memory(err) : 0;
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
        return error_no_memory(err);
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
            return error_no_memory(err);
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
        return error_no_memory(err);
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

/* A setting of the library, which has the variable as well. */
static int
set_require_cage(void *opaque, const struct tool_option *o, const char *value,
    struct error *err)
{
    (void)opaque, (void)o, (void)value;
    if (setenv("MAYFLY_REQUIRE_CAGE", "1", 1) < 0)
        return error_no_memory(err);
    return 0;
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
    unsigned group; /* 0: for every program, but TOOL_ALONE */
    struct tool_option option;
    const char *detail; /* as that of struct tool_detail, or NULL */
} shared[] = {
    {TOOL_DISKS,
        {"add", 'a', "FILE|URI", "add a disk image; repeat for more disks",
            set_add, 0},
        "The disks are /dev/sda, /dev/sdb and so on, in their order.  A URI\n"
        "is file:///PATH, nbd://HOST[:PORT]/EXPORT,\n"
        "nbd+unix:///EXPORT?socket=PATH, nbd:unix:PATH,\n"
        "ssh://[USER@]HOST[:PORT]/PATH, http://HOST/PATH,\n"
        "https://HOST/PATH, ftp://HOST/PATH,\n"
        "iscsi://HOST/TARGET/LUN or rbd://[HOST]/POOL/IMAGE.  What a server\n"
        "has can be raw, qcow2, vdi, vpc or vhdx; it must not refer to other\n"
        "files."},
    {TOOL_DISKS,
        {"domain", 'd', "NAME|UUID", "add the disks of a libvirt domain",
            set_domain, 0},
        "The disks of a running domain can only be read."},
    {TOOL_DISKS,
        {"connect", 'c', "URI",
            "libvirt connection for -d; default: libvirt's own", tool_set_text,
            FIELD(libvirt_uri)},
        NULL},
    {TOOL_DISKS,
        {"format", 0, "[FORMAT]",
            "format of the images that follow: raw, qcow2, vmdk, vdi, vhdx, "
            "vpc; default: detected from their headers",
            set_format, 0},
        "--format alone returns to the default.  Say --format=raw for a raw\n"
        "image that a guest could write to: otherwise such a guest could give\n"
        "it the header of another format."},
    {TOOL_DISKS,
        {"blocksize", 0, "[BYTES]",
            "sector size of the images that follow: 512 (default) or 4096",
            set_blocksize, 0},
        "--blocksize alone returns to the default."},
    {TOOL_DISKS | TOOL_ALLOW,
        {"allow", 0, "none|named|images|folder|PATH",
            "which other files an image may name: none, its own parts, images "
            "in its folder, any file there, or PATH",
            set_allow, 0},
        "Such files are backing files, data files and extents.  `named` are "
        "the\n"
        "parts in the folder of the image that are named after it, as\n"
        "disk-flat.vmdk, disk-s001.vmdk and, for disk-000001.vmdk, disk.vmdk;\n"
        "`folder` are all files in that folder, of which only those parts are\n"
        "written to.  A PATH is a file, or a directory with all below it; "
        "repeat\n"
        "the option for further paths.  Default: folder; for mayfly-v2v(1) "
        "and\n"
        "--each of mayfly-inspector(1): named.  An image whose format is only "
        "a\n"
        "guess may name no file but those of a PATH: see mayfly-security(7)."},
    {TOOL_MODE,
        {"ro", 'r', NULL, "never write to the images", tool_set_flag,
            FIELD(read_only)},
        "Changes go to a temporary file in $TMPDIR and are lost at the end.\n"
        "Always use it for disks of a running machine."},
    {TOOL_MODE,
        {"rw", 'w', NULL, "write to the images (default)", tool_set_flag,
            FIELD(read_write)},
        "Never use it on the disks of a running machine: that corrupts them."},
    {TOOL_MOUNTS,
        {"inspector", 'i', NULL,
            "find the operating system and mount its file systems",
            tool_set_flag, FIELD(inspect)},
        NULL},
    {TOOL_MOUNTS,
        {"mount", 'm', "DEV[:MP[:OPTS[:FSTYPE]]]",
            "mount device DEV on directory MP; default: /", set_mount, 0},
        "OPTS are options of mount(8); default: none.  FSTYPE is the type of\n"
        "the file system; default: what the kernel detects.  Repeat the\n"
        "option for more file systems."},
    {TOOL_SECRETS,
        {"key", 0, "SELECTOR",
            "key of an encrypted device: ID:key:STRING or ID:file:PATH",
            set_key, 0},
        "ID is a device such as /dev/sda2, the UUID of the encrypted device,\n"
        "a disk image that is encrypted inside its qcow2 format (LUKS), by\n"
        "its path or file name, or `all`.  A STRING can be seen by all users\n"
        "of this host while the program runs; a file cannot.  Repeat the\n"
        "option for more keys.  Without it, keys of devices are asked for on\n"
        "the terminal."},
    {TOOL_SECRETS,
        {"keys-from-stdin", 0, NULL,
            "read passphrases from standard input, one per line", tool_set_flag,
            FIELD(keys.from_stdin)},
        NULL},
    {TOOL_SECRETS,
        {"echo-keys", 0, NULL, "show passphrases while they are typed",
            tool_set_flag, FIELD(keys.echo)},
        NULL},
    {TOOL_NETWORK,
        {"network", 0, NULL, "give the appliance a network", tool_set_flag,
            FIELD(network)},
        "Programs of the guest can then reach whatever this host reaches,\n"
        "including its own address 127.0.0.1: see mayfly-security(7)."},
    {TOOL_NETWORK,
        {"no-network", 0, NULL, "give the appliance no network (default)",
            tool_clear_flag, FIELD(network)},
        NULL},
    {0,
        {"progress", 0, "MODE",
            "progress on standard error: auto (default), bar, json or none",
            set_progress, 0},
        "auto is a bar if standard error is a terminal; json is one object\n"
        "per line, with the fields `type`, `step`, `done` and `total`."},
    {0, {"progress-bars", 0, NULL, NULL, set_bar, 1}, "As --progress bar."},
    {0, {"no-progress-bars", 0, NULL, NULL, set_bar, 0}, "As --progress none."},
    {0,
        {"require-cage", 0, NULL,
            "fail if a layer of the cage around QEMU is missing",
            set_require_cage, 0},
        "As MAYFLY_REQUIRE_CAGE=1.  Without it a missing layer is a warning,\n"
        "once for each boot of this host.  See mayfly-security(7)."},
    {0,
        {"verbose", 'v', NULL, "print what the engine does on standard error",
            tool_set_flag, FIELD(verbose)},
        "As MAYFLY_DEBUG=1."},
    {0,
        {"trace", 'x', NULL,
            "print each call, with its time, on standard error", tool_set_flag,
            FIELD(trace)},
        "As MAYFLY_TRACE=1."},
};

const struct tool_option *
shared_at(unsigned groups, size_t i)
{
    for (size_t row = 0; row < N_ELEMENTS(shared); row++) {
        if (shared[row].group ? !(shared[row].group & groups)
                              : (groups & TOOL_ALONE) != 0)
            continue;
        if (i-- == 0)
            return &shared[row].option;
    }
    return NULL;
}

const char *
shared_detail(const struct tool_option *o)
{
    for (size_t row = 0; row < N_ELEMENTS(shared); row++)
        if (&shared[row].option == o)
            return shared[row].detail;
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
    strv_free(t->allow);
    tool_keys_free(&t->keys);
    *t = (struct tool){0};
}
