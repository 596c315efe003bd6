/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of devices, entries of boot loaders, versions of kernels, and LVM's
 * filter: what needs no guest. */
#include <config.h>

#include "tests/unit/test.h"

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit.h"
#include "base/boot_entries.h"
#include "v2v/convert/linux/kernels.h"
#include "v2v/convert/linux/lvm.h"
#include "v2v/machine/device_ref.h"

TEST(forms_of_names)
{
    static const struct {
        const char *name;
        enum device_kind kind;
        const char *text;
        int disk;
        unsigned partition;
    } names[] = {
        {"/dev/sda1", DEVICE_PLACE, "sda", 0, 1},
        {"/dev/hdb", DEVICE_PLACE, "hdb", 1, 0},
        {"/dev/xvdaa3", DEVICE_PLACE, "xvdaa", 26, 3},
        {"/dev/nvme0n1p2", DEVICE_PLACE, "nvme0n1", 0, 2},
        {"/dev/nvme1n1", DEVICE_PLACE, "nvme1n1", 1, 0},
        {"/dev/mmcblk0p12", DEVICE_PLACE, "mmcblk0", 0, 12},
        {"/dev/cciss/c0d1p5", DEVICE_PLACE, "cciss/c0d1", 1, 5},
        {"/dev/block/8:18", DEVICE_PLACE, "sdb", 1, 2},
        {"/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:1:0-part1", DEVICE_OPAQUE,
            "by-path/pci-0000:03:00.0-scsi-0:0:1:0", 1, 1},
        {"/dev/disk/by-path/pci-0000:00:1f.2-ata-2", DEVICE_OPAQUE,
            "by-path/pci-0000:00:1f.2-ata-2", 1, 0},
        {"/dev/disk/by-path/xen-vbd-51728-part3", DEVICE_OPAQUE,
            "by-path/xen-vbd-51728", 1, 3},
        {"/dev/disk/by-id/wwn-0x6000c29-part10", DEVICE_OPAQUE,
            "by-id/wwn-0x6000c29", -1, 10},
        {"/dev/disk/by-id/google-persistent-disk-1", DEVICE_OPAQUE,
            "by-id/google-persistent-disk-1", 1, 0},
        {"/dev/disk/by-id/dm-name-vg-root", DEVICE_TAG, "dm-name-vg-root", -1,
            0},
        {"/dev/disk/by-id/dm-uuid-mpath-3600-part1", DEVICE_OPAQUE,
            "by-id/dm-uuid-mpath-3600", -1, 1},
        {"/dev/disk/azure/resource-part1", DEVICE_OPAQUE, "azure/resource", -1,
            1},
        {"/dev/disk/by-label/my\\x20data", DEVICE_TAG, "my data", -1, 0},
        {"/dev/disk/by-partuuid/aa-01", DEVICE_TAG, "aa-01", -1, 0},
        {"UUID=\"1-2\"", DEVICE_TAG, "1-2", -1, 0},
        {"PARTLABEL='EFI System'", DEVICE_TAG, "EFI System", -1, 0},
        {"ID=wwn-0x6000c29-part2", DEVICE_OPAQUE, "by-id/wwn-0x6000c29", -1, 2},
        {"ID=\"dm-name-vg-root\"", DEVICE_TAG, "dm-name-vg-root", -1, 0},
        {"/dev/mapper/vg-root", DEVICE_MAPPED, "vg-root", -1, 0},
        {"/dev/vg/root", DEVICE_VOLUME, "vg/root", -1, 0},
        {"/dev/md0", DEVICE_ARRAY, "md0", -1, 0},
        {"/dev/md/home", DEVICE_ARRAY, "md/home", -1, 0},
        {"/dev/root", DEVICE_ROOT, "", -1, 0},
        {"/dev/sr0", DEVICE_OTHER, "", -1, 0},
        {"/dev/null", DEVICE_OTHER, "", -1, 0},
        {"/dev/ttyS0", DEVICE_OTHER, "", -1, 0},
        {"/dev/shm/x", DEVICE_OTHER, "", -1, 0},
        {"/dev/dm-0", DEVICE_OPAQUE, "dm-0", -1, 0},
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        struct device_ref r;

        CHECK(device_parse(names[i].name, &r));
        if (r.kind != names[i].kind || !str_equal(r.text, names[i].text) ||
            r.disk != names[i].disk || r.partition != names[i].partition)
            CHECK_STR(r.text, names[i].name);
    }

    struct device_ref r;
    CHECK(!device_parse("sda1", &r));
    CHECK(!device_parse("/srv/dev/sda1", &r));
    CHECK(!device_parse("UUID=", &r));
    CHECK(!device_parse("ID=", &r));
    CHECK(device_parse_number("801", &r) && r.disk == 0 && r.partition == 1);
    CHECK(device_parse_number("0x812", &r) && r.disk == 1 && r.partition == 2);
    CHECK(device_parse_number("3:65", &r) && r.disk == 1 && r.partition == 1);
    CHECK(device_parse_number("ca01", &r) && r.disk == 0 && r.partition == 1);
    CHECK(!device_parse_number("8", &r));
    CHECK(!device_parse_number("8:", &r));
    CHECK(!device_parse_number("quiet", &r));
}

