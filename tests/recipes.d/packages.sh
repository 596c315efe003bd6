# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sample of a reader of a package database: lines of a name and a version.
recipe='A reader of a package database'
checks=(tests/unit/packages fuzz/replay.sh)

apply()
{
    create appliance/agent/packages/lines.c << 'END'
/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of packages in a text file, a name and a version on each line. */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/packages/package.h"
#include "appliance/agent/packages/packages.h"

static const char *
read_lines(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    static const char path[] = "/var/lib/lines";
    char *text = tree_read(c, root, path, DATABASE_MAX, NULL);
    char *line, *space;

    if (!text) {
        *ret_reason = "cannot read /var/lib/lines";
        return NULL;
    }
    while ((line = next_line(&text))) {
        if (!(space = strchr(line, ' ')) || space == line)
            continue;
        *space = 0;
        struct mayfly_application2 *p = package_add(c, packages);
        p->app2_name = line;
        if (!package_set_version(p, space + 1))
            packages->n--;
    }
    return path;
}

const struct package_reader lines_reader = {
    .format = "lines",
    .read = read_lines,
};
END
    after appliance/agent/packages/packages.h '^    pacman_reader, ' \
        <<< 'extern const struct package_reader lines_reader;'
    before appliance/agent/packages/packages.c '^    &windows_reader,' \
        <<< '    &lines_reader,'
    after appliance/agent/packages/module.mk '^agent_sources' << 'END'
	appliance/agent/packages/lines.c \
END
    after appliance/agent/packages/module.mk '^tests_unit_packages_SOURCES' \
        << 'END'
	appliance/agent/packages/lines.c \
END
    after appliance/agent/inspect/distro.c '"/var/lib/pacman/local", ' \
        <<< '        {"/var/lib/lines", "lines", "lines"},'
    after fuzz/module.mk '^fuzz_guest_SOURCES' << 'END'
	appliance/agent/packages/lines.c \
END
    after fuzz/guest.c '"etc/favicon.png",' <<< '    "var/lib/lines",'
    edit fuzz/guest.c 's/"apk", "pacman"}/"apk", "pacman", "lines"}/'
    after fuzz/seeds.py 'x89PNG' <<< '    "ball 1.2-3\nnothing\n",'
    append tests/unit/packages.c << 'END'

TEST(lines)
{
    struct test_tree t;
    struct call *c = test_call_new();
    uint32_t n;

    tree_make(&t);
    tree_file(&t, "var/lib/lines", "two 2.0-1\nnothing\none 1:1\n");
    struct mayfly_application2 *p = read_packages(c, &t, "lines", &n, NULL);
    CHECK(n == 2);
    CHECK_STR(p[0].app2_name, "one");
    CHECK(p[0].app2_epoch == 1);
    CHECK_STR(p[1].app2_release, "1");
    test_call_free(c);
    tree_remove(&t);
}
END
}

use()
{
    mkdir -p tree/{bin,etc,usr,var/lib}
    echo NAME=Anyone > tree/etc/os-release
    touch tree/etc/fstab
    echo 'ball 1.2-3' > tree/var/lib/lines
    tar -C tree -cf tree.tar .
    mayfish -N lines.img=fs -m /dev/sda1 tar-in tree.tar /
    mayfly-inspector --json -a lines.img > lines.json
    python3 - << 'END' || fail "the package is not listed: $(cat lines.json)"
import json
system, = json.load(open("lines.json"))["operating_systems"]
assert system["package_format"] == "lines", system
package, = system["packages"]
assert (package["name"], package["version"]) == ("ball", "1.2-3"), package
END
}
