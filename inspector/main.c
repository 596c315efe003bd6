/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-inspector: what is on these disks? */
#include <config.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "inspector/document.h"
#include "inspector/each.h"
#include "inspector/facts.h"
#include "inspector/images.h"
#include "inspector/manual.h"
#include "inspector/sbom.h"
#include "tool/tool.h"

struct inspector {
    bool json, applications, icon;
    const char *xpath, *sbom, *list, *only;
    bool fast, facts;
    char **sections; /* of facts */
    bool each, recursive;
    int jobs;
};

#define FIELD(name) offsetof(struct inspector, name)

static const struct tool_option own_options[] = {
    {"json", 0, NULL, "print JSON instead of XML", tool_set_flag, FIELD(json)},
    {"no-applications", 0, NULL, "leave out the installed packages",
        tool_clear_flag, FIELD(applications)},
    {"no-icon", 0, NULL, "leave out the logo", tool_clear_flag, FIELD(icon)},
    {"each", 0, NULL,
        "take each DISK as a machine of its own; print one line of JSON for "
        "each",
        tool_set_flag, FIELD(each)},
    {"ndjson", 0, NULL, "the same as --each", tool_set_flag, FIELD(each)},
    {"from-file", 0, "LIST",
        "as --each, with the disks that the lines of LIST name; - is standard "
        "input",
        tool_set_text, FIELD(list)},
    {"recursive", 'r', NULL,
        "as --each, with the disk images in each DISK that is a folder",
        tool_set_flag, FIELD(recursive)},
    {"sbom", 0, "FORMAT",
        "print a bill of materials: spdx (SPDX 2.3) or cyclonedx (CycloneDX "
        "1.6)",
        tool_set_text, FIELD(sbom)},
    {"only", 0, "SECTION,...", "with facts: only these sections; see FACTS",
        tool_set_text, FIELD(only)},
    {"fast", 0, NULL, "with facts: without what takes long to read",
        tool_set_flag, FIELD(fast)},
    {"jobs", 'j', "N",
        "with --each: disks inspected at the same time, 1 to 256; default: "
        "one for each processor",
        tool_set_number, FIELD(jobs)},
    {"xpath", 0, "QUERY",
        "print what QUERY finds in an XML document on standard input",
        tool_set_text, FIELD(xpath)},
    {0},
};

static const struct tool_program program = {
    .name = "mayfly-inspector",
    .summary = "show which operating systems disk images contain",
    .usage = "[OPTION...] -a DISK [-a DISK...]\n"
             "[OPTION...] -d DOMAIN\n"
             "[OPTION...] DISK...\n"
             "--each [--jobs N] [OPTION...] DISK...\n"
             "-r [--jobs N] [OPTION...] FOLDER...\n"
             "--from-file LIST [--jobs N] [OPTION...]\n"
             "facts [--only SECTION,...] [--fast] -a DISK...\n"
             "--xpath QUERY < DOCUMENT",
    .options = own_options,
    .groups = TOOL_DISKS | TOOL_SECRETS,
    .read_only = true,
    .manual = &inspector_manual,
};

/* The one line that says why nothing was found. */
static void
report_nothing_found(const struct mayfly_inspection *found)
{
    cleanup_free char *what = tool_describe_nothing(found);

    if (found->n_filesystems == 0 || found->n_notes > 0) {
        tool_error("no operating system found%s", what ? what : "");
        return;
    }
    tool_error(
        "no operating system found on %s (%s)%s; --json shows what was tried",
        found->filesystems[0].mountable,
        found->filesystems[0].type[0] ? found->filesystems[0].type : "unknown",
        found->n_filesystems > 1 ? " and the others" : "");
}

static int
write_document(
    const struct inspector *i, const struct document *d, struct error *err)
{
    if (i->facts)
        return i->json ? facts_print_json(d->found, i->sections, err)
                       : facts_print_text(d->found, i->sections, err);
    if (i->sbom)
        return str_equal(i->sbom, "spdx") ? document_spdx(d, err)
                                          : document_cyclonedx(d, err);
    return i->json ? document_json(d, err) : document_xml(d, err);
}

static int
print(const struct inspector *i, const struct tool *t,
    const struct mayfly_inspection *found)
{
    cleanup_error struct error err = {0};
    cleanup_free char *name =
        t->n_disks > 0 ? text_hide(t->disks[0].file) : NULL;
    struct document d = {found, i->applications, i->icon, name};
    int r = write_document(i, &d, &err);

    /* The reader has gone, as head does. */
    if (r < 0 && err.code == EPIPE)
        return TOOL_PIPE_CLOSED;
    if (r < 0) {
        tool_error("%s", error_text(&err));
        return TOOL_FAILED;
    }
    for (uint32_t k = 0; found->n_roots > 0 && k < found->n_locked; k++)
        tool_warning(
            "%s: encrypted, and no key opens it", found->locked[k].device);
    if (found->n_roots > 0) {
        tool_say_notes(found, &found->roots[0]);
        return TOOL_OK;
    }
    if (found->n_locked > 0)
        return tool_locked(found);
    report_nothing_found(found);
    return TOOL_NO_OS;
}

