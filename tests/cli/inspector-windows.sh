#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Windows systems: what the registry says about them, drive letters, programs;
# read by our inspector, by the shell and, where installed, by the
# distribution's programs on our library.
. "$(dirname "$0")/../lib.sh"
requires command -v hivexregedit
cd "$work"
get=$srcdir/tests/images/get.sh
eleven=$("$get" windows)
server=$("$get" windows-mbr)

# value FILE XPATH
value()
{
    xmllint --xpath "string(/operatingsystems/operatingsystem/$2)" "$1"
}

# is WANT FILE XPATH
is()
{
    local got
    got=$(value "$2" "$3")
    [ "$got" = "$1" ] || fail "$2: $3 is '$got', not '$1'"
}
before=$(sha256sum "$eleven" "$server")
mayfly-inspector -a "$eleven" > new < /dev/null
[ "$(sha256sum "$eleven" "$server")" = "$before" ] || fail "the image was written to"
for pair in root=/dev/sda3 name=windows arch=x86_64 distro=windows \
    'product_name=Windows 10 Pro' product_variant=Client major_version=10 \
    minor_version=0 windows_systemroot=/Windows \
    windows_current_control_set=ControlSet001 hostname=ELEVEN build_id=22631 \
    osinfo=win11 'mountpoints/mountpoint=/' \
    'drive_mappings/drive_mapping[@name="C"]=/dev/sda3'; do
    is "${pair##*=}" new "${pair%=*}"
done
[ "$(xmllint --xpath 'count(//drive_mapping)' new)" = 1 ] ||
    fail "letters of other disks: $(cat new)"
[ "$(xmllint --xpath 'count(//application)' new)" = 2 ] ||
    fail "programs: $(cat new)"
is 'The <Editor> & more' new 'applications/application[name="Editor"]/display_name'
is 2.1-beta new 'applications/application[name="Editor"]/version'
is 'C:\Program Files\Editor' new \
    'applications/application[name="Editor"]/install_path'
is 'edits text' new 'applications/application[name="Editor"]/description'
is 'Thirty-two bits' new 'applications/application[name="{0A1B}"]/display_name'
[ "$(xmllint --xpath 'count(//windows_group_policy)' new)" = 0 ] ||
    fail "group policy was found on a system without it"

mayfly-inspector -a "$server" > old < /dev/null
for pair in root=/dev/sda2 arch=i386 major_version=5 minor_version=2 \
    windows_systemroot=/W2K3 windows_current_control_set=ControlSet003 \
    hostname=OLD build_id=3790 osinfo=win2k3r2 \
    'drive_mappings/drive_mapping[@name="C"]=/dev/sda2' \
    'drive_mappings/drive_mapping[@name="D"]=/dev/sda1'; do
    is "${pair##*=}" old "${pair%=*}"
done
[ "$(xmllint --xpath 'count(//drive_mapping)' old)" = 2 ] ||
    fail "letters of other disks: $(cat old)"
[ "$(xmllint --xpath 'count(//windows_group_policy)' old)" = 1 ] ||
    fail "no group policy"

mayfly-inspector --json -a "$eleven" > json < /dev/null
python3 - << 'END' || fail "JSON: $(cat json)"
import json
s = json.load(open("json"))["operating_systems"][0]
w = s["windows"]
assert w["systemroot"] == "/Windows", w
assert w["software_hive"] == "/Windows/System32/Config/SOFTWARE", w
assert w["drive_mappings"] == {"C": "/dev/sda3"}, w
assert w["group_policy"] is False, w
END

mayfish --ro -i -a "$eleven" > fish << 'END'
inspect-get-windows-systemroot /dev/sda3
inspect-get-windows-system-hive /dev/sda3
inspect-get-windows-group-policy /dev/sda3
inspect-get-drive-mappings /dev/sda3
case-sensitive-path /windows/SYSTEM32/CMD.EXE
file-architecture /Windows/System32/cmd.exe
END
diff - fish << 'END' || fail "the shell"
/Windows
/Windows/System32/Config/SYSTEM
false
C: /dev/sda3
/Windows/System32/cmd.exe
x86_64
END
linux=$("$get" gpt)
expect_error 1 'no Windows' mayfish --ro -i -a "$linux" \
    inspect-get-windows-systemroot /dev/sda3

# Files that are not hives, or a folder that only has the name, are not
# Windows and no reason to fail.
cp --sparse=always "$eleven" broken.img
mayfish -a broken.img -m /dev/sda3 < /dev/null \
    write /Windows/System32/Config/SOFTWARE nothing : \
    truncate-size /Windows/System32/Config/SYSTEM 4200
mayfly-inspector -a broken.img > broken < /dev/null
is windows broken name
is "" broken product_name
mayfish -a broken.img -m /dev/sda3 rm /Windows/System32/cmd.exe < /dev/null
expect_error any 'no operating system' mayfly-inspector -a broken.img

[ -e "$builddir/compat/.libs/libguestfs.so.0" ] || exit 0
command -v virt-win-reg > /dev/null || exit 0
command -v hivexget > /dev/null || exit 0
cp --sparse=always "$eleven" w.img
mayfly-guestfs virt-win-reg w.img \
    'HKLM\SYSTEM\ControlSet001\Services\Tcpip\Parameters' Hostname > name
[ "$(tr -d '\0' < name)" = ELEVEN ] || fail "virt-win-reg: $(cat name)"
mayfly-guestfs virt-win-reg w.img 'HKLM\SYSTEM\Select' > key
grep -qx '"Current"=dword:00000001' key || fail "virt-win-reg: $(cat key)"
cat > change.reg << 'END'
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\Tcpip\Parameters]
"Hostname"="CHANGED"
END
mayfly-guestfs virt-win-reg --merge w.img change.reg
mayfly-inspector -a w.img > changed < /dev/null
is CHANGED changed hostname
[ "$(mayfly-guestfs virt-cat -a w.img 'C:\Windows\System32\cmd.exe' |
    head -c 2)" = MZ ] || fail "virt-cat by a drive letter"
