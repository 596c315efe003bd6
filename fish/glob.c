/* SPDX-License-Identifier: GPL-2.0-or-later */
/* glob: run a command for the product of everything that its patterns match.
 * Names below /dev are the appliance's devices, others are paths in the
 * guest. */
#include <config.h>

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/builtin.h"

/* The product is run, not stored, but each factor is stored. */
enum { MAX_WORDS = 64 };

typedef int (*lister)(struct mayfly *g, char ***ret);

/* Every device that a pattern can mean.  A kind that this appliance does not
 * support is not an error. */
static char **
expand_device(struct shell *sh, const char *pattern)
{
    static const lister listers[] = {mayfly_list_devices,
        mayfly_list_partitions, mayfly_list_md_devices, mayfly_lvs};
    cleanup_strv char **found = NULL;

    for (size_t i = 0; i < N_ELEMENTS(listers); i++) {
        cleanup_free char **names = NULL;

        if (listers[i](sh->g, &names) < 0)
            continue;
        for (size_t k = 0; names[k]; k++) {
            if (fnmatch(pattern, names[k], FNM_PATHNAME) == 0 &&
                strv_append(&found, names[k]) < 0)
                return NULL;
        }
    }
    return found ? steal_pointer(&found) : calloc(1, sizeof(char *));
}

static char **
expand_path(struct shell *sh, const char *pattern)
{
    cleanup_free char **names = NULL;

    if (mayfly_glob_expand(sh->g, pattern, NULL, &names) < 0) {
        shell_call_failed(sh);
        return NULL;
    }
    char **copy = strv_copy(names);
    if (!copy)
        error_no_memory(&sh->error);
    return copy;
}

static char **
expand_word(struct shell *sh, const char *word)
{
    char **found = NULL;

    if (str_after(word, "/dev/"))
        found = expand_device(sh, word);
    else if (word[0] == '/')
        found = expand_path(sh, word);
    else
        found = calloc(1, sizeof(char *));
    /* A pattern without a match stays as it is. */
    if (found && !found[0]) {
        free(found);
        found = NULL;
        strv_append(&found, word);
    }
    if (!found && !sh->error.code)
        error_no_memory(&sh->error);
    return found;
}

/* Increment INDEX, the last word fastest; false after the last. */
static bool
advance(size_t *index, char ***factors, size_t n)
{
    while (n-- > 0) {
        if (factors[n][++index[n]])
            return true;
        index[n] = 0;
    }
    return false;
}

static int
run_product(struct shell *sh, const char *command, char ***factors, size_t n)
{
    size_t index[MAX_WORDS] = {0}, failed = 0, runs = 0;

    do {
        const char *argv[MAX_WORDS + 2] = {command};

        for (size_t i = 0; i < n; i++)
            argv[i + 1] = factors[i][index[i]];
        /* Commands may change their vector, but the words belong to us. */
        cleanup_strv char **copy = NULL;
        for (size_t i = 0; i <= n; i++) {
            if (strv_append(&copy, argv[i]) < 0)
                return error_no_memory(&sh->error);
        }
        runs++;
        if (shell_run_words(sh, copy) == 0)
            continue;
        failed++;
        shell_report(sh, command);
    } while (!tool_interrupted() && advance(index, factors, n));
    if (failed > 0)
        return error_set(&sh->error, EIO, "%zu of %zu runs of '%s' failed",
            failed, runs, command);
    return 0;
}

int
builtin_glob(struct shell *sh, char **argv, size_t n)
{
    char **factors[MAX_WORDS];
    int result = 0;

    if (--n > MAX_WORDS) {
        error_set(&sh->error, E2BIG, "more than %d words", MAX_WORDS);
        return shell_misused(sh);
    }
    size_t expanded = 0;
    for (; result == 0 && expanded < n; expanded++) {
        factors[expanded] = expand_word(sh, argv[expanded + 1]);
        if (!factors[expanded])
            result = -1;
    }
    if (result == 0)
        result = run_product(sh, argv[0], factors, n);
    for (size_t i = 0; i < expanded; i++)
        strv_free(factors[i]);
    return result;
}
