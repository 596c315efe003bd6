/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The descriptions of other hypervisors, value by value, and what they must
 * not contain. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "base/charset.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/vhd.h"
#include "tests/unit/test.h"
#include "v2v/source/ovf.h"
#include "v2v/source/vhd_image.h"
#include "v2v/source/xva_metadata.h"

/* --- OVF --- */

#define OVF(file, disk, items, more)                                           \
    "<Envelope><References><File id=\"other\" href=\"o\"/><File id=\"f\" "     \
    "href=\"" file "</References><DiskSection><Disk diskId=\"none\"/>"         \
    "<Disk diskId=\"d\" " disk "/></DiskSection><VirtualSystem id=\"n\">"      \
    "<VirtualHardwareSection>" items "</VirtualHardwareSection>" more          \
    "</VirtualSystem></Envelope>"

#define ITEM(type, rest)                                                       \
    "<Item><ResourceType>" type "</ResourceType>" rest "</Item>"
#define DISK ITEM("17", "<HostResource>ovf:/disk/d</HostResource>")
#define MEMORY(n, unit)                                                        \
    ITEM("4", "<VirtualQuantity>" n "</VirtualQuantity>" unit)
#define UNIT(text) "<AllocationUnits>" text "</AllocationUnits>"
#define GOOD_FILE  "d.vmdk\"/>"
#define GOOD_DISK  "fileRef=\"f\""

static void
ovf_good(const char *text, struct guest *guest)
{
    cleanup_error struct error err = {0};

    if (ovf_read(text, strlen(text), guest, &err) < 0) {
        fprintf(stderr, "%s\n", error_text(&err));
        exit(1);
    }
}

static void
ovf_bad(const char *text, int code, const char *message)
{
    cleanup_error struct error err = {0};
    cleanup_guest struct guest guest = {0};

    CHECK(ovf_read(text, strlen(text), &guest, &err) == -1);
    if (err.code != code || !strstr(error_text(&err), message)) {
        fprintf(stderr, "'%s' (%d), not '%s' (%d)\n", error_text(&err),
            err.code, message, code);
        exit(1);
    }
}

TEST(ovf_machine)
{
    cleanup_guest struct guest guest = {0};

    ovf_good(OVF(GOOD_FILE,
                 GOOD_DISK " capacity=\"3\" capacityAllocationUnits=\"byte * "
                           "2^30\"",
                 DISK ITEM("3", "<VirtualQuantity>4096</VirtualQuantity>")
                     MEMORY("9", UNIT("byte * 2^20"))
                         ITEM("10", "<Address>00:16:3e:00:00:01</Address>")
                             ITEM("10", "<Address>short</Address>") ITEM("99",
                                 "") "<Config key=\"firmware\" value=\"efi\"/>",
                 "<Name>the name</Name>"),
        &guest);
    CHECK_STR(guest.name, "the name");
    CHECK(guest.kind == GUEST_HVM && guest.uefi);
    CHECK(guest.vcpus == 4096 && guest.memory == (uint64_t)9 << 20);
    CHECK(guest.n_disks == 1 && guest.n_nics == 2);
    CHECK_STR(guest.disks[0].member, "d.vmdk");
    CHECK(guest.disks[0].size == (uint64_t)3 << 30);
    CHECK(!guest.disks[0].gzipped);
    CHECK_STR(guest.nics[0].mac, "00:16:3e:00:00:01");
    CHECK(!guest.nics[1].mac);
}

static void
ovf_memory(const char *text, uint64_t want)
{
    cleanup_guest struct guest guest = {0};

    ovf_good(text, &guest);
    CHECK(guest.memory == want && guest.n_disks == 0);
    CHECK_STR(guest.name, "n");
    CHECK(!guest.uefi && guest.vcpus == 0);
}

#define ONLY(items) OVF(GOOD_FILE, GOOD_DISK, items, "")

static void
check_charset(const char *name, const char *text, const char *want)
{
    cleanup_free char *got = text_from_charset(text, name);

    CHECK_STR(got, want);
}

TEST(charsets)
{
    check_charset("windows-1252", "B\374ro \200", "B\303\274ro \342\202\254");
    check_charset("gbk", "\326\320\316\304", "\344\270\255\346\226\207");
    /* Its second byte is a bar or a backslash in ASCII. */
    check_charset("Shift_JIS", "\203|\203\\", "\343\203\235\343\202\275");
    check_charset("UTF-8", "\303\274", "\303\274");
    check_charset("UTF-8//TRANSLIT", "\374", "\374");
    /* Not in that set. */
    check_charset("GBK", "a\377", "a\377");
    cleanup_free char *own = text_from_own_charset(
        "#!/usr/bin/vmware\n .Encoding = \"windows-1251\"\nx = \"\326\"\n",
        ".encoding");
    CHECK_STR(own, "#!/usr/bin/vmware\n .Encoding = \"windows-1251\"\nx = "
                   "\"\320\246\"\n");
}

