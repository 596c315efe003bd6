/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "customize/manual.h"

#define NO_COLORS "Accepted for scripts. Messages have no colours."

const struct tool_detail customize_details[] = {
    {"append-line",
        "A missing newline at the end of the file is added first.  The line\n"
        "ends as those of the file do."},
    {"copy-in",
        "LOCALPATH is of this host; REMOTEDIR is a directory of the guest\n"
        "that exists.  Folders are copied with everything in them.  A file\n"
        "that is replaced passes on its SELinux label."},
    {"edit",
        "EXPR is Perl, such as `s/^#Port .*/Port 2222/`.  It is run on this\n"
        "host, for each line in turn, with the line in $_."},
    {"firstboot",
        "Scripts run as root, in their order, when the guest starts for the\n"
        "first time, after the network is up.  Their exit codes are kept in\n"
        "/var/lib/mayfly-firstboot/status of the guest, their output in\n"
        "/var/log/mayfly-firstboot.log.  The guest needs systemd, OpenRC,\n"
        "System V's init, or the init of Slackware or Void."},
    {"firstboot-command", "As --firstboot, with a shell command."},
    {"firstboot-install",
        "As --firstboot, with the command of --install, which is tried six\n"
        "times in a minute."},
    {"hostname",
        "The name is also written to /etc/hosts: in place of the old one, or\n"
        "on a line for 127.0.1.1."},
    {"install",
        "The guest's package manager installs them and runs in the appliance:\n"
        "apt, dnf, yum, zypper, pacman, apk or xbps.  It needs a network."},
    {"password",
        "Only the first line of a file is used.  A random one is printed.\n"
        "disabled forbids login by password; locked, or locked: before one of\n"
        "the others, locks the account.  TEXT can be seen by all users of "
        "this\n"
        "host while the program runs."},
    {"run", "It runs as root in the appliance, with the guest as its root."},
    {"run-command",
        "The guest's shell runs it, as root in the appliance, with the guest\n"
        "as its root."},
    {"scrub",
        "What a journal, a snapshot or a copy-on-write file system keeps of it "
        "is not\noverwritten."},
    {"sm-attach",
        "The sm- options run the subscription-manager of a guest of Red Hat,\n"
        "in their order.  file:PATH has the ID of the pool in its first line."},
    {"sm-credentials",
        "Give it before --sm-register.  Only the first line of a file is "
        "used.\n"
        "TEXT can be seen by all users of this host while the program runs."},
    {"ssh-inject",
        "Without SELECTOR it is the newest ~/.ssh/id*.pub of this host.  All\n"
        "keys of the file are added to the .ssh/authorized_keys of USER;\n"
        "comments and blank lines are skipped.  You are warned if the guest's\n"
        "sshd would not let USER in with them, be it by its settings, by the\n"
        "owners and modes of files or by the account."},
    {"tar-in",
        "The file may be compressed.  Its extended attributes, SELinux labels\n"
        "and access control lists are restored."},
    {"timezone", "For example Europe/Vienna.  The guest must know it."},
    {"upload", "The file keeps its mode."},
    {"commands-from-file",
        "A line is for example `hostname web`.  Those that begin with # are\n"
        "skipped;\n"
        "a backslash at the end of a line continues it."},
    {"color", NO_COLORS},
    {"colors", NO_COLORS},
    {"colour", NO_COLORS},
    {"colours", NO_COLORS},
    {"debug-gc", "Accepted for scripts. Nothing here collects garbage."},
    {"wrap", "Accepted for scripts. Messages are not folded."},
    {"no-logfile",
        "The log is /tmp/builder.log of the guest, or /builder.log."},
    {"selinux-relabel", "It cancels --no-selinux-relabel."},
    {"no-selinux-relabel",
        "By default a guest with SELinux relabels its files at its first\n"
        "boot, which then takes longer."},
    {0},
};
