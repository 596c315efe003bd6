# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sample of a source: -i lines, a file with the path of a disk on each line.
recipe='A source of mayfly-v2v'
checks=(tests/cli/v2v-formats.sh)

apply()
{
    create v2v/source/lines.c << 'END'
/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -i lines: a text file with the path of one disk on each line. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "v2v/source/source.h"

enum { LIST_MAX = 1 << 20 };

static int
read_lines(
    char *const *words, size_t n_words, struct guest *ret, struct error *err)
{
    cleanup_free char *text = read_file(words[0], LIST_MAX, NULL, err);
    char *save = NULL;

    (void)n_words;
    if (!text)
        return -1;
    for (char *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        struct guest_disk *disk = guest_add_disk(ret, err);

        if (!disk)
            return -1;
        if (!(disk->path = strdup(line)))
            return error_no_memory(err);
    }
    if (ret->n_disks == 0)
        return error_set(err, EINVAL, "%s: it lists no disk", words[0]);
    return 0;
}

const struct source source_lines = {
    .name = "lines",
    .help = "FILE: a file with the path of a disk on each line",
    .read = read_lines,
};
END
    after v2v/source/source.h ' source_xva;$' \
        <<< 'extern const struct source source_lines;'
    after v2v/source/source.c '^    &source_vmx,' <<< '    &source_lines,'
    before v2v/module.mk '^	v2v/source/manifest.h' << 'END'
	v2v/source/lines.c \
END
    edit v2v/main.c 's/xva, ova, vmx"/xva, ova, vmx, lines"/'
    edit v2v/main.c 's/xva, ova or vmx"/xva, ova, vmx or lines"/'
    before v2v/manual.c '^        "\* -i vmx FILE' << 'END'
        "* -i lines FILE\n"
        "A file with the path of a disk on each line.\n"
END
    append tests/cli/v2v-formats.sh << 'END'

# --- a list of disks ---

printf 'disk\nsecond\n' > list
mayfly-v2v inspect -i lines list > plan.json
python3 -c 'import json
assert len(json.load(open("plan.json"))["disks"]) == 2'
: > empty
expect_error 3 'empty: it lists no disk' mayfly-v2v plan -i lines empty
END
}

use()
{
    small_guest
    echo small.img > list
    mayfly-v2v plan -i lines list > plan || fail "no plan: $(cat plan)"
    grep -q '^Readiness  *Re' plan || fail "not ready: $(cat plan)"
    expect_error 2 "is not one of disk, .*, lines" mayfly-v2v -i none list
    mayfly-v2v --machine-readable | grep -qx input:lines ||
        fail "programs cannot see it"
}
