# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sample of a step of the conversion: the settings of a tool are removed.
recipe='A step of the conversion of Linux'
checks=(tests/cli/v2v.sh)

apply()
{
    create v2v/convert/linux/toy.c << 'END'
/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings of a tool of the old hypervisor. */
#include <config.h>

#include "v2v/convert/linux/steps.h"

int
linux_toy(struct conversion *c, struct error *err)
{
    return conversion_remove(c, "/etc/toy.conf", "the settings of toy",
        "it only makes sense under the old hypervisor", err);
}
END
    after v2v/convert/linux/steps.h '^int linux_leftovers' << 'END'

/* The settings of a tool of the old hypervisor. */
int linux_toy(struct conversion *c, struct error *err);
END
    before v2v/convert/linux/convert.c '^        linux_initramfs,' \
        <<< '        linux_toy,'
    before v2v/module.mk '^	v2v/convert/linux/uefi.c' << 'END'
	v2v/convert/linux/toy.c \
END
    append tests/cli/v2v.sh << 'END'

# The settings of a tool.
cp --sparse=always disk toy
mayfish --format=raw -a toy -m /dev/sda2 touch /etc/toy.conf
mayfly-v2v plan -i disk toy | grep -q '^  /etc/toy.conf: the settings of toy'
END
}

use()
{
    small_guest
    mayfish -a small.img -m /dev/sda2 touch /etc/toy.conf
    mayfly-v2v --in-place -i disk small.img -q || fail "it fails"
    same false mayfish --ro -a small.img -m /dev/sda2 exists /etc/toy.conf
}