TEST(ovf_units)
{
    const uint64_t one = 1;

    ovf_memory(ONLY(MEMORY("2", "")), 2 << 20);
    ovf_memory(ONLY(MEMORY("2", UNIT("MegaBytes"))), 2 << 20);
    ovf_memory(ONLY(MEMORY("2", UNIT("MB"))), 2 << 20);
    ovf_memory(ONLY(MEMORY("2", UNIT("GiB"))), one << 31);
    ovf_memory(ONLY(MEMORY("2", UNIT("byte*2^ 30"))), one << 31);
    ovf_memory(ONLY(MEMORY("2", UNIT("byte * 10^6"))), 2000000);
    ovf_bad(ONLY(MEMORY("2", UNIT("blocks"))), EINVAL, "unit 'blocks'");
    ovf_bad(ONLY(MEMORY("2", UNIT("byte * 2^64"))), EINVAL, "unit 'byte");
    ovf_memory(ONLY(MEMORY("2", UNIT("byte * 2^10"))), 2 << 10);
    ovf_memory(ONLY(MEMORY("2", UNIT("KiloBytes"))), 2 << 10);
    ovf_memory(ONLY(MEMORY("2", UNIT("GigaBytes"))), one << 31);
    ovf_memory(ONLY(MEMORY("2", UNIT("byte"))), 2);
    ovf_memory(ONLY(MEMORY("16777216", "")), one << 44);
    ovf_bad(ONLY(MEMORY("16777217", "")), EINVAL, "memory size");
    ovf_bad(ONLY(MEMORY("0", "")), EINVAL, "memory size");
    ovf_bad(ONLY(MEMORY("-1", "")), EINVAL, "memory size");
    ovf_bad(ONLY(ITEM("4", "")), EINVAL, "memory size");
}

static uint64_t
capacity(const char *text)
{
    cleanup_guest struct guest guest = {0};

    ovf_good(text, &guest);
    CHECK(guest.n_disks == 1);
    return guest.disks[0].size;
}

TEST(ovf_capacity)
{
#define CAPACITY(rest) capacity(OVF(GOOD_FILE, GOOD_DISK rest, DISK, ""))
    CHECK(CAPACITY("") == 0);
    CHECK(CAPACITY(" capacity=\"5\"") == 5);
    CHECK(CAPACITY(" capacity=\"-5\"") == 0);
    CHECK(CAPACITY(" capacity=\"x\"") == 0);
    CHECK(CAPACITY(" capacity=\"1152921504606846976\"") == (uint64_t)1 << 60);
    CHECK(CAPACITY(" capacity=\"1152921504606846977\"") == (uint64_t)1 << 60);
    CHECK(CAPACITY(" capacity=\"1073741825\" capacityAllocationUnits=\"byte * "
                   "2^30\"") == (uint64_t)1 << 60);
}

TEST(ovf_refused)
{
    cleanup_guest struct guest guest = {0};

    ovf_bad(OVF("a/b\"/>", GOOD_DISK, DISK, ""), EPERM, "not in the folder");
    ovf_bad(OVF("\"/>", GOOD_DISK, DISK, ""), EPERM, "not in the folder");
    ovf_bad(OVF(".\"/>", GOOD_DISK, DISK, ""), EPERM, "not in the folder");
    ovf_bad(OVF("..\"/>", GOOD_DISK, DISK, ""), EPERM, "not in the folder");
    ovf_bad(OVF("a\" compression=\"lzma\"/>", GOOD_DISK, DISK, ""), ENOTSUP,
        "compressed by 'lzma'");
    ovf_bad(OVF(GOOD_FILE, "fileRef=\"x\"", DISK, ""), EINVAL, "not listed");
    ovf_bad(ONLY(ITEM("17", "<HostResource>ovf:/disk/x</HostResource>")),
        EINVAL, "not listed");
    ovf_bad(ONLY(ITEM("17", "<HostResource>d</HostResource>")), EINVAL,
        "not listed");
    ovf_bad(ONLY(ITEM("17", "")), EINVAL, "not listed");
    ovf_bad(ONLY(ITEM("3", "<VirtualQuantity>0</VirtualQuantity>")), EINVAL,
        "processors");
    ovf_bad(ONLY(ITEM("3", "<VirtualQuantity>4097</VirtualQuantity>")), EINVAL,
        "processors");
    ovf_bad("<Envelope/>", EINVAL, "does not describe a machine");
    ovf_bad("<Envelope><VirtualSystemCollection/></Envelope>", EINVAL,
        "does not describe a machine");
    ovf_bad("<Envelope><VirtualSystemCollection><VirtualSystem/>"
            "<VirtualSystemCollection><VirtualSystem/>"
            "</VirtualSystemCollection></VirtualSystemCollection></Envelope>",
        ENOTSUP, "more than one machine: 2");
    ovf_bad("<Other/>", EINVAL, "not OVF");
    ovf_bad("<Envelope>", EINVAL, "its description");

    ovf_good(OVF("a\" compression=\"gzip\"/>", GOOD_DISK, DISK, ""), &guest);
    CHECK(guest.disks[0].gzipped);
    guest_clear(&guest);
    ovf_good(
        OVF("a\" compression=\"identity\"/>", GOOD_DISK, DISK, ""), &guest);
    CHECK(!guest.disks[0].gzipped);
    guest_clear(&guest);
    ovf_good(OVF("a\" compression=\"\"/>", GOOD_DISK, DISK, ""), &guest);
    CHECK(!guest.disks[0].gzipped);
    guest_clear(&guest);
    ovf_bad(OVF("a\" chunkSize=\"7\"/>", GOOD_DISK, DISK, ""), ENOTSUP,
        "cut into several files");
    /* A disk without a file and a size is left out, with a note. */
    ovf_good(ONLY(ITEM("17", "<HostResource>ovf:/disk/none</HostResource>")),
        &guest);
    CHECK(guest.n_disks == 0 && strv_length(guest.notes) == 1);
}

