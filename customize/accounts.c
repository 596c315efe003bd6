/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passwords. */
#include <config.h>

#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "customize/edit.h"
#include "customize/operations.h"

enum { MAX_FILE = 1 << 20, RANDOM_LENGTH = 20 };

static const char shadow_path[] = "/etc/shadow";

/* The forms of a selector:
 *   [locked:]password:TEXT  [locked:]file:PATH  [locked:]random
 *   disabled  locked */
enum kind { TEXT, FROM_FILE, RANDOM, DISABLED, LOCKED };

struct selector {
    bool locked;
    enum kind kind;
    const char *text;
};

static int
parse_selector(const char *s, struct selector *ret, struct error *err)
{
    const char *rest;

    *ret = (struct selector){0};
    if (str_equal(s, "locked") || str_equal(s, "lock")) {
        ret->kind = LOCKED;
        return 0;
    }
    if ((rest = str_after(s, "locked:")) || (rest = str_after(s, "lock:"))) {
        ret->locked = true;
        s = rest;
    }
    if ((rest = str_after(s, "password:"))) {
        ret->kind = TEXT;
        ret->text = rest;
    } else if ((rest = str_after(s, "file:"))) {
        ret->kind = FROM_FILE;
        ret->text = rest;
    } else if (str_equal(s, "random")) {
        ret->kind = RANDOM;
    } else if (str_equal(s, "disabled") || str_equal(s, "disable")) {
        ret->kind = DISABLED;
    } else {
        return error_set(err, EINVAL,
            "invalid selector '%s': use password:TEXT, file:PATH, random, "
            "disabled, locked or locked:...",
            s);
    }
    return 0;
}

int
password_check(const char *text, struct error *err)
{
    struct selector s;

    if (parse_selector(text, &s, err) < 0)
        return -1;
    return s.kind == FROM_FILE ? check_host_file(s.text, err) : 0;
}

int
check_root_password(const struct step *step, struct error *err)
{
    return password_check(step->value, err);
}

int
check_password(const struct step *step, struct error *err)
{
    if (!step->second)
        return error_set(err, EINVAL, "'%s' is not USER:SELECTOR", step->value);
    if (!*step->first || strpbrk(step->first, "\n/"))
        return error_set(err, EINVAL, "invalid user name '%s'", step->first);
    return password_check(step->second, err);
}

/* Letters that are not mistaken for one another: 56 of them, so 20 make 116
 * bits. */
static const char letters[] =
    "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

static char *
random_password(struct error *err)
{
    char *text = calloc(1, RANDOM_LENGTH + 1);
    const unsigned n = sizeof letters - 1;

    if (!text)
        return error_no_memory(err), NULL;
    for (size_t i = 0; i < RANDOM_LENGTH;) {
        unsigned char byte;

        ssize_t got = getrandom(&byte, 1, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != 1) {
            free(text);
            return error_errno(err, errno, "cannot get random bytes"), NULL;
        }
        if (byte < 256 / n * n) /* else the first letters are more frequent */
            text[i++] = letters[byte % n];
    }
    return text;
}

static char *
password_text(struct job *job, const struct selector *s, const char *user,
    struct error *err)
{
    char *text;

    switch (s->kind) {
    case FROM_FILE:
        text = read_file(s->text, MAX_FILE, NULL, err);
        if (text)
            text[strcspn(text, "\r\n")] = 0;
        return text;
    case RANDOM:
        text = random_password(err);
        if (text)
            job_say(
                job, true, "Setting random password of %s to %s", user, text);
        return text;
    default:
        text = strdup(s->text ? s->text : "");
        if (!text)
            error_no_memory(err);
        return text;
    }
}

/* The kind of hash that the guest's libcrypt certainly knows. */
static const char *
crypto_prefix(const struct job *job)
{
    static const struct {
        const char *distro;
        int first_version; /* with yescrypt */
    } known[] = {
        {"rhel", 9},
        {"centos", 9},
        {"almalinux", 9},
        {"rocky", 9},
        {"oraclelinux", 9},
        {"circle", 9},
        {"fedora", 30},
        {"debian", 11},
        {"ubuntu", 20},
        {"opensuse", 15},
        {"sles", 15},
        {"suse-based", 15},
        {"archlinux", 0},
        {"kalilinux", 0},
    };
    static const struct {
        const char *name, *prefix;
    } names[] = {
        {"md5", "$1$"},
        {"sha256", "$5$"},
        {"sha512", "$6$"},
        {"yescrypt", "$y$"},
    };
    const char *wanted = job->customize->password_crypto;

    for (size_t i = 0; wanted && i < N_ELEMENTS(names); i++)
        if (str_equal(wanted, names[i].name))
            return names[i].prefix;
    for (size_t i = 0; i < N_ELEMENTS(known); i++)
        if (str_equal(job->root->distro, known[i].distro) &&
            job->root->major_version >= known[i].first_version)
            return "$y$";
    return "$6$";
}

