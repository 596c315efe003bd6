/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/qemu/nodes.h"

#include <errno.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/qemu/qmp.h"

/* Those that open nothing but their children, which are nodes themselves. */
static const char *const on_other_nodes[] = {"raw", "qcow2", "qcow", "qed",
    "vmdk", "vpc", "vhdx", "vdi", "luks", "copy-on-read", "null-co"};

static bool
opens_nothing(const char *driver)
{
    for (size_t i = 0; i < N_ELEMENTS(on_other_nodes); i++)
        if (str_equal(driver, on_other_nodes[i]))
            return true;
    return false;
}

/* As we write it: QEMU takes 007 for 7, but the names would differ. */
static bool
is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == 0 &&
           (*text != '0' || !text[1]);
}

static bool
was_given(const char *name, const char *given)
{
    const char *set = str_after(name, "/dev/fdset/");

    return (set && is_number(set)) || (given && str_equal(name, given));
}

static int
refuse(const char *name, struct error *err)
{
    cleanup_free char *shown = text_escape(name);

    return error_set(err, EIO,
        "the image was changed while it was opened: it names %s now; nothing "
        "of that was used.  Copy the image to where nothing else writes to it, "
        "and use the copy",
        shown && *shown ? shown : "another file");
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
check(const struct json_object *nodes, const char *given,
    unsigned n_connections, struct error *err)
{
    size_t n = json_object_array_length(nodes), n_files = 0;
    cleanup_free const char **files = calloc(n + 1, sizeof *files);

    if (!files)
        return error_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        struct json_object *node = json_object_array_get_idx(nodes, i);
        const char *driver = qmp_text(node, "drv");
        const char *name = qmp_text(node, "file");

        if (opens_nothing(driver))
            continue;
        if (str_equal(driver, "file") || str_equal(driver, "host_device")) {
            if (!was_given(name, given))
                return refuse(name, err);
            files[n_files++] = name;
        } else if (n_connections-- == 0) {
            return refuse(name, err);
        }
    }
    qsort(files, n_files, sizeof *files, compare_names);
    for (size_t i = 1; i < n_files; i++)
        if (str_equal(files[i - 1], files[i]))
            return refuse("a file of another image", err);
    return 0;
}

int
nodes_ask(struct qmp *q, int64_t *ret_question, struct error *err)
{
    struct json_object *arguments = json_object_new_object();

    if (!arguments || json_object_object_add(arguments, "flat",
                          json_object_new_boolean(true)) < 0) {
        json_object_put(arguments);
        return error_no_memory(err);
    }
    int64_t id = qmp_send(q, "query-named-block-nodes", arguments, -1, err);
    if (id < 0)
        return -1;
    *ret_question = id;
    return 0;
}

static int
take_list(struct qmp *q, int64_t question, struct json_object **ret,
    struct error *err)
{
    struct json_object *nodes = NULL;

    if (qmp_reply(q, question, 0, &nodes, err) < 0)
        return error_context(err, "query-named-block-nodes");
    if (!json_object_is_type(nodes, json_type_array)) {
        json_object_put(nodes);
        return error_set(err, EPROTO, "QEMU does not list its block nodes");
    }
    *ret = nodes;
    return 0;
}

int
nodes_list(struct qmp *q, struct json_object **ret, struct error *err)
{
    int64_t question;

    if (nodes_ask(q, &question, err) < 0)
        return -1;
    return take_list(q, question, ret, err);
}

int
nodes_judge(struct qmp *q, int64_t question, const char *given,
    unsigned n_connections, struct error *err)
{
    struct json_object *nodes;

    if (take_list(q, question, &nodes, err) < 0)
        return -1;
    int result = check(nodes, given, n_connections, err);
    json_object_put(nodes);
    return result;
}

int
nodes_check(
    struct qmp *q, const char *given, unsigned n_connections, struct error *err)
{
    int64_t question;

    if (nodes_ask(q, &question, err) < 0)
        return -1;
    return nodes_judge(q, question, given, n_connections, err);
}
