/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking an agent that lies, and what must come of it. */
#pragma once
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fake-agent.h"
#include "tests/unit/test.h"

enum { SECONDS = 10 }; /* that any lie may take */

/* The memory that any lie may cost, in KiB; ASan keeps what was freed. */
enum { MEMORY = UNDER_ASAN ? 1 << 20 : 300 << 10 };

/* Printable, one line, not empty. */
static inline void
check_clean(const char *text)
{
    CHECK(text && *text && strlen(text) < 70000);
    for (const char *p = text; *p; p++)
        CHECK((unsigned char)*p >= 0x20 && (unsigned char)*p != 0x7f);
}

static inline void
check_dead(struct mayfly *g, int code, const char *message)
{
    const char *text = mayfly_last_error(g);
    bool yes;

    check_clean(text);
    if (!strstr(text, message) || mayfly_last_errno(g) != code) {
        fprintf(stderr, "'%s' (%d) is not '%s' (%d)\n", text,
            mayfly_last_errno(g), message, code);
        exit(1);
    }
    CHECK(g->state == HANDLE_DEAD);
    /* No second chance. */
    CHECK(mayfly_is_dir(g, "/", NULL, &yes) < 0);
    CHECK(mayfly_last_errno(g) == ESHUTDOWN);
    check_clean(mayfly_last_error(g));
}

/* Each lie answers one of these calls. */
enum question {
    BOOL,
    STRING,
    STRINGS,
    STRUCT,
    STRUCTS,
    NOTHING,
    DOWNLOAD,
    UPLOAD
};

static inline int
ask(struct mayfly *g, enum question question)
{
    bool yes;
    char *text, **texts;
    struct mayfly_file_status *status;
    struct mayfly_dirent_list *entries;
    int result;

    switch (question) {
    case BOOL:
        return mayfly_is_dir(g, "/", NULL, &yes);
    case STRING:
        result = mayfly_readlink(g, "/a", &text);
        if (result == 0)
            free(text);
        return result;
    case STRINGS:
        result = mayfly_list_devices(g, &texts);
        if (result == 0)
            free(texts);
        return result;
    case STRUCT:
        result = mayfly_stat(g, "/", &status);
        if (result == 0)
            mayfly_free_file_status(status);
        return result;
    case STRUCTS:
        result = mayfly_readdir(g, "/", &entries);
        if (result == 0)
            mayfly_free_dirent_list(entries);
        return result;
    case NOTHING:
        return mayfly_mkdir(g, "/a");
    case DOWNLOAD:
        return mayfly_download(g, "/a", "/dev/null");
    case UPLOAD:
        return mayfly_upload(g, "/dev/zero", "/a");
    }
    abort();
}

static inline void
check_lie_within(enum question question, fake_script script, int code,
    const char *message, int timeout)
{
    struct fake_session s;
    double start = monotonic_seconds();

    fake_start(&s, script);
    CHECK(fake_hello(&s, SECONDS) == 0);
    s.g->timeout = timeout;
    CHECK(ask(s.g, question) < 0);
    check_dead(s.g, code, message);
    CHECK(monotonic_seconds() - start < 6 * SECONDS);
    fake_end(&s);
}

static inline void
check_lie(
    enum question question, fake_script script, int code, const char *message)
{
    check_lie_within(question, script, code, message, 60);
}
