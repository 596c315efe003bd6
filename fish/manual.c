/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/manual.h"

#include "fish/builtin.h"
#include "fish/help.h"
#include "tool/exit.h"

static const struct tool_detail details[] = {
    {"f", "A script that begins with `#!/usr/bin/mayfish -f` can be run as a\n"
          "program."},
    {"h", "`mayfish -h` lists all commands."},
    {"i",
        "In guestfish's old form, `mayfish -i disk.img`, the words after the\n"
        "options are disks and libvirt domains, if there is no -a, -d or -N;\n"
        "the first command ends them."},
    {"N", "FILE is created in the current folder and is kept; without FILE=\n"
          "it is test1.img for the first -N, test2.img for the second and\n"
          "so on. An existing file is overwritten. TYPE is one of\n"
          "those that `-N list` prints, with its parameters after colons:\n"
          "`fs:ext4:10G` is one partition of 10 GiB with an ext4 file system."},
    {"listen",
        "When the server is ready, `GUESTFISH_PID=N; export GUESTFISH_PID` is\n"
        "printed, for the eval of a shell. See REMOTE CONTROL."},
    {"remote",
        "PID is the process ID of the server; default: $GUESTFISH_PID. The\n"
        "command, the script of -f or the lines of standard input are sent\n"
        "to it, one command at a time. See REMOTE CONTROL."},
    {"pipe-error",
        "Without it, `COMMAND | head` succeeds also if head reads only the\n"
        "beginning."},
    {"live", "Refused: a running machine cannot be connected to."},
    {"selinux", "Accepted, without an effect."},
    {"long-options", "Print the names of all long options."},
    {"short-options", "Print all options of one letter."},
    {"json",
        "Bytes that are not UTF-8 text are printed as {\"base64\": \"...\"}."},
    {"n", "This is faster for a read-only session. What was written may be\n"
          "lost."},
    {0},
};

static const struct tool_section sections[] = {
    {"LANGUAGE",
        "A line is a command and its words, separated by blanks. Empty\n"
        "lines and lines that start with # are skipped. Words may be\n"
        "quoted:\n"
        "\n"
        "* \"...\"\n"
        "with the escapes \\a \\b \\e \\f \\n \\r \\t \\v \\\\ \\\" \\' \\?, "
        "\\OOO (octal)\n"
        "and \\xHH (hexadecimal)\n"
        "* '...'\n"
        "without escapes\n"
        "\n"
        "A quote is special only at the start of a word. Unquoted words that\n"
        "start with ~ are expanded on the host.\n"
        "\n"
        "* -COMMAND\n"
        "Continue if the command fails.\n"
        "* !HOST-COMMAND\n"
        "Run /bin/sh on the host.\n"
        "* <!HOST-COMMAND\n"
        "Run what the host command prints as mayfish commands.\n"
        "* COMMAND | HOST-COMMAND\n"
        "Send the output to a command of the host.\n"
        "\n"
        "The \"-\" also keeps a script going if the line itself is wrong.\n"
        "\n"
        "On the command line `:` separates commands; pipes, comments and\n"
        "escapes are not available there. -COMMAND is possible after a `:`,\n"
        "and as the first command after `--`."},
    {"ARGUMENTS",
        "Numbers may be octal (0...) or hexadecimal (0x...) and may end in\n"
        "a unit: k, M, G, T, P and E, also with iB, are powers of 1024;\n"
        "with B, as in MB, they are powers of 1000. Truth values are true,\n"
        "t, yes, y, on, 1 and false, f, no, n, off, 0. A list is one word,\n"
        "which is split at blanks; '...' in it keeps blanks together.\n"
        "Optional arguments follow the others\n"
        "as NAME:VALUE. A host file may be `-` for standard input or\n"
        "output, or `-<<END` for the lines of the script up to END. Keys\n"
        "are not written as words: they are asked for on the terminal, or\n"
        "read from standard input with --keys-from-stdin.\n"
        "\n"
        "A path of the guest may be written as Windows does,\n"
        "`win:C:\\Windows\\System32`: the drive is that of the inspected "
        "guest\n"
        "and has to be mounted, and upper and lower case are the same. A\n"
        "disk that was added with a label is also\n"
        "`/dev/disk/guestfs/LABEL`, its first partition\n"
        "`/dev/disk/guestfs/LABEL1`."},
    {"RESULTS",
        "Text is printed with a newline after it, a list with one element\n"
        "per line, pairs as `key: value`, a structure as lines\n"
        "`field: value`, in a list with [0] = { and } around each. Bytes\n"
        "are printed as they are. On a terminal, control characters become\n"
        "\\xHH. With --json, every result is one line of JSON."},
    {"REMOTE CONTROL",
        "A shell script can use one mayfish for many commands:\n"
        "\n"
        "    eval \"$(mayfish --listen --ro -a disk.img -i)\"\n"
        "    mayfish --remote cat /etc/hostname\n"
        "    mayfish --remote exit\n"
        "\n"
        "The command prints to the client's standard output and standard\n"
        "error, and reads its standard input; the client exits with the\n"
        "command's exit status. File names of the host are relative to the\n"
        "folder where the server was started. The server ends after `exit`,\n"
        "which returns once everything has been written, and after any\n"
        "command that fails, unless it was sent as -COMMAND (`mayfish\n"
        "--remote -- -rm /x`). To run several servers, keep their PIDs and\n"
        "use --remote=PID.\n"
        "\n"
        "The socket of a server is in $XDG_RUNTIME_DIR/mayfish if only you\n"
        "can enter $XDG_RUNTIME_DIR, and in /tmp/.mayfish-UID otherwise. If\n"
        "that folder belongs to someone else, or others can enter it, it is\n"
        "refused. --remote looks in both places."},
    {"ERRORS",
        "An error is one line, `mayfish: SCRIPT:LINE: command: cause`. A\n"
        "script ends at the first one; the exit status says what kind\n"
        "of error it was."},
    {0},
};