static int
inspect(const struct inspector *i, const struct tool *t, struct mayfly *g)
{
    struct mayfly_inspection *found;
    struct mayfly_inspect_options options = {
        .set = MAYFLY_INSPECT_APPLICATIONS | MAYFLY_INSPECT_ICON,
        .applications = i->applications,
        .icon = i->icon && !i->json && !i->sbom && !i->facts,
    };

    if (i->facts) {
        options.set |= MAYFLY_INSPECT_FACTS;
        options.facts = (const char *const *)i->sections;
    }

    if (mayfly_set_read_only(g, true) < 0)
        return tool_fail(g, TOOL_FAILED, NULL);
    int code = tool_add_disks(t, g);
    if (code == TOOL_OK)
        code = tool_launch(g);
    if (code == TOOL_OK)
        code = tool_inspect_as_is(t, g, &options, &found);
    if (code != TOOL_OK)
        return code;
    code = print(i, t, found);
    mayfly_free_inspection(found);
    return code;
}

static int
run_xpath(const char *query)
{
    cleanup_error struct error err = {0};

    if (document_xpath(query, &err) < 0) {
        if (err.code == EPIPE)
            return TOOL_PIPE_CLOSED;
        tool_error("%s", error_text(&err));
        return TOOL_FAILED;
    }
    return tool_finish_output(TOOL_OK);
}

static int
inspect_disks(const struct inspector *i, struct tool *t)
{
    cleanup_mayfly struct mayfly *g = tool_handle(t);

    t->read_only = true;
    return tool_end(g, g ? inspect(i, t, g) : TOOL_FAILED);
}

struct each {
    const struct inspector *inspector;
    struct tool *tool;
};

static int
inspect_one(void *opaque, const char *name)
{
    struct each *e = opaque;
    cleanup_error struct error err = {0};

    if (tool_add_disk(e->tool, name, &err) < 0) {
        tool_error("%s", error_text(&err));
        return TOOL_INPUT;
    }
    return inspect_disks(e->inspector, e->tool);
}

/* Everything that is to be inspected. */
static int
list_images(const struct inspector *i, const struct tool *t, char ***ret,
    struct error *err)
{
    for (size_t k = 0; k < t->n_words; k++) {
        int r = i->recursive ? images_add_folder(ret, t->words[k], err)
                             : strv_append(ret, t->words[k]);
        if (r < 0)
            return i->recursive ? -1 : error_no_memory(err);
    }
    return i->list ? images_add_list(ret, i->list, err) : 0;
}

static int
inspect_each(struct inspector *i, struct tool *t)
{
    struct each e = {i, t};
    cleanup_error struct error err = {0};
    cleanup_strv char **names = NULL;

    if (t->n_disks > 0)
        tool_misuse("--each takes the disks without -a");
    if (t->n_words == 0 && !i->list)
        tool_misuse("no disk: give at least one");
    if (i->sbom)
        tool_misuse("--sbom is for one machine; without --each, -r and "
                    "--from-file");
    if (list_images(i, t, &names, &err) < 0) {
        tool_error("%s", error_text(&err));
        return TOOL_INPUT;
    }
    if (strv_length(names) == 0) {
        tool_error("no disk image was found: in a folder they are known by "
                   "endings such as .qcow2 and .img");
        return TOOL_INPUT;
    }
    i->json = true;
    /* The images of many owners: none may read another. */
    if (!t->policy)
        t->policy = "named";
    return tool_exit_code(
        each_run(names, strv_length(names), i->jobs, inspect_one, &e));
}

/* The sections of --only, or all. */
static void
choose_sections(struct inspector *i)
{
    cleanup_free char *copy = strdup(i->only ? i->only : "");
    char *rest = copy, *word;
    const char *name;

    while (copy && (word = strsep(&rest, ","))) {
        bool known = !word[0];

        for (size_t k = 0; (name = facts_section(k)); k++)
            known |= str_equal(name, word);
        if (!known)
            tool_misuse("--only: '%s' is no section of facts", word);
    }
    for (size_t k = 0; (name = facts_section(k)); k++) {
        bool wanted =
            i->only ? false : !i->fast || !facts_section_is_slow(name);

        for (const char *p = i->only; p && *p; p += *p == ',') {
            size_t n = strcspn(p, ",");

            wanted |= strlen(name) == n && strncmp(p, name, n) == 0;
            p += n;
        }
        if (wanted && strv_append(&i->sections, name) < 0)
            tool_misuse("no memory");
    }
    if (!i->sections)
        tool_misuse("--only: no section of facts is given");
}

/* The words that come first in place of a disk. */
static void
take_command(struct inspector *i, struct tool *t)
{
    const char *word = t->n_words > 0 ? t->words[0] : "";

    if (str_equal(word, "facts")) {
        i->facts = true;
        i->applications = false;
        choose_sections(i);
        t->words++;
        t->n_words--;
    } else if (i->only || i->fast) {
        tool_misuse("--only and --fast are for facts: mayfly-inspector facts "
                    "-a DISK");
    }
}

int
main(int argc, char **argv)
{
    struct inspector i = {.applications = true, .icon = true};
    cleanup_tool struct tool t;

    tool_parse(&t, &program, argc, argv, &i);
    take_command(&i, &t);
    if (i.sbom && !str_equal(i.sbom, "spdx") && !str_equal(i.sbom, "cyclonedx"))
        tool_misuse("--sbom: '%s' is neither spdx nor cyclonedx", i.sbom);
    if (i.sbom && (i.json || !i.applications))
        tool_misuse("--sbom excludes --json and --no-applications");
    if (i.each || i.list || i.recursive)
        return inspect_each(&i, &t);
    tool_take_words(&t);
    if (i.facts && i.sbom)
        tool_misuse("--sbom is without facts");
    if (i.xpath && t.n_disks > 0)
        tool_misuse("--xpath reads a document from stdin, not disks");
    if (i.xpath)
        return run_xpath(i.xpath);
    if (t.n_disks == 0)
        tool_misuse("no disk: give at least one with -a");
    return inspect_disks(&i, &t);
}
