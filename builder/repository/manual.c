/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/repository/manual.h"

#include "tool/exit.h"

static const struct tool_detail details[] = {
    {"sign", "It must be in the GnuPG key ring. One of --sign, --generate-key\n"
             "and --no-sign is needed."},
    {"generate-key", "It has no passphrase: see FILES."},
    {"gpg-home", "Default: that of GnuPG with --sign, and that in FILES with\n"
                 "--generate-key."},
    {"no-sign", "mayfly-builder(1) accepts it only with --no-check-signature."},
    {"os-version", "Default: the name of the image without its ending."},
    {"arch", "For example x86_64 or aarch64; default: that of the operating\n"
             "system on the image."},
    {"expand",
        "Default: found on the image. A template without one grows its last\n"
        "partition."},
    {"lvexpand", "It grows with the partition of --expand."},
    {"level", "0 is fastest, 9 is smallest."},
    {0},
};

static const struct tool_status statuses[] = {
    {TOOL_OK, NULL},
    {TOOL_FAILED,
        "The repository could not be made or changed. The old index is\n"
        "unchanged."},
    {TOOL_USAGE, NULL},
    {TOOL_HUNG_UP, NULL},
    {TOOL_INTERRUPTED, NULL},
    {TOOL_PIPE_CLOSED, NULL},
    {TOOL_TERMINATED, NULL},
    {0},
};

static const struct tool_example examples[] = {
    {"Make a repository with one image, signed by a key of its own:",
        "mayfly-repo create repo debian-12.img --generate-key \\\n"
        "    --name 'Debian 12 (bookworm)' --expand /dev/sda1",
        NULL},
    {"Add images to it, each with a NAME.ini beside it:",
        "mayfly-repo create repo images/*.img --generate-key --level 6", NULL},
    {"Sign with a key of your GnuPG key ring:",
        "mayfly-repo create official debian-12.img --sign admin@example.com",
        NULL},
    {"Make a repository for tests, without a signature:",
        "mayfly-repo create test debian-12.img --no-sign", NULL},
    {0},
};

const struct tool_manual repo_manual = {
    .description =
        "`mayfly-repo create` puts images into a folder that serves as a\n"
        "repository for mayfly-builder(1) and virt-builder(1): each image\n"
        "compressed with xz in blocks of 16 MiB, the signed index\n"
        "`index.asc`, the public key in `key.asc` and its fingerprint in\n"
        "`fingerprint`. An image that is in the repository already is\n"
        "replaced, and its revision goes up if it has changed; the others\n"
        "stay. Publish the folder with any web server.\n"
        "\n"
        "What the index says of an image comes from the options; else from\n"
        "a file beside it (disk.ini for disk.qcow2), which holds one\n"
        "section of an index; else from the index that is there; else from\n"
        "the image itself.",
    .details = details,
    .statuses = statuses,
    .examples = examples,
    .see_also = "mayfly-builder(1) mayfly(7) mayfly-security(7) gpg(1) "
                "virt-builder-repository(1)",
};
