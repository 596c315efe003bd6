#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# MBR: NTFS for data, NTFS with a 32-bit Windows Server 2003 in a folder that
# only its boot.ini names, joined to a domain with group policy.
. "$(dirname "$0")/images.sh"
. "$(dirname "$0")/windows.sh"
windows_tree W2K3 14c 10b
merge 'HKEY_LOCAL_MACHINE\SOFTWARE' "$config/SOFTWARE" << 'END'
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Microsoft Windows Server 2003 R2"
"CurrentVersion"="5.2"
"CurrentBuildNumber"="3790"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Group Policy]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Group Policy\History]

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Group Policy\History\{35378EAC}]
END
merge 'HKEY_LOCAL_MACHINE\SYSTEM' "$config/SYSTEM" << 'END'
[HKEY_LOCAL_MACHINE\SYSTEM\Select]
"Current"=dword:00000003

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet003]

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet003\Services]

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet003\Services\Tcpip]

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet003\Services\Tcpip\Parameters]
"Hostname"="OLD"

[HKEY_LOCAL_MACHINE\SYSTEM\MountedDevices]
"\\DosDevices\\C:"=hex:78,56,34,12,00,00,50,06,00,00,00,00
"\\DosDevices\\D:"=hex:78,56,34,12,00,00,10,00,00,00,00,00
"\\DosDevices\\E:"=hex:79,56,34,12,00,00,10,00,00,00,00,00
END
printf '%s\r\n' '[boot loader]' timeout=30 '[operating systems]' \
    'multi(0)disk(0)rdisk(0)partition(2)\W2K3="Windows Server 2003" /noexecute' \
    > "$scratch/tree/BOOT.INI"
mkdir -p "$scratch/data/Program Files"
tar -C "$scratch/tree" -cf "$scratch/tree.tar" .
tar -C "$scratch/data" -cf "$scratch/data.tar" .
disk "$image" 256M
fish -a "$image" << END
run
part-init /dev/sda mbr
part-add /dev/sda p 2048 206847
part-add /dev/sda p 206848 500000
part-set-mbr-id /dev/sda 1 7
part-set-mbr-id /dev/sda 2 7
mkfs ntfs /dev/sda1 label:Data
mkfs ntfs /dev/sda2
mount /dev/sda1 /
tar-in $scratch/data.tar /
umount /
mount /dev/sda2 /
tar-in $scratch/tree.tar /
END
# The signature of the disk.
printf '\x78\x56\x34\x12' | dd of="$image" bs=1 seek=440 conv=notrunc \
    status=none
