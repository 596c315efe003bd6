/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quotas, scrub, balance and repair of btrfs, by its own tools: btrfs(8),
 * btrfstune(8), btrfs-image(8), whose output is parsed as those of btrfs-progs
 * 4 to 6 print it. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/ops/btrfs/subvolumes.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/device.h"
#include "base/strv.h"
#include "ops-btrfs.h"

/* btrfs GROUP COMMAND on a path of the guest. */
static int
on_path(struct call *c, const char *group, const char *command,
    const char *option, const char *path)
{
    const char *place = tool_path(c, path);

    return place ? run_tool(c, NULL, "btrfs", group, command,
                       option ? option : place, option ? place : NULL, NULL)
                 : -1;
}

/* --- quotas --- */

static int
on_place(
    struct call *c, const char *command, const char *option, const char *fs)
{
    struct btrfs_place place;

    if (btrfs_place_open(c, fs, "rw", &place) < 0)
        return -1;
    return btrfs_place_close(c, &place,
        run_tool(c, NULL, "btrfs", "quota", command,
            option ? option : place.target, option ? place.target : NULL,
            NULL));
}

int
op_btrfs_quota_enable(
    struct call *c, const struct api_btrfs_quota_enable_args *args)
{
    return on_place(c, args->enable ? "enable" : "disable", NULL, args->fs);
}

int
op_btrfs_quota_rescan(
    struct call *c, const struct api_btrfs_quota_rescan_args *args)
{
    /* One that runs already is waited for: it is as good. */
    return on_place(c, "rescan", "-w", args->fs);
}

int
op_btrfs_qgroup_limit(
    struct call *c, const struct api_btrfs_qgroup_limit_args *args)
{
    return on_path(c, "qgroup", "limit",
        call_printf(c, "%lld", (long long)args->size), args->subvolume);
}

int
op_btrfs_qgroup_create(
    struct call *c, const struct api_btrfs_qgroup_create_args *args)
{
    return on_path(c, "qgroup", "create", args->qgroupid, args->subvolume);
}

int
op_btrfs_qgroup_destroy(
    struct call *c, const struct api_btrfs_qgroup_destroy_args *args)
{
    return on_path(c, "qgroup", "destroy", args->qgroupid, args->subvolume);
}

static int
relate(struct call *c, const char *command, const char *src, const char *dst,
    const char *path)
{
    const char *place = tool_path(c, path);

    return place ? run_tool(c, NULL, "btrfs", "qgroup", command, src, dst,
                       place, NULL)
                 : -1;
}

int
op_btrfs_qgroup_assign(
    struct call *c, const struct api_btrfs_qgroup_assign_args *args)
{
    return relate(c, "assign", args->src, args->dst, args->path);
}

int
op_btrfs_qgroup_remove(
    struct call *c, const struct api_btrfs_qgroup_remove_args *args)
{
    return relate(c, "remove", args->src, args->dst, args->path);
}

/* Lines "0/5   16384   16384 ..." below two lines of heading.  Behind them the
 * tool writes "1 member qgroup" and, where others have an "s", a NUL. */
int
op_btrfs_qgroup_show(struct call *c,
    const struct api_btrfs_qgroup_show_args *args,
    struct api_btrfs_qgroup_show_ret *ret)
{
    const char *path = tool_path(c, args->path);
    const char *argv[] = {"btrfs", "qgroup", "show", "--raw", path, NULL};
    struct list groups = {0};
    struct run_result r;
    char *lines = NULL;

    if (!path || run_command(c, &(struct run){.argv = argv}, &r) < 0)
        return -1;
    if (r.status != 0)
        return call_error(c, EIO, "btrfs: %s", r.errors);
    for (size_t i = 0; i < r.output_size; i++)
        if (!r.output[i])
            r.output[i] = ' ';
    for (char *line = strtok_r(r.output, "\n", &lines); line;
         line = strtok_r(NULL, "\n", &lines)) {
        char *words = NULL, *id = strtok_r(line, " \t", &words),
             *referenced = strtok_r(NULL, " \t", &words),
             *exclusive = strtok_r(NULL, " \t", &words);

        if (!exclusive || !isdigit((unsigned char)id[0]) || !strchr(id, '/'))
            continue;
        *list_add(c, &groups, struct mayfly_btrfsqgroup) =
            (struct mayfly_btrfsqgroup){
                .btrfsqgroup_id = call_strndup(c, id, 64),
                .btrfsqgroup_rfer = strtoull(referenced, NULL, 10),
                .btrfsqgroup_excl = strtoull(exclusive, NULL, 10),
            };
    }
    ret->value = groups.items;
    ret->n_value = groups.n;
    return 0;
}

