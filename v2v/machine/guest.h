/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What we know about the machine to convert, whatever its source.  A field that
 * the source lacks stays NULL or 0 until guest_complete fills it in and adds a
 * note: no value is invented silently. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct disk_reader;

enum { GUEST_DISKS_MAX = 64, GUEST_NICS_MAX = 32 };

enum guest_kind {
    GUEST_UNKNOWN, /* not said: any kind of machine */
    GUEST_PV,      /* Xen, with a kernel that supports it */
    GUEST_PVH,
    GUEST_HVM, /* a whole machine, under Xen or another hypervisor */
};

struct guest_disk {
    char *path;   /* file or block device */
    char *format; /* NULL: detect it from the header */
    char *name;   /* the guest's name: xvda, xvda2, hda; NULL: unknown */
    const struct disk_reader *reader; /* NULL: QEMU reads it */
    char *member;                     /* for an archive: which disk in it */
    uint64_t size;                    /* as the source says; 0: unknown */
    char *digests; /* for our own copy: the file with its digests; else NULL */
    char *sum;     /* the sum its file must have, "sha256:HEX"; or NULL */
    bool read_only;
    bool gzipped; /* the member itself is gzipped */
    /* Where the member lies unchanged in the file; size 0: it has to be
     * unpacked. */
    uint64_t part_start, part_size;
    bool removable; /* a CD or a floppy: nothing to convert */
};

struct guest_nic {
    char *mac;     /* NULL: unknown */
    char *network; /* bridge or network on the host; NULL: the default one */
    bool is_bridge;
    bool is_network_foreign; /* it only has a meaning for the old hypervisor */
    /* The static address to set; NULL: none requested. */
    char *address, *gateway;
    unsigned prefix; /* prefix length of its network */
    char **name_servers;
    /* What the old machine says about its place, see nic_place.h. */
    char **names;   /* what the guest may have called it */
    char *pci;      /* "0000:0b:00.0"; NULL: unknown */
    unsigned order; /* cards are counted in this order */
    bool has_order;
    bool is_place_sure;  /* the first name is what systemd gave it */
    bool is_mac_made_up; /* the source had no address */
};

struct guest {
    char *name;
    char *uuid;
    uint64_t memory; /* bytes */
    unsigned vcpus;
    unsigned cores;   /* in a socket; 0: not said */
    unsigned threads; /* in a core; 0 is 1 */
    enum guest_kind kind;
    bool uefi;
    bool firmware_said;     /* the source says which, as above */
    bool local_time;        /* the guest keeps the hardware clock in local
                             * time */
    char *kernel, *ramdisk; /* on the host, for kernels outside the guest */
    char *cmdline;          /* the options of that kernel */
    char *bootloader;       /* the program that reads the kernel from the
                             * guest */
    struct guest_disk *disks;
    size_t n_disks;
    struct guest_nic *nics;
    size_t n_nics;
    /* Drives stay; what is in them does not. */
    unsigned cd_drives, floppy_drives;
    char *sound;  /* libvirt's model of the sound card; NULL: none */
    char **notes; /* what was assumed or left out, for the user */
};

const char *guest_kind_name(enum guest_kind kind);

/* Room for one more; NULL with an error if there are too many. */
struct guest_disk *guest_add_disk(struct guest *guest, struct error *err);
struct guest_nic *guest_add_nic(struct guest *guest, struct error *err);

void nic_clear(struct guest_nic *nic);

/* A sound card, by a name that libvirt may know; a note, if it does not. */
int guest_set_sound(struct guest *guest, const char *model, struct error *err);

/* Add a note; it is escaped when printed. */
int guest_note(struct guest *guest, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The sockets that the processors are in; 0 if that is not said, or is no whole
 * number. */
unsigned guest_sockets(const struct guest *guest);

/* The machine has Secure Boot on. */
int guest_note_secure_boot(struct guest *guest, struct error *err);

/* The machine has a virtual TPM, which stays behind. */
int guest_note_tpm(struct guest *guest, struct error *err);

/* A name that is safe as part of a file name. */
bool guest_name_is_safe(const char *name);

/* Fill in what the source lacks, with a note for each value. */
int guest_complete(struct guest *guest, struct error *err);

void guest_clear(struct guest *guest);
#define cleanup_guest __attribute__((cleanup(guest_clear)))
