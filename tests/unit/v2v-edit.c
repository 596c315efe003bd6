/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/edit.h"

#include "tests/unit/test.h"

#include "base/cleanup.h"
#include "base/strv.h"

/* xvda2 has a UUID, the others are unknown. */
static char *
known(void *opaque, const struct edit_name *name, struct error *err)
{
    (void)opaque, (void)err;
    return str_equal(name->name, "/dev/xvda2") ? strdup("UUID=1-2") : NULL;
}

static void
command_line(const char *line, const char *want)
{
    cleanup_error struct error err = {0};
    cleanup_free char *got = edit_command_line(line, known, NULL, &err);

    CHECK_STR(got, want);
}

TEST(command_lines)
{
    command_line("", "");
    command_line("root=/dev/xvda2 ro quiet", "root=UUID=1-2 ro quiet");
    command_line("ro  root=/dev/xvda2", "ro  root=UUID=1-2");
    command_line("root=/dev/xvdz9 ro", "root=/dev/xvdz9 ro");
    command_line(
        "root=UUID=9 resume=/dev/xvda2", "root=UUID=9 resume=UUID=1-2");
    command_line("root=/dev/mapper/vg-root", "root=/dev/mapper/vg-root");
    command_line(
        "cryptdevice=/dev/xvda2:root x", "cryptdevice=UUID=1-2:root x");
    command_line("console=hvc0", "console=ttyS0");
    command_line(
        "console=tty0 console=hvc0,38400 x", "console=tty0 console=ttyS0 x");
    command_line(
        "console=hvc0 console=xvc0 console=ttyS0,9600 x", "console=ttyS0 x");
    command_line("x console=ttyS0,115200n8", "x console=ttyS0,115200n8");
    command_line("xencons=tty clocksource=xen a elevator=noop", " a");
    command_line("notroot=/dev/xvda2", "notroot=UUID=1-2");
    command_line("not/dev/xvda2 /x/dev/xvda2", "not/dev/xvda2 /x/dev/xvda2");
    command_line("\"a=/dev/xvda2 b\" c", "\"a=UUID=1-2 b\" c");
    command_line("k=/f:/dev/xvda2:x", "k=/f:UUID=1-2:x");
}

TEST(loader_lines)
{
    cleanup_error struct error err = {0};
    cleanup_free char *got = edit_loader_lines(
        "set root='hd0'\n"
        "menuentry 'x' {\n"
        "\tlinux\t/boot/vmlinuz root=/dev/xvda2 ro console=hvc0\n"
        "\tinitrd /boot/initrd console=hvc0\n"
        "}\n"
        "# kopt=root=/dev/xvda2 ro\n"
        "# root=/dev/xvda2\n"
        "kernel /vmlinuz root=/dev/xvda2\n"
        "options root=/dev/xvda2",
        known, NULL, &err);

    CHECK_STR(got, "set root='hd0'\n"
                   "menuentry 'x' {\n"
                   "\tlinux\t/boot/vmlinuz root=UUID=1-2 ro console=ttyS0\n"
                   "\tinitrd /boot/initrd console=hvc0\n"
                   "}\n"
                   "# kopt=root=UUID=1-2 ro\n"
                   "# root=/dev/xvda2\n"
                   "kernel /vmlinuz root=UUID=1-2\n"
                   "options root=UUID=1-2");
}

TEST(shell_settings)
{
    cleanup_error struct error err = {0};
    cleanup_free char *got =
        edit_shell_settings("# GRUB_CMDLINE_LINUX=\"console=hvc0\"\n"
                            "GRUB_CMDLINE_LINUX=\"console=hvc0 quiet\" # why\n"
                            "GRUB_CMDLINE_LINUX_DEFAULT='root=/dev/xvda2'\n"
                            "GRUB_CMDLINE_LINUX_X=console=hvc0\n"
                            "GRUB_CMDLINE_LINUX_Y=\"open\n"
                            "OTHER=\"console=hvc0\"\n",
            known, NULL, &err);

    CHECK_STR(got, "# GRUB_CMDLINE_LINUX=\"console=hvc0\"\n"
                   "GRUB_CMDLINE_LINUX=\"console=ttyS0 quiet\" # why\n"
                   "GRUB_CMDLINE_LINUX_DEFAULT='root=UUID=1-2'\n"
                   "GRUB_CMDLINE_LINUX_X=console=ttyS0\n"
                   "GRUB_CMDLINE_LINUX_Y=\"open\n"
                   "OTHER=\"console=hvc0\"\n");
}

