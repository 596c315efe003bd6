/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated from the definition in api/; do not edit. */

#include <config.h>

#include "commands.h"

#include <stdint.h>
#include <string.h>

#include <mayfly.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/convert.h"
#include "fish/printer.h"
#include "fish/shell.h"
#include "fish/stream.h"

static const char *const enum_file_type[] = {"regular", "directory", NULL};

static inline int
convert_file_type(struct shell *sh, const char *name, const char *word,
    enum mayfly_file_type *ret)
{
    int n = convert_enum(sh, name, word, enum_file_type);

    if (n < 0)
        return -1;
    *ret = (enum mayfly_file_type)n;
    return 0;
}

static void
print_dir_entry(struct printer *p, const char *name,
    const struct mayfly_dir_entry *v)
{
    print_open_struct(p, name);
    print_unsigned(p, "inode", v->inode);
    print_text(p, "name", v->name);
    print_text(p, "type", enum_file_type[v->type]);
    print_text(p, "note", v->note);
    if (v->has_size)
        print_integer(p, "size", v->size);
    else
        print_text(p, "size", NULL);
    print_strings(p, "tags", v->tags, v->n_tags);
    print_close_struct(p);
}

static int
run_cat(struct shell *sh, char **argv)
{
    cleanup_free char *ret = NULL;

    if (mayfly_cat(sh->g, argv[0], &ret) < 0)
        return shell_call_failed(sh);
    print_text(&sh->printer, NULL, ret);
    return 0;
}

static const char *const options_list[] = {"deep", "limit", "only", NULL};

static int
run_list(struct shell *sh, char **argv)
{
    struct mayfly_list_options options = {0};
    cleanup_strv char **only = NULL;
    struct mayfly_dir_entry_list *ret;

    for (size_t i = 1; argv[i]; i++) {
        const char *value;
        int n = convert_option(sh, argv[i], options_list, options.set, &value);

        switch (n) {
        case 0:
            if (convert_bool(sh, "deep", value, &options.deep) < 0)
                return -1;
            break;
        case 1:
            if (convert_i32(sh, "limit", value, 0, 100, &options.limit) < 0)
                return -1;
            break;
        case 2:
            if (convert_list(sh, "only", value, &only) < 0)
                return -1;
            options.only = (const char *const *)only;
            break;
        default:
            return -1;
        }
        options.set |= UINT64_C(1) << n;
    }
    if (mayfly_list(sh->g, argv[0], &options, &ret) < 0)
        return shell_call_failed(sh);
    print_open_list(&sh->printer, NULL);
    for (uint32_t i = 0; i < ret->len; i++)
        print_dir_entry(&sh->printer, NULL, &ret->val[i]);
    print_close_list(&sh->printer);
    mayfly_free_dir_entry_list(ret);
    return 0;
}

static int
run_there(struct shell *sh, char **argv)
{
    bool ret;

    if (mayfly_there(sh->g, argv[0], &ret) < 0)
        return shell_call_failed(sh);
    print_bool(&sh->printer, NULL, ret);
    return 0;
}

static int
run_upload(struct shell *sh, char **argv)
{
    cleanup_stream struct stream local = STREAM_NONE;

    if (stream_open_in(sh, argv[1], &local) < 0)
        return -1;
    if (mayfly_upload(sh->g, argv[0], local.name) < 0)
        return shell_call_failed(sh);
    return 0;
}

static int
run_download(struct shell *sh, char **argv)
{
    cleanup_stream struct stream local = STREAM_NONE;

    if (stream_open_out(sh, argv[1], &local) < 0)
        return -1;
    if (mayfly_download(sh->g, argv[0], local.name) < 0)
        return shell_call_failed(sh);
    return 0;
}

static int
run_label(struct shell *sh, char **argv)
{
    cleanup_strv char **names = NULL;
    cleanup_free char *ret = NULL;

    if (convert_list(sh, "names", argv[0], &names) < 0)
        return -1;
    if (mayfly_label(sh->g, (const char *const *)names, &ret) < 0)
        return shell_call_failed(sh);
    print_text(&sh->printer, NULL, ret);
    return 0;
}

static int
run_pairs(struct shell *sh, char **argv)
{
    cleanup_free char **ret = NULL;

    (void)argv;
    if (mayfly_pairs(sh->g, &ret) < 0)
        return shell_call_failed(sh);
    print_map(&sh->printer, NULL, ret, strv_length(ret) / 2);
    return 0;
}

static int
run_launch(struct shell *sh, char **argv)
{
    (void)argv;
    if (mayfly_launch(sh->g) < 0)
        return shell_call_failed(sh);
    return 0;
}

