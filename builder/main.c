/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-builder: an image from a signed template. */
#include <config.h>

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "builder/manual.h"
#include "builder/modes.h"
#include "tool/size.h"
#include "tool/tool.h"

#define FIELD(name) offsetof(struct builder, name)

static int
set_mode(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct builder *b = opaque;

    (void)value, (void)err;
    b->mode = (enum builder_mode)option->offset;
    return 0;
}

static int
set_machine_readable(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    if (value)
        return error_set(
            err, EINVAL, "a format is not supported here; see --progress json");
    return set_mode(opaque, option, value, err);
}

static int
set_list_format(void *opaque, const struct tool_option *option,
    const char *value, struct error *err)
{
    struct builder *b = opaque;

    (void)option;
    return list_format_parse(value, &b->list_format, err);
}

static int
set_long(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct builder *b = opaque;

    (void)option, (void)value, (void)err;
    b->list_format = LIST_LONG;
    return 0;
}

static int
set_size(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct builder *b = opaque;

    (void)option;
    return size_parse(value, &b->size, err);
}

static int
set_format(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    struct builder *b = opaque;

    (void)option;
    if (!str_equal(value, "raw") && !str_equal(value, "qcow2"))
        return error_set(err, EINVAL, "'%s' is neither raw nor qcow2", value);
    b->format = value;
    return 0;
}

/* Options of virt-builder(1), and what to do instead. */
static int
refuse(void *opaque, const struct tool_option *option, const char *value,
    struct error *err)
{
    static const char *const instead[][2] = {
        {"curl",
            "no program downloads here but libcurl; set https_proxy, or use "
            "--source with a file"},
        {"gpg", "signatures are checked by GPGME, with the gpg that is "
                "installed"},
        {"get-kernel",
            "use mayfish --ro -a IMAGE -i glob copy-out '/boot/vmlinuz*' . : "
            "glob copy-out '/boot/initr*' ."},
    };

    (void)opaque, (void)value;
    for (size_t i = 0; i < N_ELEMENTS(instead); i++)
        if (str_equal(instead[i][0], option->name))
            return error_set(err, ENOTSUP, "%s", instead[i][1]);
    return error_set(err, ENOTSUP, "not supported");
}

