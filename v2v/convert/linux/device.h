/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: which device a name in a file of the guest means, and what it
 * should be called so that the new machine has it, too. */
#pragma once
#include "v2v/convert/conversion.h"
#include "v2v/convert/linux/edit.h"

enum device_form {
    FORM_TABLE,  /* "UUID=..." for the device, a path in the options */
    FORM_LINE,   /* the same by the word of a command line or setting */
    FORM_PATH,   /* "/dev/disk/by-uuid/..." */
    FORM_LETTER, /* "/dev/vda" */
    FORM_LOOK,   /* not changed, only reported */
};

/* The file whose names are changed; the argument of device_rename. */
struct device_renaming {
    struct conversion *c;
    const char *path; /* for the report; or NULL */
    enum device_form form;
};

/* An edit_rename: OPAQUE is a struct device_renaming.  A name that is not
 * understood, or only guessed, is reported once for each file. */
char *device_rename(
    void *opaque, const struct edit_name *name, struct error *err);
