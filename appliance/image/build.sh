#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Make the appliance's kernel and initrd from the distribution's packages.
#
#     build.sh [-k] [-q] [-u] [-a AGENT] [-i ICUDATA] -o FOLDER
#
#   -a AGENT    the program that becomes /init (default: mayfly-agent beside
#               this script)
#   -i ICUDATA  a small stand-in for the 30 MB data of the ICU library
#   -k          keep the packages of the last time if nothing here changed
#   -u          ask the mirror for newer packages first
#   -q          say only what goes wrong
#
# It needs no root: packages are resolved against an empty system with a
# private state of apt, but with the sources, keys and proxies that this
# machine is configured with; checked against the signed index, unpacked
# without running any of their scripts, and packed as owned by root.
#
# The initrd is two cpio archives, one after the other.  The base (packages,
# modules, root/), compressed, is made again only when one of its inputs
# changes, and is kept in the cache; the second (the agent) takes a moment.
# Same inputs, same bytes.
set -eu
LC_ALL=C
export LC_ALL
umask 022
unset CDPATH

self=$(cd "$(dirname "$0")" && pwd)
out='' agent=$self/mayfly-agent icudata=$self/icudata.so
quiet='' update='' keep=''
epoch=${SOURCE_DATE_EPOCH:-1700000000}

say()
{
    [ -n "$quiet" ] || echo "appliance: $*" >&2
}

die()
{
    echo "build.sh: $*" >&2
    exit 1
}

need()
{
    command -v "$1" > /dev/null 2>&1 ||
        die "no program $1: install the package $2"
}

# Lines of a list file without comments and empty lines.
lines()
{
    sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$1"
}

# A private apt: our state, the machine's sources.  Settings that run hooks
# are left out, those about the way to the mirror are kept.
apt_config()
{
    mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
    : > "$1/status"
    {
        apt-config dump | sed -nE \
        '/^Acquire::(http|https|ftp|Retries|Check-|Languages|Force|Gzip)/p'
        cat << END
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::State "$1";
Dir::State::status "$1/status";
Dir::State::lists "$2";
Dir::Cache "$1/cache";
Dir::Log "$1";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::ForceHash "SHA256";
Acquire::Retries "3";
Debug::NoLocking "true";
END
    } > "$1/apt.conf"
    APT_CONFIG=$1/apt.conf
    export APT_CONFIG
}

# The first name of "a | b | c" that apt could install.
choose()
{
    for name in $(echo "$1" | tr '|' ' '); do
        if [ -n "$(apt-cache show --no-all-versions "$name" 2> /dev/null |
            sed -n 's/^Package: //p')" ]; then
            echo "$name"
            return
        fi
    done
    echo "no package $1 in this machine's sources" >&2
    return 1
}

# The closure of `packages`: lines "FILE NAME=VERSION SHA256" in $state/list.
resolve()
{
    apt_config "$state" "$1"
    lines "$self/packages" | sed -n 's/^-\([^/].*\)/\1/p' > "$state/without"
    wanted=''
    lines "$self/packages" | grep -v '^-' > "$state/wanted"
    while read -r line; do
        name=$(choose "$line") || return 1
        wanted="$wanted $name"
    done < "$state/wanted"
    # shellcheck disable=SC2086
    apt-get -y -qq --print-uris install $wanted > "$state/uris" || return 1
    awk -v without="$state/without" '
        BEGIN { while ((getline name < without) > 0) skip[name] = 1 }
        {
            split($2, part, "_")
            version = part[2]
            gsub(/%3a/, ":", version)
            sum = $4
            if (sub(/^SHA256:/, "", sum) != 1)
                bad = $2
            if (!(part[1] in skip))
                print $2, part[1] "=" version, sum
        }
        END { if (bad) { print "no SHA256 of " bad > "/dev/stderr"; exit 1 } }
    ' "$state/uris" | sort > "$state/list"
    [ -s "$state/list" ]
}

# Every package of the list in $packages, each with the sum of the signed
# index.
fetch()
{
    missing=''
    while read -r file package sum; do
        if ! echo "$sum  $packages/$file" | sha256sum -c --status \
            2> /dev/null; then
            rm -f "$packages/$file"
            missing="$missing $package"
        fi
    done < "$state/list"
    [ -n "$missing" ] || return 0
    say "fetching $(echo "$missing" | wc -w) packages"
    # shellcheck disable=SC2086
    (cd "$packages" && apt-get -qq download $missing > "$state/log" 2>&1) ||
        {
            cat "$state/log" >&2
            return 1
        }
    while read -r file package sum; do
        echo "$sum  $packages/$file" | sha256sum -c --status ||
            {
                echo "$file is not what the index says" >&2
                return 1
            }
    done < "$state/list"
}