static char *
hash_password(struct job *job, const char *text, struct error *err)
{
    char salt[CRYPT_GENSALT_OUTPUT_SIZE];
    cleanup_free struct crypt_data *data = calloc(1, sizeof *data);
    const char *hash = NULL;

    if (!data)
        return error_no_memory(err), NULL;
    if (crypt_gensalt_rn(crypto_prefix(job), 0, NULL, 0, salt, sizeof salt))
        hash = crypt_rn(text, salt, data, sizeof *data);
    if (!hash || hash[0] == '*')
        return error_errno(err, errno, "cannot hash a password"), NULL;

    char *copy = strdup(hash);
    explicit_bzero(data, sizeof *data);
    if (!copy)
        error_no_memory(err);
    return copy;
}

/* The value for the field of shadow(5). */
static char *
password_field(
    struct job *job, const char *user, const char *selector, struct error *err)
{
    struct selector s;

    if (parse_selector(selector, &s, err) < 0)
        return NULL;
    if (s.kind != RANDOM)
        job_say(job, false, "Setting the password of %s", user);

    char *field = NULL;
    if (s.kind == DISABLED || s.kind == LOCKED) {
        bool lock = s.locked || s.kind == LOCKED;

        field = strdup(lock ? "!!*" : "*");
        if (!field)
            error_no_memory(err);
        return field;
    }

    cleanup_free char *text = password_text(job, &s, user, err);
    cleanup_free char *hash = text ? hash_password(job, text, err) : NULL;
    if (text)
        explicit_bzero(text, strlen(text));
    if (!hash)
        return NULL;
    field = text_printf("%s%s", s.locked ? "!!" : "", hash);
    if (!field)
        error_no_memory(err);
    return field;
}

static const char *
step_user(const struct step *step, const char **ret_selector)
{
    const char *name = step->operation->name;

    if (str_equal(name, "root-password")) {
        *ret_selector = step->value;
        return "root";
    }
    if (str_equal(name, "password")) {
        *ret_selector = step->second;
        return step->first;
    }
    return NULL;
}

bool
customize_sets_password(const struct customize *c, const char *user)
{
    const char *selector;

    for (size_t i = 0; i < c->n_steps; i++) {
        const char *name = step_user(&c->steps[i], &selector);

        if (name && str_equal(name, user))
            return true;
    }
    return false;
}

static int
set_password(
    struct job *job, const struct step *step, char **text, struct error *err)
{
    const char *selector;
    const char *user = step_user(step, &selector);

    if (!user)
        return 0;
    for (const struct step *other = job->customize->steps; other < step;
         other++) {
        const char *name = step_user(other, &selector);

        if (name && str_equal(name, user))
            return error_set(
                err, EINVAL, "the password of %s is set by two options", user);
    }
    step_user(step, &selector);
    if (!*text && !(*text = job_read(job, shadow_path, NULL, err)))
        return error_context(err, "cannot set the password of %s", user);

    /* Before making the hash: does the user exist at all? */
    cleanup_free char *present = edit_shadow_field(*text, user, err);
    if (!present)
        return -1;

    cleanup_free char *field = password_field(job, user, selector, err);
    cleanup_free char *with =
        field ? edit_shadow(*text, user, field, err) : NULL;
    /* A new password that is too old at once would be of no use. */
    long today = (long)(time(NULL) / (24 * 60 * 60));
    char *changed = !with ? NULL
                    : strpbrk(field, "*")
                        ? strdup(with)
                        : edit_shadow_day(with, user, today, err);
    if (!changed)
        return err->code ? -1 : error_no_memory(err);
    free(*text);
    *text = changed;
    return 0;
}

/* Where passwd(5) itself has a password, no one looks into shadow(5). */
static int
point_to_shadow(struct job *job, struct error *err)
{
    static const char path[] = "/etc/passwd";
    const struct customize *c = job->customize;
    bool changed = false;
    cleanup_free char *text =
        job_is_file(job, path) ? job_read(job, path, NULL, err) : NULL;

    for (size_t i = 0; text && i < c->n_steps; i++) {
        cleanup_error struct error none = {0};
        const char *selector;
        const char *user = step_user(&c->steps[i], &selector);
        cleanup_free char *field =
            user ? edit_shadow_field(text, user, &none) : NULL;

        if (!field || str_equal(field, "x") || str_after(field, "##"))
            continue;
        char *edited = edit_shadow(text, user, "x", err);
        if (!edited)
            return -1;
        free(text);
        text = edited;
        changed = true;
    }
    if (err->code)
        return -1;
    return changed ? job_write(job, path, text, err) : 0;
}

int
passwords_apply(struct job *job, struct error *err)
{
    cleanup_free char *text = NULL;
    const struct customize *c = job->customize;

    for (size_t i = 0; i < c->n_steps; i++)
        if (set_password(job, &c->steps[i], &text, err) < 0)
            return -1;
    if (!text)
        return 0;
    return job_write(job, shadow_path, text, err) < 0
               ? -1
               : point_to_shadow(job, err);
}
