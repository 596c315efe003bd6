/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The architecture of a program: from the header of an ELF (elf(5)) or PE
 * file, or from the programs in an initramfs. */
#include <config.h>

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/system.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum {
    HEAD = 4096,       /* bytes of a file that are looked at */
    SEGMENTS_MAX = 16, /* archives in a row in an initramfs */
    ENTRIES_MAX = 100000,
};

static const struct {
    uint16_t machine;
    const char *name;
} machines[] = {
    {EM_386, "i386"},
    {6 /* 486, never used */, "i386"},
    {EM_X86_64, "x86_64"},
    {EM_SPARC, "sparc"},
    {EM_SPARC32PLUS, "sparc"},
    {EM_SPARCV9, "sparc64"},
    {EM_IA_64, "ia64"},
    {EM_PPC, "ppc"},
    {EM_ARM, "arm"},
    {EM_AARCH64, "aarch64"},
    {EM_MIPS, "mips"},
    {EM_ALPHA, "alpha"},
    {EM_PARISC, "hppa"},
    {EM_68K, "m68k"},
    {EM_SH, "sh"},
};

static char *
elf_arch(struct call *c, const unsigned char *p)
{
    /* e_machine lies at one place in both sizes of header. */
    bool big = p[EI_DATA] == ELFDATA2MSB, wide = p[EI_CLASS] == ELFCLASS64;
    uint16_t machine;

    memcpy(&machine, p + offsetof(Elf64_Ehdr, e_machine), 2);
    machine = big ? be16toh(machine) : le16toh(machine);
    for (size_t i = 0; i < N_ELEMENTS(machines); i++) {
        if (machines[i].machine == machine)
            return call_strdup(c, machines[i].name);
    }
    switch (machine) {
    case EM_PPC64:
        return call_strdup(c, big ? "ppc64" : "ppc64le");
    case EM_S390:
        return call_strdup(c, wide ? "s390x" : "s390");
    case EM_RISCV:
        return call_strdup(c, wide ? "riscv64" : "riscv32");
    case 258 /* LoongArch */:
        return call_strdup(c, wide ? "loongarch64" : "loongarch32");
    default:
        return call_printf(c, "elf%u", machine);
    }
}

static char *
pe_arch(struct call *c, const unsigned char *p, size_t n)
{
    uint32_t at;
    uint16_t machine;

    if (n < 64)
        return NULL;
    memcpy(&at, p + 0x3c, 4);
    at = le32toh(at);
    if (at > n || n - at < 6 || memcmp(p + at, "PE\0\0", 4) != 0)
        return NULL;
    memcpy(&machine, p + at + 4, 2);
    switch (le16toh(machine)) {
    case 0x014c:
        return call_strdup(c, "i386");
    case 0x8664:
        return call_strdup(c, "x86_64");
    case 0xaa64:
        return call_strdup(c, "aarch64");
    case 0x01c4:
        return call_strdup(c, "arm");
    }
    return NULL;
}

static char *
arch_of_bytes(struct call *c, const unsigned char *p, size_t n)
{
    if (n >= sizeof(Elf32_Ehdr) && memcmp(p, ELFMAG, SELFMAG) == 0)
        return elf_arch(c, p);
    if (n >= 2 && p[0] == 'M' && p[1] == 'Z')
        return pe_arch(c, p, n);
    return NULL;
}

/* --- an initramfs: cpio archives one after the other --- */

static bool
is_basic_program(const char *path)
{
    static const char *const names[] = {"bin/ls", "bin/rm", "bin/modprobe",
        "sbin/modprobe", "bin/kmod", "bin/busybox", "bin/sh", "bin/bash",
        "bin/dash", "bin/nash", "sbin/init", "lib/systemd/systemd", NULL};
    const char *rest;

    while ((rest = str_after(path, "./")) || (rest = str_after(path, "/")) ||
           (rest = str_after(path, "usr/")))
        path = rest;
    for (size_t i = 0; names[i]; i++) {
        if (str_equal(path, names[i]))
            return true;
    }
    return false;
}

static void
free_archive(void *opaque)
{
    archive_read_free(opaque);
}