# Resolve and fetch with the machine's package lists, with ours if they do
# not do: none there, too old for the mirror.
gather()
{
    if [ -z "$update" ] && resolve /var/lib/apt/lists 2> "$state/why" &&
        fetch 2>> "$state/why"; then
        return
    fi
    own=$cache/lists
    apt_config "$state" "$own"
    mkdir -p "$own/partial"
    say "updating a private package list"
    # One of several mirrors may be down; what counts is the next step.
    apt-get -qq update > "$state/log" 2>&1 || true
    if ! resolve "$own" || ! fetch; then
        cat "$state/log" >&2
        die "cannot get the packages: check apt's sources and the network" \
            "(apt-get update)"
    fi
}

unpack()
{
    for folder in bin sbin lib lib64; do
        mkdir -p "$root/usr/$folder"
        ln -s "usr/$folder" "$root/$folder"
    done
    lines "$self/packages" | sed -n 's/^-\//.\//p' > "$state/exclude"
    while read -r file _ _; do
        case $file in
        linux-*) dpkg-deb --fsys-tarfile "$packages/$file" |
            tar -xf - -C "$state/kernel" ;;
        # Only the texts that the licences of the others refer to.
        base-files_*) dpkg-deb --fsys-tarfile "$packages/$file" |
            tar -xf - -C "$root" --wildcards './usr/share/common-licenses' \
                './usr/share/doc/*/copyright' ;;
        *) dpkg-deb --fsys-tarfile "$packages/$file" |
            tar -xf - -C "$root" --keep-directory-symlink \
                --no-same-permissions --wildcards \
                --exclude-from="$state/exclude" ;;
        esac || die "cannot unpack $file"
    done < "$state/list"
    loader=$(echo "$root"/usr/lib64/ld-linux-*)
    [ -e "$loader" ] || loader=$(echo "$root"/usr/lib/*/ld-linux-*)
    libraries=$(echo "$root"/usr/lib/*-linux-gnu)
}

# A dynamic program of the image, run with the image's own libraries.
inside()
{
    name=$1
    shift
    "$loader" --argv0 "$name" --inhibit-cache --library-path "$libraries" \
        "$@"
}

# The kernel and those of its modules that are listed, with dependencies.
kernel()
{
    tree=$state/kernel
    # One layout for all: /lib/modules, with or without /usr.
    if [ ! -d "$tree/lib/modules" ]; then
        ln -s usr/lib "$tree/lib"
    fi
    version=$(ls "$tree/lib/modules")
    [ "$(echo "$version" | wc -l)" -eq 1 ] || die "several kernels: $version"
    cp "$tree/boot/vmlinuz-$version" "$base/kernel"
    inside depmod "$root/usr/bin/kmod" -b "$tree" "$version"
    : > "$state/modules"
    lines "$self/modules" | while read -r name; do
        inside modprobe "$root/usr/bin/kmod" -d "$tree" -S "$version" -q \
            --show-depends "${name#+}" 2> /dev/null |
            sed -n 's/^insmod \([^ ]*\).*/\1/p' || true
    done | sort -u > "$state/modules"
    [ -s "$state/modules" ] || die "none of the modules is in $version"
    while read -r path; do
        to=$root/usr/lib/modules/$version/${path#"$tree"/lib/modules/*/}
        mkdir -p "$(dirname "$to")"
        cp "$path" "$to"
    done < "$state/modules"
    for file in modules.order modules.builtin modules.builtin.modinfo; do
        cp "$tree/lib/modules/$version/$file" \
            "$root/usr/lib/modules/$version/"
    done
    inside depmod "$root/usr/bin/kmod" -b "$root" "$version"
    mkdir -p "$root/etc/mayfly"
    lines "$self/modules" | sed -n 's/^+//p' > "$root/etc/mayfly/modules"
}

# The licences of all packages, one text, and the source packages that they
# were built from: whoever passes an image on has to pass these on as well.
licences()
{
    while read -r file package _; do
        name=${package%%=*}
        for place in "$root" "$state/kernel"; do
            [ ! -e "$place/usr/share/doc/$name/copyright" ] || continue 2
        done
        die "no licence in $file"
    done < "$state/list"
    (
        cd "$root/usr/share"
        cp -R "$state"/kernel/usr/share/doc .
        find doc -name copyright -type f | sort -u > "$state/texts"
        find common-licenses -type f | sort >> "$state/texts"
        while read -r path; do
            printf '\n==== %s\n\n' "$path"
            cat "$path"
        done < "$state/texts"
    ) > "$state/licences"
    # By the image's own zstd: one version, one result.
    inside zstd "$root/usr/bin/zstd" -q -19 -c < "$state/licences" \
        > "$base/licences.zst"
    rm -rf "$root/usr/share/doc" "$root/usr/share/common-licenses"
    while read -r file _; do
        dpkg-deb --showformat \
            '${source:Package} ${source:Version}\n' -W "$packages/$file"
    done < "$state/list" | sort -u > "$base/sources"
}

# What maintainer scripts would have done, and room to mount things.
settle()
{
    # Whatever modes the sources have.
    (cd "$self/root" && find . -type f) | while read -r file; do
        mkdir -p "$root/${file%/*}"
        cat "$self/root/$file" > "$root/$file"
    done
    for folder in dev proc sys run tmp root var/tmp var/lib sysroot mnt; do
        mkdir -p "$root/$folder"
    done
    ln -sf /proc/self/mounts "$root/etc/mtab"
    ln -sf /run "$root/var/run"
    ln -sf bash "$root/usr/bin/sh"
    # Only the character sets that file systems of disks are labelled in.
    find "$libraries/gconv" -name '*.so' ! -name 'IBM8*' ! -name 'IBM437*' \
        ! -name 'ISO8859*' ! -name 'CP125*' ! -name 'UTF-*' \
        ! -name 'UNICODE*' -delete 2> /dev/null || true
    rm -f "$libraries"/gconv/gconv-modules.cache
    # ICU comes as a library of libraries and only converts character sets
    # that no configuration file of a guest is in: 30 MB of RAM for nothing.
    data=$(find "$libraries" -name 'libicudata.so.*' ! -type l)
    if [ -n "$data" ] && [ -e "$icudata" ]; then
        cp "$icudata" "$data"
    fi
    # Names from the registry of an archive of busybox, for scripts.
    for name in awk vi less more which; do
        [ -e "$root/usr/bin/$name" ] || ln -s busybox "$root/usr/bin/$name"
    done
    chmod -R u+w "$root"
    "$root/usr/sbin/ldconfig" -r "$root" -X 2> /dev/null ||
        die "cannot make ld.so.cache"
    rm -rf "$root/var/cache" "$root/var/lib/dpkg"
}

# FILE: "LIBRARY FILE" for each library that it needs and the image lacks.  The
# loader also looks into the folders of this machine, so what it finds there
# is as good as not found.
lost()
{
    inside "$1" --list "$1" 2>&1 | awk -v ours="$libraries" \
        -v file="${1#"$root"}" '
        $2 == "=>" && $1 !~ /^\// && index($3, ours) != 1 { print $1, file }
        match($0, /version .* not found/) {
            print substr($0, RSTART + 9, RLENGTH - 20), file
        }'
}

# "LIBRARY FILE" lines: print what is missing, and fail if there are any.
print_lost()
{
    sort | awk -v list="$self/packages" '
        !n[$1]++ { first[$1] = $2 }
        END {
            for (library in n) {
                more = n[library] - 1
                more = more > 0 ? " and " more " more" : ""
                print "build.sh: " first[library] more " needs " library \
                    ": add the package that holds it to " list
                bad = 1
            }
            exit bad
        }' >&2
}

check_programs()
{
    find "$root/usr/bin" "$root/usr/sbin" "$libraries" -type f \
        \( -perm -100 -o -name '*.so*' \) > "$state/programs"
    while read -r file; do
        [ "$(head -c 4 "$file" | tr -d '\0')" = "$(printf '\177ELF')" ] ||
            continue
        case $file in
        *busybox | *ldconfig | *.static) continue ;;
        esac
        lost "$file"
    done < "$state/programs" > "$state/lost"
    print_lost < "$state/lost" || die "the appliance would be incomplete"
}

