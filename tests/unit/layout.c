/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where partitions go when the disk is another one. */
#include <config.h>

#include "resize/layout.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"

enum { DISK = 1 << 20, GPT_LAST = DISK - 34 };

static void
add(struct layout *l, int number, uint64_t start, uint64_t end, bool extended)
{
    char name[32];

    l->slots = reallocarray(l->slots, l->n + 1, sizeof *l->slots);
    snprintf(name, sizeof name, "/dev/sda%d", number);
    l->slots[l->n++] = (struct slot){.number = number,
        .start = start,
        .end = end,
        .extended = extended,
        .logical = l->table == LAYOUT_MBR && number > 4,
        .device = strdup(name),
        .type = strdup("")};
}

static struct layout
make(enum layout_table table)
{
    return (struct layout){.table = table,
        .sector_size = 512,
        .sectors = DISK,
        .new_sectors = DISK,
        .alignment = 128};
}

static struct layout
two(void)
{
    struct layout l = make(LAYOUT_GPT);

    add(&l, 1, 2048, 99999, false);
    add(&l, 2, 100352, 300000, false);
    return l;
}

/* 1 primary, 2 with 5 and 6 in it. */
static struct layout
logical(void)
{
    struct layout l = make(LAYOUT_MBR);

    add(&l, 1, 2048, 99999, false);
    add(&l, 2, 100352, 400000, true);
    add(&l, 5, 102400, 200000, false);
    add(&l, 6, 204800, 400000, false);
    return l;
}

TEST(check)
{
    cleanup_error struct error err = {0};
    struct layout l = logical();

    CHECK(layout_check(&l, &err) == 0);
    l.slots[3].start = 150000;
    CHECK(layout_check(&l, &err) < 0);
    CHECK(strstr(error_text(&err), "5 and 6 overlap"));
    l.slots[3].start = 204800;
    l.slots[3].end = 400001;
    CHECK(layout_check(&l, &err) < 0);
    CHECK(strstr(error_text(&err), "6 is not inside"));
    l.slots[3].end = 400000;
    l.slots[1].start = 90000;
    CHECK(layout_check(&l, &err) < 0);
    CHECK(strstr(error_text(&err), "overlap"));
    layout_clear(&l);

    l = two();
    l.slots[1].end = DISK;
    CHECK(layout_check(&l, &err) < 0);
    CHECK(strstr(error_text(&err), "the disk has"));
    l.slots[1].end = 5;
    CHECK(layout_check(&l, &err) < 0);
    layout_clear(&l);
}

TEST(in_place)
{
    cleanup_error struct error err = {0};
    struct layout l = two();

    CHECK(layout_in_place(&l, &l.slots[1], &err) == 0);
    CHECK(l.slots[1].new_end == GPT_LAST && l.slots[1].new_start == 100352);
    CHECK(layout_in_place(&l, &l.slots[0], &err) == 0);
    CHECK(l.slots[0].new_end == 100351 && l.slots[1].new_end == 300000);
    l.slots[0].wanted = 98305;
    CHECK(layout_in_place(&l, NULL, &err) < 0);
    CHECK(strstr(error_text(&err), "would have to move"));
    l.slots[0].wanted = UINT64_MAX / 512;
    CHECK(layout_in_place(&l, NULL, &err) < 0);
    layout_clear(&l);

    /* A logical one takes its container along; the next one's table stays. */
    l = logical();
    CHECK(layout_in_place(&l, &l.slots[3], &err) == 0);
    CHECK(l.slots[3].new_end == DISK - 1 && l.slots[1].new_end == DISK - 1);
    CHECK(layout_in_place(&l, &l.slots[2], &err) == 0);
    CHECK(l.slots[2].new_end == 204799 - 2048);
    CHECK(l.slots[1].new_end == 400000);
    l.slots[1].wanted = 100000;
    CHECK(layout_in_place(&l, NULL, &err) < 0);
    CHECK(strstr(error_text(&err), "cannot end before /dev/sda6"));
    layout_clear(&l);
}

