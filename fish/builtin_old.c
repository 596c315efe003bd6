/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Older commands of guestfish that newer ones replace, where that takes more
 * than other words: see old_names.c for those. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/builtin.h"
#include "fish/convert.h"
#include "tool/domain.h"

/* Either side may be a file or a device. */
static int
copy(struct shell *sh, const char *from, const char *to, int64_t size)
{
    bool from_device = str_after(from, "/dev/");
    bool to_device = str_after(to, "/dev/");
    bool sized = size >= 0;
    int result;

#define OPTIONS(type, flag)                                                    \
    &(struct type)                                                             \
    {                                                                          \
        .set = sized ? (flag) : 0, .size = size                                \
    }
    if (from_device && to_device)
        result = mayfly_copy_device_to_device(sh->g, from, to,
            OPTIONS(mayfly_copy_device_to_device_options,
                MAYFLY_COPY_DEVICE_TO_DEVICE_SIZE));
    else if (from_device)
        result = mayfly_copy_device_to_file(sh->g, from, to,
            OPTIONS(mayfly_copy_device_to_file_options,
                MAYFLY_COPY_DEVICE_TO_FILE_SIZE));
    else if (to_device)
        result = mayfly_copy_file_to_device(sh->g, from, to,
            OPTIONS(mayfly_copy_file_to_device_options,
                MAYFLY_COPY_FILE_TO_DEVICE_SIZE));
    else
        result = mayfly_copy_file_to_file(sh->g, from, to,
            OPTIONS(mayfly_copy_file_to_file_options,
                MAYFLY_COPY_FILE_TO_FILE_SIZE));
#undef OPTIONS
    return result < 0 ? shell_call_failed(sh) : 0;
}

int
builtin_dd(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    return copy(sh, argv[0], argv[1], -1);
}

int
builtin_copy_size(struct shell *sh, char **argv, size_t n)
{
    int64_t size;

    (void)n;
    if (convert_i64(sh, "size", argv[2], 0, INT64_MAX, &size) < 0)
        return -1;
    return copy(sh, argv[0], argv[1], size);
}

/* A size of 0 means all. */
int
builtin_write_file(struct shell *sh, char **argv, size_t n)
{
    size_t length = strlen(argv[1]);
    int64_t size;

    (void)n;
    if (convert_i64(sh, "size", argv[2], 0, INT64_MAX, &size) < 0)
        return -1;
    if (size > 0 && (uint64_t)size > length)
        return error_set(&sh->error, EINVAL,
            "size is %" PRId64 ", but the content has %zu bytes; 0 means all "
            "of it",
            size, length);
    return mayfly_write(
               sh->g, argv[0], argv[1], size > 0 ? (size_t)size : length) < 0
               ? shell_call_failed(sh)
               : 0;
}

