# Calls of every kind of result, on a.img.
add a.img
run
list-devices
list-partitions
list-filesystems
part-list /dev/sda
part-get-parttype /dev/sda
part-get-name /dev/sda 1
part-get-gpt-type /dev/sda 1
blockdev-getsize64 /dev/sda
blockdev-getss /dev/sda
vfs-type /dev/sda1
vfs-label /dev/sda2
vfs-uuid /dev/sda1
pvs
vgs
lvs
pvs-full
vgs-full
lvs-full | grep -v lv_kernel_m
mount /dev/sda2 /
mounts
mountpoints
ls /
find /
ll /etc | grep -v total
cat /etc/fstab
read-lines /etc/fstab
head-n 1 /etc/fstab
wc-c /etc/fstab
file /etc/fstab
file /etc/link
stat /etc/fstab | grep -v time
lstat /etc/link | grep -v time
statns /big | grep -v time
statvfs /
readdir /etc
readlink /etc/link
is-dir /etc
is-file /etc/link
is-file /etc/link followsymlinks:true
is-symlink /etc/link
exists /nonexistent
filesize /big
checksum sha256 /big
pread /big 3 7
strings /etc/fstab
grep ROOT /etc/fstab
egrep ^LABEL /etc/fstab
glob-expand /etc/*
case-sensitive-path /ETC/fstab
-tune2fs-l /dev/sda1
mkdir /new
mkdir-p /new/a/b
write /new/f content
write-append /new/f " and more"
cat /new/f
cp /new/f /new/g
mv /new/g /new/h
equal /new/f /new/h
truncate-size /new/h 3
cat /new/h
chmod 0700 /new/f
chown 1 2 /new/f
setxattr user.x abc 3 /new/f
getxattrs /new/f
lgetxattr /new/f user.x
ln-s f /new/l
readlink /new/l
rm /new/h
rm-rf /new/a
find /new
du /new
umask 022
touch /new/t
utimens /new/t 1 2 3 4
stat /new/t | grep -E "atime|mtime"
fill-pattern abc 10 /new/p
hexdump /new/p
base64-out /new/p - | cat
tar-out /new - | tar tf - | sort
-cat /nonexistent
-mkdir /new
-mount /dev/sda9 /
mount /dev/VG/LV1 /new
umount /new
umount-all
e2fsck /dev/sda2 correct:true
get-e2label /dev/sda2
set-label /dev/sda2 other
vfs-label /dev/sda2
canonical-device-name /dev/vda1
device-index /dev/sda
nr-devices
is-lv /dev/VG/LV1
lvm-canonical-lv-name /dev/mapper/VG-LV1
part-to-dev /dev/sda1
part-to-partnum /dev/sda2
is-whole-device /dev/sda
list-dm-devices
list-md-devices
filesystem-available ext4
feature-available lvm2
version
