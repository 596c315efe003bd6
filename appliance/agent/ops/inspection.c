/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls about inspection.  What inspect and inspect_os find is kept, as
 * decoded from its own encoding: so it is complete, bounded, and independent
 * of the call that found it.  Packages and logos are not kept, they are read
 * again. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/facts/facts.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/inspect/inspect.h"
#include "appliance/agent/inspect/stack.h"
#include "appliance/agent/inspect/system.h"
#include "base/strv.h"
#include "wire/wire.h"
#include "ops-inspection.h"
#include "ops-mount.h"

enum { KEPT_MAX = 64 << 20 };

static struct wire_arena kept_memory;
static struct api_inspect_ret kept;
static bool has_kept;

static void
forget(void)
{
    wire_arena_free(&kept_memory);
    kept_memory = (struct wire_arena){.cap = KEPT_MAX};
    has_kept = false;
}

static int
keep(struct call *c, const struct mayfly_inspection *found)
{
    struct api_inspect_ret ret = {.value = *found};
    struct wire_writer w = {.cap = KEPT_MAX};
    uint32_t n = found->n_roots;
    struct mayfly_inspection_root *roots =
        call_alloc(c, (n + 1) * sizeof *roots);

    for (uint32_t i = 0; i < n; i++) {
        roots[i] = found->roots[i];
        roots[i].n_applications = 0;
        roots[i].n_icon = 0;
        roots[i].n_facts = 0;
    }
    ret.value.roots = roots;
    forget();
    api_put_inspect_ret(&w, &ret);
    struct wire_reader r = {w.p, w.used, w.bad, &kept_memory};
    has_kept = !w.bad && api_get_inspect_ret(&r, &kept);
    wire_writer_free(&w);
    return has_kept ? 0 : call_error(c, E2BIG, "too much was found to be kept");
}

static int
inspect_now(struct call *c, const struct inspect_wishes *wishes,
    struct mayfly_inspection *ret)
{
    struct api_umount_all_args none = {0};

    forget();
    if (op_umount_all(c, &none) < 0 || inspect_all(c, wishes, ret) < 0)
        return -1;
    return keep(c, ret);
}

int
op_inspect_add_key(struct call *c, const struct api_inspect_add_key_args *args)
{
    return volume_key_add(c, args->id, args->key, args->n_key);
}

int
op_inspect(struct call *c, const struct api_inspect_args *args,
    struct api_inspect_ret *ret)
{
    struct fact_sections sections;
    struct inspect_wishes wishes = {
        .applications = args->has_applications && args->applications,
        .icon = args->has_icon && args->icon,
    };

    if (args->facts) {
        if (facts_choose(c, args->facts, args->n_facts, &sections) < 0)
            return -1;
        wishes.facts = facts_read;
        wishes.opaque = &sections;
    }
    return inspect_now(c, &wishes, &ret->value);
}

static void
list_roots(struct call *c, const struct mayfly_inspection *found,
    const char *const **ret, uint32_t *ret_n)
{
    struct list names = {0};

    for (uint32_t i = 0; i < found->n_roots; i++)
        list_add_string(c, &names, found->roots[i].root);
    *ret = names.items;
    *ret_n = names.n;
}

int
op_inspect_os(struct call *c, const struct api_inspect_os_args *args,
    struct api_inspect_os_ret *ret)
{
    struct mayfly_inspection found;

    (void)args;
    if (inspect_now(c, &(struct inspect_wishes){0}, &found) < 0)
        return -1;
    list_roots(c, &found, &ret->value, &ret->n_value);
    return 0;
}

int
op_inspect_get_roots(struct call *c,
    const struct api_inspect_get_roots_args *args,
    struct api_inspect_get_roots_ret *ret)
{
    (void)args;
    if (has_kept)
        list_roots(c, &kept.value, &ret->value, &ret->n_value);
    return 0;
}

/* The system on ROOT, or NULL: the call failed. */
static const struct mayfly_inspection_root *
find(struct call *c, const char *root)
{
    for (uint32_t i = 0; has_kept && i < kept.value.n_roots; i++) {
        if (str_equal(kept.value.roots[i].root, root))
            return &kept.value.roots[i];
    }
    call_error(c, ENOENT,
        has_kept ? "%s: no root that inspect_os has found"
                 : "%s: call inspect_os first",
        root);
    return NULL;
}

static const char *
or_unknown(const char *value)
{
    return value[0] ? value : "unknown";
}

#define TEXT_GETTER(field)                                                     \
    int op_inspect_get_##field(struct call *c,                                 \
        const struct api_inspect_get_##field##_args *args,                     \
        struct api_inspect_get_##field##_ret *ret)                             \
    {                                                                          \
        const struct mayfly_inspection_root *s = find(c, args->root);          \
                                                                               \
        if (!s)                                                                \
            return -1;                                                         \
        ret->value = or_unknown(s->field);                                     \
        return 0;                                                              \
    }

#define NUMBER_GETTER(field)                                                   \
    int op_inspect_get_##field(struct call *c,                                 \
        const struct api_inspect_get_##field##_args *args,                     \
        struct api_inspect_get_##field##_ret *ret)                             \
    {                                                                          \
        const struct mayfly_inspection_root *s = find(c, args->root);          \
                                                                               \
        if (!s)                                                                \
            return -1;                                                         \
        ret->value = s->field;                                                 \
        return 0;                                                              \
    }

