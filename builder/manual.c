/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/manual.h"

#include "customize/manual.h"
#include "tool/exit.h"

static const struct tool_detail details[] = {
    {"list", "With NAME, list only the template of that name."},
    {"notes",
        "They are in the language of the locale, if the template has such\n"
        "notes."},
    {"cache-all-templates",
        "Templates that are already there are not downloaded again."},
    {"machine-readable",
        "The lines, such as `customize`, are those of virt-builder(1). A\n"
        "FORMAT is refused."},
    {"dry-run", "Only indexes are downloaded, and no file is created."},
    {"source",
        "Repeat it for more repositories. URI is an http, https or file URI,\n"
        "or a file name. Those of --source are searched before the\n"
        "configured ones: see REPOSITORIES."},
    {"fingerprint",
        "Forty hexadecimal digits; blanks are ignored. Without it, an\n"
        "index of --source is refused, unless --no-check-signature is given."},
    {"no-check-signature",
        "The index need not be signed, and the checksum of a template is\n"
        "not compared. Whoever can change the files of the repository can\n"
        "then run programs in your images."},
    {"no-check-signatures", "As --no-check-signature."},
    {"check-signature", "It cancels --no-check-signature."},
    {"check-signatures", "It cancels --no-check-signature."},
    {"arch", "For example x86_64, aarch64 or i686; amd64 and others are\n"
             "understood as well. Commands of the guest can run only if this "
             "machine can\n"
             "run its programs."},
    {"cache", "The default is in FILES below."},
    {"output",
        "A file gets its name when it is complete, and only you may read it\n"
        "(mode 0600), since it holds password hashes. A block device is\n"
        "overwritten."},
    {"size",
        "The units are powers of 1024; without one, SIZE is in bytes. It may\n"
        "have a fraction: 2.5G. The last partition, or the one that the\n"
        "repository names, and its file system grow in place. An image\n"
        "cannot be smaller than its template."},
    {"no-delete-on-failure",
        "It gets its name, so that you can look at it. An interrupt removes "
        "it."},
    {"curl", "Of virt-builder(1), and refused; the error says what to do."},
    {"gpg", "Of virt-builder(1), and refused; the error says what to do."},
    {"get-kernel",
        "Of virt-builder(1), and refused; the error says what to do."},
    {"attach-format", "auto guesses the format of those that follow."},
    {"no-sync",
        "The image may be lost if this machine crashes soon afterwards."},
    {"network",
        "The appliance gets a network only if a step needs it: --install,\n"
        "--update, --run or --run-command. mayfly-security(7) says what it\n"
        "can reach then."},
    {"attach", "It is /dev/sdb in the appliance, the next one /dev/sdc and so\n"
               "on. Repeat it for more disks."},
    {"memsize", "--install and --run of large programs may need more."},
    {"no-warn-if-partition",
        "It is accepted as by virt-builder(1), and has no effect."},
    {"warn-if-partition",
        "It is accepted as by virt-builder(1), and has no effect."},
    {0},
};

static const struct tool_section sections[] = {
    {"REPOSITORIES",
        "Repositories come from --source and --fingerprint, and from the\n"
        ".conf files of the folders in FILES. Those of the command line are\n"
        "searched first. An index must carry exactly one good signature by "
        "the\n"
        "key that is named, made with SHA-256 or better. An expired or\n"
        "revoked key, or an index that is older than the one seen before,\n"
        "is refused. The key is taken from your GnuPG key ring, else from a\n"
        "file key.asc beside the index. mayfly-repo(1) makes repositories."},
    {0},
};

static const struct tool_status statuses[] = {
    {TOOL_OK, NULL},
    {TOOL_FAILED,
        "The image could not be made, grown or customised. No image is\n"
        "left."},
    {TOOL_USAGE,
        "The command line is wrong, the output cannot be written, or --size\n"
        "is too small; nothing was done."},
    {TOOL_INPUT,
        "No such template; an index or a template cannot be read, is not\n"
        "signed as required, or is damaged; or a disk of --attach\n"
        "cannot be opened."},
    {TOOL_NO_OS,
        "The template contains no operating system, or more than one."},
    {TOOL_APPLIANCE, NULL},
    {TOOL_HUNG_UP, NULL},
    {TOOL_INTERRUPTED, NULL},
    {TOOL_PIPE_CLOSED, NULL},
    {TOOL_TERMINATED, NULL},
    {0},
};

static const struct tool_example examples[] = {
    {"List the templates of the configured repositories:",
        "mayfly-builder --list", NULL},
    {"Build an image of 1 GiB with a host name, a password and a file:",
        "mayfly-builder debian-12 -o web.img --size 1G --hostname web \\\n"
        "    --root-password file:password --upload site.conf:/etc/site.conf",
        NULL},
    {"See what a build would do, without doing it:",
        "mayfly-builder debian-12 -o web.img --dry-run --size 20G \\\n"
        "    --install nginx",
        NULL},
    {"Build a qcow2 image that updates itself at its first boot, and\n"
     "that your SSH key opens:",
        "mayfly-builder debian-12 -o db.qcow2 --format qcow2 \\\n"
        "    --ssh-inject root --firstboot-command 'apt-get -y upgrade'",
        NULL},
    {"Use a repository that is not configured:",
        "mayfly-builder --source repo/index.asc \\\n"
        "    --fingerprint \"$(cat repo/fingerprint)\" \\\n"
        "    --list --list-format json",
        NULL},
    {"Read the notes of a template:", "mayfly-builder --notes debian-12", NULL},
    {"See which templates are in the cache:", "mayfly-builder --print-cache",
        NULL},
    {"Install packages from the network:",
        "mayfly-builder debian-12 --update --install nginx,rsync \\\n"
        "    --run-command 'systemctl enable nginx'",
        "a mirror"},
    {0},
};

const struct tool_manual builder_manual = {
    .description =
        "mayfly-builder makes a disk image of an operating system from a\n"
        "signed template, grows it to the size you ask for, and customises\n"
        "it: host name, passwords, files, packages, commands. No part of\n"
        "that needs root.\n"
        "\n"
        "Options have the names and meanings of those of virt-builder(1),\n"
        "and the same repositories are read.\n"
        "\n"
        "Without --root-password, root gets a random password, which is\n"
        "printed.",
    .details = details,
    .group_details = customize_details,
    .sections = sections,
    .statuses = statuses,
    .examples = examples,
    .see_also = "mayfly-repo(1) mayfish(1) mayfly-v2v(1) mayfly(7) "
                "mayfly-security(7) virt-builder(1) virt-customize(1)",
};
