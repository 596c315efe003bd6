/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/convert.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "fish/values.h"
#include "fish/words.h"

static int
bad(struct shell *sh, const char *name)
{
    error_context(&sh->error, "%s", name);
    return shell_misused(sh);
}

int
convert_bool(struct shell *sh, const char *name, const char *word, bool *ret)
{
    return bool_parse(word, ret, &sh->error) < 0 ? bad(sh, name) : 0;
}

int
convert_i64(struct shell *sh, const char *name, const char *word, int64_t low,
    int64_t high, int64_t *ret)
{
    return number_parse(word, low, high, ret, &sh->error) < 0 ? bad(sh, name)
                                                              : 0;
}

int
convert_i32(struct shell *sh, const char *name, const char *word, int32_t low,
    int32_t high, int32_t *ret)
{
    int64_t value;

    if (convert_i64(sh, name, word, low, high, &value) < 0)
        return -1;
    *ret = (int32_t)value;
    return 0;
}

int
convert_u64(struct shell *sh, const char *name, const char *word, uint64_t *ret)
{
    return number_parse_unsigned(word, UINT64_MAX, ret, &sh->error) < 0
               ? bad(sh, name)
               : 0;
}

int
convert_u32(struct shell *sh, const char *name, const char *word, uint32_t *ret)
{
    uint64_t value;

    if (number_parse_unsigned(word, UINT32_MAX, &value, &sh->error) < 0)
        return bad(sh, name);
    *ret = (uint32_t)value;
    return 0;
}

int
convert_enum(struct shell *sh, const char *name, const char *word,
    const char *const *values)
{
    cleanup_free char *known = NULL;

    for (int i = 0; values[i]; i++) {
        if (str_equal(values[i], word))
            return i;
        char *more = text_printf(
            "%s%s%s", known ? known : "", known ? ", " : "", values[i]);
        free(known);
        known = more;
    }
    error_set(&sh->error, EINVAL, "invalid value '%s': use one of %s", word,
        known ? known : "");
    return bad(sh, name);
}

int
convert_list(struct shell *sh, const char *name, const char *word, char ***ret)
{
    char **list = list_parse(word, &sh->error);

    if (!list)
        return bad(sh, name);
    *ret = list;
    return 0;
}

int
convert_option(struct shell *sh, const char *word, const char *const *names,
    uint64_t set, const char **ret_value)
{
    size_t n = strcspn(word, ":");

    if (!word[n]) {
        error_set(&sh->error, EINVAL,
            "'%s' is one word too many, or an optional argument without its "
            "NAME:",
            word);
        return shell_misused(sh);
    }
    for (int i = 0; names[i]; i++) {
        if (strlen(names[i]) != n || strncmp(names[i], word, n) != 0)
            continue;
        if (set & UINT64_C(1) << i) {
            error_set(&sh->error, EINVAL,
                "optional argument '%s' is given twice", names[i]);
            return shell_misused(sh);
        }
        *ret_value = word + n + 1;
        return i;
    }
    if (str_after(word, "protocol:") || str_after(word, "server:"))
        error_set(&sh->error, EINVAL,
            "'%s': give a remote disk as a URI, such as nbd://HOST:PORT/NAME",
            word);
    else
        error_set(&sh->error, EINVAL, "unknown optional argument '%s'", word);
    return shell_misused(sh);
}

int
convert_key(struct shell *sh, const char *name, char **ret)
{
    char *key = tool_keys_ask(&sh->tool.keys, name, &sh->error);

    if (!key)
        return -1;
    *ret = key;
    return 0;
}