static int
run_count(struct shell *sh, char **argv)
{
    int32_t low;
    uint64_t big;
    int64_t ret;

    if (convert_i32(sh, "low", argv[0], -5, 5, &low) < 0)
        return -1;
    if (convert_u64(sh, "big", argv[1], &big) < 0)
        return -1;
    if (mayfly_count(sh->g, low, big, &ret) < 0)
        return shell_call_failed(sh);
    print_integer(&sh->printer, NULL, ret);
    return 0;
}

const struct command commands[] = {
    {
        .names = (const char *const[]){"cat", NULL},
        .usage = "cat path",
        .summary = "Return the content of a file.",
        .doc =
        "Return the content of a file.\n"
        "\n"
        "The whole path is read, 'quoted' text, a word and C:\\back included:\n"
        "\n"
        "    .indented, and begins with a dot\n"
        "    'indented, and begins with a quote\n"
        "\n"
        "'This one' begins with a quote too.\n"
        "\n"
        "path: The file, of at most one line.\n",
        .kinds = "p",
        .options = NULL,
        .n_words = 1,
        .n_options = 0,
        .run = run_cat,
    },
    {
        .names = (const char *const[]){"list", NULL},
        .usage = "list path [deep:true|false] [limit:..] [only:..]",
        .summary = "List the entries of a directory.",
        .doc =
        "List the entries of a directory.\n"
        "\n"
        "path: The path.\n"
        "deep: Enter directories.\n"
        "limit: How much, in percent. Default: 100.\n"
        "only: The names that count.\n",
        .kinds = "p",
        .options = options_list,
        .n_words = 1,
        .n_options = 3,
        .run = run_list,
    },
    {
        .names = (const char *const[]){"there", NULL},
        .usage = "there device",
        .summary = "Check whether a device is there.",
        .doc =
        "Check whether a device is there.\n"
        "\n"
        "device: The device.\n"
        "\n"
        "It needs the feature \"btrfs\": see feature-available.\n",
        .kinds = "d",
        .options = NULL,
        .n_words = 1,
        .n_options = 0,
        .run = run_there,
    },
    {
        .names = (const char *const[]){"upload", NULL},
        .usage = "upload remote local",
        .summary = "Write a file.",
        .doc =
        "Write a file.\n"
        "\n"
        "remote: The file.\n"
        "local: What is written.\n",
        .kinds = "ph",
        .options = NULL,
        .n_words = 2,
        .n_options = 0,
        .run = run_upload,
    },
    {
        .names = (const char *const[]){"download", "get", NULL},
        .usage = "download remote local",
        .summary = "Read a file to the host.",
        .doc =
        "Read a file to the host.\n"
        "\n"
        "remote: The file.\n"
        "local: What receives it.\n",
        .kinds = "ph",
        .options = NULL,
        .n_words = 2,
        .n_options = 0,
        .run = run_download,
    },
    {
        .names = (const char *const[]){"label", NULL},
        .usage = "label names",
        .summary = "Name it.",
        .doc =
        "Name it.\n"
        "\n"
        "names: The names.\n",
        .kinds = "-",
        .options = NULL,
        .n_words = 1,
        .n_options = 0,
        .run = run_label,
    },
    {
        .names = (const char *const[]){"pairs", NULL},
        .usage = "pairs",
        .summary = "Return all pairs.",
        .doc =
        "Return all pairs.\n",
        .kinds = "",
        .options = NULL,
        .n_words = 0,
        .n_options = 0,
        .run = run_pairs,
    },
    {
        .names = (const char *const[]){"launch", NULL},
        .usage = "launch",
        .summary = "Done by the library.",
        .doc =
        "Done by the library.\n",
        .kinds = "",
        .options = NULL,
        .n_words = 0,
        .n_options = 0,
        .run = run_launch,
    },
    {
        .names = (const char *const[]){"count", NULL},
        .usage = "count low big",
        .summary = "Count the numbers.",
        .doc =
        "Count the numbers.\n"
        "\n"
        "low: Two numbers.\n"
        "big: Two numbers.\n",
        .kinds = "--",
        .options = NULL,
        .n_words = 2,
        .n_options = 0,
        .run = run_count,
    },
};

const size_t n_commands = 9;

const struct command_name command_names[] = {
    {"cat", 0},
    {"count", 8},
    {"download", 4},
    {"get", 4},
    {"label", 5},
    {"launch", 7},
    {"list", 1},
    {"pairs", 6},
    {"there", 2},
    {"upload", 3},
};

const size_t n_command_names = 10;