static void
check_entry(const struct boot_entry *x, const char *kernel, const char *initrd,
    const char *id, const char *number)
{
    CHECK_STR(x->kernel ? x->kernel : "-", kernel);
    CHECK_STR(x->initrd ? x->initrd : "-", initrd);
    CHECK_STR(x->id, id);
    CHECK_STR(x->number, number);
}

TEST(entries_of_grub)
{
    cleanup_error struct error err = {0};
    cleanup_entries struct boot_entries e = {0};

    CHECK(entries_add_menu(&e,
              "set default=\"1>1\"\n"
              "function f {\n  true\n}\n"
              "menuentry 'A b' --class x $menuentry_id_option 'id-a' {\n"
              "  linux16 ($root)/vmlinuz-1 root=x\n"
              "  initrd16 /intel-ucode.img (hd0,gpt1)/initrd-1\n"
              "}\n"
              "submenu 'More' {\n"
              "  menuentry \"C\" --id=c {\n    linux /vmlinuz-2 \n  }\n"
              "  menuentry 'D' {\n"
              "    multiboot2 /xen-4.gz dom0=x\n"
              "    module2 /vmlinuz-3 root=y\n"
              "    module2 --nounzip /initrd-3\n"
              "  }\n"
              "}\n"
              "menuentry 'E' {\n chainloader +1\n}\n",
              &err) == 0);
    CHECK(e.n == 4);
    check_entry(
        &e.items[0], "($root)/vmlinuz-1", "(hd0,gpt1)/initrd-1", "id-a", "0");
    check_entry(&e.items[1], "/vmlinuz-2", "-", "c", "1>0");
    check_entry(&e.items[2], "/vmlinuz-3", "/initrd-3", "", "1>1");
    check_entry(&e.items[3], "-", "-", "", "2");
    CHECK(!entries_default(&e));
    static const struct {
        const char *wanted;
        size_t entry;
    } defaults[] = {
        {"1>1", 2}, {"A b", 0}, {"id-a", 0}, {"More>D", 2}, {"2", 3}};
    for (size_t i = 0; i < N_ELEMENTS(defaults); i++) {
        free(e.wanted);
        e.wanted = strdup(defaults[i].wanted);
        CHECK(entries_default(&e) == &e.items[defaults[i].entry]);
    }
}