/* A vApp of one machine, in three sizes; the marked one, or the first. */
#define SIZES(first, last)                                                     \
    "<Envelope><DeploymentOptionSection><Configuration id=\"s\"" first         \
    "/><Configuration id=\"m\"/><Configuration id=\"l\"" last                  \
    "/></DeploymentOptionSection><VirtualSystemCollection id=\"v\">"           \
    "<VirtualSystem id=\"n\"><VirtualHardwareSection>"                         \
    "<Item configuration=\"s\"><ResourceType>3</ResourceType>"                 \
    "<VirtualQuantity>2</VirtualQuantity></Item>"                              \
    "<Item configuration=\"x l m\"><ResourceType>3</ResourceType>"             \
    "<VirtualQuantity>8</VirtualQuantity></Item>"                              \
    "<Item configuration=\"m\"><ResourceType>10</ResourceType></Item>"         \
    "<Item><ResourceType>10</ResourceType></Item>"                             \
    "</VirtualHardwareSection></VirtualSystem></VirtualSystemCollection>"      \
    "</Envelope>"

TEST(ovf_sizes)
{
    cleanup_guest struct guest guest = {0};

    ovf_good(SIZES("", ""), &guest);
    CHECK(guest.vcpus == 2 && guest.n_nics == 1);
    CHECK(strv_length(guest.notes) == 1);
    CHECK_STR(guest.name, "n");
    guest_clear(&guest);
    ovf_good(SIZES("", " default=\"true\""), &guest);
    CHECK(guest.vcpus == 8 && guest.n_nics == 1);
}

#define CONTROLLER(type, id, address, sub)                                     \
    ITEM(type, "<InstanceID>" id "</InstanceID><Address>" address              \
               "</Address><ResourceSubType>" sub "</ResourceSubType>")
#define DISK_AT(disk, parent, place)                                           \
    ITEM("17",                                                                 \
        "<HostResource>ovf:/disk/" disk "</HostResource><Parent>" parent       \
        "</Parent><AddressOnParent>" place "</AddressOnParent>")
#define FOUR(items)                                                            \
    "<Envelope><References><File id=\"a\" href=\"a\"/><File id=\"b\" "         \
    "href=\"b\"/><File id=\"c\" href=\"./c%20c\"/></References><DiskSection>"  \
    "<Disk diskId=\"1\" fileRef=\"a\"/><Disk diskId=\"2\" fileRef=\"b\"/>"     \
    "<Disk diskId=\"3\" fileRef=\"c\"/><Disk diskId=\"4\" capacity=\"1000\"/>" \
    "</DiskSection><VirtualSystem id=\"n\"><VirtualHardwareSection>" items     \
    "</VirtualHardwareSection></VirtualSystem></Envelope>"

static void
ovf_order(const char *text, const char *const *members)
{
    cleanup_guest struct guest guest = {0};

    ovf_good(text, &guest);
    for (size_t i = 0; i < guest.n_disks; i++)
        CHECK_STR(
            guest.disks[i].member ? guest.disks[i].member : "", members[i]);
    CHECK(!members[guest.n_disks]);
}

