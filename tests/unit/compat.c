/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What guestfs.h promises about handles, as far as no appliance is needed. */
#include <config.h>

#define GUESTFS_NO_WARN_DEPRECATED 1
#include <errno.h>
#include <guestfs.h>
#include <pthread.h>

#include "base/cleanup.h"
#include "tests/unit/test.h"

/* --- errors --- */

struct heard {
    int n;
    char last[256];
};

static void
hear_error(guestfs_h *g, void *opaque, const char *text)
{
    struct heard *h = opaque;

    (void)g;
    h->n++;
    snprintf(h->last, sizeof h->last, "%s", text);
}

static guestfs_h *
quiet_handle(void)
{
    guestfs_h *g = guestfs_create_flags(GUESTFS_CREATE_NO_ENVIRONMENT);

    CHECK(g);
    guestfs_set_error_handler(g, NULL, NULL);
    return g;
}

TEST(error_handlers_are_a_stack)
{
    struct heard outer = {0}, inner = {0};
    guestfs_h *g = quiet_handle();
    void *opaque = NULL;

    guestfs_set_error_handler(g, hear_error, &outer);
    guestfs_push_error_handler(g, hear_error, &inner);
    CHECK(guestfs_set_backend(g, "nonsense") == -1);
    CHECK(guestfs_get_error_handler(g, &opaque) == hear_error);
    CHECK(opaque == &inner);
    guestfs_pop_error_handler(g);
    CHECK(inner.n == 1 && outer.n == 0);
    CHECK(guestfs_set_backend(g, "nonsense") == -1);
    CHECK(inner.n == 1 && outer.n == 1);
    CHECK_STR(guestfs_last_error(g), outer.last);
    CHECK(guestfs_last_errno(g) == EINVAL);
    guestfs_close(g);
}

/* What another thread finds on the handle, and leaves on it. */
static void *
fail_elsewhere(void *opaque)
{
    guestfs_h *g = opaque;
    struct heard h = {0};

    CHECK(!guestfs_last_error(g) && guestfs_last_errno(g) == 0);
    guestfs_push_error_handler(g, hear_error, &h);
    CHECK(guestfs_set_backend(g, "nonsense") == -1);
    CHECK(h.n == 1 && guestfs_last_errno(g) == EINVAL);
    return NULL;
}

