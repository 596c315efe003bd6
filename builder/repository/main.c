/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mayfly-repo: a repository of templates, for mayfly-builder and
 * virt-builder. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "builder/catalog/index.h"
#include "download/verify.h"
#include "builder/repository/manual.h"
#include "builder/repository/publish.h"
#include "download/sign.h"
#include "tool/tool.h"

enum { MAX_INDEX = 16 << 20, DEFAULT_LEVEL = 1 };

struct repo {
    const char *sign, *gpg_home;
    bool generate, unsigned_ok, quiet;
    int level;
    struct facts facts;
};

#define FIELD(name) offsetof(struct repo, name)

static const struct tool_option options[] = {
    {NULL, 0, NULL, "Key", NULL, 0},
    {"sign", 0, "KEY", "sign with this key of your own: fingerprint or user ID",
        tool_set_text, FIELD(sign)},
    {"generate-key", 0, NULL,
        "sign with a key for repositories, made at the first use",
        tool_set_flag, FIELD(generate)},
    {"gpg-home", 0, "DIR", "folder where GnuPG has the key", tool_set_text,
        FIELD(gpg_home)},
    {"no-sign", 0, NULL, "do not sign the index", tool_set_flag,
        FIELD(unsigned_ok)},
    {NULL, 0, NULL, "What the index says of the image, if it is the only one",
        NULL, 0},
    {"os-version", 0, "NAME", "name of the template, as debian-12",
        tool_set_text, FIELD(facts.id)},
    {"name", 0, "TEXT", "full name, as 'Debian 12 (bookworm)'", tool_set_text,
        FIELD(facts.name)},
    {"arch", 0, "ARCH", "processor of the image", tool_set_text,
        FIELD(facts.arch)},
    {"osinfo", 0, "ID", "short ID of libosinfo", tool_set_text,
        FIELD(facts.osinfo)},
    {"expand", 0, "DEVICE", "partition that grows with the image",
        tool_set_text, FIELD(facts.expand)},
    {"lvexpand", 0, "LV", "logical volume that grows with the image",
        tool_set_text, FIELD(facts.lvexpand)},
    {"notes", 0, "FILE", "file with notes for those who use the template",
        tool_set_text, FIELD(facts.notes_file)},
    {NULL, 0, NULL, "Other", NULL, 0},
    {"level", 0, "N", "level of the xz compression, 0 to 9; default: 1",
        tool_set_number, FIELD(level)},
    {"quiet", 'q', NULL, "print no messages, only errors", tool_set_flag,
        FIELD(quiet)},
    {0},
};

/* A repository being made. */
struct job {
    const struct repo *repo;
    const struct tool *tool;
    const char *folder;
    struct signing signing;
    char *index_path;
    struct ini old; /* the existing index */
    FILE *out;      /* the new one */
    char **added;   /* strv: "ID ARCH" written so far */
    char **files;   /* strv: the files the new index names */
};

static int
choose_key(struct job *job, struct error *err)
{
    const struct repo *r = job->repo;

    job->signing.home = r->gpg_home;
    if (r->unsigned_ok)
        return 0;
    if (r->sign)
        return signing_choose(&job->signing, r->sign, err);
    return signing_generate(&job->signing, err);
}

/* The existing index is reused only if it is signed by the key that will sign
 * the new one. */
static int
read_old(struct job *job, struct error *err)
{
    size_t size;
    cleanup_free char *data = NULL, *text = NULL;

    if (access(job->index_path, F_OK) < 0)
        return 0;
    data = read_file(job->index_path, MAX_INDEX, &size, err);
    if (!data)
        return -1;
    if (job->signing.fingerprint) {
        struct signer signer = {.fingerprint = job->signing.fingerprint};
        struct verified v;
        size_t key_size;
        cleanup_free char *key =
            signing_public_key(&job->signing, &key_size, err);

        if (!key)
            return -1;
        signer.key_data = key;
        signer.key_size = key_size;
        if (verify_clearsigned(data, size, &signer, &v, err) < 0)
            return error_context(err,
                "cannot reuse %s, remove it to start again", job->index_path);
        text = v.text;
        size = v.size;
    } else if (verify_nothing(data, size, &text, &size, err) < 0) {
        return -1;
    }
    if (ini_parse(text, size, &job->old, err) < 0)
        return error_context(err, "%s", job->index_path);
    return 0;
}

