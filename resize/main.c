/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-resize: make a disk and what is on it larger or smaller. */
#include <config.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "resize/manual.h"
#include "resize/resize.h"
#include "tool/tool.h"

#define FIELD(name) offsetof(struct resize, name)

static int
set_align_first(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    struct resize *r = opaque;

    (void)option;
    if (str_equal(value, "auto"))
        r->align_first = ALIGN_AUTO;
    else if (str_equal(value, "never"))
        r->align_first = ALIGN_NEVER;
    else if (str_equal(value, "always"))
        r->align_first = ALIGN_ALWAYS;
    else
        return error_set(err, EINVAL,
            "unknown value '%s'; use auto, never or always", value);
    return 0;
}

static int
set_alignment(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    enum { MAX_ALIGNMENT = 1 << 21 };
    struct resize *r = opaque;

    if (tool_set_number(opaque, option, value, err) < 0)
        return -1;
    return r->alignment < 1 || r->alignment > MAX_ALIGNMENT
               ? error_set(err, EINVAL, "use 1 to %d sectors", MAX_ALIGNMENT)
               : 0;
}

static int
set_unknown(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct resize *r = opaque;

    (void)option;
    if (str_equal(value, "ignore"))
        r->unknown = UNKNOWN_IGNORE;
    else if (str_equal(value, "warn"))
        r->unknown = UNKNOWN_WARN;
    else if (str_equal(value, "error"))
        r->unknown = UNKNOWN_ERROR;
    else
        return error_set(err, EINVAL,
            "unknown value '%s'; use ignore, warn or error", value);
    return 0;
}

static int
set_blocksize(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct resize *r = opaque;

    if (tool_set_number(opaque, option, value, err) < 0)
        return -1;
    return r->blocksize == 512 || r->blocksize == 4096
               ? 0
               : error_set(err, EINVAL, "use 512 or 4096");
}

static int
set_machine_readable(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    struct resize *r = opaque;

    (void)option;
    if (value)
        return error_set(
            err, EINVAL, "a format is not supported here; see --progress json");
    r->machine_readable = true;
    return 0;
}

/* One letter or two, as in virt-resize. */
static int
set_nothing(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    (void)opaque, (void)option, (void)value, (void)err;
    return 0;
}

static const struct tool_option options[] = {
    {NULL, 0, NULL, "Disks", NULL, 0},
    {"size", 0, "SIZE",
        "size of the new disk, as 20G, or what comes to it, as +5G",
        tool_set_text, FIELD(size)},
    {"add", 'a', "IMAGE", "the disk to resize in place", tool_set_text,
        FIELD(in)},
    {"format", 0, "FORMAT",
        "format of the disk that there is; default: its own", tool_set_text,
        FIELD(format)},
    {"output-format", 0, "FORMAT",
        "format of the new disk; default: that of NEW, or of OLD",
        tool_set_text, FIELD(output_format)},
    {"blocksize", 0, "BYTES", "sector size of the disks: 512 or 4096",
        set_blocksize, FIELD(blocksize)},
    {NULL, 0, NULL, "Partitions", NULL, 0},
    {"expand", 0, "PART", "give the partition all space that is left",
        tool_set_text, FIELD(expand)},
    {"shrink", 0, "PART", "take from the partition what does not fit",
        tool_set_text, FIELD(shrink)},
    {"resize", 0, "PART=SIZE", "give the partition this size", tool_add_text,
        FIELD(sizes)},
    {"resize-force", 0, "PART=SIZE", "the same, cutting off what is at its end",
        tool_add_text, FIELD(forced_sizes)},
    {"lv-expand", 0, "LV", "give the volume the free space of its group",
        tool_add_text, FIELD(volumes)},
    {"LV-expand", 0, "LV", NULL, tool_add_text, FIELD(volumes)},
    {"lvexpand", 0, "LV", NULL, tool_add_text, FIELD(volumes)},
    {"LVexpand", 0, "LV", NULL, tool_add_text, FIELD(volumes)},
    {"no-expand-content", 0, NULL, "leave what is in partitions as it is",
        tool_set_flag, FIELD(no_content)},
    {"unknown-filesystems", 0, "HOW",
        "what cannot be grown is ignore, warn (default) or error", set_unknown,
        0},
    {"ntfsresize-force", 0, NULL, "also grow NTFS that is marked for a check",
        tool_set_flag, FIELD(ntfs_force)},
    {NULL, 0, NULL, "Copying", NULL, 0},
    {"ignore", 0, "PART", "do not copy what is in the partition", tool_add_text,
        FIELD(ignored)},
    {"delete", 0, "PART", "leave out the partition", tool_add_text,
        FIELD(deleted)},
    {"align-first", 0, "WHEN",
        "align the first partition: auto (default), never or always",
        set_align_first, 0},
    {"alignment", 0, "SECTORS", "alignment of what moves; default: 128",
        set_alignment, FIELD(alignment)},
    {"no-copy-boot-loader", 0, NULL,
        "do not copy what is before the first partition", tool_set_flag,
        FIELD(no_boot_loader)},
    {"no-extra-partition", 0, NULL,
        "make no partition of the space that is left", tool_set_flag,
        FIELD(no_extra)},
    {"no-sparse", 0, NULL, "write zeroes as well", tool_set_flag,
        FIELD(no_sparse)},
    {NULL, 0, NULL, "Work", NULL, 0},
    {"dry-run", 'n', NULL, "print what would be done, and do nothing",
        tool_set_flag, FIELD(dry_run)},
    {"dryrun", 0, NULL, NULL, tool_set_flag, FIELD(dry_run)},
    {"no-overlay", 0, NULL,
        "write to the image at once; a failure leaves it half changed",
        tool_set_flag, FIELD(no_overlay)},
    {"quiet", 'q', NULL, "print only warnings and errors", tool_set_flag,
        FIELD(quiet)},
    {"debug", 'd', NULL, "the same as --verbose", tool_set_flag, FIELD(debug)},
    {"machine-readable", 0, "[FORMAT]",
        "print what this program can do, for programs", set_machine_readable,
        0},
    {"colors", 0, NULL, NULL, set_nothing, 0},
    {"colours", 0, NULL, NULL, set_nothing, 0},
    {"wrap", 0, NULL, NULL, set_nothing, 0},
    {0},
};

