#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What people type who come from virt-v2v: each option of its command line is
# done, or refused with one line that says what to do, and never read as the
# value of another one.  No guest is converted, so no VM runs.
. "${srcdir:?}/tests/lib.sh" || exit 1
cd "$work"
truncate -s 1M a.raw

refused() # WHAT-TO-DO OPTION...
{
    local said rc=0
    said=$(mayfly-v2v "${@:2}" a.raw 2>&1) || rc=$?
    [ "$rc" = 2 ] || fail "${*:2}: exit code $rc: $said"
    [ "$(wc -l <<< "$said")" = 1 ] || fail "${*:2}: $said"
    grep -qF -- "$1" <<< "$said" || fail "${*:2}: $said"
    ! grep -q "is not one of\|unknown option" <<< "$said" ||
        fail "${*:2}: taken for something else: $said"
}

for uri in esx://root@host/ 'vpx://user@host/DC/host?no_verify=1' gsx://h/; do
    refused 'use -i ova' -ic "$uri"
done
refused 'use -i disk' -i libvirt -ic hyperv://host
refused '-ic needs -i libvirt' -i ova -ic qemu:///system
refused 'use -i ova' -it vddk
refused 'ssh://USER@HOST/PATH' -it ssh
refused 'use -i ova' -io vddk-libdir=/opt
refused 'SSH key' -ip password
refused '-o ovirt' -op password
for o in rhv-cafile=ca.pem rhv-cluster=x ovirt-proxy; do
    refused '-o ovirt' -oo $o
done
refused 'OS_CLOUD' -oo os-username=x
refused 'OS_CLOUD' -oo server-id=x
refused 'qemu-img convert -c' -oo compressed
refused 'DIR/NAME.sh' -oo qemu-boot
refused 'qemu-img convert -c' --compressed
refused 'DIR/NAME.sh' --qemu-boot
refused 'preallocation=full' -oa preallocated
refused 'virtio-blk' --block-driver virtio-scsi
refused '-o ovirt' -o vdsm
refused '-o ovirt' -o rhv-upload
refused '-o openstack' -o glance
refused '-o ovirt' --vdsm-image-uuid 1
refused '-o ovirt' --vdsm-vm-uuid=1
refused 'use -i ova' --vddk-libdir /opt
refused '--bwlimit' --bandwidth-file f
refused 'plan' --no-copy
refused '--no-fstrim' --no-trim all
refused '--report' --debug-overlays
refused 'copy-out' --collect /etc
expect_error 2 "'frob' is not one of raw" mayfly-v2v -if frob a.raw
expect_error 2 "'x' is not ask" mayfly-v2v --root x a.raw
expect_error 2 'from 256' mayfly-v2v --memsize 1 a.raw

# What is done.  Without a description there is only one disk and one card.
mayfly-v2v --print-source -if raw --colours --wrap -oa sparse \
    --block-driver virtio-blk -oo create=false --parallel 1 --memsize 512 \
    --smp 2 --bandwidth 10M a.raw > said
grep -qx 'Disk       a.raw, raw' said
grep -q '^Note .*one network card is assumed' said
for o in rhv rhev; do
    expect_error 3 'storage domain|cannot open' \
        mayfly-v2v -o $o -os "$work" a.raw
done

# A domain, by libvirt's driver for tests.
if virsh --version > /dev/null 2>&1; then
    domain()
    {
        cat << END
<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
<name>$1</name><memory>262144</memory><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><source file='$work/a.raw'/>
<driver name='qemu' type='raw'/><target dev='vda' bus='virtio'/></disk>
</devices><test:runstate>$2</test:runstate></domain>
END
    }
    { echo '<node>'; domain off 5; domain on 1; echo '</node>'; } > node.xml
    mayfly-v2v -i libvirt -ic "test://$work/node.xml" --print-source off > said
    grep -qx "Disk       $work/a.raw as vda, raw" said
    # As with virt-v2v, a connection is enough.
    mayfly-v2v -ic "test://$work/node.xml" --print-source off > said
    grep -qx 'Guest      off' said
    expect_error 3 'domain on is running.*virsh shutdown on' \
        env "LIBVIRT_DEFAULT_URI=test://$work/node.xml" \
        mayfly-v2v -i libvirt --print-source on
    # What asks for the test driver by name has no machine that runs.
    mayfly-v2v -ic "test://$work/node.xml" --print-source on > said
    grep -qx 'Guest      on' said
    expect_error 3 "no XML of 'none'" \
        mayfly-v2v -ic "test://$work/node.xml" none
fi
expect_error 3 'use a connection by SSH' mayfly-v2v -ic qemu+tls://host/system x