static const struct tool_status statuses[] = {
    {TOOL_OK, "All commands succeeded, or the session was interactive."},
    {TOOL_FAILED, "A command failed."},
    {TOOL_USAGE,
        "The command line or a line of the script is wrong: an unknown\n"
        "option or command, too few or too many words. Commands before that\n"
        "line were run."},
    {TOOL_INPUT,
        "A disk image or libvirt domain cannot be opened or understood."},
    {TOOL_KEYS,
        "A disk image, or with -i the operating system, is encrypted, and no\n"
        "key opens it."},
    {TOOL_NO_OS, "With -i: no operating system was found."},
    {TOOL_APPLIANCE, NULL},
    {TOOL_HUNG_UP, NULL},
    {TOOL_INTERRUPTED, NULL},
    {TOOL_PIPE_CLOSED, NULL},
    {TOOL_TERMINATED, NULL},
    {0},
};

static const struct tool_example examples[] = {
    {"Print a file of the operating system on a disk, without writing to\n"
     "it:",
        "mayfish --ro -a disk.qcow2 -i cat /etc/hostname", NULL},
    {"Copy a file into a file system and set its mode:",
        "mayfish -a disk.img -m /dev/sda1 upload motd /etc/motd : \\\n"
        "    chmod 0644 /etc/motd",
        NULL},
    {"See which file systems a disk has:",
        "mayfish --ro -a disk.img run : list-filesystems", NULL},
    {"Make a new disk with an ext4 file system and copy a folder into\n"
     "it:",
        "mayfish -N data.img=fs:ext4:200M -m /dev/sda1 copy-in site /", NULL},
    {"Run a script:", "mayfish --ro -a disk.qcow2 -i -f commands.mayfish",
        NULL},
    {"Search a file for a word, with the result as JSON:",
        "mayfish --ro --json -a disk.qcow2 -i grep root /etc/passwd", NULL},
    {"List a folder of a libvirt domain, which may be running:",
        "mayfish --ro -d web -i ll /etc", "libvirt"},
    {"Read a disk on another host:",
        "mayfish --ro -a ssh://root@xen1.example.com/srv/xen/web.img -i \\\n"
        "    cat /etc/fstab",
        "an ssh server"},
    {0},
};

static void
put_commands(FILE *out)
{
    help_manual(builtins, out);
}

const struct tool_manual fish_manual = {
    .description =
        "mayfish opens disk images without booting them. A small virtual\n"
        "machine, the appliance, mounts their file systems; commands\n"
        "inspect and modify them. Commands come from the command line, from\n"
        "the script of -f, or from standard input; on a terminal there is a\n"
        "prompt with history and completion.\n"
        "\n"
        "Commands have the names and meanings of those of guestfish(1).\n"
        "mayfly(7) explains the appliance; mayfly-security(7) explains what\n"
        "it protects against.",
    .details = details,
    .sections = sections,
    .statuses = statuses,
    .examples = examples,
    .put_more = put_commands,
    .see_also = "mayfly-inspector(1) mayfly-builder(1) mayfly-v2v(1) "
                "mayfly-guestfs(1) mayfly(3) mayfly(7) mayfly-security(7) "
                "guestfish(1)",
};
