/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row a variable or file, in the order of the pages.  A row is for the
 * programs it names; whoever reads another variable adds a row. */
#include <config.h>

#include "tool/environment.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/roff.h"

#define SHELL     "mayfish "
#define INSPECTOR "mayfly-inspector "
#define SERVE     "mayfly-serve "
#define BUILDER   "mayfly-builder "
#define REPO      "mayfly-repo "
#define V2V       "mayfly-v2v "
#define APPLIANCE "mayfly-appliance "
#define GUESTFS   "mayfly-guestfs "

/* Those that open images, those that have the options of tool/, all. */
#define OPENERS SHELL INSPECTOR SERVE BUILDER REPO V2V GUESTFS
#define OWN     SHELL INSPECTOR SERVE BUILDER REPO V2V APPLIANCE
#define ALL     OWN GUESTFS

static const struct variable {
    const char *name;
    const char *value; /* "=VALUE", or "" */
    const char *programs;
    const char *text;
} variables[] = {
    {"EDITOR", "", SHELL, "Editor of the command `edit`; default: vi."},
    {"GUESTFISH_DISPLAY_IMAGE", "", SHELL,
        "Viewer of the command `display`; default: display."},
    {"GUESTFISH_INIT", "", SHELL,
        "Printed before the banner of the terminal; see GUESTFISH_PS1."},
    {"GUESTFISH_OUTPUT", "", SHELL,
        "Printed after each line that is typed; see GUESTFISH_PS1."},
    {"GUESTFISH_PID", "=PID", SHELL,
        "The server of --remote, as --listen prints it."},
    {"GUESTFISH_PS1", "", SHELL,
        "The prompt of the terminal, with the escapes \\\\ \\a \\e \\n \\r\n"
        "\\NNN (octal) and \\xHH, and with \\[ and \\] around what takes no\n"
        "room on the screen; default: `><fs> `."},
    {"GUESTFISH_RESTORE", "", SHELL,
        "Printed when the shell on the terminal ends; see GUESTFISH_PS1."},
    {"HEXEDITOR", "", SHELL,
        "Editor of the command `hexedit`; default: hexedit."},
    {"HOME", "", SHELL,
        "Where the history is kept, what ~ is expanded to, and where the\n"
        "folders below are if no XDG_ variable names them."},
    {"HOME", "", BUILDER V2V,
        "Where --ssh-inject looks for your public key (in `.ssh`), and where\n"
        "the folders below are if no XDG_ variable names them."},
    {"HOME", "", INSPECTOR SERVE REPO APPLIANCE GUESTFS,
        "Where the folders below are if no XDG_ variable names them."},
    {"LANG", "", BUILDER,
        "Language of the notes of a template, after LC_ALL and LC_MESSAGES."},
    {"LC_ALL", "", BUILDER, "Language of the notes of a template."},
    {"LC_MESSAGES", "", BUILDER,
        "Language of the notes of a template, if LC_ALL is not set."},
    {"LIBGUESTFS_APPEND", "=OPTIONS", GUESTFS,
        "It is only stored, for programs that ask."},
    {"LIBGUESTFS_ATTACH_METHOD", "=BACKEND", GUESTFS,
        "It is only stored, for programs that ask."},
    {"LIBGUESTFS_BACKEND", "=BACKEND", GUESTFS,
        "It is only stored, for programs that ask: there is one way to start\n"
        "the appliance."},
    {"LIBGUESTFS_BACKEND_SETTINGS", "=SETTINGS", GUESTFS,
        "It is only stored, for programs that ask."},
    {"LIBGUESTFS_CACHEDIR", "=FOLDER", GUESTFS,
        "It is only stored, for programs that ask: see XDG_CACHE_HOME."},
    {"LIBGUESTFS_DEBUG", "=1", GUESTFS, "As MAYFLY_DEBUG=1; see guestfs(3)."},
    {"LIBGUESTFS_HV", "=FILE", GUESTFS,
        "It is only stored, for programs that ask: see MAYFLY_QEMU."},
    {"LIBGUESTFS_MEMSIZE", "=MIB", GUESTFS, "As MAYFLY_MEMSIZE."},
    {"LIBGUESTFS_PATH", "=FOLDERS", GUESTFS,
        "It is only stored, for programs that ask: see "
        "MAYFLY_APPLIANCE."},
    {"LIBGUESTFS_QEMU", "=FILE", GUESTFS,
        "It is only stored, for programs that ask: see MAYFLY_QEMU."},
    {"LIBGUESTFS_TMPDIR", "=FOLDER", GUESTFS,
        "As TMPDIR, for the files of the library."},
    {"LIBGUESTFS_TRACE", "=1", GUESTFS, "As MAYFLY_TRACE=1."},
    {"MAYFLY_ACCEL", "=MODE",
        SHELL INSPECTOR SERVE BUILDER REPO APPLIANCE GUESTFS,
        "How the appliance is accelerated: kvm, tcg, or auto (default), which\n"
        "takes KVM where it works."},
    {"MAYFLY_ACCEL", "=MODE", V2V,
        "How the appliance is accelerated: kvm, tcg, or auto (default), which\n"
        "takes KVM where it works.  The machine of --verify-boot uses KVM "
        "only\n"
        "if this is kvm."},
    {"MAYFLY_ALLOW_PATHS", "=PATH[:PATH...]", OPENERS,
        "Files, and folders with all below them, that the header of an image\n"
        "may name as a backing file, data file or extent, besides the files\n"
        "in the folder of the image; default: none.  See "
        "mayfly-security(7)."},
    {"MAYFLY_APPLIANCE", "=FOLDER", ALL,
        "The folder of the appliance's image; default: see FILES."},
    {"MAYFLY_APPLIANCE_BUILD", "=FOLDER", APPLIANCE,
        "Set by ./run in the build tree: where the agent was built."},
    {"MAYFLY_APPLIANCE_SOURCES", "=FOLDER", APPLIANCE,
        "Set by ./run in the build tree: where the sources of the appliance\n"
        "are."},
    {"MAYFLY_CACHE_SIZE", "=MIB", ALL,
        "How much space all saved appliances may take, in MiB; those that\n"
        "were unused the longest are removed first; default: 4096.  Any\n"
        "other value is ignored."},
    {"MAYFLY_DEBUG", "=1", ALL,
        "Print on standard error what the engine does and the console of the\n"
        "appliance.  With MAYFLY_DEBUG=timing: one line for each step and\n"
        "call, with the time since the start and the time it took."},
    {"MAYFLY_DOMAIN", "=FILE", SHELL INSPECTOR SERVE,
        "The helper that asks libvirt for the disks of a domain; set by ./run\n"
        "in the build tree."},
    {"MAYFLY_GUESTFS", "=FOLDER", GUESTFS,
        "The folder of Mayfly's libguestfs.so.0; set by ./run in the build\n"
        "tree."},
    {"MAYFLY_LOADER", "=FOLDER", V2V,
        "The folder of the boot loader for disks that have none; set by ./run\n"
        "in the build tree."},
    {"MAYFLY_MEMSIZE", "=MIB", ALL,
        "Memory of the appliance in MiB, 256 to 65536; default: 2048.  Any\n"
        "other value is ignored."},
    {"MAYFLY_NETWORK", "=WAY", SHELL BUILDER V2V GUESTFS,
        "What makes the connections of a guest that is given a network:\n"
        "passt (default), a program in a cage of its own, or qemu, with which\n"
        "the guest reaches the services on 127.0.0.1 as well; see\n"
        "mayfly-security(7)."},
    {"MAYFLY_PATIENCE", "=NUMBER", ALL,
        "Multiplies the times after which a start, a resume, the end of the\n"
        "appliance or its network is given up, from 1 (default) to 1000: for\n"
        "a slow or overloaded machine, for example one that is emulated.  Any\n"
        "other value is ignored."},
    {"MAYFLY_QEMU", "=FILE", ALL,
        "The QEMU to run, a path or a name that is looked up in PATH;\n"
        "default: qemu-system-x86_64, else qemu-kvm."},
    {"MAYFLY_REQUIRE_CAGE", "=1", ALL,
        "Fail, before QEMU gets any disk, if a layer of the cage around it is\n"
        "missing: see mayfly-security(7).  Default: a warning, once for each\n"
        "boot of this host."},
    {"MAYFLY_RUN_ID", "=NAME", ALL,
        "A name for this run that every debug line has, of letters, digits,\n"
        "'.', '_' and '-'; default: eight random hexadecimal digits."},
    {"MAYFLY_TIMEOUT", "=SECONDS", ALL,
        "How long a call to the appliance may give no sign of life, from 1 to\n"
        "86400 seconds; default: 600, and no limit for calls that may take\n"
        "any time.\n"
        "At the end of a program: 60.  Any other value is ignored."},
    {"MAYFLY_TRACE", "=1", ALL,
        "Print one line on standard error for each call, with its time."},
    {"NO_COLOR", "=1", OWN, "Print no colours, even on a colour terminal."},
    {"PAGER", "", SHELL, "Pager of the command `more`; default: more."},
    {"PATH", "", ALL, "Where QEMU and passt are searched for."},
    {"SHELL", "", SHELL,
        "Runs the scripts of the command `event`; default: /bin/sh."},
    {"SOURCE_DATE_EPOCH", "=SECONDS", APPLIANCE,
        "The time of all files in an image that `build` makes, in seconds\n"
        "since 1970; default: 1700000000."},
    {"SOURCE_DATE_EPOCH", "=SECONDS", INSPECTOR,
        "The time of creation in what --sbom prints, in seconds since 1970;\n"
        "default: now."},
    {"SSH_AUTH_SOCK", "", SHELL INSPECTOR SERVE GUESTFS,
        "Passed to the process that reaches a remote disk: the SSH agent with\n"
        "your keys."},
    {"TERM", "", OWN, "No colours if it is not set, or dumb."},
    {"TMPDIR", "=FOLDER", ALL,
        "The folder of temporary files.  Default: /var/tmp for what can be\n"
        "large (changes to images that are opened read-only, disks of a\n"
        "plan), /tmp for the rest.  Where the root is read-only, changes to\n"
        "such images go to /dev/shm."},
    {"USER", "", SHELL INSPECTOR SERVE GUESTFS,
        "Passed to the process that reaches a remote disk: your name for SSH."},
    {"VIRTIO_WIN", "=PATH", V2V,
        "As --virtio-win: the ISO of virtio-win, or a folder with its files."},
    {"VIRT_BUILDER_DIRS", "=FOLDER[:FOLDER...]", BUILDER,
        "Searched instead of /etc for `mayfly/repos.d` and\n"
        "`virt-builder/repos.d`."},
    {"XDG_CACHE_HOME", "=FOLDER", ALL,
        "Saved appliances, templates and packages are kept in its folder\n"
        "`mayfly`; default: ~/.cache."},
    {"XDG_CONFIG_DIRS", "=FOLDER[:FOLDER...]", SHELL,
        "Searched for `libguestfs/libguestfs-tools.conf`; default: /etc/xdg."},
    {"XDG_CONFIG_HOME", "=FOLDER", SHELL,
        "Searched for `libguestfs/libguestfs-tools.conf`; default:\n"
        "~/.config."},
    {"XDG_CONFIG_HOME", "=FOLDER", BUILDER,
        "Searched for `mayfly/repos.d` and `virt-builder/repos.d`; default:\n"
        "~/.config."},
    {"XDG_DATA_HOME", "=FOLDER", REPO,
        "The key of --generate-key is kept in its folder `mayfly/gnupg`;\n"
        "default: ~/.local/share."},
    {"XDG_RUNTIME_DIR", "=FOLDER", SHELL,
        "The sockets of --listen are in its folder `mayfish`, if only you may\n"
        "enter it; else in /tmp."},
    {"XDG_RUNTIME_DIR", "=FOLDER", GUESTFS,
        "What guestfs_get_sockdir returns; default: /tmp."},
    {"XDG_STATE_HOME", "=FOLDER", BUILDER,
        "The newest signature seen of each repository is recorded in its\n"
        "folder `mayfly`;\n"
        "default: ~/.local/state."},
    {"http_proxy", "=URI", SHELL INSPECTOR SERVE GUESTFS,
        "Passed to the process that reaches a remote disk."},
    {"https_proxy", "=URI", SHELL INSPECTOR SERVE GUESTFS,
        "Passed to the process that reaches a remote disk."},
    {"no_proxy", "=HOSTS", SHELL INSPECTOR SERVE GUESTFS,
        "Passed to the process that reaches a remote disk."},
};

