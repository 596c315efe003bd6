/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of customize/: what an operation is and what it works with. */
#pragma once
#include "customize/customize.h"

/* The state of one customize_run. */
struct job {
    struct mayfly *g;
    const struct customize *customize;
    const struct mayfly_inspection_root *root;
    const struct sayer *sayer;
    const char *log; /* in the guest; the output of commands goes there */
    int n_firstboot; /* scripts installed so far */
    bool log_used;
};

enum operation_flags {
    OPERATION_PAIR = 1 << 0,    /* the value is A:B */
    OPERATION_NETWORK = 1 << 1, /* may need the network */
    OPERATION_LAST = 1 << 2,    /* done after all the others */
    OPERATION_SECRET = 1 << 3,  /* the value must not be shown */
};

struct operation {
    const char *name;
    const char *value; /* for --help; NULL: takes none */
    const char *help;
    unsigned flags;
    /* Is the value valid?  NULL: any is.  Does not touch the guest. */
    int (*check)(const struct step *step, struct error *err);
    int (*run)(struct job *job, const struct step *step, struct error *err);
};

/* The last error of the handle as a struct error; always -1. */
int job_fail(struct job *job, struct error *err);

/* "Setting the hostname: x", formatted. */
void job_say(struct job *job, bool password, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The text of a file in the guest, followed by a NUL; the caller frees it. */
char *job_read(
    struct job *job, const char *path, size_t *ret_size, struct error *err);
int job_write(
    struct job *job, const char *path, const char *text, struct error *err);
int job_write_bytes(struct job *job, const char *path, const char *data,
    size_t size, struct error *err);

/* Questions whose errors mean no. */
bool job_is_file(struct job *job, const char *path);
bool job_is_dir(struct job *job, const char *path);
bool job_exists(struct job *job, const char *path);

/* Is the guest one of these distributions, or derived from one?  NULL ends the
 * list. */
bool job_is_distro(const struct job *job, const char *const *names);

/* Checks that several operations use. */
int check_guest_path(const char *path, struct error *err);
int check_host_file(const char *path, struct error *err);

/* Run COMMAND in the guest's shell; its output goes to the log. */
int job_shell(struct job *job, const char *command, struct error *err);

/* Passwords are set together at the end, see accounts.c. */
int passwords_apply(struct job *job, struct error *err);
int password_check(const char *selector, struct error *err);

/* Before all steps and after them, see identity.c. */
int identity_fresh(struct job *job, struct error *err);
int selinux_relabel(struct job *job, struct error *err);

/* files.c */
int check_path(const struct step *step, struct error *err);
int check_chmod(const struct step *step, struct error *err);
int check_chown(const struct step *step, struct error *err);
int check_pair(const struct step *step, struct error *err);
int check_upload(const struct step *step, struct error *err);
int check_copy_in(const struct step *step, struct error *err);
int check_append_line(const struct step *step, struct error *err);
int check_link(const struct step *step, struct error *err);
int run_append_line(struct job *, const struct step *, struct error *);
int run_chmod(struct job *, const struct step *, struct error *);
int run_chown(struct job *, const struct step *, struct error *);
int run_copy(struct job *, const struct step *, struct error *);
int run_copy_in(struct job *, const struct step *, struct error *);
int run_delete(struct job *, const struct step *, struct error *);
int run_edit(struct job *, const struct step *, struct error *);
int run_link(struct job *, const struct step *, struct error *);
int run_mkdir(struct job *, const struct step *, struct error *);
int run_move(struct job *, const struct step *, struct error *);
int run_scrub(struct job *, const struct step *, struct error *);
int run_tar_in(struct job *, const struct step *, struct error *);
int run_touch(struct job *, const struct step *, struct error *);
int run_truncate(struct job *, const struct step *, struct error *);
int run_truncate_recursive(struct job *, const struct step *, struct error *);
int run_upload(struct job *, const struct step *, struct error *);
int run_write(struct job *, const struct step *, struct error *);

/* accounts.c */
int check_password(const struct step *step, struct error *err);
int check_root_password(const struct step *step, struct error *err);

/* ssh.c */
int check_ssh_inject(const struct step *step, struct error *err);
int run_ssh_inject(struct job *, const struct step *, struct error *);

/* A line of passwd(5). */
struct account {
    const char *name;
    int uid, gid;
    char *home, *shell;
};

/* Warn if the guest's sshd does not let A in by a key of FILE in FOLDER, see
 * sshd.c. */
int sshd_check(struct job *job, const struct account *a, const char *folder,
    const char *file, struct error *err);

/* Warn about what else keeps it out, see login.c: what is wrong with the
 * account; that it is locked; that others can write to its files. */
int login_check_account(
    struct job *job, const struct account *a, struct error *err);
int login_check_lock(struct job *job, const char *user, struct error *err);
int login_check_modes(struct job *job, const struct account *a,
    const char *folder, const char *file, struct error *err);

/* identity.c */
int check_hostname(const struct step *step, struct error *err);
int check_timezone(const struct step *step, struct error *err);
int run_hostname(struct job *, const struct step *, struct error *);
int run_timezone(struct job *, const struct step *, struct error *);

/* commands.c */
int check_script(const struct step *step, struct error *err);
int run_run(struct job *, const struct step *, struct error *);
int run_run_command(struct job *, const struct step *, struct error *);

/* packages.c */
int run_install(struct job *, const struct step *, struct error *);
int run_uninstall(struct job *, const struct step *, struct error *);
int run_update(struct job *, const struct step *, struct error *);

/* The shell command that installs LIST, packages separated by commas, in the
 * guest; the caller frees it. */
int packages_install_command(
    struct job *job, const char *list, char **ret, struct error *err);

/* subscription.c */
int check_sm_attach(const struct step *step, struct error *err);
int check_sm_credentials(const struct step *step, struct error *err);
int run_sm_attach(struct job *, const struct step *, struct error *);
int run_sm_credentials(struct job *, const struct step *, struct error *);
int run_sm_register(struct job *, const struct step *, struct error *);
int run_sm_remove(struct job *, const struct step *, struct error *);
int run_sm_unregister(struct job *, const struct step *, struct error *);

/* firstboot.c */
int run_firstboot(struct job *, const struct step *, struct error *);
int run_firstboot_command(struct job *, const struct step *, struct error *);
int run_firstboot_install(struct job *, const struct step *, struct error *);
