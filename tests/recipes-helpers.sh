# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the samples in recipes.d/ use.  In apply(), from the top of the copy:
#   create FILE            a new file, from standard input, as all texts here
#   append FILE            at its end
#   before FILE PATTERN    before the first line that matches (awk's pattern)
#   after FILE PATTERN     after it; if it continues, after its "method" line
#   edit FILE EXPRESSION   by sed, which has to change something
# In use(), in a folder of its own and with the programs of the copy:
#   same TEXT COMMAND...   it succeeds and prints exactly that
#   small_guest            make small.img, a guest of Xen
: "${recipe:?}"

anchor_gone()
{
    fail "$recipe: $1: no line matches '$2'"
}

create()
{
    [ ! -e "$1" ] || fail "$recipe: $1 exists already"
    cat > "$1"
}

append()
{
    [ -e "$1" ] || fail "$recipe: no file $1"
    cat >> "$1"
}

# insert FILE PATTERN before|after
insert()
{
    local text=$work/text made=$work/made
    cat > "$text"
    [ -e "$1" ] || fail "$recipe: no file $1"
    PATTERN=$2 PLACE=$3 TEXT=$text awk '
        function put(  line) { while ((getline line < ENVIRON["TEXT"]) > 0) print line }
        !done && $0 ~ ENVIRON["PATTERN"] {
            done = 1
            if (ENVIRON["PLACE"] == "before") put()
            print
            if (ENVIRON["PLACE"] == "after") put()
            next
        }
        { print }
        END { exit !done }' "$1" > "$made" || anchor_gone "$1" "$2"
    cat "$made" > "$1"
}

before() { insert "$1" "$2" before; }
after() { insert "$1" "$2" after; }

edit()
{
    [ -e "$1" ] || fail "$recipe: no file $1"
    sed "$2" "$1" > "$work/made"
    if cmp -s "$1" "$work/made"; then anchor_gone "$1" "$2"; fi
    cat "$work/made" > "$1"
}

same()
{
    local want=$1 got
    shift
    got=$("$@" < /dev/null) || fail "'$*' exited $?"
    [ "$got" = "$want" ] || fail "'$*' printed '$got', not '$want'"
}

small_guest()
{
    . "$srcdir/tests/cli/v2v-guests.sh"
    make_guests
    mv disk small.img
}
