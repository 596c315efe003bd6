/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fstab, crypttab and mdadm.conf against a set of devices. */
#include <config.h>

#include <string.h>

#include "appliance/agent/inspect/fstab.h"
#include "appliance/agent/inspect/slices.h"
#include "appliance/agent/inspect/system.h"
#include "appliance/agent/inspect/volume.h"
#include "tests/unit/call.h"
#include "tests/unit/test.h"
#include "tests/unit/tree.h"

static void
name_partition(struct call *c, const struct volumes *u, struct volume *v)
{
    (void)c;
    (void)u;
    if (str_equal(v->device, "/dev/sda1")) {
        v->partition_uuid = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
        v->partition_name = "EFI System";
    }
}

#define VOLUME(k, d, t, l, u)                                                  \
    {                                                                          \
        .kind = (k), .device = (char[]){d}, .kernel_name = (char[]){d},        \
        .type = (t), .label = (l), .uuid = (u), .mapped_name = "",             \
        .mapped_uuid = "", .array_uuid = "", .array_name = "",                 \
        .partition_uuid = "", .partition_name = ""                             \
    }

static struct volume all[] = {
    VOLUME(VOLUME_DISK, "/dev/sda", "", "", ""),
    VOLUME(VOLUME_DISK, "/dev/sdb", "ext4", "data disk", "d-1"),
    VOLUME(VOLUME_MAPPED, "/dev/mapper/luks-1234-ab", "ext4", "", "in-luks"),
    VOLUME(VOLUME_PARTITION, "/dev/sda1", "vfat", "ESP", "ABCD-1234"),
    VOLUME(VOLUME_PARTITION, "/dev/sda2", "ext4", "root",
        "e2445004-0000-4000-8000-000000000001"),
    VOLUME(VOLUME_PARTITION, "/dev/sda3", "swap", "", "swap-1"),
    VOLUME(VOLUME_PARTITION, "/dev/sda5", "crypto_LUKS", "", "1234-AB"),
    VOLUME(VOLUME_PARTITION, "/dev/sda6", "btrfs", "pool", "b-1"),
    VOLUME(VOLUME_ARRAY, "/dev/md127", "ext4", "", "on-md"),
    VOLUME(VOLUME_LOGICAL, "/dev/vg-0/home", "xfs", "", "on-lvm"),
};

struct scene {
    struct test_tree t;
    struct call *c;
    struct mayfly_inspection_root s;
    struct volumes v;
    struct list notes;
};

static void
begin(struct scene *x, const char *fstab)
{
    tree_make(&x->t);
    x->c = test_call_new();
    x->s =
        (struct mayfly_inspection_root){.root = call_strdup(x->c, "/dev/sda2")};
    x->v = (struct volumes){
        .items = all, .n = N_ELEMENTS(all), .name_partition = name_partition};
    x->notes = (struct list){0};
    all[2].mapped_name = "luks-1234-ab";
    all[2].mapped_uuid = "CRYPT-LUKS2-1234ab-luks-1234-ab";
    all[8].array_uuid = "cfa81b59-b6cf-bd53-3f02-085b58f4a2e1";
    all[8].array_name = "vm:0";
    all[9].mapped_name = "vg--0-home";
    all[9].mapped_uuid = "LVM-aaaabbbb";
    tree_file(&x->t, "etc/fstab", fstab);
}

static void
end(struct scene *x)
{
    test_call_free(x->c);
    tree_remove(&x->t);
}

static const char *
resolve(struct scene *x, const char *spec)
{
    return volume_resolve(x->c, &x->v, x->t.root, spec);
}

