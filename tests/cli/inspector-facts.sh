#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Facts: what is read of each kind of file, and what hostile files cannot do.
. "$(dirname "$0")/../lib.sh"
cd "$work"
export FISH=mayfish
t=tree
mkdir -p $t/{bin,boot,dev,proc,sys,root/.ssh} $t/home/ann/.ssh $t/sbin \
    $t/etc/{ssh,sudoers.d,network,netplan,systemd/system/multi-user.target.wants} \
    $t/etc/{systemd/network,NetworkManager/system-connections,cloud} \
    $t/usr/lib/systemd/system-preset $t/usr/lib/systemd/system
cat > $t/etc/os-release << 'END'
ID=debian
VERSION_ID="12"
PRETTY_NAME="Debian GNU/Linux 12"
SUPPORT_END=2028-06-30
END
cat > $t/etc/passwd << 'END'
root:x:0:0:root:/root:/bin/bash
ann:x:1000:1000:true:/home/ann:/bin/sh
svc:x:999:999::/var/lib/svc:/usr/sbin/nologin
END
printf 'root:*:19000::::::\nann:$y$j9T$x:19001::::::\nsvc:!:1::::::\n' \
    > $t/etc/shadow
printf 'root:x:0:\nsudo:x:27:ann\n' > $t/etc/group
echo 'from="10.0.0.*,x",command="a \"b\" c" ssh-ed25519 AAAA ann@\033[31m' |
    sed 's/\\033/\x1b/' > $t/home/ann/.ssh/authorized_keys
printf 'Port 2222\nPermitRootLogin no\nPermitRootLogin yes\nMatch User x\nPermitRootLogin yes\n' \
    > $t/etc/ssh/sshd_config
printf 'Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n' \
    > $t/etc/sudoers
printf '%%sudo ALL=(ALL) \\\n  NOPASSWD: /bin/ls\n' > $t/etc/sudoers.d/one
echo 'x ALL=ALL' > $t/etc/sudoers.d/two.bak
touch $t/usr/lib/systemd/systemd $t/usr/lib/systemd/system/{a,b,c}.service
ln -s /usr/lib/systemd/system/a.service \
    $t/etc/systemd/system/multi-user.target.wants/a.service
ln -s /dev/null $t/etc/systemd/system/b.service
mkdir $t/etc/systemd/system/c.service.d
touch $t/etc/systemd/system/c.service.d/x.conf
echo 'disable a.service' > $t/usr/lib/systemd/system-preset/90.preset
printf 'auto lo eth7\niface lo inet loopback\niface eth7 inet static\n address 192.0.2.7/24\n gateway 192.0.2.1\n' \
    > $t/etc/network/interfaces
cat > $t/etc/netplan/01.yaml << 'END'
network:
  version: 2
  ethernets:
    ens3:
      dhcp4: true
      match: {macaddress: "52:54:00:00:00:01"}
      nameservers:
        addresses: [192.0.2.53]
END
printf '[Match]\nName=en*\n[Network]\nDHCP=yes\n' \
    > $t/etc/systemd/network/80.network
printf '[connection]\nid=x\ninterface-name=eth9\n[ipv4]\nmethod=manual\naddress1=192.0.2.9/24\n' \
    > $t/etc/NetworkManager/system-connections/x.nmconnection
printf 'LABEL=root / ext4 defaults 0 1\nUUID=00000000-dead-4000-8000-000000000000 /srv ext4 defaults 0 2\n' \
    > $t/etc/fstab
ln -s /usr/share/zoneinfo/Europe/Paris $t/etc/localtime
echo LANG=C.UTF-8 > $t/etc/locale.conf
printf '#!/bin/sh\n' > $t/sbin/init
tar -C $t -cf tree.tar .
truncate -s 128M disk.img
mayfish -a disk.img << END
run
part-disk /dev/sda mbr
mkfs ext4 /dev/sda1 label:root
mount /dev/sda1 /
tar-in tree.tar /
END

mayfly-inspector facts --json -a disk.img > facts.json
if python3 -c 'import jsonschema' 2> /dev/null; then
    python3 -c '