/* --- what goes on after the call --- */

/* The tool leaves a process that works on. */
static int
start_background(struct call *c, const char *command, const char *path)
{
    const char *place = tool_path(c, path);
    const char *argv[] = {"btrfs", "scrub", command, place, NULL};
    struct run_result r;

    if (!place ||
        run_command(c, &(struct run){.argv = argv, .daemon = true}, &r) < 0)
        return -1;
    if (r.status != 0)
        return call_error(c, EIO, "btrfs: %s", r.errors);
    return 0;
}

int
op_btrfs_scrub_start(
    struct call *c, const struct api_btrfs_scrub_start_args *args)
{
    return start_background(c, "start", args->path);
}

int
op_btrfs_scrub_resume(
    struct call *c, const struct api_btrfs_scrub_resume_args *args)
{
    return start_background(c, "resume", args->path);
}

int
op_btrfs_scrub_cancel(
    struct call *c, const struct api_btrfs_scrub_cancel_args *args)
{
    return on_path(c, "scrub", "cancel", NULL, args->path);
}

/* The number after "NAME:" in a line of its own; 0 if there is none. */
static uint64_t
counter(const char *text, const char *name)
{
    size_t n = strlen(name);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += strspn(line, "\n\t ");
        if (strncmp(line, name, n) == 0 && line[n] == ':')
            return strtoull(line + n + 1, NULL, 10);
    }
    return 0;
}

int
op_btrfs_scrub_status(struct call *c,
    const struct api_btrfs_scrub_status_args *args,
    struct api_btrfs_scrub_status_ret *ret)
{
    const char *path = tool_path(c, args->path);
    char *out;

    if (!path ||
        run_tool(c, &out, "btrfs", "scrub", "status", "-R", path, NULL) < 0)
        return -1;
#define COUNT(name) ret->value.btrfsscrub_##name = counter(out, #name)
    COUNT(data_extents_scrubbed);
    COUNT(tree_extents_scrubbed);
    COUNT(data_bytes_scrubbed);
    COUNT(tree_bytes_scrubbed);
    COUNT(read_errors);
    COUNT(csum_errors);
    COUNT(verify_errors);
    COUNT(no_csum);
    COUNT(csum_discards);
    COUNT(super_errors);
    COUNT(malloc_errors);
    COUNT(uncorrectable_errors);
    COUNT(unverified_errors);
    COUNT(corrected_errors);
    COUNT(last_physical);
#undef COUNT
    return 0;
}

int
op_btrfs_balance_pause(
    struct call *c, const struct api_btrfs_balance_pause_args *args)
{
    return on_path(c, "balance", "pause", NULL, args->path);
}

int
op_btrfs_balance_cancel(
    struct call *c, const struct api_btrfs_balance_cancel_args *args)
{
    return on_path(c, "balance", "cancel", NULL, args->path);
}

int
op_btrfs_balance_resume(
    struct call *c, const struct api_btrfs_balance_resume_args *args)
{
    return on_path(c, "balance", "resume", NULL, args->path);
}

/* "No balance found on ...", or
 *     Balance on '/x' is running
 *     0 out of about 2 chunks balanced (1 considered), 100% left
 * and, as the exit status, 1 for one that runs or is paused. */
int
op_btrfs_balance_status(struct call *c,
    const struct api_btrfs_balance_status_args *args,
    struct api_btrfs_balance_status_ret *ret)
{
    const char *path = tool_path(c, args->path);
    const char *argv[] = {"btrfs", "balance", "status", path, NULL};
    unsigned long long balanced, total, considered, left;
    struct run_result r;

