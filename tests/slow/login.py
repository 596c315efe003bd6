#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot an image, log in on its serial console, run commands.

login.py [--uefi FIRMWARE] [--write] IMAGE USER PASSWORD COMMAND...
login.py [--write] SCRIPT.sh USER PASSWORD COMMAND...

SCRIPT.sh starts QEMU and takes more options of it, as mayfly-v2v makes it.
Prints what each command prints.  The image is not written to unless --write
asks for it; then the machine is powered off at the end.
"""
import argparse
import codecs
import os
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import time


class Console:
    """The guest's serial console, on a socket."""

    def __init__(self, sock, deadline):
        self.sock, self.deadline, self.text = sock, deadline, ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.selector = selectors.DefaultSelector()
        self.selector.register(sock, selectors.EVENT_READ)

    def wait(self, pattern):
        """Read up to the pattern; return what came before it."""
        while True:
            found = re.search(pattern, self.text)
            if found:
                before = self.text[:found.start()]
                self.text = self.text[found.end():]
                return before
            left = self.deadline - time.monotonic()
            if left <= 0 or not self.selector.select(left):
                raise TimeoutError(f"no {pattern!r} in time; the last was:\n"
                                   + self.text[-2000:])
            data = self.sock.recv(65536)
            if not data:
                raise EOFError("the machine stopped; the last was:\n"
                               + self.text[-2000:])
            self.text += self.decoder.decode(data).replace("\r", "")
            # A sequence may arrive in pieces: it is removed once it is whole.
            self.text = re.sub(r"\x1b(\[[0-9;?]*[A-Za-z]|[()=>][0-9A-Z]?)",
                               "", self.text)

    def send(self, line):
        self.sock.sendall((line + "\n").encode())


def log_in(console, user, password):
    console.wait(r"login: ")
    console.send(user)
    console.wait(r"Password: ")
    console.send(password)
    console.wait(r"(?=Login incorrect)|[#$] $")
    if console.text:
        raise ValueError("the machine does not take the password")
    # A shell that neither edits lines nor prompts; what the terminal echoes
    # must not look like the mark.
    console.send("exec env PS1= sh")
    # The kernel must not print anything in between either.
    console.send("stty -echo; dmesg -n 1 2> /dev/null; echo rea''dy")
    console.wait(r"\nready\n")


def run(console, command):
    console.send(f"{{ {command}; }} 2>&1; echo \"=== $? ===\"")
    output = console.wait(r"=== \d+ ===\n")
    return output if output.endswith("\n") else output + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--uefi", help="the firmware, instead of the BIOS")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("image")
    parser.add_argument("user")
    parser.add_argument("password")
    parser.add_argument("command", nargs="*")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "serial")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)
        argv = ["qemu-system-x86_64", "-machine", "q35", "-accel", "tcg",
                "-m", "768", "-display", "none", "-no-reboot",
                "-nodefaults", "-device", "virtio-rng-pci",
                "-netdev", "user,id=n0,restrict=on",
                "-device", "virtio-net-pci,netdev=n0",
                "-chardev", f"socket,id=s0,path={path}",
                "-serial", "chardev:s0", "-snapshot",
                "-drive", f"file={args.image},if=virtio,"
                f"format={'qcow2' if args.image.endswith('qcow2') else 'raw'}"]
        if args.uefi:
            argv += ["-drive", "if=pflash,format=raw,readonly=on,"
                     f"file={args.uefi}"]
        if args.image.endswith(".sh"):
            argv = [args.image, "-machine", "accel=tcg", "-display", "none",
                    "-no-reboot", "-snapshot", "-monitor", "none",
                    "-chardev", f"socket,id=s0,path={path}",
                    "-serial", "chardev:s0"]
        if args.write:
            argv.remove("-snapshot")
        with subprocess.Popen(argv) as machine:
            try:
                listener.settimeout(30)
                sock, _ = listener.accept()
                console = Console(sock, time.monotonic() + args.timeout)
                log_in(console, args.user, args.password)
                for command in args.command:
                    print(run(console, command), end="", flush=True)
                if args.write:
                    console.send("poweroff")
                    # Its last output has to be read, or it waits.
                    try:
                        console.wait(r"\0 never")
                    except EOFError:
                        machine.wait(60)
            finally:
                machine.kill()


try:
    main()
except (TimeoutError, EOFError, ValueError) as error:
    sys.exit(f"login.py: {error}")
