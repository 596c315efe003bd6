#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Servers that stop answering, at any point: an error that names it, within a
# time, and nothing is left.
. "${srcdir:?}/tests/lib.sh"
requires nbdkit curl --version
requires curl --version
requires python3 --version
cd "$work"
truncate -s 1M disk

python3 "$srcdir/tests/cli/range-server.py" port > /dev/null 2>&1 &
cleanup kill $!
# Says N bytes of an NBD greeting, then nothing: the port of each in a file.
cat > mute.py << 'END'
import socket
import struct
import sys
import threading

greeting = b"NBDMAGICIHAVEOPT" + struct.pack(">H", 3)
listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
with open("mute", "w", encoding="utf-8") as f:
    print(*(s.getsockname()[1] for s in listening), file=f)


def serve(s, n):
    kept = []
    while True:
        kept.append(s.accept()[0])
        kept[-1].sendall(greeting[:n])


for s, n in zip(listening, (0, 4, 18)):
    threading.Thread(target=serve, args=(s, n)).start()
END
python3 mute.py &
cleanup kill $!
for _ in $(seq 500); do
    [ -s port ] && [ -s mute ] && break
    sleep 0.02
done
read -r none half whole < mute
web=http://127.0.0.1:$(cat port)

# All at the same time; each has 30 seconds, and a minute for its first bytes.
i=0
while read -r address words; do
    (expect_error any "$words" timeout 150 mayfish --ro -a "$address" run) &
    jobs[i++]=$!
done << END
nbd://127.0.0.1:$none/ 127.0.0.1, port $none, does not answer: no NBD greeting
nbd://127.0.0.1:$half/ 127.0.0.1, port $half, does not answer: no NBD greeting
nbd://127.0.0.1:$whole/ the server does not answer within 30 seconds
$web/silent/disk cannot reach it: .*time.*out
$web/stall/disk [Tt]imeout was reached|timed out
rbd://127.0.0.1:1/pool/image launch: rbd://127.0.0.1:1/pool/image: 
END
bad=0
start=$SECONDS
for job in "${jobs[@]}"; do
    wait "$job" || bad=$((bad + 1))
done
[ $bad = 0 ] || fail "$bad of ${#jobs[@]}"
[ $((SECONDS - start)) -lt 120 ] || fail "it took $((SECONDS - start)) seconds"