/* By controller and place, whatever the order of the items. */
TEST(ovf_order)
{
    ovf_order(FOUR(DISK_AT("1", "9", "0") DISK_AT("2", "8", "1")
                      DISK_AT("3", "8", "0") CONTROLLER("6", "9", "1", "lsi")
                          CONTROLLER("6", "8", "0", "lsi")),
        (const char *const[]){"c%20c", "b", "a", NULL});
    /* More than nine, and an empty one in between. */
    ovf_order(FOUR(CONTROLLER("6", "8", "0", "lsi") DISK_AT("1", "8", "10")
                      DISK_AT("4", "8", "9") DISK_AT("2", "8", "2")),
        (const char *const[]){"b", "", "a", NULL});
    /* SCSI before SATA before IDE; VirtualBox has IDE first. */
#define MIXED                                                                  \
    DISK_AT("1", "7", "0")                                                     \
    DISK_AT("2", "8", "0")                                                     \
    DISK_AT("3", "9", "0")                                                     \
    CONTROLLER("5", "7", "0", "PIIX4")                                         \
    CONTROLLER("6", "8", "0", "lsi") CONTROLLER("20", "9", "0", "AHCI")
    ovf_order(FOUR(MIXED), (const char *const[]){"b", "c%20c", "a", NULL});
    ovf_order(FOUR(MIXED "</VirtualHardwareSection><Machine/>"
                         "<VirtualHardwareSection>"),
        (const char *const[]){"a", "b", "c%20c", NULL});
}

/* XenCenter: type 19, found by InstanceID, named by device. */
TEST(ovf_xen)
{
    cleanup_guest struct guest guest = {0};

    ovf_good(FOUR(ITEM("19",
                 "<InstanceID>2</InstanceID><Connection>device=3,bootable="
                 "false,mode=rw</Connection>") ITEM("19",
                 "<InstanceID>x</InstanceID><HostResource>/disk/1"
                 "</HostResource><Connection>device=0,bootable=true"
                 "</Connection>")),
        &guest);
    CHECK(guest.n_disks == 2);
    CHECK_STR(guest.disks[0].member, "a");
    CHECK_STR(guest.disks[0].name, "xvda");
    CHECK_STR(guest.disks[1].member, "b");
    CHECK_STR(guest.disks[1].name, "xvdd");
}

TEST(ovf_nvme)
{
    cleanup_guest struct guest guest = {0};

    ovf_good(FOUR(DISK_AT("1", "8", "1") DISK_AT("2", "9", "0")
                     CONTROLLER("20", "8", "0", "vmware.nvme.controller")
                         CONTROLLER("20", "9", "0", "vmware.sata.ahci")),
        &guest);
    CHECK(guest.n_disks == 2);
    CHECK_STR(guest.disks[0].name, "nvme0n2");
    CHECK_STR(guest.disks[1].name, "sda");
}

static void
ovf_firmware(const char *text, bool said, bool uefi)
{
    cleanup_guest struct guest guest = {0};

    ovf_good(text, &guest);
    CHECK(guest.firmware_said == said && guest.uefi == uefi);
}

TEST(ovf_firmware)
{
#define XEN(value)                                                             \
    "<VirtualSystemOtherConfigurationData "                                    \
    "Name=\"HVM_boot_params\"><Value>" value                                   \
    "</Value></VirtualSystemOtherConfigurationData>"
#define BOX(type)                                                              \
    "<Machine><Hardware><Firmware type=\"" type "\"/></Hardware></Machine>"
#define HYPERV(sub)                                                            \
    "<System><VirtualSystemSubType>Microsoft:Hyper-V:SubType:" sub             \
    "</VirtualSystemSubType></System>"
    ovf_firmware(ONLY(""), false, false);
    ovf_firmware(
        ONLY("<Config key=\"firmware\" value=\"bios\"/>"), true, false);
    ovf_firmware(
        ONLY("<ExtraConfig key=\"firmware\" value=\"EFI\"/>"), true, true);
    ovf_firmware(OVF(GOOD_FILE, GOOD_DISK, "", BOX("EFI")), true, true);
    ovf_firmware(OVF(GOOD_FILE, GOOD_DISK, "", BOX("EFI64")), true, true);
    ovf_firmware(OVF(GOOD_FILE, GOOD_DISK, "", BOX("BIOS")), true, false);
    ovf_firmware(ONLY(XEN("order=dc;firmware=uefi")), true, true);
    ovf_firmware(ONLY(XEN("order=dc;firmware=bios;")), true, false);
    ovf_firmware(ONLY(XEN("order=dc")), false, false);
    ovf_firmware(ONLY(HYPERV("2")), true, true);
    ovf_firmware(ONLY(HYPERV("1")), true, false);
}

/* --- XVA --- */

#define VALUE(text)        "<value>" text "</value>"
#define STRUCT(members)    VALUE("<struct>" members "</struct>")
#define FIELD(name, value) "<member><name>" name "</name>" value "</member>"
#define TEXT(name, text)   FIELD(name, VALUE(text))
#define ARRAY(values)      VALUE("<array><data>" values "</data></array>")
#define OBJECT(class, id, fields)                                              \
    STRUCT(                                                                    \
        TEXT("class", class) TEXT("id", id) FIELD("snapshot", STRUCT(fields)))
