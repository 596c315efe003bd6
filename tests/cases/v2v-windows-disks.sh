#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Windows guests with more than a system disk: the others come online after the
# change of the bus, drive letters that will not stay are reported, static
# addresses go to the card with the same MAC address, and BitLocker is refused
# with what to do.  The registries are made here; Windows itself does not run.
. "${srcdir:?}/tests/lib.sh" || exit 1
requires perl -MWin::Hivex::Regedit -e 1
requires sfdisk --version
cd "$work"

hive() # FILE < TEXT without the parents of each key
{
    "$srcdir/tests/images/hive.py" "$1"
    awk 'BEGIN { print "Windows Registry Editor Version 5.00\n" }
        /^\[/ {
            n = split(substr($0, 2, length($0) - 2), part, "\\"); path = ""
            for (i = 1; i <= n; i++) {
                path = path "\\" part[i]
                if (!(path in seen)) { print "[" path "]\n"; seen[path] = 1 }
            }
            print "[" path "]"; next
        }
        { print }' > "$1.reg"
    hivexregedit --merge "$1" "$1.reg"
}
utf16() # TEXT, as hex(TYPE) without the type
{
    python3 -c 'import sys
data = (sys.argv[1] + "\0").encode("utf-16le")
print(",".join("%02x" % b for b in data))' "$1"
}
texts()
{
    python3 -c 'import sys
data = "".join(t + "\0" for t in sys.argv[1:] + [""]).encode("utf-16le")
print("hex(7):" + ",".join("%02x" % b for b in data))' "$@"
}

interfaces='ControlSet002\Services\Tcpip\Parameters\Interfaces'
setup='ControlSet002\Control\NetworkSetup2\Interfaces'
{
    printf '[Select]\n"Current"=dword:00000002\n\n'
    for set in 1 2; do
        printf '[ControlSet00%s\\Control\\Session Manager\\Environment]\n' $set
        printf '"PROCESSOR_ARCHITECTURE"="AMD64"\n\n'
    done
    cat << END
[ControlSet001\\Services\\partmgr\\Parameters]
"SanPolicy"=dword:00000004

[MountedDevices]
"\\\\DosDevices\\\\C:"=hex:11,22,33,44,00,00,10,00,00,00,00,00
"\\\\DosDevices\\\\D:"=hex:44,4d,49,4f,3a,49,44,3a,11,22,33,44,55,66,77,88,99,aa,bb,cc,dd,ee,ff,00
"\\\\DosDevices\\\\E:"=hex:$(utf16 '\??\SCSI#CdRom&Ven_NECVMWar#1')
"\\\\DosDevices\\\\F:"=hex:$(utf16 '_??_SCSI#Disk&Ven_VMware#2')

[$interfaces\\{a}]
"EnableDHCP"=dword:00000000
"IPAddress"=$(texts 192.0.2.7)
"SubnetMask"=$(texts 255.255.255.0)

[$interfaces\\{b}]
"EnableDHCP"=dword:00000000
"IPAddress"=$(texts 198.51.100.8 198.51.100.9)
"SubnetMask"=$(texts 255.255.255.0 255.255.255.0)

[$interfaces\\{c}]
"EnableDHCP"=dword:00000000
"IPAddress"=$(texts 203.0.113.5)
"SubnetMask"=$(texts 255.255.255.0)

[$setup\\{a}\\Kernel]
"PermanentAddress"=hex:00,50,56,00,00,02

[$setup\\{b}\\Kernel]
"CurrentAddress"=hex:00,50,56,00,00,01

[DriverDatabase\\DeviceIds\\PCI]
END
} | hive system
hive software << 'END'
[Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows Server 2022 Standard"
"CurrentVersion"="6.3"
"CurrentBuildNumber"="20348"
"CurrentMajorVersionNumber"=dword:0000000a
"CurrentMinorVersionNumber"=dword:00000000
"InstallationType"="Server"

[Microsoft\Windows\CurrentVersion]
"DevicePath"="%SystemRoot%\\inf"

[Policies\Microsoft\Windows\PowerShell]
"EnableScripts"=dword:00000001
"ExecutionPolicy"="AllSigned"
END
for i in c d; do truncate -s 32M $i.img; done
mayfish --format=raw -a c.img --format=raw -a d.img << 'END'
run
part-disk /dev/sda mbr
part-set-mbr-id /dev/sda 1 7
mkfs ntfs /dev/sda1
part-disk /dev/sdb mbr
part-set-mbr-id /dev/sdb 1 7
mkfs ntfs /dev/sdb1
mount /dev/sda1 /
mkdir-p /Windows/System32/config
mkdir-p /Windows/System32/drivers
mkdir "/Program Files"
write /Windows/System32/cmd.exe MZ
upload system /Windows/System32/config/SYSTEM
upload software /Windows/System32/config/SOFTWARE
END
for d in viostor vioscsi NetKVM; do
    mkdir -p vw/$d/2k22/amd64
    for e in inf sys cat; do echo $d > vw/$d/2k22/amd64/${d,,}.$e; done
done
machine() # DISK...
{
    echo "name = 'w'"
    echo "builder = 'hvm'"
    echo "memory = 512"
    echo "disk = ["
    local letter=a disk
    for disk; do
        echo "'$work/$disk,raw,hd$letter',"
        letter=$(tr a-y b-z <<< "$letter")
    done
    echo "]"
    echo "vif = ['mac=00:50:56:00:00:01', 'mac=00:50:56:00:00:02']"
}
get()
{
    mayfish --ro --format=raw -a out/w-sda -m /dev/sda1 "$@"
}
policies()
{
    get download /Windows/System32/config/SYSTEM hive
    hivexregedit --export --unsafe-printable-strings hive "\\" |
        grep -c "\"SanPolicy\"=dword:0000000$1" || true
}

# --- two disks ---

mkdir out
machine c.img d.img > two.cfg
mayfly-v2v -i xl two.cfg --virtio-win vw -os out > said
[ "$(policies 1)" = 2 ] || fail "SanPolicy is not 1 in both control sets"
grep -q 'disks that are new to Windows come online' said
grep -q 'the drive letter F: is bound to a device' said
if grep -q 'the drive letter [A-EG-Z]' said; then fail "$(cat said)"; fi
grep -q 'no Windows was started to try this' said
get cat '/Program Files/Mayfly/addresses.ps1' | tr -d '\r' |
    grep -o "^\$card = .*'\| address=[^ ]*" | paste -sd ' ' > got
for card in "01' *address=198.51.100.8" "02' *address=192.0.2.7"; do
    grep -q "Wait-Card '00:50:56:00:00:$card" got || fail "$(cat got)"
done
grep -q '1 of its network cards has a static address, 203.0.113.5, and nothing' said
grep -q 'has more addresses than 198.51.100.8' said
# PowerShell runs no script of ours there.
grep -q 'lets PowerShell run only signed scripts.*set by hand' said
# A management system waits for this file.
[ "$(get cat '/Program Files/Mayfly/firstboot.bat' | tr -d '\r' |
    grep . | tail -1)" = \
    'echo %DATE% %TIME% > "%ProgramFiles%\Mayfly\firstboot.done"' ] ||
    fail "nothing says that the first boot has ended"

# --- one disk: its policy is not touched ---

machine c.img > one.cfg
mayfly-v2v -i xl one.cfg --virtio-win vw -os out > said
[ "$(policies 4)" = 1 ] || fail "SanPolicy was changed for one disk"
if grep -q 'come online' said; then fail "$(cat said)"; fi

# --- BitLocker, on the system's disk and on another one ---

truncate -s 32M locked.img
echo 'start=2048, type=7, bootable' | sfdisk -q locked.img
printf '\353\130\220-FVE-FS-' |
    dd of=locked.img bs=1 seek=1048576 conv=notrunc status=none
# What libblkid looks for: its GUID, and where its metadata is.
printf '\073\326\147\111\051\056\330\112\203\231\366\243\071\343\320\001\0\020' |
    dd of=locked.img bs=1 seek=$((1048576 + 160)) conv=notrunc status=none
printf -- '-FVE-FS-\100\0\2\0' |
    dd of=locked.img bs=1 seek=$((1048576 + 4096)) conv=notrunc status=none
machine locked.img > locked.cfg
expect_error 1 '/dev/sda1 is encrypted by BitLocker.*manage-bde -off' \
    mayfly-v2v plan -i xl locked.cfg --virtio-win vw
machine c.img locked.img > data.cfg
mayfly-v2v plan -i xl data.cfg --virtio-win vw > said
grep -q '/dev/sdb1 is encrypted by BitLocker.*manage-bde -off' said
grep -q '^Readiness  *Review' said
