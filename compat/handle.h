/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The handle of the drop-in library: a mayfly handle, and what guestfs.h
 * promises beyond it. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#define GUESTFS_PRIVATE            1
#define GUESTFS_NO_WARN_DEPRECATED 1
#include <guestfs.h>
#include <mayfly.h>

#include "base/cleanup.h"
#include "base/strv.h"

struct error_handler {
    guestfs_error_handler_cb callback; /* NULL: silence */
    void *opaque;
};

/* The state of a thread's errors on a handle: each thread sees only its own. */
struct thread_errors {
    struct thread_errors *next; /* of another thread */
    char *last;                 /* or NULL */
    int number;
    struct error_handler handler;
    struct error_handler *handlers; /* handlers that were pushed aside */
    size_t n_handlers;
};

struct listener {
    guestfs_event_callback callback; /* NULL: a free slot */
    uint64_t mask;
    void *opaque;
};

/* The kinds of credentials that libvirt knows. */
enum { CREDENTIAL_TYPES = 9 };

struct private_datum {
    char *key;
    void *data;
};

struct guestfs_h {
    struct mayfly *m;
    guestfs_h *next; /* of all open handles */
    bool listed;     /* is closed when the program exits */

    pthread_mutex_t lock; /* held by the running call; recursive */
    bool ended;           /* the program is exiting: m is gone */
    pid_t launcher;       /* the process that launched; 0: none */

    pthread_key_t errors_key;    /* the struct thread_errors of a thread */
    struct thread_errors errors; /* of the maker; starts the list */
    guestfs_abort_cb abort;

    /* The trace line being made; NULL between lines. */
    bool traced; /* the running call is traced */
    FILE *line;
    char *line_text;
    size_t line_size;

    struct listener *listeners;
    size_t n_listeners;
    uint32_t heard;   /* the mayfly events that we listen to */
    int heard_number; /* number of our callback there; -1: none */
    /* What the old set_X_callback functions registered, by event bit. */
    struct old_callback {
        void (*function)(void);
        void *opaque;
        int number;
    } old[8];

    struct private_datum *private;
    size_t n_private, next_private;

    /* For libvirt; the last three are set only while a connection is being
     * made. */
    int credential_types[CREDENTIAL_TYPES];
    unsigned n_credential_types;
    const char *libvirt_uri;
    void *credentials; /* the ones that libvirt is asking for */
    unsigned n_credentials;

    char *unreachable; /* why launching with an added disk fails */

    /* Properties; many mean nothing here and are only stored. */
    bool verbose, trace, pgroup, direct, selinux;
    int memsize; /* 0: not set */
    char *path, *append, *hv, *backend, *program, *identifier;
    char *tmpdir, *cachedir;
    char **backend_settings;
};

/* Until the end of the scope no other thread is in a call of the handle. */
guestfs_h *handle_hold(guestfs_h *g);
void handle_release(guestfs_h **g);
#define HOLD(g)                                                                \
    guestfs_h *held __attribute__((cleanup(handle_release), unused)) =         \
        handle_hold(g)

/* Report an error: store it, call the handler; always -1. */
int call_error(guestfs_h *g, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with the error of the mayfly handle. */
int call_mayfly_error(guestfs_h *g);
/* No memory: call the program's handler, which should not return. */
void call_no_memory(guestfs_h *g);
/* strdup for a result. */
char *call_copy(guestfs_h *g, const char *s);

/* Deliver an event of one line of text, or print it as libguestfs does if no
 * one listens. */
void event_text(guestfs_h *g, uint64_t event, const char *text);
void event_plain(guestfs_h *g, uint64_t event);
bool event_heard(const guestfs_h *g, uint64_t mask);
/* After a change of the listeners, or of verbose. */
void event_listen(guestfs_h *g);

/* The image that this process made IMAGE, a real path, an overlay of; NULL, or
 * the caller frees it. */
char *overlay_backing(const char *image);

void properties_free(guestfs_h *g);
int error_handlers_init(guestfs_h *g);
void error_handlers_free(guestfs_h *g);
int environment_read(guestfs_h *g, char *const *list);