TEST(columns)
{
    cleanup_error struct error err = {0};
    cleanup_free char *fstab = edit_column("# /dev/xvda2 /\n"
                                           "/dev/xvda2\t/ ext4 x 0 1\n"
                                           "  /dev/xvda2 /a\n"
                                           "proc /proc proc\n"
                                           "\n"
                                           "/dev/xvda21 none",
        0, known, NULL, &err);
    cleanup_free char *crypttab =
        edit_column("root /dev/xvda2 none\nx\n", 1, known, NULL, &err);

    CHECK_STR(fstab, "# /dev/xvda2 /\nUUID=1-2\t/ ext4 x 0 1\n  UUID=1-2 /a\n"
                     "proc /proc proc\n\n/dev/xvda21 none");
    CHECK_STR(crypttab, "root UUID=1-2 none\nx\n");
}

static int
is_x(const char *line)
{
    return line[0] == 'x';
}

TEST(others)
{
    cleanup_error struct error err = {0};
    cleanup_free char *commented = edit_comment_out("x\ny\nx z", is_x, &err);
    cleanup_free char *replaced =
        edit_replace("hvc0 a hvc0", "hvc0", "ttyS0", &err);

    CHECK_STR(commented, "# x\ny\n# x z");
    CHECK_STR(replaced, "ttyS0 a ttyS0");
}

/* sdb1 and the link have other names; xvda2 only has a tag. */
static char *
units_known(void *opaque, const struct edit_name *name, struct error *err)
{
    (void)opaque, (void)err;
    if (str_equal(name->name, "/dev/sdb1") ||
        str_equal(name->name, "/dev/disk/by-id/ata-a_b-part1"))
        return strdup("/dev/disk/by-uuid/1-2");
    return str_equal(name->name, "/dev/xvda2") ? strdup("UUID=1-2") : NULL;
}

static void
unit(const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    cleanup_free char *got = edit_names(text, units_known, NULL, &err);

    CHECK_STR(got, want);
}

TEST(units_of_devices)
{
    unit("After=dev-sdb1.device x",
        "After=dev-disk-by\\x2duuid-1\\x2d2.device x");
    unit("dev-sdb1.swap", "dev-disk-by\\x2duuid-1\\x2d2.swap");
    unit("systemd-fsck@dev-sdb1.service",
        "systemd-fsck@dev-disk-by\\x2duuid-1\\x2d2.service");
    unit("dev-disk-by\\x2did-ata\\x2da_b\\x2dpart1.device",
        "dev-disk-by\\x2duuid-1\\x2d2.device");
    /* Of another device, of a tag, or no such name. */
    unit("dev-sdc1.device", "dev-sdc1.device");
    unit("dev-xvda2.device", "dev-xvda2.device");
    unit("dev-sdb1.service dev-sdb1.mount", "dev-sdb1.service dev-sdb1.mount");
    unit("/etc/dev-sdb1.swap a.dev-sdb1.device xdev-sdb1.device",
        "/etc/dev-sdb1.swap a.dev-sdb1.device xdev-sdb1.device");
    unit("dev-.device", "dev-.device");
    unit("dev-\\x2.device dev-", "dev-\\x2.device dev-");
}

TEST(mapped_tables)
{
    cleanup_error struct error err = {0};
    cleanup_free char *got =
        edit_mapped_table("# v /dev/xvda2\nv /dev/xvda2 /dev/xvda2 00ff x\n"
                          "i\t/dev/xvda2\t-\tdata-device=/dev/xvda2,x\nv\n",
            known, NULL, &err);

    CHECK_STR(got, "# v /dev/xvda2\nv UUID=1-2 UUID=1-2 00ff x\n"
                   "i\tUUID=1-2\t-\tdata-device=UUID=1-2,x\nv\n");
}
