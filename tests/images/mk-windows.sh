#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# GPT: an ESP, a reserved partition, and NTFS with what inspection reads of a
# 64-bit Windows 11, which calls itself 10.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/windows.sh"
windows_tree Windows 8664 20b
merge 'HKEY_LOCAL_MACHINE\SOFTWARE' "$config/SOFTWARE" << 'END'
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows 10 Pro"
"CurrentVersion"="6.3"
"CurrentMajorVersionNumber"=dword:0000000a
"CurrentMinorVersionNumber"=dword:00000000
"CurrentBuild"="22631"
"CurrentBuildNumber"="22631"
"InstallationType"="Client"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion]
"ProgramFilesDir"="C:\\Program Files"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Editor]
"DisplayName"="The <Editor> & more"
"DisplayVersion"="2.1-beta"
"InstallLocation"="C:\\Program Files\\Editor"
"Publisher"="Example Ltd"
"URLInfoAbout"="https://example.com/editor"
"Comments"="edits text"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Hidden]
"DisplayVersion"="1"

[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node]

[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft]

[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows]

[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion]

[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall]

[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\{0A1B}]
"DisplayName"="Thirty-two bits"
END
merge 'HKEY_LOCAL_MACHINE\SYSTEM' "$config/SYSTEM" << 'END'
[HKEY_LOCAL_MACHINE\SYSTEM\Select]
"Current"=dword:00000001
"Default"=dword:00000001

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001]

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services]

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\Tcpip]

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\Tcpip\Parameters]
"Hostname"="ELEVEN"

[HKEY_LOCAL_MACHINE\SYSTEM\MountedDevices]
"\\DosDevices\\C:"=hex:44,4d,49,4f,3a,49,44,3a,44,33,22,11,66,55,88,77,99,aa,bb,cc,dd,ee,ff,00
"\\DosDevices\\D:"=hex:44,4d,49,4f,3a,49,44,3a,ff,ff,ff,ff,66,55,88,77,99,aa,bb,cc,dd,ee,ff,00
"\\DosDevices\\E:"=hex:5c,00,3f,00,3f,00,5c,00
END
mkdir "$scratch/tree/Program Files"
tar -C "$scratch/tree" -cf "$scratch/tree.tar" .
disk "$image" 256M
fish -a "$image" << END
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 67583
part-add /dev/sda p 67584 100351
part-add /dev/sda p 100352 500000
part-set-gpt-type /dev/sda 1 C12A7328-F81F-11D2-BA4B-00A0C93EC93B
part-set-gpt-type /dev/sda 2 E3C9E316-0B5C-4DB8-817D-F92DF00215AE
part-set-gpt-guid /dev/sda 3 11223344-5566-7788-99AA-BBCCDDEEFF00
mkfs vfat /dev/sda1
mkfs ntfs /dev/sda3 label:Windows
mount /dev/sda3 /
tar-in $scratch/tree.tar /
END
