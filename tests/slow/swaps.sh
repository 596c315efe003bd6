#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks that are replaced in the running appliance, 200 times each.
SWAPS=200 exec "${srcdir:?}/tests/disk/swap.sh"