#define XVA(objects) STRUCT(FIELD("objects", ARRAY(objects)))
#define VM(fields)                                                             \
    OBJECT("VM", "0",                                                          \
        TEXT("name_label", "n") TEXT("uuid", "u") TEXT("memory_dynamic_max",   \
            "17592186044416") TEXT("VCPUs_at_startup", "4096") FIELD("VBDs",   \
            ARRAY(VALUE("1"))) FIELD("VIFs", ARRAY(VALUE("5"))) fields)
#define VBD(fields) OBJECT("VBD", "1", TEXT("VDI", "2") fields)
#define VDI         OBJECT("VDI", "2", TEXT("virtual_size", "70368744177664"))
#define VIF                                                                    \
    OBJECT("VIF", "5", TEXT("MAC", "00:16:3e:00:00:09") TEXT("network", "6"))  \
    OBJECT("network", "6", TEXT("bridge", "xenbr3"))

static void
xva_good(const char *text, struct guest *guest)
{
    cleanup_error struct error err = {0};

    if (xva_metadata_read(text, strlen(text), guest, &err) < 0) {
        fprintf(stderr, "%s\n", error_text(&err));
        exit(1);
    }
}

static void
xva_bad(const char *text, int code, const char *message)
{
    cleanup_error struct error err = {0};
    cleanup_guest struct guest guest = {0};

    CHECK(xva_metadata_read(text, strlen(text), &guest, &err) == -1);
    if (err.code != code || !strstr(error_text(&err), message)) {
        fprintf(stderr, "'%s' (%d), not '%s' (%d)\n", error_text(&err),
            err.code, message, code);
        exit(1);
    }
}

TEST(xva_machine)
{
    cleanup_guest struct guest guest = {0};

    xva_good(XVA(OBJECT("VM", "9", TEXT("is_a_snapshot", "1")) OBJECT("VM", "8",
                 TEXT("is_a_template", "true")) VM(TEXT("PV_args", "quiet")
                     TEXT("PV_kernel", "") TEXT("PV_bootloader", "pygrub"))
                     VBD(TEXT("userdevice", "1") TEXT("type", "Disk")
                             TEXT("mode", "RO")) VDI VIF),
        &guest);
    CHECK_STR(guest.name, "n");
    CHECK_STR(guest.uuid, "u");
    CHECK(guest.memory == (uint64_t)1 << 44 && guest.vcpus == 4096);
    CHECK(guest.kind == GUEST_PV && !guest.uefi);
    CHECK_STR(guest.cmdline, "quiet");
    CHECK_STR(guest.bootloader, "pygrub");
    CHECK(!guest.kernel && !guest.ramdisk);
    CHECK(guest.n_disks == 1 && guest.n_nics == 1);
    CHECK_STR(guest.disks[0].member, "2");
    CHECK_STR(guest.disks[0].name, "xvdb");
    CHECK(guest.disks[0].read_only);
    CHECK(guest.disks[0].size == (uint64_t)64 << 40);
    CHECK_STR(guest.nics[0].mac, "00:16:3e:00:00:09");
    CHECK_STR(guest.nics[0].network, "xenbr3");
    CHECK(guest.nics[0].is_bridge);
}

static void
xva_kind(const char *text, enum guest_kind kind, bool uefi)
{
    cleanup_guest struct guest guest = {0};

    xva_good(text, &guest);
    CHECK(guest.kind == kind && guest.uefi == uefi);
    CHECK(guest.n_disks == 0);
    CHECK(!guest.cmdline == (kind == GUEST_HVM));
}

TEST(xva_kinds)
{
#define KIND(fields) XVA(VM(TEXT("PV_args", "x") fields))
    xva_kind(KIND(TEXT("domain_type", "hvm")), GUEST_HVM, false);
    xva_kind(KIND(TEXT("domain_type", "pvh")), GUEST_PVH, false);
    xva_kind(
        KIND(TEXT("domain_type", "pv") TEXT("HVM_boot_policy", "BIOS order")),
        GUEST_PV, false);
    xva_kind(KIND(TEXT("domain_type", "unspecified")
                     TEXT("HVM_boot_policy", "BIOS order")),
        GUEST_HVM, false);
    xva_kind(KIND(TEXT("domain_type", "") TEXT("HVM_boot_policy", "")),
        GUEST_PV, false);
    xva_kind(KIND(TEXT("domain_type", "hvm") FIELD(
                 "HVM_boot_params", STRUCT(TEXT("firmware", "uefi")))),
        GUEST_HVM, true);
}

