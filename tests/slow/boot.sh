#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job to its end: the template is made, an image is built from it,
# boots by BIOS and by UEFI, takes the new password, and what was asked for is
# there.  TEMPLATE_REPO names an existing repository with debian-12.
. "${srcdir:?}/tests/lib.sh" || exit 1
requires qemu-system-x86_64 --version
requires mmdebstrap --version
export XDG_STATE_HOME=$work/state XDG_DATA_HOME=$work/data
cleanup gpgconf --homedir "$work/data/mayfly/gnupg" --kill all
repo=${TEMPLATE_REPO:-$work/repo}
if [ ! -e "$repo/index.asc" ]; then
    "$srcdir/templates/debian-12/build.sh" -o "$work/debian-12.qcow2"
    mayfly-repo create "$repo" "$work/debian-12.qcow2" --generate-key -q
    rm "$work/debian-12.qcow2"
fi
image=$work/out.img
password='s3cret:with colon'
# shellcheck disable=SC2016
mayfly-builder debian-12 --source "$repo/index.asc" \
    --fingerprint "$(cat "$repo/fingerprint")" --cache "$work/templates" \
    --size 3G --hostname slow.example.com -o "$image" \
    --root-password "password:$password" --write '/etc/hello:a new file' \
    --run-command 'dpkg-query -W -f "\${Package}\n" > /root/packages' \
    --firstboot-command 'echo booted > /root/booted; exit 3'

# shellcheck disable=SC2016
boot()
{
    "$srcdir/tests/slow/login.py" "$@" "$image" root "$password" hostname \
        'cat /etc/hello' 'df -B1M --output=size / | tail -n 1' \
        'grep -c . /root/packages' 'cat /etc/machine-id' \
        'i=0; until ls /etc/ssh/ssh_host_ed25519_key.pub 2> /dev/null || [ $((i += 1)) -gt 120 ]; do sleep 1; done' \
        'i=0; until grep -q exit.code /var/log/mayfly-firstboot.log || [ $((i += 1)) -gt 120 ]; do sleep 1; done; cat /root/booted /var/lib/mayfly-firstboot/status' \
        'i=0; until ip -4 -o address show scope global | grep -q 10.0.2 || [ $((i += 1)) -gt 60 ]; do sleep 1; done; ip -4 -o address show scope global | wc -l' \
        'i=0; until systemctl is-active -q ssh || [ $((i += 1)) -gt 120 ]; do sleep 1; done; systemctl is-active ssh' 'test -d /sys/firmware/efi && echo UEFI || echo BIOS' \
        > "$work/said"
    cat "$work/said"
    mapfile -t said < "$work/said"
    [ "${said[0]}" = slow.example.com ]
    [ "${said[1]}" = "a new file" ]
    [ "${said[2]}" -gt 2700 ]
    [ "${said[3]}" -gt 100 ]
    [ "${#said[4]}" -eq 32 ]
    [ "${said[5]}" = /etc/ssh/ssh_host_ed25519_key.pub ]
    [ "${said[6]}" = booted ]
    [[ ${said[7]} = 0001-*\ 3 ]]
    [ "${said[8]}" = 1 ]
    [ "${said[9]}" = active ]
}
boot
[ "${said[10]}" = BIOS ]
if [ -e /usr/share/OVMF/OVMF_CODE_4M.fd ]; then
    firmware=/usr/share/OVMF/OVMF_CODE_4M.fd
elif [ -e /usr/share/OVMF/OVMF_CODE.fd ]; then
    firmware=/usr/share/OVMF/OVMF_CODE.fd
else
    skip "it boots by BIOS; there is no UEFI firmware here (package ovmf)"
fi
boot --uefi "$firmware"
[ "${said[10]}" = UEFI ]