/* Record ID and arch of a section, given as text. */
static int
note_section(struct job *job, const char *text, struct error *err)
{
    cleanup_ini struct ini ini = {0};

    if (ini_parse(text, strlen(text), &ini, err) < 0)
        return -1;

    const char *arch = ini_get(&ini.sections[0], "arch", NULL);
    if (strv_printf(&job->added, "%s %s", ini.sections[0].id,
            arch_normalise(arch ? arch : "")) < 0)
        return error_no_memory(err);
    return 0;
}

static int
add_image(struct job *job, const char *image, struct error *err)
{
    const struct publication to = {
        job->tool, job->folder, &job->old, job->repo->level};
    char *file = NULL;
    cleanup_free char *text =
        publish_image(&to, image, &job->repo->facts, &file, err);

    if (!text)
        return -1;
    if (strv_take(&job->files, file) < 0)
        return error_no_memory(err);
    if (note_section(job, text, err) < 0)
        return -1;
    /* virt-builder before 1.55.6 requires the blank line. */
    fprintf(job->out, "%s\n", text);
    if (!job->repo->quiet)
        printf("added %s\n", file);
    return 0;
}

/* Keep the entries that no image replaces. */
static int
keep_old(struct job *job, struct error *err)
{
    for (size_t i = 0; i < job->old.n_sections; i++) {
        const struct ini_section *s = &job->old.sections[i];
        const char *arch = ini_get(s, "arch", NULL);
        cleanup_free char *key =
            text_printf("%s %s", s->id, arch_normalise(arch ? arch : ""));

        if (!key)
            return error_no_memory(err);
        if (strv_contains(job->added, key))
            continue;
        fprintf(job->out, "[%s]\n", s->id);
        for (size_t j = 0; j < s->n_fields; j++) {
            const struct ini_field *f = &s->fields[j];

            fprintf(job->out, f->sub ? "%s[%s]=" : "%s%s=", f->key,
                f->sub ? f->sub : "");
            for (const char *p = f->value; *p; p++) {
                putc(*p, job->out);
                if (*p == '\n')
                    putc(' ', job->out);
            }
            putc('\n', job->out);
            if (str_equal(f->key, "file") &&
                strv_append(&job->files, f->value) < 0)
                return error_no_memory(err);
        }
        putc('\n', job->out);
    }
    return 0;
}

static int
write_whole(const char *path, const char *data, size_t size, struct error *err)
{
    cleanup_output struct output out = {.fd = -1};

    if (output_open(&out, path, 0644, err) < 0)
        return -1;
    if (write_all(out.fd, data, size) < 0)
        return error_errno(err, errno, "cannot write %s", path);
    return output_commit(&out, err);
}

/* For scripts; people should get it from the owner of the repository. */
static int
write_fingerprint(struct job *job, struct error *err)
{
    cleanup_free char *path = text_printf("%s/fingerprint", job->folder);
    cleanup_free char *line = text_printf("%s\n", job->signing.fingerprint);

    if (!path || !line)
        return error_no_memory(err);
    return write_whole(path, line, strlen(line), err);
}

static int
write_index(struct job *job, const char *text, size_t size, struct error *err)
{
    if (!job->signing.fingerprint)
        return write_whole(job->index_path, text, size, err);

    cleanup_free char *path = text_printf("%s/key.asc", job->folder);
    size_t key_size, signed_size;
    cleanup_free char *key = signing_public_key(&job->signing, &key_size, err);
    cleanup_free char *whole =
        key ? signing_sign(&job->signing, text, size, &signed_size, err) : NULL;

    if (!whole)
        return -1;
    if (!path)
        return error_no_memory(err);
    if (write_whole(path, key, key_size, err) < 0 ||
        write_fingerprint(job, err) < 0)
        return -1;
    return write_whole(job->index_path, whole, signed_size, err);
}

