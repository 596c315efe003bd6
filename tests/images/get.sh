#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# get.sh NAME: print the path of the image that mk-NAME.sh makes, made now if
# it is not in the cache or its script is newer.  Do not write to it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mayfly/test-images
mkdir -p "$cache"
# The files that the script sources count as parts of it.
mapfile -t parts < <(sed -n 's,^\. .*/\([a-z.-]*\)"$,\1,p' "$here/mk-$name.sh")
sum=$(cd "$here" && cat "${parts[@]}" "mk-$name.sh" | sha256sum | cut -c1-16)
image=$cache/$name-$sum
exec 3> "$cache/$name.lock"
flock 3
if [ ! -f "$image.done" ]; then
    rm -rf "$cache/$name"-*
    "$here/mk-$name.sh" "$image" >&2
    : > "$image.done"
fi
echo "$image"