# FOLDER: its files as a cpio archive that says nothing about this machine.
pack()
{
    find "$1" -exec touch -h -d "@$epoch" {} +
    (cd "$1" && find . -mindepth 1 -print0 | sort -z |
        cpio --quiet -o -0 -H newc --reproducible -R 0:0)
}

# What the base is made of, but for the versions that apt chooses.
inputs()
{
    {
        cat "$self/build.sh" "$self/packages" "$self/modules"
        [ ! -e "$icudata" ] || cat "$icudata"
        (cd "$self/root" && find . -type f | sort | while read -r file; do
            echo "$file"
            cat "$file"
        done)
        echo "$epoch"
    } | sha256sum | cut -d' ' -f1
}

make_base()
{
    inputs=$(inputs)
    if [ -n "$keep" ] && [ -e "$out/base" ]; then
        read -r old key < "$out/base"
        base=$cache/base-$key
        if [ "$old" = "$inputs" ] && [ -e "$base/done" ]; then
            return
        fi
    fi
    say "resolving the packages"
    gather
    key=$(echo "$inputs" | cat - "$state/list" | sha256sum | cut -d' ' -f1)
    base=$cache/base-$key
    [ ! -e "$base/done" ] || return 0
    say "unpacking $(wc -l < "$state/list") packages"
    rm -rf "$cache"/base-*
    mkdir -p "$base" "$root" "$state/kernel"
    unpack
    kernel
    licences
    settle
    check_programs
    mkdir "$base/libraries"
    cp "$loader" "$base/loader"
    find "$libraries" -maxdepth 1 -name '*.so*' \
        -exec cp -P {} "$base/libraries/" \;
    say "packing"
    # By the image's own zstd: one version, one result.  What follows has to
    # start at a multiple of four, after zeros.
    pack "$root" | inside zstd "$root/usr/bin/zstd" -q -10 -c \
        > "$base/base.cpio.zst"
    size=$(wc -c < "$base/base.cpio.zst")
    head -c $(((4 - size % 4) % 4)) /dev/zero >> "$base/base.cpio.zst"
    cut -d' ' -f2 "$state/list" | tr '=' ' ' > "$base/manifest"
    : > "$base/done"
}

