/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/old_names.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"

#define LDM                                                                    \
    "Windows dynamic disks cannot be assembled here; convert the disk to a "   \
    "basic one in Windows"
#define SLEUTHKIT                                                              \
    "deleted files are not searched for here; run The Sleuth Kit's fls and "   \
    "icat on what 'download /dev/sda1 FILE' gives"
#define INSIDE "it is for libguestfs' own tests"
#define SELINUX                                                                \
    "the appliance runs without SELinux; labels of files are read and set by " \
    "'getxattr' and 'setxattr', and 'selinux-relabel'"
#define CREDENTIALS                                                            \
    "only a program that handles libvirt's events uses it; 'mayfish -c URI "   \
    "-d DOMAIN' opens a domain"

const struct old_name old_names[] = {
    {"add-cdrom", "filename", OLD_COMMAND, "add-drive $1 readonly:true", NULL},
    {"add-drive-ro-with-if", "filename iface", OLD_COMMAND,
        "add-drive $1 readonly:true", NULL},
    {"add-drive-with-if", "filename iface", OLD_COMMAND, "add-drive $1", NULL},
    {"append", "append", OLD_SET, "append", NULL},
    {"attach-method", "backend", OLD_SET, "backend", "direct"},
    {"backend", "backend", OLD_SET, "backend", "direct"},
    {"blockdev-setbsz", "device blocksize", OLD_NOTHING, NULL, NULL},
    {"c-pointer", "", OLD_REFUSED,
        "a pointer to the handle is of use only inside a C program", NULL},
    {"config", NULL, OLD_REFUSED,
        "QEMU's command line is Mayfly's own, which its cage is built for; "
        "disks, memory, processors and the network have commands: add-drive, "
        "set-memsize, set-smp, set-network",
        NULL},
    {"debug", NULL, OLD_REFUSED,
        INSIDE "; 'sh' and 'command' run the guest's programs", NULL},
    {"debug-drives", NULL, OLD_REFUSED,
        INSIDE "; 'list-devices' and 'list-disk-labels' show the disks", NULL},
    {"debug-upload", NULL, OLD_REFUSED,
        INSIDE "; 'upload' writes to a file of the guest", NULL},
    {"direct", "direct", OLD_SET, "direct", "false"},
    {"download-blocks", NULL, OLD_REFUSED,
        SLEUTHKIT ", or take blocks with 'pread-device'", NULL},
    {"download-inode", NULL, OLD_REFUSED, SLEUTHKIT, NULL},
    {"egrepi", "regex path", OLD_COMMAND,
        "grep $1 $2 extended:true insensitive:true", NULL},
    {"fallocate", "path len", OLD_COMMAND, "fallocate64 $1 $2", NULL},
    {"fgrepi", "pattern path", OLD_COMMAND,
        "grep $1 $2 fixed:true insensitive:true", NULL},
    {"filesystem-walk", NULL, OLD_REFUSED,
        SLEUTHKIT "; 'find' lists files that are not deleted", NULL},
    {"find-inode", NULL, OLD_REFUSED, SLEUTHKIT, NULL},
    {"get-append", "", OLD_GET, "append", NULL},
    {"get-attach-method", "", OLD_GET, "backend", "direct"},
    {"get-backend", "", OLD_GET, "backend", "direct"},
    {"get-direct", "", OLD_GET, "direct", "false"},
    {"get-hv", "", OLD_GET, "hv", "/usr/bin/qemu-system-x86_64"},
    {"get-libvirt-requested-credential-challenge", NULL, OLD_REFUSED,
        CREDENTIALS, NULL},
    {"get-libvirt-requested-credential-defresult", NULL, OLD_REFUSED,
        CREDENTIALS, NULL},
    {"get-libvirt-requested-credential-prompt", NULL, OLD_REFUSED, CREDENTIALS,
        NULL},
    {"get-libvirt-requested-credentials", NULL, OLD_REFUSED, CREDENTIALS, NULL},
    {"get-path", "", OLD_GET, "path", APPLIANCE_DIR},
    {"get-pgroup", "", OLD_GET, "pgroup", "false"},
    {"get-program", "", OLD_GET, "program", "mayfish"},
    {"get-qemu", "", OLD_GET, "hv", "/usr/bin/qemu-system-x86_64"},
    {"get-selinux", "", OLD_GET, "selinux", "false"},
    {"get-sockdir", "", OLD_ANSWER, "/tmp", NULL},
    {"get-uuid", "device", OLD_COMMAND, "vfs-uuid $1", NULL},
    {"getcon", NULL, OLD_REFUSED, SELINUX, NULL},
    {"grub-install", NULL, OLD_REFUSED,
        "GRUB 1, which no distribution has any more; run the guest's own with "
        "'command \"grub-install /dev/sda\"'",
        NULL},
    {"hivex-value-utf8", "valueh", OLD_COMMAND, "hivex-value-string $1", NULL},
    {"hv", "hv", OLD_SET, "hv", NULL},
    {"inspect-is-live", "root", OLD_ANSWER, "false", NULL},
    {"inspect-is-multipart", "root", OLD_ANSWER, "false", NULL},
    {"inspect-is-netinst", "root", OLD_ANSWER, "false", NULL},
    {"internal-exit", NULL, OLD_REFUSED,
        INSIDE "; 'shutdown' stops the "
               "appliance",
        NULL},
    {"ldmtool-create-all", NULL, OLD_REFUSED, LDM, NULL},
    {"ldmtool-diskgroup-disks", NULL, OLD_REFUSED, LDM, NULL},
    {"ldmtool-diskgroup-name", NULL, OLD_REFUSED, LDM, NULL},
    {"ldmtool-diskgroup-volumes", NULL, OLD_REFUSED, LDM, NULL},
    {"ldmtool-remove-all", NULL, OLD_REFUSED, LDM, NULL},
    {"ldmtool-scan", NULL, OLD_REFUSED, LDM, NULL},
    {"ldmtool-scan-devices", NULL, OLD_REFUSED, LDM, NULL},
    {"ldmtool-volume-hint", NULL, OLD_REFUSED, LDM, NULL},
    {"ldmtool-volume-partitions", NULL, OLD_REFUSED, LDM, NULL},
    {"ldmtool-volume-type", NULL, OLD_REFUSED, LDM, NULL},
    {"list-9p", "", OLD_NOTHING, NULL, NULL},
    {"list-ldm-partitions", NULL, OLD_REFUSED, LDM, NULL},
    {"list-ldm-volumes", NULL, OLD_REFUSED, LDM, NULL},
    {"mke2fs-J", "fstype blocksize device journal", OLD_COMMAND,
        "mke2fs $3 blocksize:$2 journaldevice:$4 fstype:$1 forcecreate:true",
        NULL},
    {"mke2fs-JL", "fstype blocksize device label", OLD_COMMAND,
        "mke2fs $3 blocksize:$2 journaldevice:LABEL=$4 fstype:$1 "
        "forcecreate:true",
        NULL},
    {"mke2fs-JU", "fstype blocksize device uuid", OLD_COMMAND,
        "mke2fs $3 blocksize:$2 journaldevice:UUID=$4 fstype:$1 "
        "forcecreate:true",
        NULL},
    {"mke2journal", "blocksize device", OLD_COMMAND,
        "mke2fs $2 blocksize:$1 forcecreate:true journaldev:true", NULL},
    {"mke2journal-L", "blocksize label device", OLD_COMMAND,
        "mke2fs $3 blocksize:$1 label:$2 forcecreate:true journaldev:true",
        NULL},
    {"mke2journal-U", "blocksize uuid device", OLD_COMMAND,
        "mke2fs $3 blocksize:$1 uuid:$2 forcecreate:true journaldev:true",
        NULL},
    {"mkswap-L", "label device", OLD_COMMAND, "mkswap $2 label:$1", NULL},
    {"mkswap-U", "uuid device", OLD_COMMAND, "mkswap $2 uuid:$1", NULL},
    {"mount-9p", NULL, OLD_REFUSED,
        "folders of the host cannot be mounted; 'copy-in' and 'copy-out' copy "
        "them",
        NULL},
    {"ntfsresize-size", "device size", OLD_COMMAND, "ntfsresize $1 size:$2",
        NULL},
    {"parse-environment", "", OLD_NOTHING, NULL, NULL},
    {"parse-environment-list", "environment", OLD_REFUSED,
        "the variables are read at the start; set MAYFLY_DEBUG, MAYFLY_TRACE, "
        "MAYFLY_MEMSIZE before it, or use set-verbose, set-trace, set-memsize",
        NULL},
    {"path", "searchpath", OLD_SET, "path", NULL},
    {"pgroup", "pgroup", OLD_SET, "pgroup", "false"},
    {"pid", "", OLD_COMMAND, "get-pid", NULL},
    {"program", "program", OLD_SET, "program", NULL},
    {"qemu", "hv", OLD_SET, "hv", NULL},
    {"recovery-proc", "recoveryproc", OLD_COMMAND, "set-recovery-proc $1",
        NULL},
    {"selinux", "selinux", OLD_SET, "selinux", "false"},
    {"set-append", "append", OLD_SET, "append", NULL},
    {"set-attach-method", "backend", OLD_SET, "backend", NULL},
    {"set-backend", "backend", OLD_SET, "backend", NULL},
    {"set-direct", "direct", OLD_SET, "direct", "false"},
    {"set-hv", "hv", OLD_SET, "hv", NULL},
    {"set-libvirt-requested-credential", NULL, OLD_REFUSED, CREDENTIALS, NULL},
    {"set-libvirt-supported-credentials", NULL, OLD_REFUSED, CREDENTIALS, NULL},
    {"set-path", "searchpath", OLD_SET, "path", NULL},
    {"set-pgroup", "pgroup", OLD_SET, "pgroup", "false"},
    {"set-program", "program", OLD_SET, "program", NULL},
    {"set-qemu", "hv", OLD_SET, "hv", NULL},
    {"set-selinux", "selinux", OLD_SET, "selinux", "false"},
    {"setcon", NULL, OLD_REFUSED, SELINUX, NULL},
    {"user-cancel", "", OLD_NOTHING, NULL, NULL},
    {"vgscan", "", OLD_COMMAND, "lvm-scan false", NULL},
    {"zegrep", "regex path", OLD_COMMAND,
        "grep $1 $2 extended:true compressed:true", NULL},
    {"zegrepi", "regex path", OLD_COMMAND,
        "grep $1 $2 extended:true insensitive:true compressed:true", NULL},
    {"zfgrep", "pattern path", OLD_COMMAND,
        "grep $1 $2 fixed:true compressed:true", NULL},
    {"zfgrepi", "pattern path", OLD_COMMAND,
        "grep $1 $2 fixed:true insensitive:true compressed:true", NULL},
    {"zgrepi", "regex path", OLD_COMMAND,
        "grep $1 $2 insensitive:true compressed:true", NULL},
};

const size_t n_old_names = N_ELEMENTS(old_names);

const struct old_name *
old_name_find(const char *name)
{
    for (size_t i = 0; i < n_old_names; i++)
        if (strcasecmp(old_names[i].name, name) == 0)
            return &old_names[i];
    return NULL;
}

size_t
old_name_count(const struct old_name *o)
{
    size_t n = 0;

    for (const char *p = o->words; p && *p; p += strspn(p, " ")) {
        p += strcspn(p, " ");
        n++;
    }
    return n;
}

char **
old_name_command(const struct old_name *o, char *const *argv)
{
    cleanup_strv char **words = NULL;

    for (const char *p = o->text; *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        const char *sign = memchr(p, '$', n);
        size_t before = sign ? (size_t)(sign - p) : n;

        /* What is replaced is one digit, at the end. */
        if (strv_printf(&words, "%.*s%s", (int)before, p,
                sign ? argv[sign[1] - '1'] : "") < 0)
            return NULL;
        p += n;
    }
    return steal_pointer(&words);
}
