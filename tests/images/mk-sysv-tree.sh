#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tree of mk-xen-tree.sh with System V init.
# shellcheck disable=SC2034
init=sysvinit-core
. "$(dirname "$0")/mk-xen-tree.sh"