static const struct tool_option own_options[] = {
    {NULL, 0, NULL, "Instead of building", NULL, 0},
    {"list", 'l', NULL, "list the templates", set_mode, LIST},
    {"list-format", 0, "FORMAT",
        "format of --list: short (default), long or json", set_list_format, 0},
    {"long", 0, NULL, "the same as --list-format long", set_long, 0},
    {"notes", 0, NULL, "print the notes of a template", set_mode, NOTES},
    {"print-cache", 0, NULL, "list which templates are in the cache", set_mode,
        PRINT_CACHE},
    {"cache-all-templates", 0, NULL, "put all templates into the cache",
        set_mode, FILL_CACHE},
    {"delete-cache", 0, NULL, "empty the cache", set_mode, DELETE_CACHE},
    {"machine-readable", 0, "[FORMAT]",
        "print what this program can do, for programs", set_machine_readable,
        MACHINE_READABLE},
    {"dry-run", 0, NULL, "print what would be done, and do nothing",
        tool_set_flag, FIELD(dry_run)},
    {NULL, 0, NULL, "Template", NULL, 0},
    {"source", 0, "URI", "use the repository with this index file",
        tool_add_text, FIELD(sources)},
    {"fingerprint", 0, "FINGERPRINT",
        "key that must have signed the index; one for each --source, or one "
        "for all",
        tool_add_text, FIELD(fingerprints)},
    {"no-check-signature", 0, NULL,
        "use indexes and templates without checking them", tool_clear_flag,
        FIELD(check)},
    {"no-check-signatures", 0, NULL, NULL, tool_clear_flag, FIELD(check)},
    {"check-signature", 0, NULL, NULL, tool_set_flag, FIELD(check)},
    {"check-signatures", 0, NULL, NULL, tool_set_flag, FIELD(check)},
    {"arch", 0, "ARCH",
        "processor of the template; default: that of this machine",
        tool_set_text, FIELD(arch)},
    {"cache", 0, "DIR", "folder where unpacked templates are kept",
        tool_set_text, FIELD(cache)},
    {"no-cache", 0, NULL, "do not keep the template after the build",
        tool_clear_flag, FIELD(use_cache)},
    {NULL, 0, NULL, "Image", NULL, 0},
    {"output", 'o', "FILE",
        "file or block device to write; default: NAME.img or NAME.qcow2",
        tool_set_text, FIELD(output)},
    {"format", 0, "FORMAT", "format of the image: raw (default) or qcow2",
        set_format, 0},
    {"size", 0, "SIZE",
        "size of the disk, as 10G (units b, K, M, G, T); default: that of the "
        "template",
        set_size, 0},
    {"no-delete-on-failure", 0, NULL,
        "keep the unfinished image if a step fails", tool_set_flag,
        FIELD(keep)},
    {"no-sync", 0, NULL, "do not wait until the image is on the disk",
        tool_clear_flag, FIELD(flush)},
    {NULL, 0, NULL, "Appliance", NULL, 0},
    {"network", 0, NULL, "give commands of the guest a network (default)",
        tool_set_flag, FIELD(network)},
    {"no-network", 0, NULL, "give them no network", tool_clear_flag,
        FIELD(network)},
    {"memsize", 'm', "MIB",
        "memory of the appliance in MiB, 256 to 65536; default: 2048",
        tool_set_number, FIELD(memsize)},
    {"smp", 0, "N", "processors of the appliance, 1 to 255; default: 1",
        tool_set_number, FIELD(smp)},
    {"quiet", 'q', NULL, "print no messages, only errors and passwords",
        tool_set_flag, FIELD(quiet)},
    {"no-warn-if-partition", 0, NULL, NULL, tool_set_nothing, 0},
    {"warn-if-partition", 0, NULL, NULL, tool_set_nothing, 0},
    {"curl", 0, "PROGRAM", NULL, refuse, 0},
    {"gpg", 0, "PROGRAM", NULL, refuse, 0},
    {"get-kernel", 0, "IMAGE", NULL, refuse, 0},
};
static const struct tool_option guest_heading = {
    NULL, 0, NULL, "Guest, in the order of the command line", NULL, 0};

static void
check_words(const struct builder *b, const struct tool *tool)
{
    bool wants_name = b->mode == BUILD || b->mode == NOTES;
    bool takes_name = wants_name || b->mode == LIST;

    if (wants_name && tool->n_words == 0)
        tool_misuse("which template? Give its name; --list shows them");
    if (tool->n_words > takes_name)
        tool_misuse("too many words, from '%s' on", tool->words[takes_name]);
}

int
main(int argc, char **argv)
{
    enum { MAX_ROWS = 120 };
    static struct tool_option table[MAX_ROWS];
    size_t n = N_ELEMENTS(own_options);
    const struct tool_program program = {
        .name = "mayfly-builder",
        .summary = "build disk images from signed templates",
        .usage = "NAME [-o FILE] [--size SIZE] [OPTION...]\n"
                 "--list [NAME]\n--notes NAME",
        .options = table,
        .groups = TOOL_ALLOW,
        .manual = &builder_manual,
    };
    struct builder b = {
        .check = true,
        .use_cache = true,
        .network = true,
        .flush = true,
        .start = monotonic_seconds(),
    };
    cleanup_tool struct tool tool;
    cleanup_error struct error err = {0};

    memcpy(table, own_options, sizeof own_options);
    n += attach_options(table + n, MAX_ROWS - n - 1, FIELD(attach));
    table[n++] = guest_heading;
    customize_options(table + n, MAX_ROWS - n - 1, FIELD(customize));
    tool_parse(&tool, &program, argc, argv, &b);
    check_words(&b, &tool);
    if (b.mode == BUILD && !customize_sets_password(&b.customize, "root") &&
        customize_add(&b.customize, "root-password", "random", &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);

    int code = builder_run(&b, &tool);
    customize_free(&b.customize);
    strv_free(b.sources);
    strv_free(b.fingerprints);
    attached_free(&b.attach);
    return tool_finish_output(tool_exit_code(code));
}