static const struct file {
    const char *path;
    const char *programs;
    const char *text;
} files[] = {
    {"~/.cache/mayfly/appliance/", ALL,
        "Saved appliances, each with the RAM of a booted machine (see\n"
        "MAYFLY_CACHE_SIZE), and whether KVM works here.  Only its owner may "
        "write "
        "there.\n"
        "mayfly-appliance clean empties it."},
    {"~/.cache/mayfly/image/", APPLIANCE,
        "What the next build of the appliance can reuse."},
    {"~/.cache/mayfly/packages/", APPLIANCE,
        "Packages that the appliance was made from."},
    {"~/.cache/mayfly/templates/", BUILDER,
        "Unpacked templates, by their SHA-512.  --delete-cache empties it."},
    {"~/.config/mayfly/repos.d/*.conf", BUILDER,
        "Repositories; `~/.config/virt-builder/repos.d`, "
        "`/etc/mayfly/repos.d`\n"
        "and `/etc/virt-builder/repos.d` are read as well."},
    {"~/.local/share/mayfly/gnupg/", REPO,
        "The GnuPG home of --generate-key.  Keep it safe: whoever has it can\n"
        "sign templates in your name."},
    {"~/.local/state/mayfly/repositories/", BUILDER,
        "When each accepted index was signed, so that an older one is\n"
        "refused."},
    {"~/.libguestfs-tools.rc", SHELL,
        "Settings of the user.  With `read_only = true;` disks are opened as\n"
        "with --ro, unless --rw is given.  `/etc/libguestfs-tools.conf` and\n"
        "`~/.config/libguestfs/libguestfs-tools.conf` are read as well."},
    {"~/.mayfish", SHELL, "The history of the shell."},
    {"$XDG_RUNTIME_DIR/mayfish/, /tmp/.mayfish-UID/", SHELL,
        "The sockets of --listen; see REMOTE CONTROL."},
    {"~/.local/share/mayfly/appliance/, " APPLIANCE_LOCAL_DIR "/", ALL,
        "Appliances that mayfly-appliance has made or imported, of the user\n"
        "and of the machine; the first that fits this version of Mayfly is\n"
        "used."},
    {APPLIANCE_DIR "/", ALL,
        "The appliance: `kernel`, `initrd`, and `manifest`, which lists its\n"
        "packages; `sources` and `licences.zst` are theirs."},
    {GUESTFS_DIR "/", GUESTFS, "Mayfly's libguestfs.so.0."},
    {LOADER_DIR "/", V2V, "The boot loader for disks that have none."},
    {"/usr/share/virtio-win/", V2V,
        "Drivers for Windows, or an ISO with them in `virtio-win.iso`."},
};

