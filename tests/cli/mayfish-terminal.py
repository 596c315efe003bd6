#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mayfish on a terminal: prompt, completion, history, escaped output, Ctrl-C,
and keys that are not shown."""

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BUILDDIR = os.environ.get("builddir", ".")


# A title for the terminal, and letters that read from right to left.
EVIL_NAME = "/evil.d/a\x1b]0;t\x07\u202efdp.exe\u061c\x9b31m"


class Session:
    def __init__(self, folder, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(HOME=folder, TERM="dumb", INPUTRC="/dev/null")
            os.chdir(folder)
            # Whatever started the tests in the background ignores it.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execv(os.path.join(BUILDDIR, "run"), ["run", "mayfish", *args])
        self.text = ""

    def send(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern, seconds=60):
        """Read until the pattern is there; what was before is dropped."""
        end = time.monotonic() + seconds
        while not (m := re.search(pattern, self.text)):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                sys.exit(f"failed: no '{pattern}' in {self.text!r}")
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                sys.exit(f"failed: ended before '{pattern}': {self.text!r}")
            self.text += data.decode("utf-8", "backslashreplace")
        before, self.text = self.text[:m.start()], self.text[m.end():]
        return before

    def end(self):
        """Read the rest; the exit code."""
        while True:
            try:
                if not os.read(self.fd, 65536):
                    break
            except OSError:
                break
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def main():
    folder = tempfile.mkdtemp(prefix="mayfly-test.", dir="/var/tmp")
    try:
        check(folder)
        check_prompt(folder)
    finally:
        shutil.rmtree(folder)


def check_prompt(folder):
    """guestfish's variables for colours."""
    ours = {"GUESTFISH_INIT": r"<init>\\", "GUESTFISH_OUTPUT": r"<\157ut>",
            "GUESTFISH_PS1": r"\[\e[1m\]fs\x3a\q ",
            "GUESTFISH_RESTORE": r"<\x62ye>"}
    os.environ.update(ours)
    s = Session(folder)
    s.expect(r"<init>\\")
    s.expect(r"\x1b\[1mfs:\? ")
    s.send("echo a\n")
    s.expect("<out>a\r\n")
    s.expect(r"fs:\? ")
    s.send("quit\n")
    s.expect("<bye>")
    if s.end() != 0:
        sys.exit("failed: 'quit' at another prompt")
    for name in ours:
        del os.environ[name]


def check(folder):
    disk = os.path.join(folder, "d.img")
    with open(os.path.join(folder, "evil"), "wb") as f:
        f.write(b"\x1b[31mred\x07\n")
    subprocess.run([os.path.join(BUILDDIR, "run"), "mayfish",
                    "-N", disk + "=fs:ext4:64M", "-m", "/dev/sda1",
                    "mkdir", "/folder", ":", "touch", "/folder/a-long-name",
                    ":", "mkdir", "/evil.d", ":", "touch", EVIL_NAME,
                    ":", "upload", os.path.join(folder, "evil"), "/evil"],
                   check=True)

    s = Session(folder, "-a", disk, "-m", "/dev/sda1")
    s.expect("'quit' leaves")
    s.expect("><fs> ")
    s.send("list-filesy\t\n")
    s.expect(r"/dev/sda1: ext4")
    s.expect("><fs> ")
    s.send("ls /fol\t\n")
    s.expect(r"a-long-name\r\n")
    s.expect("><fs> ")
    s.send("mount /dev/sd\t\t\t")
    s.expect("/dev/sda1")
    s.send("\x15echo ready\n")
    s.expect("\nready\r\n")
    s.expect("><fs> ")
    # What a guest says cannot command the terminal.
    s.send("cat /evil\n")
    shown = s.expect("><fs> ")
    assert "\x1b[31m" not in shown and "\x07" not in shown, shown
    assert "\\x1b[31mred\\x07" in shown, shown
    # Nor can a name, whatever prints it.
    for line in ("glob echo /evil.d/*", "ls /evil.d", "find /evil.d",
                 "glob ls /evil.d/*"):
        s.send(line + "\n")
        shown = s.expect("><fs> ")
        assert not re.search("[\x1b\x07\u061c\u202e\x9b]", shown), shown
        assert "\\x1b]0;t\\x07\\xe2\\x80\\xaefdp" in shown, shown
    # It is not offered as a completion.
    s.send("ls /evil.d/\t\t\x15echo ready\n")
    shown = s.expect("\nready\r\n")
    assert not re.search("[\u061c\u202e\x9b]|fdp", shown), shown
    s.expect("><fs> ")
    # An error is printed, and the session goes on.
    s.send("nosuch\n")
    s.expect("mayfish: nosuch: unknown command")
    s.expect("><fs> ")
    # Ctrl-C ends the call, not the shell.
    s.send("!echo before\n")
    s.expect("\r\nbefore")
    s.expect("><fs> ")
    s.send("sleep 100\n")
    time.sleep(1)
    s.send("\x03")
    s.expect("><fs> ", 20)
    s.send("ls /folder\n")
    s.expect("a-long-name\r\n")
    # At the prompt it does nothing to the next command.
    s.expect("><fs> ")
    for _ in range(4):
        s.send("\x03")
        time.sleep(0.2)
    s.send("ls /folder\n")
    s.expect("a-long-name\r\n")
    s.send("quit\n")
    assert s.end() == 0

    with open(os.path.join(folder, ".mayfish"), encoding="utf-8") as f:
        assert "ls /folder\n" in f.read()
    mode = os.stat(os.path.join(folder, ".mayfish")).st_mode & 0o777
    assert mode == 0o600, oct(mode)

    # A key is asked for on the terminal and not shown.
    blank = os.path.join(folder, "l.img")
    with open(blank, "wb") as f:
        f.truncate(64 << 20)
    s = Session(folder, "-a", blank, "run", ":", "luks-format", "/dev/sda",
                "0", ":", "vfs-type", "/dev/sda")
    s.expect(r"Enter key or passphrase \(\"key\"\): ")
    s.send("hidden-secret\n")
    # Deriving a key takes long where the CPU is emulated.
    shown = s.expect("crypto_LUKS", 300)
    assert "hidden-secret" not in shown, shown
    assert s.end() == 0
    print("ok")


if __name__ == "__main__":
    main()