TEST(xva_disks)
{
    cleanup_guest struct guest guest = {0};

    xva_good(XVA(VM("") VBD(TEXT("device", "xvdz") TEXT("userdevice", "1")
                     TEXT("mode", "RW")) VDI),
        &guest);
    CHECK_STR(guest.disks[0].name, "xvdz");
    CHECK(!guest.disks[0].read_only);
    guest_clear(&guest);
    xva_good(XVA(VM(FIELD("platform", STRUCT(TEXT("cores-per-socket", "2")
                                              TEXT("secureboot", "true"))))
                     VBD(TEXT("type", "CD"))),
        &guest);
    CHECK(guest.n_disks == 0);
    CHECK(guest.cd_drives == 1);
    CHECK(guest.cores == 2);
    CHECK(guest.notes && strstr(guest.notes[0], "Secure Boot"));
    guest_clear(&guest);
    xva_good(XVA(VM("") VBD(TEXT("empty", "1"))), &guest);
    CHECK(guest.n_disks == 0);
    guest_clear(&guest);
    xva_bad(
        XVA(VM("") VBD(TEXT("userdevice", "1"))), EINVAL, "not in the archive");
    xva_bad(XVA(VM("") VBD("") VDI), EINVAL, "no device name or position");
    xva_bad(XVA(VM("") OBJECT("VBD", "1", TEXT("VDI", "a/b"))
                    OBJECT("VDI", "a/b", TEXT("virtual_size", "1"))),
        EINVAL, "a bad name");
    xva_bad(XVA(VM("") VBD(TEXT("userdevice", "1"))
                    OBJECT("VDI", "2", TEXT("virtual_size", "70368744177665"))),
        EINVAL, "virtual_size");
    xva_bad(XVA(VM("") VBD(TEXT("userdevice", "1")) OBJECT("VDI", "2", "")),
        EINVAL, "virtual_size is ''");
}

TEST(xva_refused)
{
#define BARE(memory, vcpus)                                                    \
    XVA(OBJECT("VM", "0",                                                      \
        TEXT("memory_dynamic_max", memory) TEXT("VCPUs_at_startup", vcpus)))
    xva_bad(BARE("17592186044417", "1"), EINVAL, "memory_dynamic_max");
    xva_bad(BARE("1x", "1"), EINVAL, "memory_dynamic_max is '1x'");
    xva_bad(BARE("-1", "1"), EINVAL, "memory_dynamic_max is '-1'");
    xva_bad(BARE("99999999999999999999", "1"), EINVAL, "memory_dynamic_max");
    xva_bad(BARE("1", "4097"), EINVAL, "VCPUs_at_startup");
    xva_bad(XVA(VM("") VM("")), ENOTSUP, "more than one machine");
    xva_bad(XVA(VDI), EINVAL, "does not hold a machine");
    xva_bad(XVA(VM(TEXT("is_a_snapshot", "true"))), EINVAL, "a machine");
    xva_bad("<value>", EINVAL, "ova.xml");
}

/* --- VHD --- */

enum {
    BLOCK = 8192,
    PER_BLOCK = BLOCK / VHD_SECTOR,
    BLOCKS = 3,
    TABLE_AT = 512 + 1024,
    BATMAP_AT = TABLE_AT + 512,
    FIRST_BLOCK = 6, /* sectors */
    VHD_SIZE = (FIRST_BLOCK + 2 * (1 + PER_BLOCK)) * 512 + 512,
};

static void
sum(uint8_t *p, size_t n, size_t field)
{
    uint32_t total = 0;

    for (size_t i = 0; i < n; i++)
        if (i < field || i >= field + 4)
            total += p[i];
    put_be32(p + field, ~total);
}

static void
seal(uint8_t *p)
{
    sum(p + 512, 1024, 36);
    sum(p, 512, 64);
    memcpy(p + VHD_SIZE - 512, p, 512);
}

/* Block 0 has its sectors 1 and 2, block 1 none, block 2 has no place. */
static void
make_vhd(uint8_t *p, uint32_t kind)
{
    memset(p, 0, VHD_SIZE);
    memcpy(p, "conectix", 8);
    put_be64(p + 16, 512);
    put_be64(p + 48, BLOCKS * BLOCK - 512);
    put_be32(p + 60, kind);
    memset(p + 68, 'i', 16);
    memcpy(p + 512, "cxsparse", 8);
    put_be64(p + 512 + 16, TABLE_AT);
    put_be32(p + 512 + 28, BLOCKS);
    put_be32(p + 512 + 32, BLOCK);
    memset(p + 512 + 40, 'p', 16);
    for (int i = 0; i < 8; i++)
        p[512 + 64 + 2 * i + 1] = (uint8_t) "d/a\\ab.c"[i];
    put_be32(p + TABLE_AT, FIRST_BLOCK);
    put_be32(p + TABLE_AT + 4, FIRST_BLOCK + 1 + PER_BLOCK);
    put_be32(p + TABLE_AT + 8, UINT32_MAX);
    p[FIRST_BLOCK * 512] = 0x60;
    seal(p);
}

