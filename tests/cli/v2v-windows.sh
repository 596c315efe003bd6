#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-v2v on disks that look like Windows under Xen: an NTFS with hives
# made here.  Whether Windows boots from the result is not tested: we have no
# Windows.
. "${srcdir:?}/tests/lib.sh" || exit 1
requires perl -MWin::Hivex::Regedit -e 1
requires genisoimage --version
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"

# --- the guests ---

# Make a hive from the text that "regedit" would export, without the parents
# of each key: hive FILE < TEXT
hive()
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

# Print texts as a value of the type hex(7): texts TEXT...
texts()
{
    python3 -c 'import sys
data = "".join(t + "\0" for t in sys.argv[1:] + [""]).encode("utf-16le")
print("hex(7):" + ",".join("%02x" % b for b in data))' "$@"
}

# guest NAME FOLDER SYSTEM SOFTWARE: a disk with those hives
guest()
{
    truncate -s 64M "$1"
    mayfish --format=raw -a "$1" << EOF
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 -1
mkfs ntfs /dev/sda1
mount /dev/sda1 /
mkdir-p /$2/System32/CONFIG
mkdir-p /$2/System32/drivers
mkdir "/Program Files"
write /$2/System32/cmd.exe "MZ"
upload $3 /$2/System32/CONFIG/SYSTEM
upload $4 /$2/System32/CONFIG/SOFTWARE
EOF
    printf "name = '%s'\nbuilder = 'hvm'\nmemory = 512\ndisk = ['%s,raw,hda']\n" \
        "$1" "$work/$1" > "$1.cfg"
    echo "vif = ['mac=00:16:3e:10:20:30']" >> "$1.cfg"
}