TEST(specs)
{
    static const struct {
        const char *spec, *device;
    } specs[] = {
        {"UUID=e2445004-0000-4000-8000-000000000001", "/dev/sda2"},
        {"UUID=E2445004-0000-4000-8000-000000000001", "/dev/sda2"},
        {"UUID=\"abcd-1234\"", "/dev/sda1"},
        {"LABEL=root", "/dev/sda2"},
        {"LABEL=\"data disk\"", "/dev/sdb"},
        {"PARTUUID=c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "/dev/sda1"},
        {"PARTLABEL=EFI System", "/dev/sda1"},
        {"UUID=none", NULL},
        {"UUID=", NULL},
        {"/dev/sda2", "/dev/sda2"},
        {"/dev/vda2", "/dev/sda2"},
        {"/dev/hda2", "/dev/sda2"},
        {"/dev/xvda2", "/dev/sda2"},
        {"/dev/xvdb", "/dev/sdb"},
        {"/dev/nvme0n1p2", "/dev/sda2"},
        {"/dev/mmcblk0p1", "/dev/sda1"},
        {"/dev/nvme1n1p2", "/dev/nvme1n1p2"},
        {"/dev/sda9", "/dev/sda9"},
        {"/dev/sdz1", "/dev/sdz1"},
        {"/dev/vg-0/home", "/dev/vg-0/home"},
        {"/dev/mapper/vg--0-home", "/dev/vg-0/home"},
        {"/dev/mapper/luks-1234-ab", "/dev/mapper/luks-1234-ab"},
        {"/dev/mapper/cr_home", "/dev/mapper/luks-1234-ab"},
        {"/dev/mapper/cr_dev", "/dev/mapper/luks-1234-ab"},
        {"/dev/mapper/loop", "/dev/mapper/loop"},
        {"/dev/mapper/none", "/dev/mapper/none"},
        {"/dev/md0", "/dev/md127"},
        {"/dev/md/0", "/dev/md127"},
        {"/dev/md/data", "/dev/md127"},
        {"/dev/md7", "/dev/md127"},
        {"/dev/md127", "/dev/md127"},
        {"/dev/md1", "/dev/md1"},
        {"/dev/disk/by-uuid/abcd-1234", "/dev/sda1"},
        {"/dev/disk/by-label/data\\x20disk", "/dev/sdb"},
        {"/dev/disk/by-partlabel/EFI\\x20System", "/dev/sda1"},
        {"/dev/disk/by-id/dm-uuid-LVM-aaaabbbb", "/dev/vg-0/home"},
        {"/dev/disk/by-id/dm-name-vg--0-home", "/dev/vg-0/home"},
        {"/dev/disk/by-id/md-uuid-cfa81b59:b6cfbd53:3f02085b:58f4a2e1",
            "/dev/md127"},
        /* Which disk has a serial number is not known. */
        {"/dev/disk/by-id/ata-X-part2", "/dev/disk/by-id/ata-X-part2"},
        {"ID=ata-X-part2", "/dev/disk/by-id/ata-X-part2"},
        {"tmpfs", NULL},
        {"server:/export", NULL},
        {"/swapfile", NULL},
    };
    struct scene x;

    begin(&x, "");
    tree_file(&x.t, "etc/crypttab",
        "# comment\n"
        "cr_home UUID=1234-ab none luks\n"
        "cr_dev\t/dev/vda5 /key luks\n"
        "loop /dev/mapper/loop none\n");
    tree_file(&x.t, "etc/mdadm/mdadm.conf",
        "MAILADDR root\n"
        "ARRAY /dev/md/data metadata=1.2 name=vm:0\n"
        "   UUID=cfa81b59:b6cfbd53:3f02085b:58f4a2e1\n"
        "array /dev/md7 uuid=CFA81B59:b6cfbd53:3f02085b:58f4a2e1\n"
        "ARRAY /dev/md1 UUID=00000000:b6cfbd53:3f02085b:58f4a2e1\n");
    for (size_t i = 0; i < N_ELEMENTS(specs); i++) {
        const char *device = resolve(&x, specs[i].spec);
        fprintf(stderr, "# %s\n", specs[i].spec);
        if (specs[i].device)
            CHECK_STR(device, specs[i].device);
        else
            CHECK(!device);
    }
    /* Not even of one disk. */
    x.v.n = 1;
    CHECK_STR(resolve(&x, "/dev/disk/by-id/ata-X"), "/dev/disk/by-id/ata-X");
    end(&x);
}

static const char *
mounted_on(const struct scene *x, const char *path)
{
    const char *found = NULL;

    for (uint32_t i = 0; i < x->s.n_mountpoints; i++) {
        if (str_equal(x->s.mountpoints[i].mountpoint, path)) {
            CHECK(!found);
            found = x->s.mountpoints[i].mountable;
        }
    }
    return found;
}

TEST(entries)
{
    struct scene x;

    begin(&x, "# /etc/fstab\n"
              "UUID=e2445004-0000-4000-8000-000000000001 / ext4 rw 0 1\n"
              "/dev/vda2 / ext4 rw 0 1\n"
              "UUID=ABCD-1234 /boot//efi/ vfat umask=0077 0 1\n"
              "UUID=swap-1 none swap sw 0 0\n"
              "/dev/vg-0/home /home xfs defaults\n"
              "LABEL=pool /srv/a\\040b btrfs subvol=/@data,compress\n"
              "LABEL=pool /srv/c btrfs subvolid=256\n"
              "tmpfs /tmp tmpfs size=1G 0 0\n"
              "proc /proc proc defaults 0 0\n"
              "/dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0\n"
              "/dev/fd0 /floppy auto rw 0 0\n"
              "/dev/cdrom /cd auto rw 0 0\n"
              "UUID=gone /data ext4 defaults 0 2\n"
              "/dev/sdq1 /q ext4 defaults 0 2\n"
              "/home /export none bind 0 0\n"
              "short\n");
    fstab_read(x.c, x.t.root, &x.v, &x.s, &x.notes);
    CHECK(x.s.n_mountpoints == 5);
    CHECK_STR(mounted_on(&x, "/"), "/dev/sda2");
    CHECK_STR(mounted_on(&x, "/boot/efi"), "/dev/sda1");
    CHECK_STR(mounted_on(&x, "/home"), "/dev/vg-0/home");
    CHECK_STR(mounted_on(&x, "/srv/a b"), "btrfsvol:/dev/sda6/@data");
    CHECK(!mounted_on(&x, "/srv/c")); /* no such subvolume */
    CHECK_STR(mounted_on(&x, "/q"), "/dev/sdq1");
    CHECK(x.s.n_filesystems == 6);
    CHECK_STR(x.s.filesystems[2], "/dev/sda3");
    CHECK_STR(x.s.mountpoints[1].type, "vfat");
    CHECK_STR(x.s.mountpoints[1].options, "umask=0077");
    /* The second "/" and the missing UUID. */
    const struct mayfly_inspection_note *n = x.notes.items;
    CHECK(x.notes.n == 5);
    CHECK_STR(n[4].subject, "/home");
    CHECK_STR(n[4].text, "in the fstab of /dev/sda2 for /export: a folder of "
                         "the guest, which is not mounted here");
    CHECK_STR(n[1].subject, "LABEL=pool");
    CHECK_STR(n[3].subject, "/dev/sdq1");
    CHECK_STR(n[2].subject, "UUID=gone");
    CHECK_STR(n[2].text, "in the fstab of /dev/sda2, but on none of the "
                         "disks");
    end(&x);
}

/* From the line of "/" follow the others of its disk, and no other disk. */
TEST(disk_links)
{
    struct scene x;

    begin(&x, "/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0-part2 / ext4\n"
              "/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0-part1 /boot a\n"
              "/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:1:0-part1 /home a\n"
              "/dev/disk/by-id/ata-part1-X-part1 /srv auto\n"
              "/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0-part9 /opt a\n");
    fstab_read(x.c, x.t.root, &x.v, &x.s, &x.notes);
    CHECK_STR(mounted_on(&x, "/"), "/dev/sda2");
    CHECK_STR(mounted_on(&x, "/boot"), "/dev/sda1");
    CHECK(str_after(mounted_on(&x, "/home"), "/dev/disk/by-path/"));
    CHECK(str_after(mounted_on(&x, "/srv"), "/dev/disk/by-id/"));
    CHECK(str_after(mounted_on(&x, "/opt"), "/dev/disk/by-path/"));
    CHECK(x.notes.n == 3);
    end(&x);
}

TEST(disk_links_by_crypttab)
{
    struct scene x;

    begin(&x, "/dev/mapper/cr / ext4\n"
              "/dev/disk/by-id/nvme-X_1-part1 /boot/efi vfat\n");
    x.s.root = call_strdup(x.c, "/dev/mapper/luks-1234-ab");
    tree_file(&x.t, "etc/crypttab",
        "other /dev/disk/by-id/nvme-Y-part5 none\n"
        "cr /dev/disk/by-id/nvme-X_1-part5 none luks\n");
    fstab_read(x.c, x.t.root, &x.v, &x.s, &x.notes);
    CHECK_STR(mounted_on(&x, "/boot/efi"), "/dev/sda1");
    end(&x);
}

static void
gpt_types(struct call *c, const struct volumes *u, struct volume *v)
{
    (void)c;
    (void)u;
    if (str_equal(v->device, "/dev/sda1"))
        v->partition_type = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
    if (str_equal(v->device, "/dev/sda3"))
        v->partition_type = "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f";
    if (str_equal(v->device, "/dev/sda5"))
        v->partition_type = "933ac7e1-2eb4-4f13-b844-0e14e2aef915";
    if (str_equal(v->device, "/dev/sda6")) {
        v->partition_type = "4D21B016-B534-45C2-A9FB-5C16E091FD2D";
        v->partition_uuid = "c0c46eff-e386-4746-a2bd-0962cd326ea2";
    }
}

static void
forget_names(void)
{
    for (size_t i = 0; i < N_ELEMENTS(all); i++) {
        all[i].has_partition_names = false;
        all[i].partition_uuid = all[i].partition_type = "";
    }
}

TEST(by_types)
{
    struct scene x;

    begin(&x, "tmpfs /srv tmpfs\n");
    forget_names();
    x.v.name_partition = gpt_types;
    tree_folder(&x.t, "boot");
    tree_folder(&x.t, "home");
    tree_folder(&x.t, "var");
    tree_file(&x.t, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    fstab_read(x.c, x.t.root, &x.v, &x.s, &x.notes);
    CHECK_STR(mounted_on(&x, "/boot"), "/dev/sda1");
    /* Through the encryption. */
    CHECK_STR(mounted_on(&x, "/home"), "/dev/mapper/luks-1234-ab");
    CHECK_STR(mounted_on(&x, "/var"), "/dev/sda6");
    CHECK(x.s.n_mountpoints == 4 && x.s.n_filesystems == 5);
    end(&x);

    /* A line counts, found or not; so does what is in the folder; and /var is
     * of one machine. */
    begin(&x, "UUID=gone /boot vfat\n");
    forget_names();
    x.v.name_partition = gpt_types;
    tree_folder(&x.t, "boot");
    tree_folder(&x.t, "home");
    tree_folder(&x.t, "home/me");
    tree_folder(&x.t, "var");
    tree_file(&x.t, "etc/machine-id", "1123456789abcdef0123456789abcdef\n");
    fstab_read(x.c, x.t.root, &x.v, &x.s, &x.notes);
    CHECK(x.s.n_mountpoints == 1);
    CHECK(x.notes.n == 2);
    end(&x);
    forget_names();
}

/* Units in place of lines, or beside them; a line comes first. */
TEST(units)
{
    struct scene x;

    begin(&x, "UUID=gone /opt ext4 nofail\n");
    tree_file(&x.t, "etc/systemd/system/home.mount",
        "[Unit]\nBefore=local-fs.target\n# What=/dev/sda1\n[Mount]\n"
        "What = /dev/disk/by-uuid/ON-LVM\r\nWhere=/home/\nType=xfs\n"
        "Options=noatime\n[Install]\nWantedBy=local-fs.target\n");
    tree_file(&x.t, "etc/systemd/system/boot-efi.mount",
        "[Mount]\nWhat=LABEL=\"ESP\"\nWhere=/boot/efi\n");
    tree_file(&x.t, "etc/systemd/system/opt.mount",
        "[Mount]\nWhat=LABEL=ESP\nWhere=/opt\n");
    tree_file(&x.t, "etc/systemd/system/srv.mount",
        "[Mount]\nWhat=UUID=other\nWhere=/srv\n");
    tree_file(&x.t, "etc/systemd/system/var-tmp.mount",
        "[Mount]\nWhat=/srv/tmp\nWhere=/var/tmp\nOptions=bind\n");
    tree_file(&x.t, "etc/systemd/system/tmp.mount",
        "[Mount]\nWhat=tmpfs\nWhere=/tmp\nType=tmpfs\n");
    tree_file(
        &x.t, "etc/systemd/system/dev-sda3.swap", "[Swap]\nWhat=/dev/vda3\n");
    tree_file(&x.t, "etc/systemd/system/masked.mount", "");
    fstab_read(x.c, x.t.root, &x.v, &x.s, &x.notes);
    CHECK_STR(mounted_on(&x, "/"), "/dev/sda2");
    CHECK_STR(mounted_on(&x, "/home"), "/dev/vg-0/home");
    CHECK_STR(mounted_on(&x, "/boot/efi"), "/dev/sda1");
    CHECK(x.s.n_mountpoints == 3 && x.s.n_filesystems == 4);
    const struct mayfly_inspection_note *n = x.notes.items;
    CHECK(x.notes.n == 3);
    CHECK_STR(n[1].subject, "UUID=other");
    CHECK_STR(
        n[1].text, "in the srv.mount of /dev/sda2, but on none of the disks");
    CHECK_STR(n[2].subject, "/srv/tmp");
    end(&x);
}

TEST(elsewhere)
{
    struct scene x;

    begin(&x, "server:/home /home nfs4 defaults 0 0\n"
              "//nas/x /mnt cifs credentials=/root/c 0 0\n"
              "//nas/y /mnt cifs noauto 0 0\n"
              "/srv/data.img /data ext4 loop,noatime 0 0\n"
              "overlay /usr overlay lowerdir=/a:/b 0 0\n"
              "/swapfile none swap sw 0 0\n"
              "devpts /dev/pts devpts gid=5 0 0\n"
              "none /run/shm tmpfs size=bindable,nobind 0 0\n"
              "server:/a /srv nfs ,nofail,nolock 0 0\n"
              "UUID=\"ABCD-1234\" TYPE=\"vfat\" /boot vfat defaults 1 2\n"
              "/dev/vg-0/home /opt xfs defaults, noatime 0 0\n");
    fstab_read(x.c, x.t.root, &x.v, &x.s, &x.notes);
    CHECK(x.notes.n == 5);
    CHECK(x.s.n_mountpoints == 2);
    CHECK_STR(mounted_on(&x, "/opt"), "/dev/vg-0/home");
    end(&x);
}

TEST(no_fstab)
{
    struct scene x;

    begin(&x, "");
    fstab_read(x.c, x.t.root, &x.v, &x.s, &x.notes);
    CHECK(x.s.n_mountpoints == 1 && x.s.n_filesystems == 1);
    CHECK_STR(mounted_on(&x, "/"), "/dev/sda2");
    CHECK(x.notes.n == 0);
    end(&x);
}

/* A copied disk: its fstab names the original. */
TEST(foreign_root)
{
    struct scene x;

    begin(&x, "UUID=d-1 / ext4 defaults 0 1\n");
    fstab_read(x.c, x.t.root, &x.v, &x.s, &x.notes);
    CHECK_STR(mounted_on(&x, "/"), "/dev/sda2");
    CHECK(x.notes.n == 1);
    end(&x);
}

TEST(btrfs_root)
{
    struct scene x;

    begin(&x, "UUID=b-1 / btrfs subvol=@ 0 0\nUUID=b-1 /home btrfs "
              "defaults,subvol=@home 0 0\n");
    x.s.root = call_strdup(x.c, "btrfsvol:/dev/sda6/@");
    fstab_read(x.c, x.t.root, &x.v, &x.s, &x.notes);
    CHECK_STR(mounted_on(&x, "/"), "btrfsvol:/dev/sda6/@");
    CHECK_STR(mounted_on(&x, "/home"), "btrfsvol:/dev/sda6/@home");
    CHECK(x.notes.n == 0);
    end(&x);
}

/* --- BSD --- */

#define PART(d, l, u, b, s)                                                    \
    {                                                                          \
        .kind = VOLUME_PARTITION, .device = (char[]){d},                       \
        .kernel_name = (char[]){d}, .type = "ufs", .label = (l), .uuid = (u),  \
        .mapped_name = "", .mapped_uuid = "", .array_uuid = "",                \
        .array_name = "", .partition_uuid = "", .partition_name = "",          \
        .start = (b), .size = (s)*512ULL                                       \
    }

/* A disk with a slice of FreeBSD, whose "a" is all of its beginning, and one of
 * OpenBSD; a second disk by GPT. */
static struct volume bsd[] = {
    VOLUME(VOLUME_DISK, "/dev/sda", "", "", ""),
    VOLUME(VOLUME_DISK, "/dev/sdb", "", "", ""),
    PART("/dev/sda1", "", "", 64, 1000),
    PART("/dev/sda2", "", "", 1064, 1000),
    PART("/dev/sda5", "rootfs", "5f3c0001a1b2c3d4", 64, 500),
    PART("/dev/sda6", "", "", 564, 500),
    PART("/dev/sda7", "", "", 1064, 400),
    PART("/dev/sda8", "", "", 1464, 600),
    PART("/dev/sdb1", "", "", 40, 100),
    PART("/dev/sdb2", "", "", 140, 100),
};

static void
put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static bool
read_label(const struct volume *v, struct bsd_label *ret)
{
    static const uint32_t freebsd[][2] = {{500, 0}, {500, 500}, {1000, 0}};
    static const uint32_t openbsd[][2] = {
        {400, 1064}, {600, 1464}, {100000, 0}};
    bool first = str_equal(v->device, "/dev/sda1");
    uint8_t sector[BSD_LABEL_SIZE] = {0};

    if (!first && !str_equal(v->device, "/dev/sda2"))
        return false;
    put32(sector, 0x82564557);
    put32(sector + 132, 0x82564557);
    sector[138] = 3;
    memcpy(sector + 64, "\x8a\x3f\x5c\x2e\x9d\x1b\x70\x46", 8);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++)
            put32(sector + 148 + 16 * i + 4 * k,
                first ? freebsd[i][k] : openbsd[i][k]);
    return bsd_label_parse(sector, v->start, v->size / 512, ret);
}

static void
name_gpt(struct call *c, const struct volumes *u, struct volume *v)
{
    (void)c;
    (void)u;
    if (str_equal(v->device, "/dev/sdb2")) {
        v->partition_uuid = "c0c46eff-e386-4746-a2bd-0962cd326ea2";
        v->partition_name = "netroot";
    }
}

TEST(bsd_specs)
{
    static const struct {
        const char *spec, *device;
    } specs[] = {
        {"/dev/ada0", "/dev/sda"},
        {"/dev/ada0s2", "/dev/sda2"},
        {"/dev/ada0s1a", "/dev/sda5"},
        {"/dev/vtbd0s1b", "/dev/sda6"},
        {"/dev/ada0s1d", "/dev/ada0s1d"},
        {"/dev/da1p2", "/dev/sdb2"},
        {"/dev/da1p2x", "/dev/da1p2x"},
        {"/dev/ada0s2a", "/dev/sda7"},
        {"/dev/wd0a", "/dev/sda5"},
        {"/dev/sd1a", "/dev/sd1a"},
        {"/dev/ada9p1", "/dev/ada9p1"},
        {"/dev/ada99999999999p1", "/dev/ada99999999999p1"},
        {"/dev/hd0s2", "/dev/sda2"},
        {"/dev/dk7", "/dev/sdb2"},
        {"/dev/dk8", "/dev/dk8"},
        {"/dev/gpt/netroot", "/dev/sdb2"},
        {"/dev/gptid/C0C46EFF-e386-4746-a2bd-0962cd326ea2", "/dev/sdb2"},
        {"NAME=netroot", "/dev/sdb2"},
        {"/dev/ufs/rootfs", "/dev/sda5"},
        {"/dev/ufsid/5f3c0001a1b2c3d4", "/dev/sda5"},
        {"/dev/ufs/none", "/dev/ufs/none"},
        {"8a3f5c2e9d1b7046.b", "/dev/sda6"},
        {"8a3f5c2e9d1b7047.b", NULL},
        {"8a3f5c2e9d1b7046", NULL},
        {"8a3f5c2e9d1b7046.bb", NULL},
    };
    struct scene x;

    begin(&x, "");
    x.v = (struct volumes){.items = bsd,
        .n = N_ELEMENTS(bsd),
        .name_partition = name_gpt,
        .read_label = read_label};
    for (size_t i = 0; i < N_ELEMENTS(specs); i++) {
        const char *device = resolve(&x, specs[i].spec);
        fprintf(stderr, "# %s\n", specs[i].spec);
        if (specs[i].device)
            CHECK_STR(device, specs[i].device);
        else
            CHECK(!device);
    }
    CHECK(bsd_is_slice(&x.v, &bsd[2]) && bsd_is_slice(&x.v, &bsd[3]));
    for (size_t i = 4; i < N_ELEMENTS(bsd); i++)
        CHECK(!bsd_is_slice(&x.v, &bsd[i]));
    CHECK(!bsd_is_slice(&x.v, &bsd[0]));
    end(&x);
}

TEST(bsd_label_bounds)
{
    uint8_t sector[BSD_LABEL_SIZE];
    struct bsd_label label;

    memset(sector, 0xff, sizeof sector);
    CHECK(!bsd_label_parse(sector, 0, 0, &label));
    put32(sector, 0x82564557);
    put32(sector + 132, 0x82564557);
    CHECK(bsd_label_parse(sector, UINT32_MAX, 10, &label));
    CHECK(label.n == BSD_PARTS_MAX);
}