static int
open_vhd(const uint8_t *p, size_t n, struct vhd_image *v, struct error *err)
{
    cleanup_close int fd = memfd_create("vhd", MFD_CLOEXEC);
    char name[64];

    CHECK(fd >= 0 && write_all(fd, p, n) == 0);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    return vhd_open(AT_FDCWD, name, v, err);
}

static void
place(struct vhd_image *v, uint64_t sector, uint64_t asked, uint64_t n,
    enum vhd_place where, uint64_t offset)
{
    cleanup_error struct error err = {0};
    enum vhd_place got;
    uint64_t at;

    CHECK(vhd_find(v, sector, &asked, &got, &at, &err) == 0);
    if (asked != n || got != where || (where == VHD_HERE && at != offset)) {
        fprintf(stderr, "sector %d: %d at place %d, %d\n", (int)sector,
            (int)asked, got, (int)at);
        exit(1);
    }
}

TEST(vhd_places)
{
    static uint8_t p[VHD_SIZE];
    cleanup_error struct error err = {0};
    struct vhd_image v;
    const uint64_t data = (FIRST_BLOCK + 1) * 512;

    make_vhd(p, VHD_DYNAMIC);
    CHECK(open_vhd(p, sizeof p, &v, &err) == 0);
    CHECK(v.kind == VHD_DYNAMIC && v.size == BLOCKS * BLOCK - 512);
    CHECK(v.id[0] == 'i' && v.id[15] == 'i' && !v.parent);
    place(&v, 0, 100, 1, VHD_ZERO, 0);
    place(&v, 1, 100, 2, VHD_HERE, data + 512);
    place(&v, 2, 100, 1, VHD_HERE, data + 1024);
    place(&v, 1, 1, 1, VHD_HERE, data + 512);
    place(&v, 3, 100, PER_BLOCK - 3, VHD_ZERO, 0);
    place(&v, PER_BLOCK, 5, 5, VHD_ZERO, 0);
    place(&v, 1, 100, 2, VHD_HERE, data + 512);
    place(&v, 2 * PER_BLOCK + 1, 100, PER_BLOCK - 2, VHD_ZERO, 0);
    place(&v, 3 * PER_BLOCK - 1, 7, 7, VHD_ZERO, 0);
    vhd_close(&v);

    make_vhd(p, VHD_DIFFERENCING);
    CHECK(open_vhd(p, sizeof p, &v, &err) == 0);
    CHECK_STR(v.parent, "ab.c");
    CHECK(v.parent_id[0] == 'p' && v.parent_id[15] == 'p');
    place(&v, 0, 100, 1, VHD_PARENT, 0);
    place(&v, 2 * PER_BLOCK, 3, 3, VHD_PARENT, 0);
    place(&v, 3 * PER_BLOCK - 1, 7, 7, VHD_ZERO, 0);
    vhd_close(&v);

    make_vhd(p, VHD_FIXED);
    put_be64(p + 48, VHD_SIZE - 512);
    seal(p);
    CHECK(open_vhd(p, sizeof p, &v, &err) == 0);
    place(&v, 7, 1000, VHD_SIZE / 512 - 8, VHD_HERE, 7 * 512);
    vhd_close(&v);
}

/* The footer's copy counts if the last sector is lost. */
TEST(vhd_footer_lost)
{
    static uint8_t p[VHD_SIZE];
    cleanup_error struct error err = {0};
    struct vhd_image v;

    make_vhd(p, VHD_DYNAMIC);
    CHECK(open_vhd(p, sizeof p - 512, &v, &err) == 0);
    vhd_close(&v);
    p[0] = 0;
    CHECK(open_vhd(p, sizeof p - 512, &v, &err) < 0);
    CHECK(strstr(error_text(&err), "no footer"));
}

/* A full block needs no bitmap. */
TEST(vhd_batmap)
{
    static uint8_t p[VHD_SIZE];
    cleanup_error struct error err = {0};
    struct vhd_image v;

    make_vhd(p, VHD_DYNAMIC);
    memcpy(p + BATMAP_AT, "tdbatmap", 8);
    put_be64(p + BATMAP_AT + 8, BATMAP_AT + 512);
    put_be32(p + BATMAP_AT + 16, 1);
    p[BATMAP_AT + 512] = 0x40; /* block 1 */
    CHECK(open_vhd(p, sizeof p, &v, &err) == 0);
    place(&v, 0, 100, 1, VHD_ZERO, 0);
    place(&v, PER_BLOCK + 1, 100, PER_BLOCK - 1, VHD_HERE,
        (FIRST_BLOCK + 1 + PER_BLOCK + 1 + 1) * 512);
    vhd_close(&v);
    put_be32(p + BATMAP_AT + 16, 0);
    CHECK(open_vhd(p, sizeof p, &v, &err) < 0);
    CHECK(strstr(error_text(&err), "map of full blocks is too short"));
}

