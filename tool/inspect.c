/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inspection with keys: those on the command line first; then a key is asked
 * for each device that stays locked, until all are open or the user gives
 * none. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/print.h"
#include "tool/progress.h"
#include "tool/session.h"

/* A wrong passphrase may be a typing error, but not more often than this. */
enum { MAX_ATTEMPTS = 3 };

/* What is found on many disks goes on for pages. */
enum { DESCRIBED_MAX = 3 };

/* Is it for an image that is itself encrypted? GROUP/VOLUME is a device, and a
 * backing file may be called by its name alone. */
static bool
is_image_name(const char *id)
{
    return !str_after(id, "/dev/") &&
           (access(id, F_OK) == 0 || (!strchr(id, '/') && strchr(id, '.')));
}

static int
give_keys(const struct tool *t, struct mayfly *g)
{
    for (size_t i = 0; i < t->keys.n_keys; i++) {
        const struct tool_key *k = &t->keys.keys[i];

        if (is_image_name(k->id))
            continue;
        if (mayfly_inspect_add_key(g, k->id, k->secret, k->size) < 0)
            return tool_fail(g, TOOL_FAILED, "--key");
    }
    return TOOL_OK;
}

/* Ask for the keys of all locked devices.  Returns how many were given. */
static size_t
ask_keys(const struct tool *t, struct mayfly *g,
    const struct mayfly_inspection *found)
{
    size_t given = 0;

    for (uint32_t i = 0; i < found->n_locked; i++) {
        const char *device = found->locked[i].device;
        cleanup_error struct error err = {0};

        tool_progress_clear();
        char *key = tool_keys_ask(&t->keys, device, &err);
        if (!key) {
            /* Without a terminal the caller reports what is missing. */
            if (err.code != ENOTTY)
                tool_error("%s: %s", device, error_text(&err));
            break;
        }
        given += mayfly_inspect_add_key(g, device, key, strlen(key)) == 0;
        tool_key_free(key);
    }
    return given;
}

static bool
can_ask(const struct tool *t)
{
    return t->keys.from_stdin || isatty(STDERR_FILENO);
}

void
tool_say_notes(const struct mayfly_inspection *found,
    const struct mayfly_inspection_root *root)
{
    for (uint32_t i = 0; i < found->n_notes; i++) {
        const struct mayfly_inspection_note *n = &found->notes[i];
        bool known = false;

        for (uint32_t k = 0; root && k < found->n_filesystems; k++)
            known |= str_equal(n->subject, found->filesystems[k].mountable);
        for (uint32_t k = 0; root && k < root->n_mountpoints; k++)
            known |= str_equal(n->subject, root->mountpoints[k].mountable);
        if (!known)
            tool_warning(
                "%s%s%s", n->subject, n->subject[0] ? ": " : "", n->text);
    }
}

/* Why a device with the right key is closed, if that is known. */
static const char *
find_reason(const struct mayfly_inspection *found, const char *device)
{
    for (uint32_t i = 0; i < found->n_notes; i++) {
        const struct mayfly_inspection_note *n = &found->notes[i];

        if (str_equal(n->subject, device) && !str_after(n->text, "encrypted"))
            return n->text;
    }
    return NULL;
}

int
tool_locked(const struct mayfly_inspection *found)
{
    const char *device, *reason;

    if (found->n_roots > 0 || found->n_locked == 0)
        return TOOL_OK;
    tool_say_notes(found, NULL);
    device = found->locked[0].device;
    reason = find_reason(found, device);
    if (reason) {
        tool_error("%s is encrypted and cannot be opened: %s", device, reason);
        return TOOL_KEYS;
    }
    tool_error("%s is encrypted and no key opens it; give one with "
               "--key %s:key:PASSPHRASE or --key %s:file:PATH",
        device, device, device);
    return TOOL_KEYS;
}

int
tool_inspect_as_is(const struct tool *t, struct mayfly *g,
    const struct mayfly_inspect_options *options,
    struct mayfly_inspection **ret)
{
    struct mayfly_inspection *found;
    int code = give_keys(t, g);

    if (code != TOOL_OK)
        return code;
    for (int attempt = 0;; attempt++) {
        if (mayfly_inspect(g, options, &found) < 0)
            return tool_fail(g, TOOL_FAILED, NULL);
        if (found->n_locked == 0 || attempt == MAX_ATTEMPTS || !can_ask(t) ||
            ask_keys(t, g, found) == 0)
            break;
        mayfly_free_inspection(found);
    }
    *ret = found;
    return TOOL_OK;
}

int
tool_inspect(const struct tool *t, struct mayfly *g,
    const struct mayfly_inspect_options *options,
    struct mayfly_inspection **ret)
{
    struct mayfly_inspection *found;
    int code = tool_inspect_as_is(t, g, options, &found);

    if (code == TOOL_OK && (code = tool_locked(found)) != TOOL_OK)
        mayfly_free_inspection(found);
    if (code == TOOL_OK)
        *ret = found;
    return code;
}

/* --- nothing found --- */

static const char *
note_about(const struct mayfly_inspection *found, const char *subject)
{
    for (uint32_t i = 0; i < found->n_notes; i++)
        if (str_equal(found->notes[i].subject, subject))
            return found->notes[i].text;
    return NULL;
}

static bool
is_file_system(const struct mayfly_inspection *found, const char *subject)
{
    for (uint32_t i = 0; i < found->n_filesystems; i++)
        if (str_equal(found->filesystems[i].mountable, subject))
            return true;
    return false;
}

char *
tool_describe_nothing(const struct mayfly_inspection *found)
{
    char *text = NULL;
    size_t size = 0, said = 0, more = 0;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    /* Disks first, of which there is nothing but a note. */
    for (uint32_t i = 0; i < found->n_notes; i++) {
        const struct mayfly_inspection_note *n = &found->notes[i];

        if (is_file_system(found, n->subject))
            continue;
        if (said == DESCRIBED_MAX)
            more++;
        else
            fprintf(f, "%s%s%s%s", said++ ? "; " : ": ", n->subject,
                n->subject[0] ? ": " : "", n->text);
    }
    for (uint32_t i = 0; i < found->n_filesystems; i++) {
        const struct mayfly_inspection_filesystem *s = &found->filesystems[i];
        const char *note = note_about(found, s->mountable);

        if (said == DESCRIBED_MAX)
            more++;
        else if (note)
            fprintf(f, "%s%s: %s", said++ ? "; " : ": ", s->mountable, note);
        else
            fprintf(f, "%s%s is %s without one", said++ ? "; " : ": ",
                s->mountable, s->type[0] ? s->type : "unknown");
    }
    if (more)
        fprintf(f, "; and %zu more", more);
    if (!said)
        fputs(": the disks hold no file system", f);
    if (fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