    if (!path || run_command(c, &(struct run){.argv = argv}, &r) < 0)
        return -1;
    ret->value.btrfsbalance_status = call_strdup(c, "none");
    if (str_after(r.output, "No balance found"))
        return 0;
    char *state = strstr(r.output, " is "), *end = NULL;
    if (state)
        end = strchr(state, '\n');
    if (r.status > 1 || !end ||
        sscanf(end,
            " %llu out of about %llu chunks balanced (%llu considered), "
            "%llu%%",
            &balanced, &total, &considered, &left) != 4)
        return call_error(c, EIO, "btrfs: %s", r.errors);
    state += strlen(" is ");
    ret->value.btrfsbalance_status =
        call_strndup(c, state, strcspn(state, ", \n"));
    ret->value.btrfsbalance_balanced = balanced;
    ret->value.btrfsbalance_total = total;
    ret->value.btrfsbalance_considered = considered;
    ret->value.btrfsbalance_left = left;
    return 0;
}

/* --- devices --- */

int
op_btrfs_replace(struct call *c, const struct api_btrfs_replace_args *args)
{
    const char *from = device_check(c, args->srcdev);
    const char *to = from ? device_check(c, args->targetdev) : NULL;
    const char *place = to ? tool_path(c, args->mntpoint) : NULL;

    return place ? run_tool(c, NULL, "btrfs", "replace", "start", "-B", "-f",
                       from, to, place, NULL)
                 : -1;
}

/* The tool takes one device, and finds the others of its file system. */
int
op_btrfs_image(struct call *c, const struct api_btrfs_image_args *args)
{
    struct list argv = {0};
    const char *image = tool_path_new(c, args->image);

    if (!image)
        return -1;
    if (args->n_source == 0)
        return call_error(c, EINVAL, "btrfs_image: no device given");
    list_add_string(c, &argv, "btrfs-image");
    add_number(c, &argv, "-c", args->has_compresslevel, args->compresslevel);
    for (uint32_t i = 0; i < args->n_source; i++) {
        const char *device = device_check(c, args->source[i]);

        if (!device)
            return -1;
        if (i == 0)
            list_add_string(c, &argv, device);
    }
    list_add_string(c, &argv, image);
    return run_tool_argv(c, NULL, argv.items);
}

static int
rescue(struct call *c, const char *command, const char *name)
{
    const char *device = device_check(c, name);
    const char *argv[] = {"btrfs", "rescue", command, "-y", "-v", device, NULL};
    /* 2: it repaired something. */
    enum { REPAIRED = 2 };
    struct run_result r;

    if (!device || run_command(c, &(struct run){.argv = argv}, &r) < 0)
        return -1;
    if (r.status != 0 && r.status != REPAIRED)
        return call_error(c, EIO, "btrfs: %s", r.errors);
    return 0;
}

int
op_btrfs_rescue_chunk_recover(
    struct call *c, const struct api_btrfs_rescue_chunk_recover_args *args)
{
    return rescue(c, "chunk-recover", args->device);
}

int
op_btrfs_rescue_super_recover(
    struct call *c, const struct api_btrfs_rescue_super_recover_args *args)
{
    return rescue(c, "super-recover", args->device);
}

static int
tune(struct call *c, const char *name, const char *option, const char *value)
{
    const char *device = device_check(c, name);

    if (!device)
        return -1;
    if (value)
        return run_tool(
            c, NULL, "btrfstune", "-f", option, value, device, NULL);
    return run_tool(c, NULL, "btrfstune", option, device, NULL);
}

int
op_btrfstune_seeding(
    struct call *c, const struct api_btrfstune_seeding_args *args)
{
    return tune(c, args->device, "-S", args->seeding ? "1" : "0");
}

int
op_btrfstune_enable_extended_inode_refs(struct call *c,
    const struct api_btrfstune_enable_extended_inode_refs_args *args)
{
    return tune(c, args->device, "-r", NULL);
}

int
op_btrfstune_enable_skinny_metadata_extent_refs(struct call *c,
    const struct api_btrfstune_enable_skinny_metadata_extent_refs_args *args)
{
    return tune(c, args->device, "-x", NULL);
}