TEST(entries_of_others)
{
    cleanup_error struct error err = {0};
    cleanup_entries struct boot_entries e = {0};

    CHECK(entries_add_menu(&e,
              "default 0\ntitle Old\n\troot (hd0,0)\n"
              "\tkernel /boot/vmlinuz ro\n\tinitrd /boot/initrd\n"
              "LABEL lts\n  MENU LABEL x\n  LINUX ../vmlinuz-lts\n"
              "  APPEND initrd=../a-ucode.img,../initramfs-lts root=x\n"
              "image=vmlinuz-e\n  label=elilo\n  initrd=initrd-e\n",
              &err) == 0);
    CHECK(entries_add_one(&e, "arch",
              "title Arch\nlinux /vmlinuz-linux\ninitrd /amd-ucode.img\n"
              "initrd /initramfs-linux.img $tuned_initrd\n",
              &err) == 0);
    CHECK(entries_add_one(&e, "stub",
              "efi \\EFI\\x.efi\noptions initrd=\\i root=x\n", &err) == 0);
    CHECK(e.n == 5);
    check_entry(&e.items[0], "/boot/vmlinuz", "/boot/initrd", "", "0");
    check_entry(&e.items[1], "../vmlinuz-lts", "../initramfs-lts", "lts", "1");
    check_entry(&e.items[2], "vmlinuz-e", "initrd-e", "elilo", "2");
    check_entry(
        &e.items[3], "/vmlinuz-linux", "/initramfs-linux.img", "arch", "");
    check_entry(&e.items[4], "\\EFI\\x.efi", "\\i", "stub", "");
    e.wanted = strdup("ar*.conf");
    CHECK(entries_default(&e) == &e.items[3]);

    cleanup_free char *saved = entries_setting(
        "# saved_entry=x\nsaved_entry=1 2\n#####", "saved_entry", &err);
    cleanup_free char *last = entries_setting(
        "set default=\"0\"\n  set default='${saved_entry}'\ndefaults=1\n",
        "default", &err);
    CHECK_STR(saved, "1 2");
    CHECK_STR(last, "${saved_entry}");
    CHECK(!entries_setting("a=b", "c", &err));
}

TEST(versions_of_kernels)
{
    static const char *const known[] = {
        "6.1.0-1-amd64", "6.1.0-18-amd64", "6.6.14-0-lts", "6.6.9-0-lts", NULL};
    static const char *const single[] = {"5.10.0", NULL};
    cleanup_strv char **versions = NULL, **one = NULL;

    CHECK(strv_extend(&versions, known) == 0 && strv_extend(&one, single) == 0);
    CHECK_STR(kernel_version_of_name("vmlinuz-6.1.0-18-amd64.bak", versions),
        "6.1.0-18-amd64");
    CHECK_STR(kernel_version_of_name("vmlinuz-6.1.0-1-amd64", versions),
        "6.1.0-1-amd64");
    CHECK_STR(kernel_version_of_name("vmlinuz-lts", versions), "6.6.14-0-lts");
    CHECK(!kernel_version_of_name("vmlinuz-6.1.0-11-amd64", versions));
    CHECK(!kernel_version_of_name("vmlinuz-linux", versions));
    CHECK_STR(kernel_version_of_name("vmlinuz-linux", one), "5.10.0");
    CHECK(!kernel_version_of_name("vmlinuz-4.19.0", one));
    CHECK_STR(kernel_stem("vmlinuz-linux"), "linux");
    CHECK_STR(kernel_stem("bzImage"), "");
    CHECK_STR(kernel_stem("mykernel"), "mykernel");

    uint8_t header[KERNEL_HEADER] = {0};
    CHECK(kernel_version_at(header, sizeof header) == 0);
    memcpy(header + 0x202, "HdrS", 4);
    header[0x20f] = 0x30;
    CHECK(kernel_version_at(header, sizeof header) == 0x3200);
    CHECK(kernel_version_at(header, sizeof header - 1) == 0);
}

static char *
to_b(void *opaque, const struct edit_name *name, struct error *err)
{
    (void)opaque, (void)err;
    return str_equal(name->name, "/dev/sda") ? strdup("/dev/vdb") : NULL;
}

