# SPDX-License-Identifier: GPL-2.0-or-later
"""What the module mayfly does: values.py DISK STUB

DISK is an empty raw image, which is written to.
"""

import ast
import errno
import gc
import sys
import threading
import weakref

import mayfly

DISK, STUB = sys.argv[1:]


def fails(kind, function, *args, **words):
    """The exception of this kind that the call raises."""
    try:
        function(*args, **words)
    except kind as e:
        return e
    raise AssertionError(f"{function} does not raise {kind.__name__}")


def check_stub():
    with open(STUB, encoding="utf-8") as f:
        classes = {c.name: c for c in ast.parse(f.read()).body
                   if isinstance(c, ast.ClassDef)}
    told = {f.name for f in classes["Mayfly"].body} - {"__init__"}
    has = {n for n, v in vars(mayfly.Mayfly).items()
           if callable(v) and n not in ("__new__", "__del__")}
    assert told == has, told ^ has
    for name, c in classes.items():
        fields = [a.target.id for a in c.body if isinstance(a, ast.AnnAssign)]
        if fields:
            t = getattr(mayfly, name)
            assert t.n_sequence_fields == len(fields), name


def check_values(g):
    # Options, which None leaves out; numbers in their range.
    g.part_disk("/dev/sda", "gpt")
    g.mkfs("ext4", "/dev/sda1", label="data", blocksize=None)
    assert g.vfs_label("/dev/sda1") == "data"
    g.mount("/dev/sda1", "/")
    fails(OverflowError, g.chmod, 1 << 40, "/")
    fails(TypeError, g.chmod, "0644", "/")
    fails(TypeError, g.cat)
    fails(TypeError, g.mkfs, "ext4", "/dev/sda1", color="red")

    # Bytes, strings that are no UTF-8, lists, pairs, structures.
    for content in (b"a\0b\xff", bytearray(b"x" * 100000), memoryview(b"")):
        g.write("/blob", content)
        assert g.read_file("/blob") == bytes(content)
    odd = b"/caf\xe9".decode("utf-8", "surrogateescape")
    g.touch(odd)
    g.touch(b"/plain")
    g.touch("/gr\u00f6\u00dfe")
    assert g.exists("/gr\u00f6\u00dfe".encode()) is True
    assert "gr\u00f6\u00dfe" in g.ls("/")
    assert odd[1:] in g.ls("/") and "plain" in g.ls("/")
    assert g.exists(odd) is True and g.exists("/no") is False
    g.setxattr("user.a", "v", 1, "/plain")
    values = g.getxattrs("/plain")
    assert [(v.attrname, v.attrval) for v in values] == [("user.a", b"v")]
    status = g.statns("/blob")
    assert isinstance(status, mayfly.FileStatusNs)
    assert status.st_size == g.filesize("/blob") == 0
    assert g.list_filesystems() == {"/dev/sda1": "ext4"}
    assert g.command(["/bin/true"]) if g.exists("/bin/true") else True
    fails(TypeError, g.command, "a string is not a list")
    fails(ValueError, g.cat, "/with\0nul")

    e = fails(mayfly.Error, g.cat, "/not/there")
    assert isinstance(e, OSError) and e.errno == errno.ENOENT
    assert "/not/there" in e.strerror and "\n" not in e.strerror


def check_events(g):
    seen = []
    number = g.set_event_callback(
        lambda event, text, done, total: seen.append((event, text)), ["trace"])
    g.set_trace(True)
    g.exists("/plain")
    g.set_trace(False)
    assert any(e == "trace" and "exists" in t for e, t in seen), seen
    g.delete_event_callback(number)
    fails(ValueError, g.set_event_callback, print, ["no such"])
    fails(TypeError, g.set_event_callback, None)

    # What a callback raises ends the call; it cannot use the handle.
    def inside(*_):
        fails(RuntimeError, g.ls, "/")
        raise LookupError("from the callback")

    number = g.set_event_callback(inside, ["trace"])
    g.set_trace(True)
    assert str(fails(LookupError, g.ls, "/")) == "from the callback"
    g.delete_event_callback(number)
    g.set_trace(False)
    assert "plain" in g.ls("/")


def check_threads(g):
    faults = []

    def work(i):
        try:
            for k in range(10):
                g.write(f"/thread{i}", f"{k}".encode())
                assert g.cat(f"/thread{i}") == str(k)
        except Exception as e:      # reported below
            faults.append(e)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not faults, faults
    g.cancel()
    assert fails(mayfly.Error, g.ls, "/").errno == errno.ECANCELED


def main():
    check_stub()
    with mayfly.Mayfly() as g:
        g.add_drive(DISK, format="raw", readonly=False)
        g.launch()
        check_values(g)
        check_events(g)
        check_threads(g)
    fails(ValueError, g.ls, "/")
    g.close()
    with mayfly.Mayfly() as g:
        g.add_drive(DISK, format="raw", readonly=True)
        g.launch()
        g.mount_ro("/dev/sda1", "/")
        assert g.cat("/thread3") == "9"
    check_close()
    check_cycle()
    # The error that ends the block is the one that comes out.
    assert fails(KeyError, leave_by_error).args == ("mine",)


class Token:
    """Something that a weak reference can watch."""


def check_cycle():
    """A handle and a callback that knows it go with the garbage, once the
    callback has seen the end."""
    ends = []

    def make():
        g, token = mayfly.Mayfly(), Token()
        g.set_event_callback(lambda *a, t=token, h=g: ends.append(a[0]),
                             ["close"])
        return weakref.ref(token)

    watched = [make() for _ in range(3)]
    gc.collect()
    assert [w() for w in watched] == [None] * 3
    assert ends == ["close"] * 3, ends
    g = mayfly.Mayfly()
    number = g.set_event_callback(lambda *a: ends.append(g), ["close"])
    g.delete_event_callback(number)
    g.close()
    assert len(ends) == 3


def with_close(callback):
    g = mayfly.Mayfly()
    g.set_event_callback(callback, ["close"])
    return g


def check_close():
    """What a callback of the end raises; and an end with an exception on its
    way, which stays what it is."""
    def bad(*_):
        raise LookupError("at the end")

    g = with_close(bad)
    assert str(fails(LookupError, g.close)) == "at the end"
    g.close()
    fails(ZeroDivisionError, lambda: (with_close(lambda *_: None), 1 // 0))
    fails(TypeError, lambda: with_close(lambda *_: None).cat())
    unraisable = []
    sys.unraisablehook = unraisable.append
    fails(ZeroDivisionError, lambda: (with_close(bad), 1 // 0))
    sys.unraisablehook = sys.__unraisablehook__
    assert len(unraisable) == 1


def leave_by_error():
    with mayfly.Mayfly():
        raise KeyError("mine")


main()
