# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sample of a detector: a system that has a file /toy/release.
recipe='A detector of operating systems'
checks=(tests/cli/inspector-toy.sh)

apply()
{
    create appliance/agent/inspect/toy.c << 'END'
/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Toy, whose version is the text of /toy/release. */
#include <config.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/detect.h"

static const char *
role(struct call *c, int root)
{
    (void)c;
    return tree_is_file(root, "/toy/release") ? "root" : NULL;
}

static void
read_toy(struct call *c, int root, struct mayfly_inspection_root *s)
{
    char *text = tree_text(c, root, "/toy/release");
    char *version = text ? next_line(&text) : NULL;

    s->distro = call_strdup(c, "toy");
    s->product_name = call_printf(c, "Toy %s", version ? version : "?");
}

const struct detector toy_detector = {
    .role = role,
    .type = "toy",
    .read = read_toy,
};
END
    after appliance/agent/inspect/detect.h '^    parts_detector;' \
        <<< 'extern const struct detector toy_detector;'
    before appliance/agent/inspect/detect.c '&parts_detector,' \
        <<< '    &toy_detector,'
    after appliance/agent/inspect/module.mk '^agent_sources' << 'END'
	appliance/agent/inspect/toy.c \
END
    append appliance/agent/inspect/module.mk << 'END'
TESTS += tests/cli/inspector-toy.sh
EXTRA_DIST += tests/cli/inspector-toy.sh
END
    edit api/calls/inspection.api 's/"dos" or "unknown"/"dos", "toy" or "unknown"/'
    create tests/cli/inspector-toy.sh << 'END'
#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Toy.
. "$(dirname "$0")/../lib.sh"
cd "$work"
mayfish -N toy.img=fs -m /dev/sda1 mkdir /toy : \
    write /toy/release "$(printf '7\n.')" < /dev/null
mayfly-inspector -a toy.img > toy.xml
mayfly-inspector --xpath '//name|//product_name' < toy.xml > got
diff - got << 'XML' || fail "Toy is not recognised"
<name>toy</name>
<product_name>Toy 7</product_name>
XML
END
    chmod +x tests/cli/inspector-toy.sh
}

use()
{
    mayfish -N toy.img=fs -m /dev/sda1 mkdir /toy : \
        touch /toy/release
    same $'/dev/sda1\ntoy' \
        mayfish --ro -a toy.img run : inspect-os : inspect-get-type /dev/sda1
}
