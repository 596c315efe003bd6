/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/processors: the limits of control groups, as systemd and containers set
 * them. */
#include <config.h>

#include <sched.h>

#include "base/processors.h"
#include "tests/unit/tree.h"

static struct test_tree tree;

static void
check(const char *groups, unsigned affinity, unsigned expected)
{
    tree_file(&tree, "groups", groups);
    CHECK(fchdir(tree.root) == 0);

    unsigned n = processors_within(affinity, "groups", "root");
    if (n != expected)
        printf("%s of %u: %u, not %u\n", groups, affinity, n, expected);
    CHECK(n == expected);
}

TEST(limits)
{
    tree_make(&tree);
    tree_file(&tree, "root/a/cpu.max", "200000 100000\n");
    tree_file(&tree, "root/a/b/cpu.max", "max 100000\n");
    tree_file(&tree, "root/half/cpu.max", "50000 100000\n");
    tree_file(&tree, "root/odd/cpu.max", "250000 100000\n");
    tree_file(&tree, "root/bad/cpu.max", "200000\n");
    tree_file(&tree, "root/none/cpu.max", "200000 0\n");
    tree_file(&tree, "root/huge/cpu.max", "18446744073709551615 1\n");

    check("0::/a\n", 8, 2);
    check("0::/a/b\n", 8, 2); /* that of the group above */
    check("0::/a/b/no/folder\n", 8, 2);
    check("0::/a\n", 1, 1);
    check("0::/half\n", 8, 1);
    check("0::/odd\n", 8, 3);
    check("0::/bad\n", 8, 8);
    check("0::/none\n", 8, 8);
    check("0::/huge\n", 8, 8);
    check("0::/\n", 8, 8);
    check("4:cpu:/a\n0::/odd\n", 8, 3); /* both versions */
    check("4:cpu:/a\n", 8, 8);
    check("", 8, 8);

    /* A container sees its own group as the root. */
    tree_file(&tree, "root/cpu.max", "400000 100000\n");
    check("0::/\n", 8, 4);
    check("0::/a\n", 8, 2);
    check("0::/elsewhere\n", 8, 4);
    CHECK(chdir("/") == 0);
    tree_remove(&tree);
}

TEST(affinity)
{
    cpu_set_t all, one;
    int first = 0;

    CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
    while (!CPU_ISSET(first, &all))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
    CHECK(processors_available() == 1);
    CHECK(sched_setaffinity(0, sizeof all, &all) == 0);
}