static bool
is_for(const char *programs, const char *program)
{
    size_t n = program ? strlen(program) : 0;

    for (const char *p = programs; program && *p;) {
        size_t word = strcspn(p, " ");

        if (word == n && strncmp(p, program, n) == 0)
            return true;
        p += word;
        p += strspn(p, " ");
    }
    return !program;
}

void
environment_manual(const char *program, FILE *out)
{
    roff_macro(out, "SH", "ENVIRONMENT");
    for (size_t i = 0; i < N_ELEMENTS(variables); i++) {
        const struct variable *v = &variables[i];

        if (!is_for(v->programs, program))
            continue;
        fputs(".TP\n\\fB", out);
        roff_plain(out, v->name);
        fputs("\\fR", out);
        roff_plain(out, v->value);
        putc('\n', out);
        roff_item_text(out, v->text);
    }
}

void
files_manual(const char *program, FILE *out)
{
    roff_macro(out, "SH", "FILES");
    for (size_t i = 0; i < N_ELEMENTS(files); i++) {
        if (!is_for(files[i].programs, program))
            continue;
        fputs(".TP\n\\fI", out);
        roff_plain(out, files[i].path);
        fputs("\\fR\n", out);
        roff_item_text(out, files[i].text);
    }
}

void
environment_names(FILE *out)
{
    for (size_t i = 0; i < N_ELEMENTS(variables); i++)
        fprintf(out, "%s\n", variables[i].name);
}
