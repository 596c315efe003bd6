#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The examples of the manual pages work as they stand: each command of the
# section EXAMPLES is run in a folder that has the files it names.  Of those
# that need what a test has not, the options are parsed; that is printed.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/template.sh"
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires gpg --version
requires test -e "${builddir:?}/v2v/loader/core.img"
export LC_ALL=C.UTF-8
page=$builddir/tool/guestfs-page

# --- what the examples name ---

phony_tree /dev/sda1
mkdir "$work"/{mayfish,inspector,serve,sysprep,customize,repo,resize,v2v,guestfs}
cd "$work"
truncate -s 400M disk.img
mayfish --format=raw -a disk.img << END
run
part-disk /dev/sda mbr
mkfs ext4 /dev/sda1
mount /dev/sda1 /
tar-in $work/tree.tar /
tar-in $work/more.tar /
END
qemu-img convert -O qcow2 disk.img disk.qcow2

mkdir -p "$HOME/.ssh"
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me@here' \
    > "$HOME/.ssh/id_ed25519.pub"

prepare_mayfish()
{
    cp --sparse=always ../disk.img ../disk.qcow2 .
    echo welcome > motd
    mkdir site
    echo page > site/index.html
    echo 'cat /etc/hostname' > commands.mayfish
}

prepare_inspector()
{
    cp ../disk.qcow2 .
    cp ../disk.qcow2 other.qcow2
    cp --sparse=always "$("$srcdir/tests/images/get.sh" luks)" crypted.img
    printf 'secret\n' > passphrase
}

prepare_serve()
{
    cp ../disk.qcow2 .
}

prepare_sysprep()
{
    cp ../disk.qcow2 .
    mayfish -a disk.qcow2 -m /dev/sda1 write /etc/shadow \
        'root:*:19000:0:99999:7:::
'
    echo sesame > password
}

prepare_customize()
{
    prepare_sysprep
    mayfish -a disk.qcow2 -m /dev/sda1 write /etc/hosts '127.0.0.1 old
'
}

# The builder's examples follow in the same folder, with the repository.
prepare_repo()
{
    cp --sparse=always ../disk.img debian-12.img
    mkdir images
    for name in alpha beta; do
        cp --sparse=always ../disk.img images/$name.img
        printf '[%s]\nname=%s\narch=x86_64\nexpand=/dev/sda1\n' \
            $name $name > images/$name.ini
    done
    gpg --batch -q --passphrase '' --quick-generate-key admin@example.com
    cleanup gpgconf --homedir "$HOME/.gnupg" --kill all
}

prepare_builder()
{
    mkdir -p "$XDG_CONFIG_HOME/mayfly/repos.d"
    printf '[local]\nuri=file://%s/repo/index.asc\nfingerprint=%s\n' \
        "$PWD" "$(cat repo/fingerprint)" \
        > "$XDG_CONFIG_HOME/mayfly/repos.d/local.conf"
    echo 'listen 80' > site.conf
    echo sesame > password
    # The templates of the user stay as they are.
    export XDG_CACHE_HOME=$work/cache
}

prepare_resize()
{
    cp --sparse=always ../disk.img ../disk.qcow2 .
}

prepare_sparsify()
{
    prepare_resize
}

prepare_v2v()
{
    local work=$PWD
    make_guests
    cp --sparse=always disk web.img
    cp --sparse=always disk copy.img
    mayfish --format=raw -a web.img -m /dev/sda2 \
        write /etc/shadow 'root:*:19000:0:99999:7:::
'
    sed "s/name = .*/name = \"web\"/; s,$work/disk,$work/web.img," disk.cfg \
        > web.cfg
    python3 "$srcdir/tests/cli/write-vhd.py" disk .
    python3 "$srcdir/tests/cli/write-xva.py" web.xva disk
    qemu-img convert -O vmdk -o subformat=streamOptimized disk disk.vmdk
    python3 "$srcdir/tests/cli/write-ova.py" web.ova disk.vmdk
    qemu-img convert -O vmdk -o subformat=monolithicFlat disk flat.vmdk
    printf '%s = "%s"\n' displayName vmware memSize 300 \
        scsi0.present TRUE scsi0:0.present TRUE scsi0:0.fileName flat.vmdk \
        > web.vmx
    cat > web.xml << END
<domain type='xen'><name>xmlweb</name><memory>262144</memory>
<vcpu>1</vcpu><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><driver type='raw'/>
<source file='$work/web.img'/><target dev='hda'/></disk>
</devices></domain>
END
    echo sesame > password
    mkdir -p kvm export/00000000-1111-4222-8333-444444444444/{dom_md,images,master/vms}
    touch export/00000000-1111-4222-8333-444444444444/dom_md/metadata
}