/* Remove files of the old index that the new one does not name. */
static void
remove_replaced(struct job *job)
{
    cleanup_close int dirfd =
        open(job->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    for (size_t i = 0; dirfd >= 0 && i < job->old.n_sections; i++) {
        const char *file = ini_get(&job->old.sections[i], "file", NULL);

        if (file && index_file_is_safe(file) && !strchr(file, '/') &&
            !strv_contains(job->files, file))
            unlinkat(dirfd, file, 0);
    }
}

static int
make_repository(struct job *job, struct error *err)
{
    char *text = NULL;
    size_t size = 0;
    int r = 0;

    if (make_directories(job->folder, 0777, err) < 0 ||
        choose_key(job, err) < 0)
        return -1;
    job->index_path = text_printf(
        "%s/index%s", job->folder, job->signing.fingerprint ? ".asc" : "");
    job->out = open_memstream(&text, &size);
    if (!job->index_path || !job->out)
        return error_no_memory(err);
    r = read_old(job, err);
    for (size_t i = 2; r == 0 && i < job->tool->n_words; i++)
        r = add_image(job, job->tool->words[i], err);
    if (r == 0)
        r = keep_old(job, err);
    if (fclose(job->out) != 0 && r == 0)
        r = error_no_memory(err);
    if (r == 0)
        r = write_index(job, text, size, err);
    free(text);
    if (r < 0 && job->files)
        for (char **file = job->files; *file; file++) {
            /* No index names it: of no use. */
            cleanup_free char *path = text_printf("%s/%s", job->folder, *file);

            if (path && !publish_is_known(&job->old, *file))
                unlink(path);
        }
    else if (r == 0)
        remove_replaced(job);
    return r;
}

static void
job_free(struct job *job)
{
    signing_close(&job->signing);
    ini_free(&job->old);
    strv_free(job->added);
    strv_free(job->files);
    free(job->index_path);
}

/* A repository's own key is kept with the user's data. */
static char *
default_home(struct error *err)
{
    cleanup_free char *base =
        xdg_directory("XDG_DATA_HOME", ".local/share", err);
    char *home = base ? text_printf("%s/gnupg", base) : NULL;

    if (base && !home)
        error_no_memory(err);
    return home;
}

static int
run(struct repo *r, const struct tool *tool)
{
    cleanup_error struct error err = {0};
    cleanup_free char *home = NULL;
    struct job job = {.repo = r, .tool = tool, .folder = tool->words[1]};

    if (r->generate && !r->gpg_home) {
        home = default_home(&err);
        r->gpg_home = home;
    }
    int code = TOOL_OK;
    if ((r->generate && !r->gpg_home) || make_repository(&job, &err) < 0) {
        if (!tool_interrupted())
            tool_error("%s", error_text(&err));
        code = TOOL_FAILED;
    } else if (!r->quiet) {
        printf("index: %s\n", job.index_path);
        if (job.signing.fingerprint)
            printf("fingerprint: %s\n", job.signing.fingerprint);
    }
    job_free(&job);
    return code;
}

static void
check_words(const struct repo *r, const struct tool *tool)
{
    const struct facts none = {0};

    if (tool->n_words == 0)
        tool_misuse("no command given; the only one is 'create'");
    if (!str_equal(tool->words[0], "create"))
        tool_misuse(
            "unknown command '%s'; the only one is 'create'", tool->words[0]);
    if (tool->n_words < 3)
        tool_misuse("create needs a folder and an image");
    if (tool->n_words > 3 && memcmp(&r->facts, &none, sizeof none) != 0)
        tool_misuse(
            "options about the image need exactly one image; for several, put "
            "IMAGE.ini files next to the images");
    if (!!r->sign + r->generate + r->unsigned_ok != 1)
        tool_misuse("give one of --sign KEY, --generate-key, --no-sign");
    if (r->level > 9)
        tool_misuse("--level must be between 0 and 9");
}

int
main(int argc, char **argv)
{
    const struct tool_program program = {
        .name = "mayfly-repo",
        .summary = "make repositories of disk image templates",
        .usage = "create DIR IMAGE... [OPTION...]",
        .options = options,
        .groups = TOOL_ALLOW,
        .manual = &repo_manual,
    };
    struct repo r = {.level = DEFAULT_LEVEL};
    cleanup_tool struct tool tool;

    tool_parse(&tool, &program, argc, argv, &r);
    check_words(&r, &tool);
    return tool_finish_output(tool_exit_code(run(&r, &tool)));
}