system=4d36e97d-e325-11ce-bfc1-08002be10318
hdc=4d36e96a-e325-11ce-bfc1-08002be10318
# Windows Server 2019 with the drivers of the Xen project, two control sets.
{
    printf '[Select]\n"Current"=dword:00000002\n\n'
    for set in 1 2; do
        cat << EOF
[ControlSet00$set\\Control\\Session Manager\\Environment]
"PROCESSOR_ARCHITECTURE"="AMD64"

[ControlSet00$set\\Services\\xenbus]
"Start"=dword:00000000

[ControlSet00$set\\Services\\xenfilt]
"Start"=dword:00000000

[ControlSet00$set\\Services\\xenagent]
"Start"=dword:00000002

[ControlSet00$set\\Services\\disk]
"Start"=dword:00000000

[ControlSet00$set\\Control\\Class\\{$system}]
"UpperFilters"=$(texts XENFILT)

[ControlSet00$set\\Control\\Class\\{$hdc}]
"UpperFilters"=$(texts first XenFilt last)

EOF
    done
    cat << EOF
[ControlSet002\\Services\\Tcpip\\Parameters\\Interfaces\\{1}]
"EnableDHCP"=dword:00000000
"IPAddress"=$(texts 192.0.2.7)
"SubnetMask"=$(texts 255.255.255.128)
"DefaultGateway"=$(texts 192.0.2.1)
"NameServer"="192.0.2.53,192.0.2.54"

[ControlSet002\\Services\\Tcpip\\Parameters\\Interfaces\\{2}]
"EnableDHCP"=dword:00000001
"IPAddress"=$(texts 192.0.2.9)

EOF
    printf '[DriverDatabase\\DeviceIds\\PCI]\n'
} | hive system-10
hive software-10 << 'EOF'
[Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows Server 2019 Standard"
"CurrentVersion"="6.3"
"CurrentBuildNumber"="17763"
"CurrentMajorVersionNumber"=dword:0000000a
"CurrentMinorVersionNumber"=dword:00000000
"InstallationType"="Server"

[Microsoft\Windows\CurrentVersion]
"DevicePath"="%SystemRoot%\\inf"

[Microsoft\Windows\CurrentVersion\Uninstall\{01234567-89AB-CDEF-0123-456789ABCDEF}]
"DisplayName"="XCP-ng Windows Management Agent"

[Microsoft\Windows\CurrentVersion\Uninstall\{11111111-89AB-CDEF-0123-456789ABCDEF}]
"DisplayName"="A text editor"

[Microsoft\Windows\CurrentVersion\Uninstall\{& del, as long as the others are...}]
"DisplayName"="XenServer Tools"
EOF
# 32-bit Windows 7, which has no DriverDatabase, and its folder in capitals,
# WINDOWS.
hive system-7 << 'EOF'
[Select]
"Current"=dword:00000001

[ControlSet001\Control\Session Manager\Environment]
"PROCESSOR_ARCHITECTURE"="x86"

[ControlSet001\Control\CriticalDeviceDatabase]
EOF
hive software-7 << 'EOF'
[Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows 7 Professional"
"CurrentVersion"="6.1"
"CurrentBuildNumber"="7601"

[Microsoft\Windows\CurrentVersion]
EOF
guest ten Windows system-10 software-10
guest seven WINDOWS system-7 software-7
sums=$(sha256sum ten seven)

# --- the drivers, as virtio-win has them ---

for version in 2k19 2k16 w7; do
    for processor in amd64 x86; do
        for driver in viostor vioscsi NetKVM; do
            folder=virtio-win/$driver/$version/$processor
            mkdir -p "$folder"
            for ending in inf sys cat pdb; do
                echo "$driver $version $processor" > "$folder/${driver,,}.$ending"
            done
        done
    done
done
mkdir virtio-win/guest-agent
echo agent64 > virtio-win/guest-agent/qemu-ga-x86_64.msi
echo agent32 > virtio-win/guest-agent/qemu-ga-i386.msi
genisoimage -quiet -J -r -o virtio-win.iso virtio-win

export_hive() # IMAGE HIVE, to the file "hive"
{
    mayfish --ro --format=raw -a "$1" -m /dev/sda1 download \
        "$(mayfish --ro --format=raw -a "$1" -m /dev/sda1 \
            case-sensitive-path "/windows/system32/config/$2")" hive.bin
    hivexregedit --export --unsafe-printable-strings hive.bin '\' > hive
}

# Check a line of a key: in_key KEY LINE
in_key()
{
    KEY="[$1]" awk '{ if (tolower($0) == tolower(ENVIRON["KEY"])) on = 1
        else if (/^\[/) on = 0
        if (on) print }' hive > key
    grep -qixF -- "$2" key || fail "$1 does not have $2: $(cat key)"
}

# --- Windows Server 2019 ---

mayfly-v2v plan -i xl ten.cfg --virtio-win virtio-win.iso > plan
grep -q '^System .*Windows Server 2019 Standard on /dev/sda1' plan
grep -q '^Readiness  *Ready' plan
mkdir out
mayfly-v2v -i xl ten.cfg --virtio-win virtio-win.iso -o qemu -os out \
    --report report.json > said
[ "$(sha256sum ten seven)" = "$sums" ] || fail "the source was written"
inside() { mayfish --ro --format=raw -a "$image" -m /dev/sda1 "$@"; }
# Windows keeps the clock in local time.
grep -q 'rtc base=localtime' out/ten.sh
image=out/ten-sda
[ "$(inside cat /Windows/System32/drivers/viostor.sys)" = "viostor 2k19 amd64" ]
[ "$(inside cat /Windows/Drivers/VirtIO/netkvm.inf)" = "NetKVM 2k19 amd64" ]
[ "$(inside ls /Windows/Drivers/VirtIO | wc -l)" -eq 9 ]
export_hive out/ten-sda SYSTEM
in_key '\ControlSet002\Services\viostor' '"Start"=dword:00000000'
in_key '\ControlSet002\Services\viostor' '"Group"=str(1):"SCSI miniport"'
id='VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00'
in_key "\\DriverDatabase\\DeviceIds\\PCI\\$id" \
    '"mayfly-viostor.inf"=hex(3):01,ff,00,00'
package='\DriverDatabase\DriverPackages\mayfly-viostor.inf_1'
in_key "$package\\Descriptors\\PCI\\$id" '"Configuration"=str(1):"mayfly"'
in_key "$package\\Configurations\\mayfly" '"Service"=str(1):"viostor"'
in_key '\DriverDatabase\DriverInfFiles\mayfly-vioscsi.inf' \
    '"Active"=str(1):"mayfly-vioscsi.inf_1"'
for set in 1 2; do
    for service in xenbus xenfilt xenagent; do
        in_key "\\ControlSet00$set\\Services\\$service" '"Start"=dword:00000004'
    done
    in_key "\\ControlSet00$set\\Services\\disk" '"Start"=dword:00000000'
    in_key "\\ControlSet00$set\\Control\\Class\\{$system}" \
        '"UpperFilters"=hex(7):00,00'
    in_key "\\ControlSet00$set\\Control\\Class\\{$hdc}" \
        "\"UpperFilters\"=$(texts first last)"
done
in_key '\ControlSet002\Services\mayfly-firstboot' '"Start"=dword:00000002'
export_hive out/ten-sda SOFTWARE
grep -qi '"DevicePath"=.*Drivers.*VirtIO' hive
inside download '/Program Files/Mayfly/firstboot.bat' firstboot.bat
grep -q 'pnputil -i -a' firstboot.bat
grep -q 'msiexec /x {01234567-89AB-CDEF-0123-456789ABCDEF} /qn' firstboot.bat
[ "$(grep -c "msiexec /x" firstboot.bat)" -eq 1 ] || fail "too much is uninstalled"
# The agent, and the static address, which Windows had for another card.
grep -q 'msiexec /i "%ProgramFiles%\\Mayfly\\qemu-ga.msi" /qn' firstboot.bat
[ "$(inside cat '/Program Files/Mayfly/qemu-ga.msi')" = agent64 ]
grep -q 'powershell .*-File "%ProgramFiles%\\Mayfly\\addresses.ps1"' firstboot.bat
addresses()
{
    inside download '/Program Files/Mayfly/addresses.ps1' addresses.ps1
    sed -n "/^\$card = /,\$p" addresses.ps1 | tr -d '\r' > said
}
addresses
diff - said << 'EOF'
$card = Wait-Card '00:16:3E:10:20:30'
if ($card) {
    netsh interface ipv4 set address name=$card source=static address=192.0.2.7 mask=255.255.255.128 gateway=192.0.2.1
    netsh interface ipv4 add dnsservers name=$card address=192.0.2.53 validate=no
    netsh interface ipv4 add dnsservers name=$card address=192.0.2.54 validate=no
}
EOF
[ "$(grep -c $'\r$' firstboot.bat)" -eq "$(wc -l < firstboot.bat)" ]

# The undo data of the report, merged into the hives, restores them.
python3 - report.json SYSTEM > undo.reg << 'EOF'
import json, sys
report = json.load(open(sys.argv[1]))
print("Windows Registry Editor Version 5.00\n")
for f in reversed(report["findings"]):
    if f.get("undo", {}).get("do") == "registry" and f["path"].endswith(sys.argv[2]):
        print(f["undo"]["content"])
EOF
export_hive ten SYSTEM
mv hive before
export_hive out/ten-sda SYSTEM
hivexregedit --merge --prefix 'HKEY_LOCAL_MACHINE\SYSTEM' hive.bin undo.reg
hivexregedit --export --unsafe-printable-strings hive.bin '\' > hive
# Keys that were created as parents stay, empty.
python3 - before hive << 'EOF'
import sys
def values(path):
    found, key = set(), None
    for line in open(path):
        line = line.strip()
        if line.startswith("["):
            key = line.lower()
        elif line:
            found.add((key, line))
    return found
before, after = (values(f) for f in sys.argv[1:3])
assert before == after, (before - after, after - before)
EOF

# --- addresses that are asked for ---

mac=00:16:3e:10:20:30
mayfly-v2v -i xl ten.cfg --virtio-win virtio-win -os out -on asked -q \
    --mac "$mac:ip:2001:db8::7,2001:db8::1,,2001:db8::53,192.0.2.53"
image=out/asked-sda
addresses
diff - said << 'EOF'
$card = Wait-Card '00:16:3E:10:20:30'
if ($card) {
    netsh interface ipv6 add address interface=$card address=2001:db8::7/64
    netsh interface ipv6 add route prefix=::/0 interface=$card nexthop=2001:db8::1
    netsh interface ipv6 add dnsservers name=$card address=2001:db8::53 validate=no
    netsh interface ipv4 add dnsservers name=$card address=192.0.2.53 validate=no
}
EOF
for bad in x "$mac" "$mac:ip:" "$mac:ip:1.2.3" "$mac:ip:1.2.3.4,::1" \
    "$mac:ip:1.2.3.4,,33" "$mac:ip:1.2.3.4,,,\"x\"" "$mac:net:x" \
    "00:16:3e:10:20:31:ip:1.2.3.4"; do
    expect_error 3 "^mayfly-v2v: --mac " \
        mayfly-v2v plan -i xl ten.cfg --virtio-win virtio-win --mac "$bad"
done
# Two cards: nothing says which one had the address.
sed "s/^vif.*/vif = ['mac=$mac', 'mac=00:16:3e:10:20:31']/" ten.cfg > cards.cfg
mayfly-v2v plan -i xl cards.cfg --virtio-win virtio-win > plan
grep -q '1 of its network cards has a static address, 192.0.2.7, and nothing' plan
grep -q '^Readiness  *Review' plan

# --- Windows 7, drivers from a folder ---

mayfly-v2v -i xl seven.cfg --virtio-win virtio-win -os out -q
image=out/seven-sda
[ "$(inside cat /WINDOWS/System32/drivers/viostor.sys)" = "viostor w7 x86" ]
[ "$(inside cat '/Program Files/Mayfly/qemu-ga.msi')" = agent32 ]
[ "$(inside ls / | grep -ci '^windows$')" -eq 1 ]
export_hive out/seven-sda SYSTEM
key='\ControlSet001\Control\CriticalDeviceDatabase\PCI#'
in_key "$key$id" '"Service"=str(1):"viostor"'
in_key "$key$id" '"ClassGUID"=str(1):"{4D36E97B-E325-11CE-BFC1-08002BE10318}"'
in_key '\ControlSet001\Services\viostor' '"Start"=dword:00000000'
if grep -qi DriverDatabase hive; then fail "Windows 7 has no DriverDatabase"; fi

# A second time, with its own drivers: nothing prevents it.
mayfly-v2v plan -i disk out/seven-sda --root single > plan
grep -q '^Readiness  *Ready' plan

# --- what is refused ---

expect_error 1 'no driver for virtio disks; give the ISO' \
    mayfly-v2v -i xl seven.cfg -os out -on not
expect_error 3 'cannot open the drivers in none' \
    mayfly-v2v -i xl seven.cfg --virtio-win none -os out -on not
rm -r virtio-win/*/2k1*
expect_error 1 'virtio-win has no disk driver for Windows 10.0 \(build 17763, server, 64 bits\)' \
    mayfly-v2v -i xl ten.cfg --virtio-win virtio-win -os out -on not
head -c 8192 /dev/zero > hiberfil
printf hibr | dd of=hiberfil conv=notrunc status=none
mayfish --format=raw -a seven -m /dev/sda1 upload hiberfil /hiberfil.sys
expect_error 1 'is hibernated, or was shut down for a fast start' \
    mayfly-v2v -i xl seven.cfg --virtio-win virtio-win -os out -on not
if mayfly-v2v plan -i xl seven.cfg --virtio-win virtio-win > plan; then
    fail "a plan for a hibernated guest is no success"
fi
grep -q '^Readiness  *Blocked' plan
[ ! -e out/not-sda ]
