/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/builtin.h"
#include "fish/convert.h"
#include "fish/old_names.h"

static bool
is_truth(const struct old_name *o)
{
    return o->value &&
           (str_equal(o->value, "true") || str_equal(o->value, "false"));
}

/* What follows "NAME=" in the one of LIST that begins so, or NULL. */
static char **
find(char **list, const char *name)
{
    size_t n = strlen(name);

    for (; list && *list; list++)
        if (strncmp(*list, name, n) == 0 &&
            ((*list)[n] == '=' || (*list)[n] == 0))
            return list;
    return NULL;
}

static const char *
value_of(char *const *at)
{
    const char *sign = strchr(*at, '=');

    return sign ? sign + 1 : "1";
}

static size_t
drop(char **list, const char *name)
{
    size_t n = 0;
    char **at;

    while ((at = find(list, name))) {
        free(*at);
        for (; *at; at++)
            at[0] = at[1];
        n++;
    }
    return n;
}

static int
put(struct shell *sh, char ***list, const char *name, const char *value)
{
    drop(*list, name);
    return strv_printf(list, "%s=%s", name, value) < 0
               ? error_no_memory(&sh->error)
               : 0;
}

static int
print_one(struct shell *sh, const char *text)
{
    print_begin(&sh->printer, stdout, sh->json);
    print_text(&sh->printer, NULL, text);
    return print_end(&sh->printer) < 0
               ? error_errno(&sh->error, errno, "cannot write the output")
               : 0;
}

int
settings_store(struct shell *sh, const struct old_name *o, const char *word)
{
    bool truth;

    if (is_truth(o)) {
        if (convert_bool(sh, o->text, word, &truth) < 0)
            return -1;
        word = truth ? "true" : "false";
    } else if (!word[0]) { /* back to what it was at first */
        drop(sh->properties, o->text);
        return 0;
    }
    return put(sh, &sh->properties, o->text, word);
}

int
settings_print(struct shell *sh, const struct old_name *o)
{
    char **at = find(sh->properties, o->text);
    const char *value = at ? value_of(at) : o->value;

    if (!is_truth(o))
        return print_one(sh, value);
    print_begin(&sh->printer, stdout, sh->json);
    print_bool(&sh->printer, NULL, str_equal(value, "true"));
    return print_end(&sh->printer);
}

int
builtin_set_backend_setting(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    return put(sh, &sh->backend_settings, argv[0], argv[1]);
}

int
builtin_get_backend_setting(struct shell *sh, char **argv, size_t n)
{
    char **at = find(sh->backend_settings, argv[0]);

    (void)n;
    if (!at)
        return error_set(&sh->error, ESRCH,
            "%s: setting not found; 'get-backend-settings' lists them",
            argv[0]);
    return print_one(sh, value_of(at));
}

int
builtin_clear_backend_setting(struct shell *sh, char **argv, size_t n)
{
    (void)n;
    print_begin(&sh->printer, stdout, sh->json);
    print_unsigned(&sh->printer, NULL, drop(sh->backend_settings, argv[0]));
    return print_end(&sh->printer);
}

int
builtin_get_backend_settings(struct shell *sh, char **argv, size_t n)
{
    (void)argv, (void)n;
    print_begin(&sh->printer, stdout, sh->json);
    print_strings(&sh->printer, NULL, sh->backend_settings,
        strv_length(sh->backend_settings));
    return print_end(&sh->printer);
}

int
builtin_set_backend_settings(struct shell *sh, char **argv, size_t n)
{
    char **list;

    (void)n;
    if (convert_list(sh, "settings", argv[0], &list) < 0)
        return -1;
    strv_free(sh->backend_settings);
    sh->backend_settings = list;
    return 0;
}