TEST(filters_of_lvm)
{
    cleanup_error struct error err = {0};
    static const char *const volumes[] = {"/dev/vda2", "/dev/vdb", NULL};
    static const char *const names[] = {
        "/dev/disk/by-id/lvm-pv-uuid-a", "/x", NULL};
    cleanup_strv char **devices = NULL, **links = NULL;
    unsigned line;

    CHECK(
        strv_extend(&devices, volumes) == 0 && strv_extend(&links, names) == 0);
    cleanup_free char *renamed =
        lvm_edit("# filter = [ \"a|sda|\" ]\n"
                 "\tfilter = [ \"a|^/dev/sda[0-9]|\", # sda\n"
                 "   \"a/xvd.*/\", \"r|.*|\" ]\n"
                 "global_filter=\"r|/dev/hd[a-z]|\"\n"
                 "dir = \"/dev/sda\"\n",
            to_b, NULL, &err);
    cleanup_free char *let = lvm_accept(
        "x\nfilter = [ \"a|^/dev/vda|\", \"r|.*|\" ]\nglobal_filter = [ "
        "\"r(^/dev/cdrom)\" ]\n",
        devices, NULL, &line, &err);

    CHECK_STR(renamed, "# filter = [ \"a|sda|\" ]\n"
                       "\tfilter = [ \"a|^/dev/vdb[0-9]|\", # vdb\n"
                       "   \"a/vd.*/\", \"r|.*|\" ]\n"
                       "global_filter=\"r|/dev/vd[a-z]|\"\n"
                       "dir = \"/dev/sda\"\n");
    CHECK_STR(let,
        "x\nfilter = [ \"a|^/dev/vdb$|\", \"a|^/dev/vda|\", \"r|.*|\" ]\n"
        "global_filter = [ \"r(^/dev/cdrom)\" ]\n");
    CHECK(line == 2);

    cleanup_free char *linked =
        lvm_accept("filter = [ \"a|/lvm-pv-uuid-a$|\", \"r|.*|\" ]\n", devices,
            links, &line, &err);
    CHECK_STR(linked, "filter = [ \"a|^/dev/vdb$|\", "
                      "\"a|/lvm-pv-uuid-a$|\", \"r|.*|\" ]\n");

    cleanup_free char *listed = lvm_edit_devices(
        "# LVM\nVERSION=1.1.2\nHASH=1\n"
        "IDTYPE=sys_wwid IDNAME=naa.6 DEVNAME=/dev/sda PVID=x PART=2\n"
        "IDTYPE=md_uuid IDNAME=9 DEVNAME=/dev/sda PVID=y\n",
        to_b, NULL, &err);
    CHECK_STR(listed,
        "# LVM\nVERSION=1.1.2\n"
        "IDTYPE=devname IDNAME=/dev/vdb DEVNAME=/dev/vdb PVID=x PART=2\n"
        "IDTYPE=md_uuid IDNAME=9 DEVNAME=/dev/sda PVID=y\n");
}

/* Says of each name what it was called with, but changes nothing. */
static char *
note(void *opaque, const struct edit_name *name, struct error *err)
{
    char **notes = opaque;
    char *more = text_printf("%s%u %s %s %s %s;", *notes, name->line, name->key,
        name->name, name->folder ? name->folder : "-",
        name->type ? name->type : "-");

    (void)err;
    free(*notes);
    *notes = more;
    return NULL;
}

static void
noted(char *(*edit)(const char *, edit_rename, void *, struct error *),
    const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    cleanup_free char *notes = strdup("");
    cleanup_free char *same = edit(text, note, &notes, &err);

    CHECK_STR(same, text);
    CHECK_STR(notes, want);
}

TEST(tables)
{
    noted(edit_fstab,
        "# /dev/sda1 / x\n"
        "LABEL=my\\040data / ext4 logdev=/dev/sdb1,x=/a/dev/sda\n"
        "UUID=\"1-2\"\t/b auto\n",
        "2  LABEL=my data / ext4;2 logdev /dev/sdb1 - -;"
        "3  UUID=\"1-2\" /b auto;");
    noted(edit_crypttab,
        "a /dev/sda1 /dev/urandom swap,cipher=x\n"
        "b UUID=1-2 /key:/dev/sdb1:3 luks,header=/dev/sdc1\n",
        "1  /dev/sda1 - swap;1 key /dev/urandom - swap;2  UUID=1-2 - -;"
        "2 key /dev/sdb1 - -;2 header /dev/sdc1 - -;");
    noted(edit_mdadm, "ARRAY /dev/md0 devices=/dev/sda1,/dev/sdb1\n",
        "1  /dev/sda1 - -;1  /dev/sdb1 - -;");
    noted(edit_rules,
        "KERNEL==\"sdb1\", RUN+=\"/bin/x /dev/sdc\"\n# KERNEL==\"sda\"\n",
        "1  /dev/sdb1 - -;1  /dev/sdc - -;");
    noted(edit_shell_settings, "RESUME=UUID=1-2\nexport A='/dev/sda1'\n",
        "1 RESUME UUID=1-2 - -;2 A /dev/sda1 - -;");
    noted(edit_names,
        "x /dev/disk/by-path/pci-0:1-part2:, (/dev/sdb)\n; /dev/sda\n",
        "1  /dev/disk/by-path/pci-0:1-part2 - -;1  /dev/sdb - -;");
}
