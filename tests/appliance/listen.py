#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: listen.py LOG NAME PORT ADDRESS...

Serve PORT of each ADDRESS by TCP and UDP, and write to LOG a line for whatever
arrives.  NAME is the answer by TCP.  A name server (UDP, port 53) is on the
first address: A-B-C-D.test is A.B.C.D, and every other name is 192.0.2.2.
"""
import selectors
import socket
import sys

log = open(sys.argv[1], "a", buffering=1, encoding="ascii")
name, port, addresses = sys.argv[2], int(sys.argv[3]), sys.argv[4:]
selector = selectors.DefaultSelector()


def listen(address, kind, number):
    info = socket.getaddrinfo(address, number, type=kind)[0]
    s = socket.socket(info[0], kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(info[4])
    if kind == socket.SOCK_STREAM:
        s.listen()
    selector.register(s, selectors.EVENT_READ, (address, kind, number))


def answer(query):
    end = query.index(b"\0", 12) + 5
    is_ipv4 = query[end - 4:end] == b"\0\1\0\1"
    label = query[13:13 + query[12]].decode("ascii", "replace")
    numbers = [int(n) if n.isdigit() else 256 for n in label.split("-")]
    if len(numbers) != 4 or max(numbers) > 255:
        numbers = [192, 0, 2, 2]
    record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + bytes(numbers)
    return (query[:2] + b"\x81\x80\0\1\0" + bytes([is_ipv4]) + b"\0\0\0\0" +
            query[12:end] + (record if is_ipv4 else b""))


for a in addresses:
    listen(a, socket.SOCK_STREAM, port)
    listen(a, socket.SOCK_DGRAM, port)
listen(addresses[0], socket.SOCK_DGRAM, 53)
print("ready", file=log)
while True:
    for key, _ in selector.select():
        address, kind, number = key.data
        if kind == socket.SOCK_STREAM:
            connection, who = key.fileobj.accept()
            print(name, "tcp", address, file=log)
            connection.sendall(name.encode() + b"\n")
            connection.close()
            continue
        data, who = key.fileobj.recvfrom(2000)
        if number == 53:
            print(name, "dns", file=log)
            key.fileobj.sendto(answer(data), who)
        else:
            print(name, "udp", address, file=log)