TEST(place)
{
    cleanup_error struct error err = {0};
    struct layout l = two();
    uint64_t start;

    /* Nothing changes: all stays, and the rest is found. */
    CHECK(layout_place(&l, NULL, NULL, &err) == 0 && layout_is_copy(&l));
    CHECK(layout_rest(&l, &start) == GPT_LAST + 1 - 300032);
    CHECK(start == 300032);
    /* The last one grows: a plain copy. */
    CHECK(layout_place(&l, &l.slots[1], NULL, &err) == 0 && layout_is_copy(&l));
    CHECK(GPT_LAST - l.slots[1].new_end < 128);
    layout_clear(&l);

    /* The first one grows: the second moves to the end, as large as it was. */
    l = two();
    CHECK(layout_place(&l, &l.slots[0], NULL, &err) == 0);
    CHECK(!layout_is_copy(&l) && l.slots[0].new_start == 2048);
    CHECK(slot_new_size(&l.slots[1]) == slot_size(&l.slots[1]));
    CHECK(l.slots[1].new_start % 128 == 0);
    CHECK(l.slots[1].new_start > l.slots[0].new_end);
    CHECK(
        l.slots[1].new_end <= GPT_LAST && GPT_LAST - l.slots[1].new_end < 256);
    layout_clear(&l);

    /* Smaller: refused, unless one gives. */
    l = two();
    l.new_sectors = 200000;
    CHECK(layout_place(&l, NULL, NULL, &err) < 0);
    CHECK(strstr(error_text(&err), "too small"));
    CHECK(layout_place(&l, NULL, &l.slots[0], &err) < 0);
    CHECK(strstr(error_text(&err), "is smaller by"));
    CHECK(layout_place(&l, NULL, &l.slots[1], &err) == 0);
    CHECK(l.slots[1].new_end <= 200000 - 34);
    layout_clear(&l);

    l = two();
    l.slots[0].use = SLOT_DELETE;
    CHECK(layout_place(&l, NULL, NULL, &err) == 0 && !layout_is_copy(&l));
    CHECK(l.slots[1].new_start == 128);
    layout_clear(&l);

    /* A disk of a sector, and one that the table alone fills. */
    l = two();
    for (l.new_sectors = 0; l.new_sectors < 68; l.new_sectors++)
        CHECK(layout_place(&l, &l.slots[0], NULL, &err) < 0);
    layout_clear(&l);
}

TEST(place_logical)
{
    cleanup_error struct error err = {0};
    struct layout l = logical();

    CHECK(layout_place(&l, &l.slots[2], NULL, &err) == 0);
    CHECK(l.slots[1].new_start == 100352);
    CHECK(l.slots[2].new_start == 102400);
    /* Its own table has a place before it. */
    CHECK(l.slots[3].new_start >= l.slots[2].new_end + 3);
    CHECK(l.slots[1].new_end >= l.slots[3].new_end);
    CHECK(l.slots[1].new_end < DISK);
    CHECK(slot_new_size(&l.slots[3]) == slot_size(&l.slots[3]));
    layout_clear(&l);

    l = logical();
    l.slots[2].use = SLOT_DELETE;
    CHECK(layout_place(&l, NULL, NULL, &err) == 0);
    CHECK(l.slots[3].new_start >= l.slots[1].new_start + 2);
    CHECK(l.slots[3].new_end <= l.slots[1].new_end);
    layout_clear(&l);

    /* With the container goes what is in it. */
    l = logical();
    l.slots[1].use = SLOT_DELETE;
    CHECK(layout_place(&l, NULL, NULL, &err) == 0);
    CHECK(l.slots[2].use == SLOT_DELETE && l.slots[3].use == SLOT_DELETE);
    layout_clear(&l);

    /* Sizes beyond all disks. */
    l = logical();
    l.slots[2].wanted = UINT64_MAX / 512;
    CHECK(layout_place(&l, NULL, NULL, &err) < 0);
    layout_clear(&l);
}

/* Whatever is asked, places do not overlap and are on the disk. */
TEST(any)
{
    cleanup_error struct error err = {0};
    unsigned seed = 1;

    for (int i = 0; i < 20000; i++) {
        struct layout l = i % 2 ? two() : logical();

        seed = seed * 1103515245 + 12345;
        l.new_sectors = (seed >> 8) % (2 * DISK);
        l.alignment = 1 + (seed >> 4) % 4096;
        struct slot *s = &l.slots[(seed >> 16) % l.n];
        if (i % 3 == 0)
            s->wanted = 1 + (seed >> 3) % DISK;
        if (i % 7 == 0)
            l.slots[0].use = SLOT_DELETE;
        bool named = s->wanted == 0 && s->use == SLOT_KEEP;
        if (layout_place(&l, named && i % 5 < 2 ? s : NULL,
                named && i % 5 > 2 ? s : NULL, &err) == 0) {
            uint64_t next = 1;

            for (size_t k = 0; k < l.n; k++) {
                const struct slot *p = &l.slots[k];

                if (p->use == SLOT_DELETE)
                    continue;
                CHECK(p->new_start >= next && p->new_end >= p->new_start);
                CHECK(p->new_end < l.new_sectors);
                next = p->extended ? p->new_start + 1 : p->new_end + 1;
            }
        }
        layout_clear(&l);
    }
}
