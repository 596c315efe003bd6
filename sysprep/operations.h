/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of sysprep/: what an operation is and what it works with. */
#pragma once
#include "customize/operations.h"
#include "sysprep/selection.h"

/* The state of the operations on one guest. */
struct work {
    struct job job;
    const struct sysprep_settings *settings;
    const char *name; /* of the running operation */
    bool list;        /* say each change, not only how many there were */
    size_t n_removed, n_changed, n_made; /* by the running operation */
    bool update_store;     /* certificates of the system's store were removed */
    char **homes;          /* of all users; NULL: not read yet */
    const char *mounts;    /* --mount-options */
    char *own, **led_away; /* folders that where.c knows */
};

/* Where an operation applies. */
enum systems { ON_ANY, ON_UNIX, ON_LINUX, ON_RED_HAT, ON_RHEL, ON_RPM, ON_YUM };

struct sysprep_operation {
    const char *name;
    bool usual; /* done unless others are chosen */
    enum systems systems;
    const char *help;
    bool only_files; /* leave the folders that the patterns match */
    const char *const *patterns, *const *except; /* to remove; or NULL */
    /* What else it does, with the file systems mounted; without them. */
    int (*run)(struct work *w, struct error *err);
    int (*run_unmounted)(struct work *w, struct error *err);
};

/* All of them, by name. */
extern const struct sysprep_operation sysprep_operations[];
extern const size_t n_sysprep_operations;

extern const char *const log_patterns[];

/* Note a change and, if they are to be listed, say it. */
enum change { REMOVED, CHANGED, MADE };
void work_note(struct work *w, enum change what, const char *path);

/* remove.c: what the patterns match, but for EXCEPT; the files below FOLDER,
 * of which those named SPARED stay; one path.  None follows a link out of the
 * folder that it names. */
int remove_matches(struct work *w, const char *const *patterns,
    const char *const *except, bool only_files, struct error *err);
int remove_files_below(
    struct work *w, const char *folder, const char *spared, struct error *err);
int remove_path(struct work *w, const char *path, struct error *err);
/* The paths that PATTERN matches; to be freed as one. */
char **work_glob(struct work *w, const char *pattern, struct error *err);
/* Replace the text of a file, which keeps its owner, mode and attributes. */
int change_file(struct work *w, const char *path, const char *old,
    const char *text, struct error *err);
/* The same, of which nothing of the old text is in the new: what a link leads
 * to must be EXPECTED, else it stays and is reported. */
int replace_file(struct work *w, const char *path, const char *old,
    const char *text, bool expected, struct error *err);

/* files.c */
int run_backup_files(struct work *w, struct error *err);
int run_cron_spool(struct work *w, struct error *err);
int run_package_manager_cache(struct work *w, struct error *err);
int run_pacct_log(struct work *w, struct error *err);
int run_tmp_files(struct work *w, struct error *err);
int run_flag_reconfiguration(struct work *w, struct error *err);

/* homes.c */
int run_bash_history(struct work *w, struct error *err);
int run_shell_history(struct work *w, struct error *err);
int run_ssh_userdir(struct work *w, struct error *err);
int run_zsh_history(struct work *w, struct error *err);

/* certificates.c */
int run_ca_certificates(struct work *w, struct error *err);
int run_ipa_client(struct work *w, struct error *err);
int update_store(struct work *w, struct error *err);

/* accounts.c */
int run_user_account(struct work *w, struct error *err);

/* identity.c */
int run_machine_id(struct work *w, struct error *err);
int run_snapd(struct work *w, struct error *err);
int run_storage_ids(struct work *w, struct error *err);
int run_systemd_credentials(struct work *w, struct error *err);

/* network.c */
int run_net_hostname(struct work *w, struct error *err);
int run_net_hwaddr(struct work *w, struct error *err);
int run_net_mac(struct work *w, struct error *err);

/* devices.c */
int run_fs_uuids(struct work *w, struct error *err);
int run_lvm_uuids(struct work *w, struct error *err);

/* script.c */
int run_script(struct work *w, struct error *err);
