#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts for guestfish use, as mayfish does it.  The same scripts run
# through both in tests/slow/guestfish.sh.
. "$(dirname "$0")/../lib.sh"
cd "$work" || exit 1
export HOME=$work TMPDIR=$work
unset GUESTFISH_PID XDG_CONFIG_HOME XDG_CONFIG_DIRS SHELL
servers=()
end_servers()
{
    kill "${servers[@]}" 2> /dev/null
}
cleanup end_servers

# same TEXT COMMAND...: it succeeds and prints exactly that.
same()
{
    local want=$1 got
    shift
    got=$("$@" < /dev/null) || fail "'$*' exited $?"
    [ "$got" = "$want" ] || fail "'$*' printed '$got', not '$want'"
}

# script TEXT WANT: the script prints exactly that.
script()
{
    local got
    got=$(printf '%s\n' "$1" | mayfish 2> err) || fail "script '$1' exited $?"
    [ "$got" = "$2" ] || fail "script '$1' printed '$got', not '$2'"
}

# Old names of calls with options, and an option without a meaning.
truncate -s 1M old.img
script 'add-drive-opts old.img format:raw iface:virtio readonly:true
run
blockdev-getsize64 /dev/sda' 1048576
script 'add old.img format:raw iface:ide
run
mkfs-opts ext4 /dev/sda blocksize:1024
vfs-type /dev/sda' ext4
if mayfish -N fs 'no-such-opts' 2> err; then fail "no-such-opts"; fi
if mayfish add-drive /x protocol:nbd 2> err; then fail 'protocol:'; fi
grep -q 'a remote disk as a URI' err || fail "$(cat err)"

listen()
{
    GUESTFISH_PID=
    eval "$(mayfish --listen "$@")"
    [ -n "$GUESTFISH_PID" ] || fail "no server with '$*'"
    servers+=("$GUESTFISH_PID")
}

# ended PID: it ends within ten seconds, and its socket with it.
ended()
{
    for _ in $(seq 100); do
        kill -0 "$1" 2> /dev/null || break
        sleep 0.1
    done
    ! kill -0 "$1" 2> /dev/null || fail "server $1 runs on"
    for left in {"/tmp/.mayfish-$(id -u)",runtime/mayfish}/"socket-$1"; do
        [ ! -e "$left" ] || fail "$1 left its socket"
    done
}

# --- remote control ---
# Its socket is where no one else can make a folder, else in /tmp; a client
# looks in both.
mkdir -m 700 runtime
export XDG_RUNTIME_DIR=$work/runtime
listen
[ -S "runtime/mayfish/socket-$GUESTFISH_PID" ] || fail "no socket below runtime"
same x mayfish --remote echo x
mayfish --remote exit
chmod 755 runtime/mayfish
expect_error 1 'runtime/mayfish is not a directory that only you may enter; .*XDG' \
    mayfish --listen
chmod 755 runtime
listen
first=$GUESTFISH_PID
[ "$(stat -c %a-%u "/tmp/.mayfish-$(id -u)")" = "700-$(id -u)" ] ||
    fail "the folder of sockets is open"
[ -S "/tmp/.mayfish-$(id -u)/socket-$first" ] || fail "no socket in /tmp"
chmod 700 runtime runtime/mayfish
same "a b" mayfish --remote echo "a b"
same "a  b" mayfish --remote echo "a  b"
same $'1\n2' mayfish --remote echo 1 : echo 2
same 700 mayfish --remote set-memsize 700 : get-memsize
same 700 mayfish --remote="$first" get-memsize
# Errors, output and codes are the client's; "-" keeps the server.
same "" mayfish --remote -- -nosuch 2> err
grep -q '^mayfish: nosuch: unknown command' err || fail "said '$(cat err)'"
same $'x\non' mayfish --remote echo x : -cat /x : echo on 2> /dev/null
[ "$(mayfish --remote -- help -l 2> err | head -1)" = \
    '    Command              Description' ] || fail "help -l | head"
