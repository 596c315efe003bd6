/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/program/manual.h"

#include "tool/exit.h"

static const struct tool_detail details[] = {
    {"output",
        "Where build, update and import put the image. Default:\n"
        "$MAYFLY_APPLIANCE, else the folder in FILES that is root's, or the\n"
        "user's own. What import replaces has to be an appliance or empty.\n"
        "export takes the image from there; its default is the image that\n"
        "runs here."},
    {"fingerprint",
        "All 40 digits. The key itself has to be in the key ring of the\n"
        "user, or in the file of --key."},
    {0},
};

static const struct tool_section sections[] = {
    {"STATUS",
        "* version\n"
        "of Mayfly\n"
        "* start\n"
        "`resumed` from a saved appliance, or `booted`\n"
        "* accelerator\n"
        "`kvm` or `tcg`; without KVM everything takes longer\n"
        "* kvm\n"
        "whether KVM works here, and if not, why\n"
        "* qemu\n"
        "version and file of the QEMU that runs\n"
        "* memory\n"
        "of the appliance\n"
        "* image\n"
        "folder of the appliance's image, and others that do not fit this\n"
        "version of Mayfly\n"
        "* kernel\n"
        "version of the appliance's kernel, and how old it is\n"
        "* saved\n"
        "the saved appliance that was resumed, and its age\n"
        "* kept\n"
        "how many appliances are saved, and the room they take\n"
        "* user\n"
        "number of the user that QEMU runs as\n"
        "* cage\n"
        "layers of the cage that hold\n"
        "* missing\n"
        "layers that do not hold here; mayfly-security(7) says what each is\n"
        "for, and what to do"},
    {0},
};

static const struct tool_status statuses[] = {
    {TOOL_OK, NULL},
    {TOOL_FAILED, "The image could not be made, exported or imported."},
    {TOOL_USAGE, NULL},
    {TOOL_APPLIANCE,
        "The appliance cannot start, or the saved ones cannot be removed."},
    {TOOL_HUNG_UP, NULL},
    {TOOL_INTERRUPTED, NULL},
    {TOOL_PIPE_CLOSED, NULL},
    {TOOL_TERMINATED, NULL},
    {0},
};

static const struct tool_example examples[] = {
    {"See how the appliance starts here, and which layers of the cage\n"
     "hold:",
        "mayfly-appliance status", NULL},
    {"The same for a program:", "mayfly-appliance status --json", NULL},
    {"Forget the saved appliances:", "mayfly-appliance clean", NULL},
    {"Remove those that were not used for a week:",
        "mayfly-appliance clean --older 7", NULL},
    {"Make the appliance again from the newest packages:",
        "mayfly-appliance update", "package sources"},
    {"Make one of your own elsewhere:",
        "mayfly-appliance build --update -o ~/appliance", "package sources"},
    {"Write the appliance to one signed file:",
        "mayfly-appliance export appliance.tar --sign me@example.org",
        "a secret key"},
    {"Use that on a machine without apt:",
        "mayfly-appliance import appliance.tar --key me.asc", "the file"},
    {0},
};

const struct tool_manual appliance_manual = {
    .description =
        "The appliance is the small virtual machine in which all programs\n"
        "of Mayfly look into disk images: see mayfly(7). One of these\n"
        "commands has to be given:\n"
        "\n"
        "* build\n"
        "Make the image of the appliance from packages of the distribution,\n"
        "taken from the package sources that this machine is configured\n"
        "with. It needs no root, and nothing of this machine's own kernel.\n"
        "Packages are kept in the cache, so another build needs the network\n"
        "only for what is new. The same packages give the same image, byte\n"
        "for byte.\n"
        "* update\n"
        "The same from the newest packages. When the kernel that `status`\n"
        "prints is old, this makes a newer one. Images that are made here\n"
        "are preferred to the installed one; one that was made for another\n"
        "version of Mayfly is passed over.\n"
        "* export\n"
        "Write the appliance to one file: the kernel, the initrd, the list\n"
        "of packages, their licences and the names of their sources. It is\n"
        "signed, so that it can be passed on; whoever does that has to\n"
        "offer the sources as well, as the licences demand.\n"
        "* import\n"
        "Use such a file, or one at a http or https address, on a machine\n"
        "without apt and dpkg. It is refused if it is not signed by that\n"
        "key, not whole or for another version of Mayfly; until all of it\n"
        "has been verified nothing changes.\n"
        "* status\n"
        "Start the appliance and print how that went: see STATUS.\n"
        "* clean\n"
        "Remove the saved appliances and what is known about KVM. The next\n"
        "program boots the appliance and saves it again, which takes some\n"
        "seconds. With --older only those are removed that no program has\n"
        "used for so many days. Without it they are also removed by\n"
        "themselves: after 30 days, or when all of them take more than\n"
        "MAYFLY_CACHE_SIZE.",
    .details = details,
    .sections = sections,
    .statuses = statuses,
    .examples = examples,
    .see_also =
        "mayfish(1) mayfly(7) mayfly-security(7) libguestfs-test-tool(1)",
};
