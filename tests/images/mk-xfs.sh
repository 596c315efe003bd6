#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# GPT: / as xfs with a label, and /boot beside it.
. "$(dirname "$0")/images.sh"
debian_tree << 'END'
LABEL=top	/	xfs	defaults	0 1
/dev/sda1	/boot	ext4	defaults	0 2
END
disk "$image" 448M
fish -a "$image" << END
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 67583
part-add /dev/sda p 67584 915455
mkfs ext4 /dev/sda1
mkfs xfs /dev/sda2 label:top
mount /dev/sda2 /
tar-in $scratch/tree.tar /
END