[ ! -s err ] || fail "a closed pipe said '$(cat err)'"
same 700 mayfish --remote get-memsize
# A script goes there line by line; what is the host's stays here.
printf 'echo a "b  c"\necho x | tr x y\n!echo host\n-echo "\\q"\nget-memsize\n' \
    > s
same $'a b  c\ny\nhost\n700' mayfish --remote -f s 2> /dev/null
# Several servers.
csh=$(mayfish --listen --csh)
[[ $csh =~ ^setenv\ GUESTFISH_PID\ ([0-9]+)$ ]] || fail "--csh printed '$csh'"
servers+=("${BASH_REMATCH[1]}")
same 0 mayfish --remote="${BASH_REMATCH[1]}" get-memsize
kill "${BASH_REMATCH[1]}"
ended "${BASH_REMATCH[1]}"
# An error ends the server, with the code that it has here.
GUESTFISH_PID=$first
export GUESTFISH_PID
expect_error 1 "mayfish: cat: .*type 'run'" mayfish --remote cat /x
ended "$first"
expect_error 1 "echo: no server has the process ID $first" \
    mayfish --remote echo x
# "-" is for an error of the command, which did not run here.
expect_error 1 "no server has the process ID $first" mayfish --remote -- -echo x
echo '-echo x' > s
expect_error 1 "no server has the process ID $first" mayfish --remote -f s
GUESTFISH_PID=
expect_error 2 'which server' mayfish --remote echo x
expect_error 2 "'x1' is not a process ID" mayfish --remote=x1 echo x
expect_error 2 'contradict' mayfish --listen --remote=1
expect_error 2 'takes no commands' mayfish --listen echo x
expect_error 2 'only with --listen' mayfish --csh echo x
expect_error 3 'nosuch.img' mayfish --listen -a nosuch.img

# --- options ---
for option in --selinux -D --no-dest-paths --pipe-error; do
    same x mayfish "$option" echo x
done
expect_error 2 "cannot be connected to; read its disks with '-d DOMAIN --ro'" \
    mayfish --live echo x
mayfish --long-options > o
mayfish --short-options >> o
for option in --add --csh --listen --remote --ro --version -a -D -N -V; do
    grep -qx -e "$option" o || fail "the list of options has no $option"
done
# More than a pipe holds: it is closed before all is written.
printf 'echo %0200000d | true\n' 0 > closed
! mayfish --pipe-error -f closed \
    2> err || fail "--pipe-error ignored a closed pipe"
grep -q 'echo: cannot write the output: Broken pipe' err ||
    fail "--pipe-error said '$(cat err)'"
expect_error 2 "-i needs a disk" mayfish -i cat /etc/fstab
expect_error 3 "/nosuch.img: No such file" mayfish -i /nosuch.img
echo 'read_only = tru' > .libguestfs-tools.rc
expect_error 2 '.libguestfs-tools.rc:1: syntax error' mayfish echo x
echo '# read_only = true;' > .libguestfs-tools.rc
same x mayfish echo x

# --- language ---
script $'-echo "bad \\q"\n- nosuch\necho on' on
same $'1\n2' mayfish echo 1 : -nosuch : echo 2 2> /dev/null
same $'1\n2' mayfish echo 1 : -- -nosuch : echo 2 2> /dev/null

# --- events ---
script $'event "a b" close,trace "echo $EVENT"\nevent x * true\nlist-events\ndelete-event x\nlist-events' \
    $'"x" (1): *: true\n"a b" (0): close,trace: echo $EVENT\n"a b" (0): close,trace: echo $EVENT\nclose'
script $'event e enter "echo $EVENT $@"\nget-memsize\ndelete-event e\nget-memsize' \
    $'enter get_memsize\n0\n0'
expect_error 1 'delete-event: y: no such event handler' mayfish delete-event y
expect_error 2 "unknown event 'zz'" mayfish event a close,zz true

# --- names ---
same $'a\nfalse\ntrue' mayfish set-append a : get-append : get-direct : \
    set-direct yes : get-direct
