/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "resize/apply.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/growth.h"
#include "resize/say.h"
#include "tool/tool.h"

void
apply_say(const struct resize *r, const char *format, ...)
{
    va_list ap;

    if (r->quiet)
        return;
    va_start(ap, format);
    say_line(r->start, format, ap);
    va_end(ap);
}

static int
fail(const struct work *w, struct error *err)
{
    return tool_handle_error(w->g, err);
}

static struct growth
growth_of(const struct work *w)
{
    return (struct growth){
        .g = w->g, .keys = &w->t->keys, .not_ntfs_marked = !w->r->ntfs_force};
}

/* Its sectors become fewer, and there is something in them to care about. */
static bool
shrinks(const struct slot *s)
{
    return !s->extended && s->use == SLOT_KEEP && !s->forced &&
           slot_new_size(s) < slot_size(s);
}

static int
shrink_content(struct growth *growth, const struct work *w,
    const struct slot *s, struct error *err)
{
    cleanup_error struct error why = {0};

    apply_say(w->r, "Shrinking what is on %s", s->device);
    int r = growth_shrink(
        growth, s->device, slot_new_size(s) * w->p->layout.sector_size, &why);
    if (r == GROWTH_CANNOT)
        return error_set(err, ENOTSUP,
            "%s; nothing was done (--resize-force cuts the partition off, "
            "--ignore leaves its content out)",
            error_text(&why));
    return r < 0 ? error_move(err, &why) : 0;
}

int
apply_shrink(const struct work *w, struct error *err)
{
    struct growth growth = growth_of(w);
    int r = 0;

    for (size_t i = 0; i < w->p->layout.n && r == 0; i++)
        if (shrinks(&w->p->layout.slots[i]))
            r = shrink_content(&growth, w, &w->p->layout.slots[i], err);
    growth_close(&growth);
    return r;
}

/* --- the table --- */

static int
move_end(const struct work *w, const struct slot *s, struct error *err)
{
    if (mayfly_part_resize(w->g, w->device, s->number, (int64_t)s->new_end) ==
        0)
        return 0;
    fail(w, err);
    return error_context(err, "cannot resize %s", s->device);
}

/* What is around others grows first and shrinks last. */
int
apply_ends(const struct work *w, struct error *err)
{
    const struct layout *l = &w->p->layout;

    if (w->p->table && l->table == LAYOUT_GPT &&
        mayfly_part_expand_gpt(w->g, w->device) < 0)
        return fail(w, err);
    for (size_t i = l->n; i-- > 0;)
        if (l->slots[i].new_end < l->slots[i].end &&
            move_end(w, &l->slots[i], err) < 0)
            return -1;
    for (size_t i = 0; i < l->n; i++)
        if (l->slots[i].new_end > l->slots[i].end &&
            move_end(w, &l->slots[i], err) < 0)
            return -1;
    return 0;
}

/* --- growth --- */

/* Returns 0 also for what cannot grow, if the user does not mind. */
static int
grow_content(struct growth *growth, const struct work *w, const char *device,
    struct error *err)
{
    cleanup_error struct error why = {0};

    apply_say(w->r, "Growing what is on %s", device);
    int r = growth_content(growth, device, &why);
    if (r == 0)
        return 0;
    if (r != GROWTH_CANNOT || w->r->unknown == UNKNOWN_ERROR)
        return error_move(err, &why);
    if (w->r->unknown == UNKNOWN_WARN)
        tool_warning("%s; it stays as large as it was", error_text(&why));
    return 0;
}

static int
grow_partitions(struct growth *growth, const struct work *w, struct error *err)
{
    const struct layout *l = &w->p->layout;

    for (size_t i = 0; i < l->n; i++) {
        const struct slot *s = &l->slots[i];

        if (s->extended || s->use != SLOT_KEEP)
            continue;
        bool larger = slot_new_size(s) > slot_size(s);
        /* A swap area is made again, also inside an encrypted device. */
        bool smaller = shrinks(s) && (str_equal(s->type, "swap") ||
                                         str_equal(s->type, "crypto_LUKS"));
        if ((larger || smaller) && grow_content(growth, w, s->device, err) < 0)
            return -1;
    }
    return w->p->whole_grows ? grow_content(growth, w, w->device, err) : 0;
}

static int
add_rest(const struct work *w, struct error *err)
{
    const struct plan *p = w->p;
    int64_t last = (int64_t)(p->rest_start + p->rest - 1);

    if (!p->rest)
        return 0;
    apply_say(w->r, "Adding a partition of the space at the end");
    return mayfly_part_add(w->g, w->device, "p", (int64_t)p->rest_start, last) <
                   0
               ? fail(w, err)
               : 0;
}

/* A volume can be inside an encrypted partition. */
static int
find_volume(struct growth *growth, const struct work *w, const char *name,
    struct error *err)
{
    int64_t size;

    if (mayfly_blockdev_getsize64(w->g, name, &size) == 0)
        return 0;
    for (size_t i = 0; i < w->p->layout.n; i++) {
        const struct slot *s = &w->p->layout.slots[i];
        cleanup_error struct error ignored = {0};

        if (str_equal(s->type, "crypto_LUKS"))
            growth_open(growth, s->device, &ignored);
    }
    if (mayfly_blockdev_getsize64(w->g, name, &size) == 0)
        return 0;
    return error_set(err, ENOENT,
        "--lv-expand: there is no logical volume %s%s", name,
        growth->n_opened ? ""
                         : "; if it is in an encrypted partition, give --key");
}

static int
grow_volumes(struct growth *growth, const struct work *w, struct error *err)
{
    for (char *const *lv = w->r->volumes; lv && *lv; lv++) {
        if (find_volume(growth, w, *lv, err) < 0)
            return -1;
        apply_say(w->r, "Growing %s", *lv);
        if (growth_volume(growth, *lv, err) < 0 ||
            (!w->r->no_content && grow_content(growth, w, *lv, err) < 0))
            return -1;
    }
    return 0;
}

int
apply_growth(const struct work *w, struct error *err)
{
    struct growth growth = growth_of(w);

    if (add_rest(w, err) < 0)
        return -1;
    if (!w->r->no_content && grow_partitions(&growth, w, err) < 0)
        return -1;
    return grow_volumes(&growth, w, err);
}
