/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files as a tree, by libaugeas.
 *
 * Theory of operation.  There is one tree at a time.  To read all lenses
 * takes an emulated processor seconds, so they are read before the appliance
 * is saved (augeas_prepare), and the first tree of a session uses those.
 * Files are read and written within the guest's root, where its links resolve
 * as it means them; lenses are not there, hence a tree that reads its lenses
 * late (NO_LENSES) has to do without that. */
#include <config.h>

#include "appliance/agent/ops/augeas.h"

#include <augeas.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/guest/root.h"
#include "base/strv.h"
#include "ops-augeas.h"

enum { NO_LENSES = AUG_NO_MODL_AUTOLOAD };

static struct {
    augeas *aug;
    bool outside; /* not within the guest's root: it has lenses to read */
} tree;

/* With all lenses, the root "/", nothing loaded. */
static augeas *prepared;

void
augeas_prepare(void)
{
    prepared = aug_init("/", NULL, AUG_NO_LOAD | AUG_NO_ERR_CLOSE);
    if (prepared && aug_error(prepared) != AUG_NOERROR) {
        aug_close(prepared);
        prepared = NULL;
    }
}

static int
fail(struct call *c, const char *what)
{
    const char *minor = aug_error_minor_message(tree.aug);
    const char *details = aug_error_details(tree.aug);
    int code = aug_error(tree.aug) == AUG_ENOMEM ? ENOMEM : EINVAL;

    return call_error(c, code, "%s: %s%s%s%s%s", what,
        aug_error_message(tree.aug), minor ? ": " : "", minor ? minor : "",
        details ? ": " : "", details ? details : "");
}

static int
need_tree(struct call *c)
{
    return tree.aug
               ? 0
               : call_error(c, EINVAL, "no tree is open: call aug_init first");
}

static void
close_tree(void)
{
    if (tree.aug)
        aug_close(tree.aug);
    tree.aug = NULL;
}

/* --- opening, reading, writing --- */

/* All that aug_init does with flags that a prepared tree can still take. */
static augeas *
use_prepared(int flags)
{
    augeas *aug = prepared;

    prepared = NULL;
    if (flags & (AUG_SAVE_BACKUP | AUG_SAVE_NEWFILE | AUG_SAVE_NOOP))
        aug_set(aug, "/augeas/save",
            flags & AUG_SAVE_NOOP      ? "noop"
            : flags & AUG_SAVE_NEWFILE ? "newfile"
                                       : "backup");
    return aug;
}

static augeas *
new_tree(struct call *c, const char *root, int flags)
{
    enum { EASY = AUG_SAVE_BACKUP | AUG_SAVE_NEWFILE | AUG_SAVE_NOOP };

    flags &= ~AUG_NO_LOAD;
    if (prepared && str_equal(root, "/") && (flags & ~EASY) == 0)
        return use_prepared(flags);
    if (tree.outside)
        root = call_printf(c, SYSROOT "%s", root);
    return aug_init(root, NULL, flags | AUG_NO_LOAD | AUG_NO_ERR_CLOSE);
}

static int
within_guest(struct call *c, int (*work)(augeas *aug))
{
    if (tree.outside)
        return work(tree.aug);
    if (guest_root_enter(c, "/") < 0)
        return -1;
    int r = work(tree.aug);
    guest_root_leave(c);
    return r;
}

static int
load(struct call *c)
{
    if (within_guest(c, aug_load) < 0)
        return call_errno(c) ? -1 : fail(c, "reading the files");
    return 0;
}

int
op_aug_init(struct call *c, const struct api_aug_init_args *args)
{
    const char *root = path_real(c, args->root);

    if (!root)
        return -1;
    close_tree();
    tree.outside = args->flags & NO_LENSES;
    tree.aug = new_tree(c, root, args->flags);
    if (!tree.aug)
        return call_fail(c, ENOMEM, "augeas");
    if (aug_error(tree.aug) != AUG_NOERROR) {
        fail(c, args->root);
        close_tree();
        return -1;
    }
    return args->flags & AUG_NO_LOAD ? 0 : load(c);
}

int
op_aug_close(struct call *c, const struct api_aug_close_args *args)
{
    (void)args;
    if (need_tree(c) < 0)
        return -1;
    close_tree();
    return 0;
}

int
op_aug_load(struct call *c, const struct api_aug_load_args *args)
{
    (void)args;
    return need_tree(c) < 0 ? -1 : load(c);
}

/* What could not be written is listed below /augeas. */
static int
save_failed(struct call *c)
{
    char **errors = NULL;
    const char *text = NULL;
    int n = aug_match(tree.aug, "/augeas/files//error", &errors);

    if (n > 0)
        aug_get(tree.aug,
            call_printf(c, "%s/message", call_strdup(c, errors[0])), &text);
    for (int i = 0; i < n; i++)
        free(errors[i]);
    free(errors);
    return text ? call_error(c, EIO, "saving the files: %s", text)
                : fail(c, "saving the files");
}

int
op_aug_save(struct call *c, const struct api_aug_save_args *args)
{
    (void)args;
    if (need_tree(c) < 0)
        return -1;
    if (within_guest(c, aug_save) < 0)
        return call_errno(c) ? -1 : save_failed(c);
    return 0;
}

