/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-sparsify: free what a guest does not use of its disk image. */
#include <config.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "resize/sparsify/manual.h"
#include "resize/sparsify/sparsify.h"
#include "tool/tool.h"

#define FIELD(name) offsetof(struct sparsify, name)

static int
set_check(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct sparsify *s = opaque;

    (void)option;
    if (str_equal(value, "ignore"))
        s->check_space = SPACE_IGNORE;
    else if (str_equal(value, "warn") || str_equal(value, "continue"))
        s->check_space = SPACE_WARN;
    else if (str_equal(value, "fail"))
        s->check_space = SPACE_FAIL;
    else
        return error_set(err, EINVAL,
            "unknown value '%s'; use ignore, continue, warn or fail", value);
    return 0;
}

static int
set_folder(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct sparsify *s = opaque;
    struct stat st;

    (void)option;
    if (stat(value, &st) < 0 || !S_ISDIR(st.st_mode))
        return error_set(err, EINVAL,
            "'%s' is not a directory; the overlay lies in one", value);
    s->folder = value;
    return 0;
}

static int
refuse_option(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    (void)opaque, (void)option, (void)value;
    return error_set(err, ENOTSUP,
        "qemu-img does not write the image, so it has no options; convert NEW "
        "with it afterwards");
}

static int
set_blocksize(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct sparsify *s = opaque;

    if (tool_set_number(opaque, option, value, err) < 0)
        return -1;
    return s->blocksize == 512 || s->blocksize == 4096
               ? 0
               : error_set(err, EINVAL, "use 512 or 4096");
}

static int
set_machine_readable(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    struct sparsify *s = opaque;

    (void)option;
    if (value)
        return error_set(
            err, EINVAL, "a format is not supported here; see --progress json");
    s->machine_readable = true;
    return 0;
}

static int
set_nothing(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    (void)opaque, (void)option, (void)value, (void)err;
    return 0;
}

static const struct tool_option options[] = {
    {NULL, 0, NULL, "Disks", NULL, 0},
    {"in-place", 0, NULL, "change the image itself", tool_set_flag,
        FIELD(in_place)},
    {"format", 0, "FORMAT",
        "format of the disk that there is; default: its own", tool_set_text,
        FIELD(format)},
    {"convert", 0, "FORMAT", "format of NEW; default: that of OLD",
        tool_set_text, FIELD(convert)},
    {"compress", 0, NULL, "compress NEW", tool_set_flag, FIELD(compress)},
    {NULL, 'o', "OPTION", NULL, refuse_option, 0},
    {"option", 0, "OPTION", NULL, refuse_option, 0},
    {"blocksize", 0, "BYTES", "sector size of the disk: 512 or 4096",
        set_blocksize, FIELD(blocksize)},
    {NULL, 0, NULL, "Work", NULL, 0},
    {"ignore", 0, "NAME", "leave this file system or volume group as it is",
        tool_add_text, FIELD(ignored)},
    {"zero", 0, "DEVICE", "zero this partition or logical volume in NEW",
        tool_add_text, FIELD(zeroed)},
    {"tmp", 0, "DIR", "directory of the overlay", set_folder, 0},
    {"check-tmpdir", 0, "HOW",
        "too little space there: ignore, continue, warn (default) or fail",
        set_check, 0},
    {"quiet", 'q', NULL, "print only warnings and errors", tool_set_flag,
        FIELD(quiet)},
    {"machine-readable", 0, "[FORMAT]",
        "print what this program can do, for programs", set_machine_readable,
        0},
    {"colors", 0, NULL, NULL, set_nothing, 0},
    {"colours", 0, NULL, NULL, set_nothing, 0},
    {"wrap", 0, NULL, NULL, set_nothing, 0},
    {0},
};

static void
check(struct sparsify *s, const struct tool *t)
{
    const char *only_copy = s->convert    ? "--convert"
                            : s->compress ? "--compress"
                            : s->zeroed   ? "--zero"
                            : s->folder   ? "--tmp"
                                          : NULL;
    size_t wanted = s->in_place ? 1 : 2;

    if (t->n_words == 0)
        tool_misuse("no disk: give OLD and NEW, or --in-place and one");
    if (t->n_words > wanted)
        tool_misuse("unknown word '%s'", t->words[wanted]);
    if (t->n_words < wanted)
        tool_misuse("no disk to make: give its name, or --in-place");
    if (s->in_place && only_copy)
        tool_misuse("%s is for copying: leave out --in-place, and give the "
                    "name of a new disk",
            only_copy);
    s->in = t->words[0];
    s->out = s->in_place ? NULL : t->words[1];
}

static int
print_features(void)
{
    puts("mayfly-sparsify\nin-place\ncheck-tmpdir\nntfs\nbtrfs\nxfs\nf2fs");
    return tool_finish_output(TOOL_OK);
}

int
main(int argc, char **argv)
{
    const struct tool_program program = {
        .name = "mayfly-sparsify",
        .summary = "free what a guest does not use of its disk image",
        .usage = "[OPTION...] OLD NEW\n--in-place [OPTION...] DISK",
        .options = options,
        .groups = TOOL_SECRETS | TOOL_ALLOW,
        .manual = &sparsify_manual,
    };
    struct sparsify s = {.start = monotonic_seconds()};
    cleanup_tool struct tool t;
    cleanup_error struct error err = {0};
    int code;

    tool_parse(&t, &program, argc, argv, &s);
    if (s.machine_readable && t.n_words == 0)
        return print_features();
    check(&s, &t);
    t.scan.format = s.format;
    t.scan.blocksize = s.blocksize;
    if (s.in_place)
        code = sparsify_in_place(&s, &t);
    else if (tool_add_disk(&t, s.in, &err) < 0)
        code = tool_give_up(&err, TOOL_INPUT);
    else
        code = sparsify_copy(&s, &t);
    strv_free(s.ignored);
    strv_free(s.zeroed);
    return tool_finish_output(tool_exit_code(code));
}