same $'x=1\n1\n1\n0' mayfish set-backend-setting x 1 : get-backend-settings : \
    get-backend-setting x : clear-backend-setting x : clear-backend-setting x
expect_error 2 'egrepi: incorrect number.*usage: egrepi regex path' mayfish egrepi a
for name in config debug find-inode getcon grub-install ldmtool-scan \
    list-ldm-volumes mount-9p c-pointer filesystem-walk; do
    expect_error 2 "^mayfish: $name: not available in mayfish: .{20}" \
        mayfish $name a b
    mayfish help $name > /dev/null || fail "no help for $name"
done

# --- with disks ---
truncate -s 64M a.img
truncate -s 320M b.img
cat > s << 'END'
add a.img label:system
add b.img label:data
run
part-disk /dev/disk/guestfs/system gpt
mkfs ext4 /dev/disk/guestfs/system1
mkfs xfs /dev/disk/guestfs/data
list-filesystems
mount /dev/disk/guestfs/system1 /
mkdir-p "/Program Files/App"
write "/Program Files/App/Read Me.TXT" "one\nTWO\nthree\n"
cat "win:\\program files\\APP\\read me.txt"
egrepi "^t" "/Program Files/App/Read Me.TXT"
write-file /w abcdef 3
cat /w
hexedit /w 1 1
cat /w
hexedit /w
cat /w
display /w
fallocate /f 4096
filesize /f
copy-size /w /c 2
cat /c
dd /w /e
cat /e
xfs-info /dev/sdb | grep xfs_blocksize
blockdev-setbsz /dev/sda 1024
-cat win:Z:\x
-mount /dev/disk/guestfs/other /
list-9p
END
HEXEDITOR='sed -i y/abc/ABC/' GUESTFISH_DISPLAY_IMAGE='head -c 2' \
    mayfish -f s > out 2> err || fail "exited $?: $(cat err)"
diff - out << 'END' || fail "the script on disks printed something else"
/dev/sdb: xfs
/dev/sda1: ext4
one
TWO
three

TWO
three
abc
aBc
ABC
AB4096
AB
ABC
xfs_blocksize: 4096
END
grep -q 'cat: win:Z:.x: the drive letters are not known' err ||
    fail "win: said '$(cat err)'"
grep -q 'guestfs/other: no disk was added with this label' err ||
    fail "a label said '$(cat err)'"

# The old form of -i; the configuration decides about writing.
mayfish -a a.img -m /dev/sda1 mkdir-p /etc : mkdir-p /bin : \
    write /etc/os-release $'ID=debian\nVERSION_ID=12\nNAME=Debian\n' : \
    write /etc/debian_version 12 : mkdir-p /var/lib/dpkg : \
    touch /var/lib/dpkg/status : write /etc/fstab $'/dev/sda1 / ext4\n'
same 12 mayfish --ro -i a.img cat /etc/debian_version
same 12 sh -c 'echo cat /etc/debian_version | mayfish -i ./a.img'
echo 'read_only = true;' > .libguestfs-tools.rc
expect_error 1 '[Rr]ead-only' mayfish -a a.img -m /dev/sda1 touch /x
same "" mayfish --rw -a a.img -m /dev/sda1 touch /x
mkdir -p c/libguestfs
echo 'read_only = false;' > c/libguestfs/libguestfs-tools.conf
same "" env XDG_CONFIG_HOME="$work/c" mayfish -a a.img -m /dev/sda1 touch /x
rm .libguestfs-tools.rc

# One appliance for many clients; "exit" returns when all is written.
listen -a a.img -m /dev/sda1
export GUESTFISH_PID
for i in 1 2 3; do
    mayfish --remote write-append /n "$i"
done
printf 'from stdin' | mayfish --remote upload - /in
same $'123\nfrom stdin' mayfish --remote cat /n : cat /in
printf 'upload -<<END /in\nhere\nEND\ncat /in | tr e E\n' > s
same hErE mayfish --remote -f s
mayfish --remote exit
same 123 mayfish --ro -a a.img -m /dev/sda1 cat /n
ended "$GUESTFISH_PID"