# Put NAME of standard input into the output folder, at once.
put()
{
    cat > "$out/.$1.$$"
    mv "$out/.$1.$$" "$out/$1"
}

make_initrd()
{
    [ -x "$agent" ] || die "no agent at $agent (-a)"
    root=$state/agent
    loader=$base/loader
    libraries=$base/libraries
    lost "$agent" | print_lost ||
        die "the agent could not run in the appliance"
    mkdir -p "$root"
    cp "$agent" "$root/init"
    chmod 755 "$root/init"
    pack "$root" > "$state/agent.cpio"
    # The definition of all calls that the agent was built from.
    api=$(grep -a -o 'mayfly-api [0-9a-f]\{64\}' "$agent" | cut -d' ' -f2 |
        sort -u)
    case $api in
    '' | *"
"*) die "$agent is not an agent of Mayfly" ;;
    esac
    echo "$api" | put api
    for name in kernel manifest sources licences.zst; do
        put "$name" < "$base/$name"
    done
    cat "$base/base.cpio.zst" "$state/agent.cpio" | put initrd
    echo "$inputs $key" | put base
    say "$out: kernel $(du -Lk "$out/kernel" | cut -f1) KiB," \
        "initrd $(du -Lk "$out/initrd" | cut -f1) KiB"
}

while getopts a:i:ko:qu option; do
    case $option in
    a) agent=$OPTARG ;;
    i) icudata=$OPTARG ;;
    k) keep=1 ;;
    o) out=$OPTARG ;;
    q) quiet=1 ;;
    u) update=1 ;;
    *) exit 2 ;;
    esac
done
[ -n "$out" ] || die "no output folder given (-o)"
need apt-get apt
need dpkg-deb dpkg
need cpio cpio
need flock util-linux

mkdir -p "$out"
out=$(cd "$out" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?set HOME or XDG_CACHE_HOME}/.cache}/mayfly
(umask 077 && mkdir -p "$cache/packages")
packages=$cache/packages
cache=$cache/image
(umask 077 && mkdir -p "$cache")
exec 9> "$cache/lock"
flock -n 9 || {
    say "waiting for another build"
    flock 9
}
# What a build that was killed has left.
rm -rf "$cache"/work.*
state=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$state"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
root=$state/root
make_base
make_initrd