struct fault {
    size_t offset;
    uint64_t value;
    int width;
    uint32_t kind;
    const char *message;
};

TEST(vhd_faults)
{
    static uint8_t p[VHD_SIZE];
    static const struct fault faults[] = {
        {60, 1, 4, VHD_DYNAMIC, "unknown VHD type 1"},
        {60, 5, 4, VHD_DYNAMIC, "unknown VHD type 5"},
        {48, 0, 8, VHD_DYNAMIC, "the size of the disk"},
        {48, 513, 8, VHD_DYNAMIC, "the size of the disk"},
        {48, ((uint64_t)64 << 40) + 512, 8, VHD_DYNAMIC, "size of the disk"},
        {48, (uint64_t)64 << 40, 8, VHD_DYNAMIC, "the number of its blocks"},
        {48, BLOCKS * BLOCK + 512, 8, VHD_DYNAMIC, "the number of its blocks"},
        {48, VHD_SIZE, 8, VHD_FIXED, "shorter than its disk"},
        {16, VHD_SIZE, 8, VHD_DYNAMIC, "the header"},
        {16, UINT64_MAX, 8, VHD_DYNAMIC, "the header"},
        {512, 0, 8, VHD_DYNAMIC, "the header"},
        {512 + 28, (1 << 24) + 1, 4, VHD_DYNAMIC, "the number of its blocks"},
        {512 + 28, BLOCKS - 1, 4, VHD_DYNAMIC, "the number of its blocks"},
        {512 + 32, 2048, 4, VHD_DYNAMIC, "the size of its blocks"},
        {512 + 32, BLOCK + 512, 4, VHD_DYNAMIC, "the size of its blocks"},
        {512 + 32, 128 << 20, 4, VHD_DYNAMIC, "the size of its blocks"},
        {512 + 16, VHD_SIZE - 4, 8, VHD_DYNAMIC, "the table of blocks"},
        {512 + 64, 0, 2, VHD_DIFFERENCING, "the name of the parent"},
        {512 + 64, 0x7f, 2, VHD_DIFFERENCING, "not ASCII"},
        {512 + 64, 0x1f, 2, VHD_DIFFERENCING, "not ASCII"},
        {512 + 64, 0x100 + 'a', 2, VHD_DIFFERENCING, "not ASCII"},
        {512 + 64 + 14, '\\', 2, VHD_DIFFERENCING, "the name of the parent"},
    };

    for (size_t i = 0; i < N_ELEMENTS(faults); i++) {
        const struct fault *f = &faults[i];
        cleanup_error struct error err = {0};
        struct vhd_image v;

        make_vhd(p, f->kind);
        for (int k = 0; k < f->width; k++)
            p[f->offset + (size_t)k] =
                (uint8_t)(f->value >> 8 * (f->width - 1 - k));
        seal(p);
        CHECK(open_vhd(p, sizeof p, &v, &err) == -1);
        if (err.code == 0 || !strstr(error_text(&err), f->message)) {
            fprintf(stderr, "'%s', not '%s'\n", error_text(&err), f->message);
            exit(1);
        }
    }
}

/* Every byte of the sums counts. */
TEST(vhd_sums)
{
    static uint8_t p[VHD_SIZE];
    static const size_t offsets[] = {9, 64, 67, 511, 512 + 9, 512 + 39};

    for (size_t i = 0; i < N_ELEMENTS(offsets); i++) {
        cleanup_error struct error err = {0};
        struct vhd_image v;

        make_vhd(p, VHD_DYNAMIC);
        p[offsets[i]] ^= 1;
        memcpy(p + VHD_SIZE - 512, p, 512);
        CHECK(open_vhd(p, sizeof p, &v, &err) == -1);
    }
}

TEST(vhd_short)
{
    static uint8_t p[VHD_SIZE];
    cleanup_error struct error err = {0};
    struct vhd_image v;

    make_vhd(p, VHD_DYNAMIC);
    CHECK(open_vhd(p, 511, &v, &err) == -1);
    CHECK(strstr(error_text(&err), "too short"));
    CHECK(vhd_open(AT_FDCWD, "/dev/null", &v, &err) == -1);
    CHECK(strstr(error_text(&err), "not a file"));
    CHECK(vhd_open(AT_FDCWD, "/nothing", &v, &err) == -1);
    CHECK(err.code == ENOENT);
}
