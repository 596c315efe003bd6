#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
RESUMES=1000 exec "$(dirname "$0")/resumes.sh"