TEXT_GETTER(type)
TEXT_GETTER(distro)
TEXT_GETTER(product_name)
TEXT_GETTER(product_variant)
TEXT_GETTER(arch)
TEXT_GETTER(hostname)
TEXT_GETTER(build_id)
TEXT_GETTER(osinfo)
TEXT_GETTER(package_format)
TEXT_GETTER(package_management)
NUMBER_GETTER(major_version)
NUMBER_GETTER(minor_version)

/* What only Windows has; "" if it could not be found there. */
#define WINDOWS_GETTER(field, what)                                            \
    int op_inspect_get_windows_##field(struct call *c,                         \
        const struct api_inspect_get_windows_##field##_args *args,             \
        struct api_inspect_get_windows_##field##_ret *ret)                     \
    {                                                                          \
        const struct mayfly_inspection_root *s = find(c, args->root);          \
                                                                               \
        if (!s)                                                                \
            return -1;                                                         \
        ret->value = s->windows_##field;                                       \
        if (!str_equal(s->type, "windows") || !ret->value[0])                  \
            return call_error(c, EINVAL,                                       \
                "%s: no Windows, or its %s is not there", args->root, what);   \
        return 0;                                                              \
    }

WINDOWS_GETTER(systemroot, "folder")
WINDOWS_GETTER(current_control_set, "current control set")
WINDOWS_GETTER(system_hive, "SYSTEM hive")
WINDOWS_GETTER(software_hive, "SOFTWARE hive")

int
op_inspect_get_windows_group_policy(struct call *c,
    const struct api_inspect_get_windows_group_policy_args *args,
    struct api_inspect_get_windows_group_policy_ret *ret)
{
    const struct mayfly_inspection_root *s = find(c, args->root);

    if (!s)
        return -1;
    if (!str_equal(s->type, "windows"))
        return call_error(c, EINVAL, "%s: no Windows", args->root);
    ret->value = s->windows_group_policy;
    return 0;
}

int
op_inspect_get_mountpoints(struct call *c,
    const struct api_inspect_get_mountpoints_args *args,
    struct api_inspect_get_mountpoints_ret *ret)
{
    const struct mayfly_inspection_root *s = find(c, args->root);
    struct list pairs = {0};

    if (!s)
        return -1;
    for (uint32_t i = 0; i < s->n_mountpoints; i++) {
        list_add_string(c, &pairs, s->mountpoints[i].mountpoint);
        list_add_string(c, &pairs, s->mountpoints[i].mountable);
    }
    ret->value = pairs.items;
    ret->n_value = pairs.n / 2;
    return 0;
}

int
op_inspect_get_filesystems(struct call *c,
    const struct api_inspect_get_filesystems_args *args,
    struct api_inspect_get_filesystems_ret *ret)
{
    const struct mayfly_inspection_root *s = find(c, args->root);
    struct list names = {0};

    if (!s)
        return -1;
    for (uint32_t i = 0; i < s->n_filesystems; i++)
        list_add_string(c, &names, s->filesystems[i]);
    ret->value = names.items;
    ret->n_value = names.n;
    return 0;
}

int
op_inspect_get_drive_mappings(struct call *c,
    const struct api_inspect_get_drive_mappings_args *args,
    struct api_inspect_get_drive_mappings_ret *ret)
{
    const struct mayfly_inspection_root *s = find(c, args->root);
    struct list pairs = {0};

    if (!s)
        return -1;
    for (uint32_t i = 0; i < 2 * s->n_drive_mappings; i++)
        list_add_string(c, &pairs, s->drive_mappings[i]);
    ret->value = pairs.items;
    ret->n_value = pairs.n / 2;
    return 0;
}

int
op_inspect_get_format(struct call *c,
    const struct api_inspect_get_format_args *args,
    struct api_inspect_get_format_ret *ret)
{
    if (!find(c, args->root))
        return -1;
    ret->value = "installed";
    return 0;
}

int
op_inspect_list_applications2(struct call *c,
    const struct api_inspect_list_applications2_args *args,
    struct api_inspect_list_applications2_ret *ret)
{
    const struct mayfly_inspection_root *s = find(c, args->root);
    struct list packages = {0};

    if (!s || inspect_packages(c, s, &packages) < 0)
        return -1;
    ret->value = packages.items;
    ret->n_value = packages.n;
    return 0;
}

int
op_inspect_get_icon(struct call *c,
    const struct api_inspect_get_icon_args *args,
    struct api_inspect_get_icon_ret *ret)
{
    const struct mayfly_inspection_root *s = find(c, args->root);
    uint8_t *icon;
    uint32_t size;

    if (!s || inspect_icon(c, s, !args->has_favicon || args->favicon,
                  args->has_highquality && args->highquality, &icon, &size) < 0)
        return -1;
    ret->value = icon;
    ret->n_value = size;
    return 0;
}

int
op_file_architecture(struct call *c,
    const struct api_file_architecture_args *args,
    struct api_file_architecture_ret *ret)
{
    const char *reason = NULL;

    if (need_root(c) < 0)
        return -1;
    int root = path_open(c, "/", O_RDONLY | O_DIRECTORY, 0);
    if (root < 0)
        return -1;
    call_defer_close(c, root);
    ret->value = arch_of_file(c, root, args->filename, &reason);
    return ret->value ? 0
                      : call_error(c, EINVAL, "%s: %s", args->filename, reason);
}