/* --- the tree --- */

/* How many, or a failure. */
static int
count(struct call *c, const char *what, int n, int32_t *ret)
{
    if (n < 0)
        return fail(c, what);
    *ret = n;
    return 0;
}

int
op_aug_defvar(struct call *c, const struct api_aug_defvar_args *args,
    struct api_aug_defvar_ret *ret)
{
    if (need_tree(c) < 0)
        return -1;
    return count(c, args->name, aug_defvar(tree.aug, args->name, args->expr),
        &ret->value);
}

int
op_aug_defnode(struct call *c, const struct api_aug_defnode_args *args,
    struct api_aug_defnode_ret *ret)
{
    int made = 0;

    if (need_tree(c) < 0)
        return -1;
    int n = aug_defnode(tree.aug, args->name, args->expr, args->val, &made);
    ret->value.b = made;
    return count(c, args->name, n, &ret->value.i);
}

int
op_aug_get(struct call *c, const struct api_aug_get_args *args,
    struct api_aug_get_ret *ret)
{
    const char *value = NULL;

    if (need_tree(c) < 0)
        return -1;
    int n = aug_get(tree.aug, args->augpath, &value);
    if (n == 0)
        return call_error(c, ENOENT, "no matching node: %s", args->augpath);
    if (n != 1)
        return fail(c, args->augpath);
    ret->value = value ? value : "";
    return 0;
}

int
op_aug_set(struct call *c, const struct api_aug_set_args *args)
{
    if (need_tree(c) < 0)
        return -1;
    return aug_set(tree.aug, args->augpath, args->val) < 0
               ? fail(c, args->augpath)
               : 0;
}

int
op_aug_clear(struct call *c, const struct api_aug_clear_args *args)
{
    if (need_tree(c) < 0)
        return -1;
    return aug_set(tree.aug, args->augpath, NULL) < 0 ? fail(c, args->augpath)
                                                      : 0;
}

int
op_aug_setm(struct call *c, const struct api_aug_setm_args *args,
    struct api_aug_setm_ret *ret)
{
    if (need_tree(c) < 0)
        return -1;
    return count(c, args->base,
        aug_setm(tree.aug, args->base, args->sub, args->val), &ret->value);
}

int
op_aug_insert(struct call *c, const struct api_aug_insert_args *args)
{
    if (need_tree(c) < 0)
        return -1;
    return aug_insert(tree.aug, args->augpath, args->label, args->before) < 0
               ? fail(c, args->augpath)
               : 0;
}

int
op_aug_rm(struct call *c, const struct api_aug_rm_args *args,
    struct api_aug_rm_ret *ret)
{
    if (need_tree(c) < 0)
        return -1;
    return count(
        c, args->augpath, aug_rm(tree.aug, args->augpath), &ret->value);
}

int
op_aug_mv(struct call *c, const struct api_aug_mv_args *args)
{
    if (need_tree(c) < 0)
        return -1;
    return aug_mv(tree.aug, args->src, args->dest) < 0 ? fail(c, args->src) : 0;
}

static int
match(struct call *c, const char *path, struct list *ret)
{
    char **found = NULL;
    int n = aug_match(tree.aug, path, &found);

    if (n < 0)
        return fail(c, path);
    for (int i = 0; i < n; i++)
        call_defer(c, free, found[i]);
    call_defer(c, free, found);
    for (int i = 0; i < n; i++)
        list_add_string(c, ret, found[i]);
    return 0;
}

int
op_aug_match(struct call *c, const struct api_aug_match_args *args,
    struct api_aug_match_ret *ret)
{
    struct list list = {0};

    if (need_tree(c) < 0 || match(c, args->augpath, &list) < 0)
        return -1;
    RETURN_STRINGS(ret, &list);
    return 0;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int
op_aug_ls(struct call *c, const struct api_aug_ls_args *args,
    struct api_aug_ls_ret *ret)
{
    struct list list = {0};
    size_t n = strlen(args->augpath);

    if (need_tree(c) < 0)
        return -1;
    if (n > 1 && args->augpath[n - 1] == '/')
        return call_error(c, EINVAL,
            "%s: it may not end in a slash, unless it is /", args->augpath);
    const char *path = n <= 1 ? "/*" : call_printf(c, "%s/*", args->augpath);
    if (match(c, path, &list) < 0)
        return -1;
    if (list.n > 0)
        qsort(list.items, list.n, sizeof(char *), by_name);
    RETURN_STRINGS(ret, &list);
    return 0;
}

int
op_aug_label(struct call *c, const struct api_aug_label_args *args,
    struct api_aug_label_ret *ret)
{
    const char *label = NULL;

    if (need_tree(c) < 0)
        return -1;
    int n = aug_label(tree.aug, args->augpath, &label);
    if (n == 0)
        return call_error(c, ENOENT, "no matching node: %s", args->augpath);
    if (n != 1)
        return fail(c, args->augpath);
    ret->value = label ? label : "";
    return 0;
}

int
op_aug_transform(struct call *c, const struct api_aug_transform_args *args)
{
    if (need_tree(c) < 0)
        return -1;
    return aug_transform(tree.aug, args->lens, args->file, args->remove) < 0
               ? fail(c, args->lens)
               : 0;
}