static void
take_words(struct resize *r, const struct tool *t)
{
    size_t n = 0;

    if (!r->in && n < t->n_words)
        r->in = t->words[n++];
    if (n < t->n_words)
        r->out = t->words[n++];
    if (n < t->n_words)
        tool_misuse(
            "unknown word '%s'; there are two disks at most", t->words[n]);
    if (!r->in)
        tool_misuse("no disk: give one to resize it in place, or two, OLD and "
                    "NEW");
}

static void
check(const struct resize *r)
{
    const char *only_copy = r->deleted          ? "--delete"
                            : r->ignored        ? "--ignore"
                            : r->shrink         ? "--shrink"
                            : r->output_format  ? "--output-format"
                            : r->no_boot_loader ? "--no-copy-boot-loader"
                            : r->no_sparse      ? "--no-sparse"
                            : r->align_first == ALIGN_ALWAYS
                                ? "--align-first always"
                                : NULL;

    if (r->expand && r->shrink)
        tool_misuse("--expand and --shrink cannot be used together");
    if (!r->out && only_copy)
        tool_misuse("%s is for copying: give the name of a new disk as well",
            only_copy);
    if (r->out && r->no_overlay)
        tool_misuse("--no-overlay is for one disk: OLD is never changed");
    if (!r->out && !r->size && !r->expand && !r->sizes && !r->forced_sizes &&
        !r->volumes)
        tool_misuse("nothing to do: give --size, --expand, --resize or "
                    "--lv-expand");
}

static int
print_features(void)
{
    puts("mayfly-resize\nntfsresize-force\n32bitok\n128-sector-alignment\n"
         "alignment\nalign-first\ninfile-uri\nntfs\nbtrfs\nxfs\nf2fs\nluks\n"
         "in-place");
    return tool_finish_output(TOOL_OK);
}

int
main(int argc, char **argv)
{
    const struct tool_program program = {
        .name = "mayfly-resize",
        .summary = "make a disk and what is on it larger or smaller",
        .usage = "[OPTION...] DISK\n[OPTION...] OLD NEW",
        .options = options,
        .groups = TOOL_SECRETS | TOOL_ALLOW,
        .manual = &resize_manual,
    };
    struct resize r = {.start = monotonic_seconds(), .alignment = 128};
    cleanup_tool struct tool t;
    cleanup_error struct error err = {0};
    int code;

    tool_parse(&t, &program, argc, argv, &r);
    if (r.machine_readable && t.n_words == 0 && !r.in)
        return print_features();
    take_words(&r, &t);
    check(&r);
    t.verbose |= r.debug;
    t.scan.format = r.format;
    t.scan.blocksize = r.blocksize;
    if (r.out)
        code = resize_copy(&r, &t);
    else if (tool_add_disk(&t, r.in, &err) < 0)
        code = tool_give_up(&err, TOOL_INPUT);
    else
        code = resize_in_place(&r, &t);
    strv_free(r.sizes);
    strv_free(r.forced_sizes);
    strv_free(r.ignored);
    strv_free(r.deleted);
    strv_free(r.volumes);
    return tool_finish_output(tool_exit_code(code));
}