TEST(errors_belong_to_the_thread)
{
    struct heard h = {0};
    guestfs_h *g = quiet_handle();
    pthread_t thread;

    guestfs_set_error_handler(g, hear_error, &h);
    CHECK(pthread_create(&thread, NULL, fail_elsewhere, g) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(h.n == 0 && !guestfs_last_error(g) && guestfs_last_errno(g) == 0);
    CHECK(guestfs_set_backend(g, "nonsense") == -1);
    CHECK(h.n == 1);
    guestfs_close(g);
}

/* Handlers may make calls: the lock is recursive. */
static void
call_again(guestfs_h *g, void *opaque, const char *text)
{
    (void)text;
    *(int *)opaque = guestfs_get_verbose(g) + 1;
}

static void *
change_name(void *g)
{
    for (int i = 0; i < 1000; i++) {
        char name[16];

        snprintf(name, sizeof name, "n%d", i);
        CHECK(guestfs_set_program(g, name) == 0);
    }
    return NULL;
}

TEST(threads_share_a_handle)
{
    guestfs_h *g = quiet_handle();
    pthread_t threads[4];
    int called = 0;

    guestfs_set_error_handler(g, call_again, &called);
    CHECK(guestfs_set_backend(g, "nonsense") == -1 && called == 1);
    for (size_t i = 0; i < N_ELEMENTS(threads); i++)
        CHECK(pthread_create(&threads[i], NULL, change_name, g) == 0);
    for (size_t i = 0; i < N_ELEMENTS(threads); i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK_STR(guestfs_get_program(g), "n999");
    guestfs_close(g);
}

TEST(a_missing_call_is_an_error_that_names_it)
{
    guestfs_h *g = quiet_handle();

    CHECK(guestfs_ldmtool_create_all(g) == -1);
    CHECK(guestfs_last_errno(g) == ENOTSUP);
    CHECK(strstr(guestfs_last_error(g), "ldmtool_create_all"));
    CHECK(guestfs_ldmtool_scan(g) == NULL);
    CHECK(strstr(guestfs_last_error(g), "ldmtool_scan"));
    CHECK(guestfs_rsync(g, "a", "b", GUESTFS_RSYNC_ARCHIVE, 1, -1) == -1);
    CHECK(strstr(guestfs_last_error(g), "rsync"));
    guestfs_close(g);
}

TEST(libvirt_asks_only_in_its_event)
{
    char *known[] = {(char[]){"passphrase"}, (char[]){"username"}, NULL};
    char *unknown[] = {(char[]){"passphrase"}, (char[]){"pin"}, NULL};
    guestfs_h *g = quiet_handle();

    CHECK(guestfs_set_libvirt_supported_credentials(g, unknown) == -1);
    if (guestfs_last_errno(g) != ENOTSUP) {
        CHECK(strstr(guestfs_last_error(g), "'pin'"));
        CHECK(guestfs_set_libvirt_supported_credentials(g, known) == 0);
        CHECK(guestfs_get_libvirt_requested_credentials(g) == NULL);
        CHECK(strstr(guestfs_last_error(g), "libvirt_auth"));
        CHECK(guestfs_get_libvirt_requested_credential_prompt(g, 0) == NULL);
        CHECK(guestfs_set_libvirt_requested_credential(g, 0, "x", 1) == -1);
        CHECK(guestfs_add_libvirt_dom(g, g,
                  GUESTFS_ADD_LIBVIRT_DOM_READONLYDISK, "maybe", -1) == -1);
        CHECK(strstr(guestfs_last_error(g), "'maybe'"));
    }
    guestfs_close(g);
}

TEST(null_where_a_string_belongs)
{
    guestfs_h *g = quiet_handle();

    CHECK(guestfs_cat(g, NULL) == NULL);
    CHECK_STR(guestfs_last_error(g), "cat: path: parameter cannot be NULL");
    CHECK(guestfs_last_errno(g) == EINVAL);
    guestfs_close(g);
}

TEST(a_call_before_launch)
{
    guestfs_h *g = quiet_handle();

    CHECK(guestfs_is_dir(g, "/") == -1);
    CHECK(guestfs_last_error(g));
    CHECK(guestfs_is_config(g) == 1 && guestfs_is_ready(g) == 0);
    CHECK(guestfs_wait_ready(g) == -1);
    guestfs_close(g);
}

TEST(options_unknown_and_twice)
{
    guestfs_h *g = quiet_handle();

    CHECK(guestfs_add_drive_opts(g, "/dev/null", 99, "x", -1) == -1);
    CHECK(strstr(guestfs_last_error(g), "99"));
    CHECK(guestfs_add_drive_opts(g, "/dev/null", GUESTFS_ADD_DRIVE_OPTS_FORMAT,
              "raw", GUESTFS_ADD_DRIVE_OPTS_FORMAT, "raw", -1) == -1);
    CHECK(strstr(guestfs_last_error(g), "twice"));
    CHECK(
        guestfs_add_drive_opts(g, "/dev/null", GUESTFS_ADD_DRIVE_OPTS_READONLY,
            1, GUESTFS_ADD_DRIVE_OPTS_FORMAT, "raw", -1) == 0);
    guestfs_close(g);
}

/* --- events --- */

struct lines {
    char text[1024];
    uint64_t seen;
};

static void
hear_event(guestfs_h *g, void *opaque, uint64_t event, int number, int flags,
    const char *text, size_t size, const uint64_t *array, size_t n)
{
    struct lines *l = opaque;
    size_t used = strlen(l->text);

    (void)g;
    (void)number;
    (void)flags;
    (void)array;
    (void)n;
    l->seen |= event;
    snprintf(l->text + used, sizeof l->text - used, "%.*s\n", (int)size,
        text ? text : "");
}

TEST(trace_lines_have_their_form)
{
    struct lines l = {0};
    guestfs_h *g = quiet_handle();
    char *list[] = {(char[]){"a=1"}, (char[]){"b"}, NULL};
    char *text, **settings;

    guestfs_set_trace(g, 1);
    guestfs_set_event_callback(g, hear_event, GUESTFS_EVENT_TRACE, 0, &l);
    CHECK(
        guestfs_add_drive_opts(g, "/dev/null", GUESTFS_ADD_DRIVE_OPTS_READONLY,
            1, GUESTFS_ADD_DRIVE_OPTS_FORMAT, "raw", -1) == 0);
    CHECK(guestfs_set_backend_settings(g, list) == 0);
    settings = guestfs_get_backend_settings(g);
    CHECK(settings && settings[0] && settings[1] && !settings[2]);
    CHECK(guestfs_set_identifier(g, "me") == 0);
    CHECK(guestfs_get_append(g) == NULL);
    text = guestfs_get_backend_setting(g, "b");
    CHECK_STR(text, "1");
    CHECK(guestfs_get_backend_setting(g, "c") == NULL);
    CHECK_STR(l.text,
        "add_drive \"/dev/null\" \"readonly:true\" \"format:raw\"\n"
        "add_drive = 0\n"
        "set_backend_settings \"a=1 b\"\n"
        "set_backend_settings = 0\n"
        "get_backend_settings\n"
        "get_backend_settings = [\"a=1\", \"b\"]\n"
        "set_identifier \"me\"\n"
        "me: set_identifier = 0\n"
        "me: get_append\n"
        "me: get_append = \"NULL\"\n"
        "me: get_backend_setting \"b\"\n"
        "me: get_backend_setting = \"1\"\n"
        "me: get_backend_setting \"c\"\n"
        "me: get_backend_setting = NULL (error)\n");
    free(text);
    for (size_t i = 0; settings[i]; i++)
        free(settings[i]);
    free(settings);
    guestfs_close(g);
}

TEST(events_by_their_bits)
{
    struct lines all = {0}, none = {0};
    guestfs_h *g = quiet_handle();
    int number =
        guestfs_set_event_callback(g, hear_event, GUESTFS_EVENT_ALL, 0, &none);

    CHECK(number >= 0);
    guestfs_delete_event_callback(g, number);
    guestfs_set_event_callback(
        g, hear_event, GUESTFS_EVENT_CLOSE | GUESTFS_EVENT_ENTER, 0, &all);
    guestfs_is_config(g);
    guestfs_close(g);
    CHECK(none.seen == 0);
    CHECK(all.seen == (GUESTFS_EVENT_CLOSE | GUESTFS_EVENT_ENTER));
    CHECK_STR(all.text, "is_config\n\n");
}

TEST(names_of_events)
{
    char *text =
        guestfs_event_to_string(GUESTFS_EVENT_ENTER | GUESTFS_EVENT_CLOSE);
    char *empty = guestfs_event_to_string(0);

    CHECK_STR(text, "close,enter");
    CHECK_STR(empty, "");
    free(text);
    free(empty);
}

static void
count_close(guestfs_h *g, void *opaque)
{
    (void)g;
    ++*(int *)opaque;
}

TEST(the_callbacks_of_old)
{
    guestfs_h *g = quiet_handle();
    int first = 0, second = 0;

    guestfs_set_close_callback(g, count_close, &first);
    guestfs_set_close_callback(g, count_close, &second);
    guestfs_close(g);
    CHECK(first == 0 && second == 1);
}

/* --- properties, private data --- */

TEST(private_data)
{
    guestfs_h *g = quiet_handle();
    int a, b;
    const char *key;

    guestfs_set_private(g, "a", &a);
    guestfs_set_private(g, "b", &b);
    CHECK(guestfs_get_private(g, "a") == &a);
    CHECK(guestfs_get_private(g, "c") == NULL);
    guestfs_set_private(g, "a", NULL);
    CHECK(guestfs_first_private(g, &key) == &b);
    CHECK_STR(key, "b");
    CHECK(guestfs_next_private(g, &key) == NULL);
    guestfs_close(g);
}

TEST(sizes_of_memory)
{
    guestfs_h *g = quiet_handle();

    CHECK(guestfs_set_memsize(g, 128) == 0 && guestfs_get_memsize(g) == 128);
    CHECK(guestfs_set_memsize(g, 127) == -1 && guestfs_get_memsize(g) == 128);
    CHECK(guestfs_set_memsize(g, 1073741823) == 0);
    CHECK(guestfs_get_memsize(g) == 1073741823);
    CHECK(guestfs_set_memsize(g, -1) == -1);
    guestfs_close(g);
}

TEST(a_disk_out_of_reach_fails_at_launch)
{
    char *servers[] = {(char[]){"example.com"}, NULL};
    guestfs_h *g = quiet_handle();

    CHECK(guestfs_add_drive_opts(g, "/disk", GUESTFS_ADD_DRIVE_OPTS_PROTOCOL,
              "ftp", GUESTFS_ADD_DRIVE_OPTS_SERVER, servers, -1) == 0);
    CHECK(guestfs_launch(g) == -1);
    CHECK(guestfs_last_errno(g) == ENOTSUP);
    CHECK(strstr(guestfs_last_error(g), "ftp"));
    CHECK(guestfs_add_drive_opts(
              g, "/disk", GUESTFS_ADD_DRIVE_OPTS_PROTOCOL, "nbd", -1) == -1);
    CHECK(strstr(guestfs_last_error(g), "one server"));
    guestfs_close(g);
}

TEST(environment)
{
    guestfs_h *g = quiet_handle();
    char *good[] = {(char[]){"LIBGUESTFS_TRACE=1"},
        (char[]){"LIBGUESTFS_MEMSIZE=2000"}, (char[]){"LIBGUESTFS_PATH=/x"},
        (char[]){"LIBGUESTFS_BACKEND_SETTINGS=a:b=2"}, (char[]){"HOME=/"},
        NULL};
    char *bad[] = {(char[]){"LIBGUESTFS_DEBUG=maybe"}, NULL};
    char *value;

    CHECK(guestfs_parse_environment_list(g, bad) == -1);
    CHECK(strstr(guestfs_last_error(g), "LIBGUESTFS_DEBUG=maybe"));
    CHECK(guestfs_parse_environment_list(g, good) == 0);
    CHECK(guestfs_get_trace(g) == 1);
    CHECK(guestfs_set_trace(g, 0) == 0);
    CHECK(guestfs_get_memsize(g) == 2000);
    CHECK_STR(guestfs_get_path(g), "/x");
    value = guestfs_get_backend_setting(g, "b");
    CHECK_STR(value, "2");
    free(value);
    CHECK(guestfs_clear_backend_setting(g, "b") == 1);
    CHECK(guestfs_clear_backend_setting(g, "b") == 0);
    guestfs_close(g);
}

/* --- structures --- */

TEST(structures_are_copied_and_compared)
{
    struct guestfs_xattr values[] = {
        {(char[]){"a"}, 3, (char[]){'x', '\0', 'y'}},
        {(char[]){"b"}, 0, NULL},
    };
    struct guestfs_xattr_list list = {2, values}, *copy;

    copy = guestfs_copy_xattr_list(&list);
    CHECK(copy && copy->len == 2);
    CHECK(copy->val[0].attrval != values[0].attrval);
    CHECK(guestfs_compare_xattr_list(&list, copy) == 0);
    copy->val[0].attrval[2] = 'z';
    CHECK(guestfs_compare_xattr_list(&list, copy) < 0);
    CHECK(guestfs_compare_xattr(&values[1], &values[0]) > 0);
    guestfs_free_xattr_list(copy);
    guestfs_free_xattr_list(NULL);

    struct guestfs_partition p = {1, 2, 3, 4}, *q = guestfs_copy_partition(&p);
    CHECK(q && guestfs_compare_partition(&p, q) == 0);
    q->part_size = 5;
    CHECK(guestfs_compare_partition(&p, q) < 0);
    guestfs_free_partition(q);
}