int
builtin_xfs_info(struct shell *sh, char **argv, size_t n)
{
    /* In the order in which they are printed; texts without a dot. */
    static const struct {
        const char *name, *key;
    } fields[] = {
        {"xfs_mntpoint", "meta-data"},
        {"xfs_inodesize", "meta-data.isize"},
        {"xfs_agcount", "meta-data.agcount"},
        {"xfs_agsize", "meta-data.agsize"},
        {"xfs_sectsize", "meta-data.sectsz"},
        {"xfs_attr", "meta-data.attr"},
        {"xfs_blocksize", "data.bsize"},
        {"xfs_datablocks", "data.blocks"},
        {"xfs_imaxpct", "data.imaxpct"},
        {"xfs_sunit", "data.sunit"},
        {"xfs_swidth", "data.swidth"},
        {"xfs_dirversion", "naming"},
        {"xfs_dirblocksize", "naming.bsize"},
        {"xfs_cimode", "naming.ascii-ci"},
        {"xfs_logname", "log"},
        {"xfs_logblocksize", "log.bsize"},
        {"xfs_logblocks", "log.blocks"},
        {"xfs_logversion", "log.version"},
        {"xfs_logsectsize", "log.sectsz"},
        {"xfs_logsunit", "log.sunit"},
        {"xfs_lazycount", "log.lazy-count"},
        {"xfs_rtname", "realtime"},
        {"xfs_rtextsize", "realtime.extsz"},
        {"xfs_rtblocks", "realtime.blocks"},
        {"xfs_rtextents", "realtime.rtextents"},
    };
    cleanup_free char **pairs = NULL;
    struct printer *p = &sh->printer;

    (void)n;
    if (mayfly_xfs_info2(sh->g, argv[0], &pairs) < 0)
        return shell_call_failed(sh);
    print_begin(p, stdout, sh->json);
    print_open_struct(p, NULL);
    for (size_t i = 0; i < N_ELEMENTS(fields); i++) {
        const char *text = strv_value(pairs, fields[i].key);

        /* "version 2"; and "internal log", of which only the first word is
         * the name. */
        const char *version = str_after(text, "version ");
        cleanup_free char *name = strndup(text, strcspn(text, " "));

        if (version || strchr(fields[i].key, '.'))
            print_unsigned(p, fields[i].name,
                strtoull(version ? version : text, NULL, 10));
        else
            print_text(p, fields[i].name, name);
    }
    print_close_struct(p);
    return print_end(p);
}

int
builtin_list_applications(struct shell *sh, char **argv, size_t n)
{
    struct mayfly_application2_list *list;
    struct printer *p = &sh->printer;

    (void)n;
    if (mayfly_inspect_list_applications2(sh->g, argv[0], &list) < 0)
        return shell_call_failed(sh);
    print_begin(p, stdout, sh->json);
    print_open_list(p, NULL);
    for (uint32_t i = 0; i < list->len; i++) {
        const struct mayfly_application2 *a = &list->val[i];

        print_open_struct(p, NULL);
#define TEXT(field) print_text(p, "app_" #field, a->app2_##field)
        TEXT(name);
        TEXT(display_name);
        print_integer(p, "app_epoch", a->app2_epoch);
        TEXT(version);
        TEXT(release);
        TEXT(install_path);
        TEXT(trans_path);
        TEXT(publisher);
        TEXT(url);
        TEXT(source_package);
        TEXT(summary);
        TEXT(description);
#undef TEXT
        print_close_struct(p);
    }
    print_close_list(p);
    mayfly_free_application2_list(list);
    return print_end(p);
}

/* Of guestfish's options only these two change what is opened. */
static int
domain_options(struct shell *sh, char **argv, struct tool *t)
{
    static const char *const names[] = {"libvirturi", "readonly", "iface",
        "live", "allowuuid", "readonlydisk", "cachemode", "discard",
        "copyonread", NULL};
    uint64_t set = 0;
    const char *value;

    for (; *argv; argv++) {
        int i = convert_option(sh, *argv, names, set, &value);

        if (i < 0 ||
            (i == 1 && convert_bool(sh, names[i], value, &t->read_only) < 0))
            return -1;
        if (i == 0)
            t->libvirt_uri = value;
        set |= UINT64_C(1) << i;
    }
    return 0;
}

int
builtin_add_domain(struct shell *sh, char **argv, size_t n)
{
    struct tool_disk disk = {.domain = argv[0]};
    cleanup_tool struct tool t = {
        .program = sh->tool.program,
        .libvirt_uri = sh->tool.libvirt_uri,
        .read_only = sh->tool.read_only,
    };

    (void)n;
    if (domain_options(sh, argv + 1, &t) < 0 ||
        tool_take_disk(&t, &disk, &sh->error) < 0 ||
        domain_expand(&t, &sh->error) < 0)
        return -1;
    if (tool_add_disks(&t, sh->g) != TOOL_OK) {
        sh->code = TOOL_INPUT;
        return -1; /* it has been reported */
    }
    print_begin(&sh->printer, stdout, sh->json);
    print_unsigned(&sh->printer, NULL, t.n_disks);
    return print_end(&sh->printer);
}
