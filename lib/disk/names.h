/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the name of a file says about it.  The folder of an image can hold the
 * images of others, so only a name that programs really give to the parts of a
 * disk makes a file one of them: disk-flat.vmdk is a part of disk.vmdk,
 * disk2.vmdk and disk2-flat.vmdk are not. */
#pragma once
#include <stdbool.h>

#include "lib/disk/header.h"

/* How an image uses another file. */
enum file_role { ROLE_BACKING, ROLE_DATA, ROLE_EXTENT };

/* "backing file", for messages. */
const char *file_role_name(enum file_role role);

/* Is FILE named after IMAGE, for that role?  Folders are not compared. */
bool name_belongs(const char *file, const char *image, enum file_role role);

/* Does the name end as those of disk images do?  Anything can be called .raw
 * or .img. */
bool name_is_image(const char *file);

/* Does it end as that of the plain bytes of a disk? */
bool name_is_raw(const char *file);

/* Does the name end as those of images in FORMAT do? */
bool name_states(const char *file, enum image_format format);
