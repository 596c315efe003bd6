/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Old names for things that newer calls do by an option. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "compat-own.h"
#include "compat/call.h"

enum { EXTENDED = 1, FIXED = 2, INSENSITIVE = 4, COMPRESSED = 8 };

static int
check(guestfs_h *g, int result)
{
    return result < 0 ? call_mayfly_error(g) : result;
}

static char **
grep(guestfs_h *g, const char *regex, const char *path, int how)
{
    struct mayfly_grep_options options = {
        .set = MAYFLY_GREP_EXTENDED | MAYFLY_GREP_FIXED |
               MAYFLY_GREP_INSENSITIVE | MAYFLY_GREP_COMPRESSED,
        .extended = how & EXTENDED,
        .fixed = how & FIXED,
        .insensitive = how & INSENSITIVE,
        .compressed = how & COMPRESSED,
    };
    char **lines;

    if (mayfly_grep(g->m, regex, path, &options, &lines) < 0) {
        call_mayfly_error(g);
        return NULL;
    }
    return strings_out(g, lines);
}

char **
own_egrepi(guestfs_h *g, const char *regex, const char *path)
{
    return grep(g, regex, path, EXTENDED | INSENSITIVE);
}

char **
own_fgrepi(guestfs_h *g, const char *pattern, const char *path)
{
    return grep(g, pattern, path, FIXED | INSENSITIVE);
}

char **
own_zegrep(guestfs_h *g, const char *regex, const char *path)
{
    return grep(g, regex, path, EXTENDED | COMPRESSED);
}

char **
own_zegrepi(guestfs_h *g, const char *regex, const char *path)
{
    return grep(g, regex, path, EXTENDED | INSENSITIVE | COMPRESSED);
}

char **
own_zfgrep(guestfs_h *g, const char *pattern, const char *path)
{
    return grep(g, pattern, path, FIXED | COMPRESSED);
}

char **
own_zfgrepi(guestfs_h *g, const char *pattern, const char *path)
{
    return grep(g, pattern, path, FIXED | INSENSITIVE | COMPRESSED);
}

char **
own_zgrepi(guestfs_h *g, const char *regex, const char *path)
{
    return grep(g, regex, path, INSENSITIVE | COMPRESSED);
}

int
own_write_file(guestfs_h *g, const char *path, const char *content, int size)
{
    size_t n = strlen(content);

    /* The content may contain NULs, but the size was never allowed to go past
     * the first one. */
    if (size > 0 && (size_t)size > n)
        return call_error(g, EINVAL,
            "write_file: size %d, but the content has %zu bytes", size, n);
    if (size > 0)
        n = (size_t)size;
    return check(g, mayfly_write(g->m, path, content, n));
}

int
own_internal_write(
    guestfs_h *g, const char *path, const char *content, size_t content_size)
{
    return check(g, mayfly_write(g->m, path, content, content_size));
}

int
own_internal_write_append(
    guestfs_h *g, const char *path, const char *content, size_t content_size)
{
    return check(g, mayfly_write_append(g->m, path, content, content_size));
}

int
own_fallocate(guestfs_h *g, const char *path, int len)
{
    return check(g, mayfly_fallocate64(g->m, path, len));
}

char *
own_hivex_value_utf8(guestfs_h *g, int64_t valueh)
{
    char *text;

    if (mayfly_hivex_value_string(g->m, valueh, &text) < 0) {
        call_mayfly_error(g);
        return NULL;
    }
    return text;
}

/* The appliance has no such devices. */
char **
own_list_9p(guestfs_h *g)
{
    return strings_out(g, NULL);
}

int
own_mkswap_L(guestfs_h *g, const char *label, const char *device)
{
    struct mayfly_mkswap_options options = {
        .set = MAYFLY_MKSWAP_LABEL, .label = label};

    return check(g, mayfly_mkswap(g->m, device, &options));
}

int
own_mkswap_U(guestfs_h *g, const char *uuid, const char *device)
{
    struct mayfly_mkswap_options options = {
        .set = MAYFLY_MKSWAP_UUID, .uuid = uuid};

    return check(g, mayfly_mkswap(g->m, device, &options));
}

int
own_vgscan(guestfs_h *g)
{
    return check(g, mayfly_lvm_scan(g->m, false));
}

int
own_copy_size(guestfs_h *g, const char *src, const char *dest, int64_t size)
{
    struct mayfly_copy_file_to_file_options options = {
        .set = MAYFLY_COPY_FILE_TO_FILE_SIZE, .size = size};

    return check(g, mayfly_copy_file_to_file(g->m, src, dest, &options));
}

/* Installation media are no longer inspected, neither by libguestfs nor
 * here. */
char *
own_inspect_get_format(guestfs_h *g, const char *root)
{
    (void)root;
    return call_copy(g, "installed");
}

int
own_inspect_is_live(guestfs_h *g, const char *root)
{
    (void)g;
    (void)root;
    return 0;
}

int
own_inspect_is_multipart(guestfs_h *g, const char *root)
{
    (void)g;
    (void)root;
    return 0;
}

int
own_inspect_is_netinst(guestfs_h *g, const char *root)
{
    (void)g;
    (void)root;
    return 0;
}

/* The older list is the same except for a few fields. */
struct guestfs_application_list *
own_inspect_list_applications(guestfs_h *g, const char *root)
{
    struct guestfs_application_list *list = calloc(1, sizeof *list);
    struct mayfly_application2_list *ours = NULL;
    bool ok = list;

    if (mayfly_inspect_list_applications2(g->m, root, &ours) < 0) {
        call_mayfly_error(g);
        free(list);
        return NULL;
    }
    if (list)
        list->val = calloc(ours->len + 1, sizeof *list->val);
    ok = ok && list->val;
    for (uint32_t i = 0; ok && i < ours->len; i++) {
        const struct mayfly_application2 *from = &ours->val[i];
        struct guestfs_application *to = &list->val[i];

        list->len = i + 1;
        to->app_epoch = from->app2_epoch;
#define TAKE(field)                                                            \
    to->app_##field = strdup(from->app2_##field);                              \
    ok = ok && to->app_##field
        TAKE(name);
        TAKE(display_name);
        TAKE(version);
        TAKE(release);
        TAKE(install_path);
        TAKE(trans_path);
        TAKE(publisher);
        TAKE(url);
        TAKE(source_package);
        TAKE(summary);
        TAKE(description);
#undef TAKE
    }
    mayfly_free_application2_list(ours);
    if (ok)
        return list;
    guestfs_free_application_list(list);
    call_no_memory(g);
    return NULL;
}
