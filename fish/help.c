/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/help.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "fish/lookup.h"
#include "tool/roff.h"

struct entry {
    const char *name, *summary;
    size_t length; /* of the name */
};

static int
by_name(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    size_t n = x->length < y->length ? x->length : y->length;
    int order = strncmp(x->name, y->name, n);

    return order ? order : x->length < y->length ? -1 : x->length > y->length;
}

static const char *
old_summary(const struct old_name *o)
{
    switch (o->kind) {
    case OLD_COMMAND:
        return "An older spelling; its help shows the command.";
    case OLD_SET:
    case OLD_GET:
        return "A setting of guestfish, which is only stored.";
    case OLD_ANSWER:
    case OLD_NOTHING:
        return "Accepted for scripts of guestfish.";
    case OLD_REFUSED:
        break;
    }
    return "Not available; its help says what to use.";
}

void
help_list(const struct builtin *table)
{
    size_t n = 0, room = n_command_names + n_old_names;

    for (const struct builtin *b = table; b->names; b++)
        room++;
    cleanup_free struct entry *all = calloc(room, sizeof *all);
    if (!all)
        return;
    for (const struct builtin *b = table; b->names; b++)
        all[n++] = (struct entry){b->names, b->summary, strcspn(b->names, " ")};
    for (size_t i = 0; i < n_command_names; i++) {
        /* A builtin hides the call of the same name. */
        if (lookup_builtin(table, command_names[i].name))
            continue;
        const struct command *c = &commands[command_names[i].row];
        all[n++] = (struct entry){
            command_names[i].name, c->summary, strlen(command_names[i].name)};
    }
    for (size_t i = 0; i < n_old_names; i++) {
        const struct old_name *o = &old_names[i];

        if (o->kind != OLD_REFUSED)
            all[n++] = (struct entry){o->name, old_summary(o), strlen(o->name)};
    }
    qsort(all, n, sizeof *all, by_name);
    printf("    Command              Description\n");
    for (size_t i = 0; i < n; i++)
        printf("%-20.*s %s\n", (int)all[i].length, all[i].name, all[i].summary);
    printf("    Use 'help COMMAND' to see more of one.\n");
}

/* Those that no definition has; the build puts the others after them. */
void
help_manual(const struct builtin *table, FILE *out)
{
    roff_macro(out, "SH", "COMMANDS OF THE SHELL");
    roff_text(
        out, "These are commands of mayfish itself, not calls of the library.");
    for (const struct builtin *b = table; b->names; b++) {
        roff_macro(out, "SS", b->names);
        roff_code(out, b->usage);
        roff_sentence(out, b->summary);
        if (b->doc)
            roff_text(out, b->doc);
    }
    roff_macro(out, "SH", "OLDER NAMES");
    for (size_t i = 0; i < n_old_names; i++) {
        const struct old_name *o = &old_names[i];

        if (o->kind == OLD_REFUSED)
            continue;
        fputs(".TP\n\\fB", out);
        roff_plain(out, o->name);
        fputs("\\fR\n", out);
        if (o->kind == OLD_COMMAND) {
            cleanup_free char *text = text_printf("It runs `%s`.", o->text);

            roff_item_text(out, text ? text : "");
        } else {
            roff_sentence(out, old_summary(o));
        }
    }
}

static void
print_indented(const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");

        if (n > 0)
            printf("    %.*s\n", (int)n, text);
        else
            putchar('\n');
        text += n + (text[n] == '\n');
    }
}

static void
print_head(const char *name, const char *summary, const char *usage)
{
    printf("NAME\n    %.*s - %s\n\nSYNOPSIS\n    %s\n", (int)strcspn(name, " "),
        name, summary, usage);
}

static void
builtin_page(const struct builtin *b)
{
    print_head(b->names, b->summary, b->usage);
    if (b->doc) {
        printf("\nDESCRIPTION\n");
        print_indented(b->doc);
    }
}

static void
command_page(const struct command *c)
{
    print_head(c->names[0], c->summary, c->usage);
    printf("\nDESCRIPTION\n");
    print_indented(c->doc);
    for (size_t i = 1; c->names[i]; i++)
        printf("%s%s", i == 1 ? "\nALSO CALLED\n    " : ", ", c->names[i]);
    if (c->names[1])
        putchar('\n');
}

static void
old_page(const struct old_name *o)
{
    cleanup_free char *usage =
        text_printf("%s %s", o->name, o->words ? o->words : "...");

    print_head(o->name, old_summary(o), usage ? usage : o->name);
    if (o->kind == OLD_COMMAND)
        printf("\nDESCRIPTION\n    It runs '%s'.\n", o->text);
    else if (o->kind == OLD_REFUSED)
        printf("\nDESCRIPTION\n    %s.\n", o->text);
}

int
help_page(const struct builtin *table, const char *name)
{
    struct found found = lookup(table, name);

    if (found.builtin)
        builtin_page(found.builtin);
    else if (found.command)
        command_page(found.command);
    else if (found.old)
        old_page(found.old);
    else
        return -1;
    return 0;
}

static const char hint_before[] =
    "Add disk images first, start the appliance, mount, and look around:\n\n"
    "    add disk.img            or start with: mayfish -a disk.img\n"
    "    run                     start the appliance\n"
    "    list-filesystems        what is there?\n"
    "    mount /dev/sda1 /\n"
    "    ll /\n    cat /etc/hostname\n\n"
    "'mayfish -i -a disk.img' does all that by itself.\n";

static const char hint_after[] =
    "The appliance is running.  Useful commands:\n\n"
    "    list-filesystems        what is there?\n"
    "    mount /dev/sda1 /       and umount /\n"
    "    ll DIR    cat FILE    edit FILE    more FILE\n"
    "    copy-in LOCAL... DIR    copy-out REMOTE... LOCALDIR\n"
    "    inspect-os              which operating systems are there?\n\n";

int
builtin_help(struct shell *sh, char **argv, size_t n)
{
    bool config = true;

    if (n == 1 && (str_equal(argv[0], "-l") || str_equal(argv[0], "--list"))) {
        help_list(sh->builtins);
        return 0;
    }
    if (n == 1 && help_page(sh->builtins, argv[0]) < 0)
        return error_set(&sh->error, ENOENT,
            "unknown command '%s'; 'help -l' lists all commands", argv[0]);
    if (n == 1)
        return 0;
    mayfly_is_config(sh->g, &config);
    fputs(config ? hint_before : hint_after, stdout);
    printf("\n'help -l' lists all commands, 'help COMMAND' explains one, "
           "'quit' leaves.\n");
    return 0;
}