/* The archive at OFFSET; *ret_end is where it ends. */
static char *
arch_of_archive(struct call *c, int fd, off_t offset, off_t *ret_end)
{
    unsigned char head[HEAD];
    struct archive_entry *entry;
    struct archive *a = archive_read_new();

    if (!a)
        return NULL;
    call_defer(c, free_archive, a);
    archive_read_support_filter_all(a);
    archive_read_support_format_cpio(a);
    if (lseek(fd, offset, SEEK_SET) < 0 ||
        archive_read_open_fd(a, fd, 65536) != ARCHIVE_OK)
        return NULL;
    for (int n = 0; n < ENTRIES_MAX; n++) {
        if (call_cancelled(c))
            return NULL;
        int r = archive_read_next_header(a, &entry);
        if (r == ARCHIVE_EOF)
            *ret_end = offset + (off_t)archive_filter_bytes(a, -1);
        if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
            break;
        const char *path = archive_entry_pathname(entry);
        if (!path || !is_basic_program(path) ||
            archive_entry_filetype(entry) != AE_IFREG)
            continue;
        la_ssize_t size = archive_read_data(a, head, sizeof head);
        char *arch = size > 0 ? arch_of_bytes(c, head, (size_t)size) : NULL;
        if (arch)
            return arch;
    }
    return NULL;
}

/* Segments are separated by zeros. */
static off_t
skip_zeros(int fd, off_t at)
{
    unsigned char block[HEAD];

    for (;;) {
        ssize_t n = pread(fd, block, sizeof block, at);
        if (n <= 0)
            return -1;
        for (ssize_t i = 0; i < n; i++) {
            if (block[i])
                return at + i;
        }
        at += n;
    }
}

static char *
arch_of_initramfs(struct call *c, int fd)
{
    off_t at = 0;

    for (int i = 0; i < SEGMENTS_MAX; i++) {
        off_t end = -1;
        char *arch = arch_of_archive(c, fd, at, &end);
        if (arch || end <= at)
            return arch;
        at = skip_zeros(fd, end);
        if (at < 0)
            break;
    }
    return NULL;
}

/* Of one file, compressed in any way that libarchive undoes. */
static char *
arch_of_compressed(struct call *c, int fd)
{
    unsigned char head[HEAD];
    struct archive_entry *entry;
    struct archive *a = archive_read_new();

    if (!a)
        return NULL;
    call_defer(c, free_archive, a);
    archive_read_support_filter_all(a);
    archive_read_support_format_raw(a);
    if (lseek(fd, 0, SEEK_SET) < 0 ||
        archive_read_open_fd(a, fd, 65536) != ARCHIVE_OK ||
        archive_read_next_header(a, &entry) != ARCHIVE_OK)
        return NULL;
    la_ssize_t size = archive_read_data(a, head, sizeof head);
    return size > 0 ? arch_of_bytes(c, head, (size_t)size) : NULL;
}

char *
arch_of_file(
    struct call *c, int root, const char *path, const char **ret_reason)
{
    unsigned char head[HEAD];
    struct stat st;
    int fd = tree_open(root, path, O_RDONLY | O_NONBLOCK);

    if (fd < 0) {
        *ret_reason = strerror(errno);
        return NULL;
    }
    call_defer_close(c, fd);
    ssize_t n = -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        n = pread(fd, head, sizeof head, 0);
    if (n < 0) {
        *ret_reason = "not a regular file";
        return NULL;
    }
    char *arch = arch_of_bytes(c, head, (size_t)n);
    if (!arch)
        arch = arch_of_compressed(c, fd);
    if (!arch)
        arch = arch_of_initramfs(c, fd);
    *ret_reason = "unknown architecture";
    return arch;
}

/* The start of a file; it is closed again. */
static ssize_t
read_head(int root, const char *path, unsigned char head[HEAD])
{
    cleanup_close int fd = tree_open(root, path, O_RDONLY | O_NONBLOCK);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return -1;
    return pread(fd, head, HEAD, 0);
}

char *
arch_read(struct call *c, int root)
{
    static const char *const programs[] = {
        "/bin/bash", "/bin/ls", "/bin/echo", "/bin/rm", "/bin/sh"};
    unsigned char head[HEAD];

    for (size_t i = 0; i < N_ELEMENTS(programs); i++) {
        ssize_t n = read_head(root, programs[i], head);
        char *arch = n > 0 ? arch_of_bytes(c, head, (size_t)n) : NULL;
        if (arch)
            return arch;
    }
    return call_strdup(c, "");
}