import json, jsonschema, sys
jsonschema.validate(json.load(open("facts.json")), json.load(open(sys.argv[1])))
' "$srcdir/inspector/facts.schema.json"
fi
python3 - << 'END'
import json
s = json.load(open("facts.json"))["operating_systems"][0]


def one(section, name, **values):
    rows = [r for r in s[section] if r.get("name") == name]
    assert any(all(r.get(k) == v for k, v in values.items()) for r in rows), \
        (section, name, values, rows)


assert s["end_of_support"] == "2028-06-30", s
one("users", "root", uid=0, password="none", line=1)
one("users", "ann", password="set", password_login=True, gecos="true",
    groups=["sudo"], path="/etc/passwd", line=2)
one("users", "svc", shell_login=False)
one("groups", "sudo", gid=27, members=["ann"])
one("ssh_keys", "ann", type="ssh-ed25519", comment="ann@\\x1b[31m",
    options=['from="10.0.0.*,x"', 'command="a \\"b\\" c"'])
one("sshd", "Port", value="2222")
one("sshd", "PermitRootLogin", value="no", line=2)
one("sshd", "PermitRootLogin", match="User x", value="yes")
assert len([r for r in s["sshd"] if r["name"] == "PermitRootLogin"]) == 2
one("sudo", "%sudo", nopasswd=True, commands="NOPASSWD: /bin/ls", line=1)
assert not [r for r in s["sudo"] if r["name"] == "x"]
one("services", "a.service", state="enabled", preset="disable",
    wanted_by=["multi-user.target"])
one("services", "b.service", state="masked")
one("services", "c.service", state="disabled",
    dropins=["/etc/systemd/system/c.service.d/x.conf"])
one("network", "eth7", manager="ifupdown", autoconnect="yes",
    addresses=["192.0.2.7/24"], gateways=["192.0.2.1"])
one("network", "ens3", manager="netplan", dhcp="true",
    mac="52:54:00:00:00:01", dns=["192.0.2.53"], line=4)
one("network", "en*", manager="networkd", dhcp="yes")
one("network", "eth9", manager="NetworkManager", addresses=["192.0.2.9/24"])
one("mounts", "/", found=True, device="/dev/sda1", required=True, line=1)
one("mounts", "/srv", found=False, required=True, line=2)
one("system", "timezone", value="Europe/Paris")
one("system", "locale", value="C.UTF-8")
END
mayfly-inspector facts --only users,sudo -a disk.img > text
grep -q '^users$' text || fail "no users in the text"
! grep -q '^services$' text || fail "--only did not leave services out"
expect_error 2 'no section' mayfly-inspector facts --only nothing -a disk.img
expect_error 2 'are for facts' mayfly-inspector --only users -a disk.img

# What a guest can put in the way: it takes little time and memory, and what
# could not be read is named.
python3 -c '
for i in range(100000):
    print(f"u{i}:x:{i}:{i}:\033[31m:/home/u{i}:/bin/sh")' > many
mayfish -a disk.img -m /dev/sda1 << END
upload many /etc/passwd
rm /etc/sudoers
mkfifo 0644 /etc/sudoers
rm /etc/group
ln-s group /etc/group
rm /etc/ssh/sshd_config
mknod-c 0644 1 5 /etc/ssh/sshd_config
truncate-size /etc/shadow 104857600
write /etc/netplan/02.yaml "a: [[[[[[[[[[[["
END
timeout 60 mayfly-inspector facts --json -a disk.img > hostile.json
python3 - << 'END'
import json
d = json.load(open("hostile.json"))
s = d["operating_systems"][0]
assert len(s["users"]) > 50000, len(s["users"])
notes = "\n".join(n["text"] for n in d["notes"])
for what in ("/etc/sudoers: no regular file", "/etc/group", "/etc/shadow",
             "/etc/ssh/sshd_config: no regular file", "02.yaml"):
    assert what in notes, (what, notes)
END
! grep -q $'\033' hostile.json || fail "a control character in the output"