prepare_guestfs()
{
    cp ../disk.qcow2 .
    printf 'import guestfs\nprint(guestfs.GuestFS(python_return_dict=True).version())\n' \
        > script.py
}

# --- running them ---

# Is NEEDS something that is here after all?
is_here()
{
    case $1 in
    python3-guestfs) python3 -c 'import guestfs' 2> /dev/null && drop_in ;;
    virt-*) command -v "$1" > /dev/null && drop_in ;;
    *) command -v "$1" > /dev/null ;;
    esac
}

drop_in()
{
    [ -e "${MAYFLY_GUESTFS:?}/libguestfs.so.0" ]
}

# Only the command line: up to a pipe, with what ends after the options.
parse()
{
    case $1 in
    mayfly-guestfs*) bash -c "\"$page\" --allow . --print-internal nothing" ;;
    *) bash -c "${1%% | *} --print-internal nothing" ;;
    esac
}

count=0
run_examples() # PROGRAM COMMAND THAT PRINTS THEM
{
    local needs command start

    while IFS= read -r -d '' needs && IFS= read -r -d '' command; do
        count=$((count + 1))
        if [ -n "$needs" ] && ! is_here "$needs"; then
            echo "only parsed, it needs $needs: $command"
            parse "$command" < /dev/null || fail "$1: $command"
            continue
        fi
        start=$SECONDS
        bash -e -o pipefail -c "$command" < /dev/null > said 2> errors ||
            fail "exit status $?: $command: $(cat said errors)"
        echo "$((SECONDS - start)) s: $command"
    done < <("$2" --print-internal examples)
}

program() # FOLDER PROGRAM [FILE THAT MUST BE MADE...]
{
    cd "$work/$1"
    "prepare_${2##*[-/]}"
    local before=$count
    run_examples "$2" "${page_of:-$2}"
    [ "$count" -gt "$before" ] || fail "$2 has no examples"
    for file in "${@:3}"; do
        [ -s "$file" ] || fail "$2: its examples make no $file"
    done
}

real_cache=$XDG_CACHE_HOME
program mayfish mayfish data.img
mayfish --ro --format=raw -a disk.img -m /dev/sda1 cat /etc/motd |
    grep -qx welcome
mayfish --ro --format=raw -a data.img -m /dev/sda1 cat /site/index.html |
    grep -qx page
program inspector mayfly-inspector
program serve mayfly-serve part.img name.img
[ "$(head -n 1 name.img)" = \
    "$(mayfish --ro -a disk.qcow2 -m /dev/sda1 cat /etc/hostname)" ]
program sysprep mayfly-sysprep
program customize mayfly-customize
mayfish --ro -a disk.qcow2 -m /dev/sda1 cat /etc/hostname |
    grep -qx web
program resize mayfly-resize small.img
rm -r "$work/resize"/*
program resize mayfly-sparsify small.qcow2
program repo mayfly-repo repo/index.asc official/index.asc test/index
program repo mayfly-builder web.img db.qcow2
export XDG_CACHE_HOME=$real_cache
mayfish --ro --format=raw -a web.img -m /dev/sda1 cat /etc/site.conf |
    grep -qx 'listen 80'
program v2v mayfly-v2v kvm/web.sh kvm/web2.xml kvm/xmlweb.json \
    kvm/web3.yaml kvm/exported.sh kvm/packed.sh kvm/vmware.ova report.json \
    kvm/web4-sda
[ ! -e kvm/web4.transfer ]
ls export/*/master/vms/*/*.ovf > /dev/null
# The saved appliances of the user stay: one cleans its own.
prepare_appliance() { export XDG_CACHE_HOME=$work/appliances; }
mkdir "$work/appliance"
program appliance mayfly-appliance
export XDG_CACHE_HOME=$real_cache
page_of=$page program guestfs mayfly-guestfs
echo "$count examples"
