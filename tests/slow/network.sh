#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a guest reaches with each kind of network, and that the attack on it
# works where passt is not used.
SLOW=1 exec "${srcdir:?}/tests/appliance/network.sh"
