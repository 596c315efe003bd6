/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside facts/: what every section uses. */
#pragma once
#include <mayfly-types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "appliance/agent/call/memory.h"

struct call;
struct mounted_guest;

enum {
    FACTS_TEXT = 12 << 20, /* bytes on the wire, of one system */
    FACTS_MAX = 262144,
    FACT_FILE_MAX = 16 << 20, /* bytes of a file that is read */
    FACT_FILES_MAX = 4096,    /* files of a folder */
};

struct facts {
    struct call *c;
    int root;
    struct mounted_guest *guest; /* NULL in tests */
    const struct mayfly_inspection_root *system;
    const char *section;
    struct list rows;   /* struct mayfly_inspection_fact */
    struct list *notes; /* struct mayfly_inspection_note */
    size_t size;
    bool full;
};

struct fact_row {
    struct facts *f;
    struct list values; /* struct mayfly_inspection_value */
    uint32_t at;
    bool dropped;
};

/* Start a row of the current section.  Values are added until the next one is
 * started; with too many rows it is dropped, which is noted once. */
struct fact_row fact_add(
    struct facts *f, const char *subject, const char *path, unsigned line);
/* Nothing for NULL or "". */
void fact_text(struct fact_row *r, const char *name, const char *value);
void fact_number(struct fact_row *r, const char *name, uint64_t value);
void fact_flag(struct fact_row *r, const char *name, bool value);
/* One value for each word of TEXT. */
void fact_words(struct fact_row *r, const char *name, const char *text,
    const char *separators);

/* A note about PATH or a device. */
void fact_note(struct facts *f, const char *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The text of a file, to be cut up; NULL: there is none, or it cannot be read,
 * which is noted. */
char *fact_file(struct facts *f, const char *path);

/* The names in a folder, sorted; without "." and those that editors and package
 * managers leave.  A const char **, ended by NULL. */
char **fact_folder(struct facts *f, const char *path);

bool fact_exists(struct facts *f, const char *path);
bool ends_with_text(const char *text, const char *end);
/* Cut blanks off both ends. */
char *fact_trim(char *text);
/* The next word of *REST, cut off; NULL at the end. */
char *fact_word(char **rest, const char *separators);

/* An ini-like file: calls VISIT for each KEY=VALUE of a [SECTION]. */
typedef void (*fact_ini_visit)(
    void *opaque, const char *section, char *key, char *value, unsigned line);
void fact_ini(char *text, fact_ini_visit visit, void *opaque);

/* --- sections --- */

void facts_system(struct facts *f);
void facts_users(struct facts *f);
void facts_groups(struct facts *f);
void facts_ssh_keys(struct facts *f);
void facts_sshd(struct facts *f);
void facts_sudo(struct facts *f);
void facts_services(struct facts *f);
void facts_network(struct facts *f);
void facts_mounts(struct facts *f);
void facts_filesystems(struct facts *f);
void facts_kernels(struct facts *f);
void facts_initramfs(struct facts *f);
void facts_boot_entries(struct facts *f);
void facts_boot(struct facts *f);
void facts_security(struct facts *f);
void facts_cloud_init(struct facts *f);
void facts_agents(struct facts *f);
void facts_domain(struct facts *f);

/* Parts of services. */
void facts_services_old(struct facts *f);
/* Part of network: YAML. */
void facts_network_netplan(struct facts *f);
