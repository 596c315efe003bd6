# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which errors a call can give because of what it is: of its arguments, its
result and its attributes.  What only one call gives is in its definition.

What the library gives is in lib/rpc and lib/settings.c, the agent's part in
its path.c, device.c, mounts.c, run.c, stream.c and serve.c.
"""

# Groups whose calls run a program of the appliance, and which, as in the
# agent's table (appliance/agent/ops/feature.c).
PROGRAMS = {
    "btrfs": "btrfs", "extlinux": "extlinux", "f2fs": "resize.f2fs",
    "libyara": "yara", "luks": "cryptsetup", "lvm2": "lvm",
    "mdadm": "mdadm", "ntfs3g": "ntfs-3g", "ntfsprogs": "ntfsresize",
    "rsync": "rsync", "selinuxrelabel": "setfiles", "squashfs": "mksquashfs",
    "syslinux": "syslinux", "wipefs": "wipefs", "xfs": "xfsprogs",
    "zerofree": "zerofree",
}
PATHS = ("path", "path_or_device", "template", "btrfs_place")
DEVICES = ("device", "mountable", "path_or_device", "btrfs_place")
ARGUMENTS_MAX = 1 << 20         # bytes of all arguments of a call
REPLY_MAX = 64 << 20            # of a result, as in wire/frame.h


def kinds(fields):
    out = set()
    for f in fields:
        t = f.type.element if f.type.kind == "list" else f.type
        out.add(t.name or t.kind)
    return out


def reaches_appliance(m):
    """A call of the library works with the appliance if it is given
    something of the guest."""
    return not m.has("library") or \
        bool(kinds(m.fields) & set(PATHS + DEVICES + ("content",)))


def can_be_wrong(f):
    return f.type.kind not in ("bool", "u32", "u64", "enum") and \
        (f.type.kind not in ("i32", "i64") or f.type.low is not None)


def most(t):
    """About how many bytes a value can take on the wire."""
    if t.kind in ("list", "map"):
        return t.bound * most(t.element)
    if t.kind in ("string", "bytes"):
        return t.bound
    return REPLY_MAX if t.name == "inspection" else 100


def of_arguments(m):
    # A path that is an option is mostly recorded or a pattern, not opened.
    out, have = [], kinds(m.arguments)
    wrong = {f.type.kind in ("i32", "i64")
             for f in m.fields if can_be_wrong(f)}
    if wrong and not (wrong == {True} and
                      any("EINVAL" in names for names, _ in m.errors)):
        out.append(("EINVAL", "An argument is " + {
            (True,): "out of its range.", (False,): "NULL or too long.",
        }.get(tuple(wrong), "NULL, too long or out of its range.")))
    if m.options:
        out.append(("EINVAL", "*set* has a bit that belongs to no option."))
    if have & set(PATHS):
        out.append(("EINVAL", "A path does not start with \"/\"."))
        # Mounting is what works before there is a root.
        if m.family != "mount":
            out.append(("EINVAL", "No file system is mounted on \"/\": see "
                        "`mount`."))
        out.append(("ENOENT", "A directory on the way of a path does not "
                    "exist." if m.summary.startswith("Create ") else
                    "A path, or a directory on the way to it, does not "
                    "exist."))
        out.append(("ENOTDIR", "Something on the way of a path is not a "
                    "directory."))
        out.append(("ELOOP", "Too many symbolic links were found on the way "
                    "of a path."))
        out.append(("ENAMETOOLONG", "A part of a path is longer than the "
                    "file system allows, usually 255 bytes."))
    if have & set(DEVICES):
        out.append(("EINVAL", "A device's name does not start with "
                    "\"/dev/\"."))
        out.append(("ENOENT", "There is no such device."))
        out.append(("ENOTBLK", "It is not a block device."))
    if "mountable" in have:
        out.append(("EINVAL", "The device of a \"btrfsvol:\" name does not "
                    "exist, or the name has no subvolume."))
    if m.stream and m.stream.type.kind == "in":
        out.append(("ENOENT, EACCES, EISDIR", "The file on the host cannot "
                    "be opened or read: all errors of open(2) and read(2) "
                    "are possible."))
    if m.stream and m.stream.type.kind == "out":
        out.append(("ENOENT, EACCES, ENOSPC", "The file on the host cannot "
                    "be created or written: all errors of open(2) and "
                    "write(2) are possible."))
    if m.has("writes") and have & set(PATHS):
        out.append(("EROFS", "The file system is mounted read-only."))
        out.append(("ENOSPC", "The file system is full."))
    return out


def of_attributes(m):
    out = []
    if m.has("config"):
        out.append(("EBUSY", "The handle has been launched."))
    program = PROGRAMS.get(m.attributes.get("feature"))
    if program:
        out.append(("EIO", f"{program}, which does the work in the "
                    "appliance, failed; the error's text is its message."))
        out.append(("ENOENT", f"The appliance has no {program}: see "
                    "`feature_available`."))
    return out


def of_appliance(m):
    out = [("EINVAL", "The handle has not been launched: see `launch`.")]
    if m.has("writes"):
        out.append(("EROFS", "The handle is read-only: see "
                    "`set_read_only`."))
    if sum(most(f.type) for f in m.fields) > ARGUMENTS_MAX and \
            not m.has("library"):
        out.append(("EINVAL", "The arguments take more than 1 MiB "
                    "together."))
    if m.result and most(m.result) >= REPLY_MAX and \
            not any("EFBIG" in names for names, _ in m.errors):
        out.append(("E2BIG", "The result takes more than 64 MiB."))
    seconds = int(m.attributes.get("timeout", "600"))
    wait = f"{seconds} seconds, or for " if seconds and \
        not m.has("library") else ""
    out += [
        ("ECANCELED", "mayfly_cancel(3) was called."),
        ("ENOMEM", "There is not enough memory, here or in the appliance."),
        ("ETIMEDOUT", "The appliance gave no sign of life "
         f"for {wait}the time that was set with `set_timeout`, or made too "
         "little progress in six times that time."),
        ("ECONNRESET, EPROTO", "The appliance has stopped, or its answer "
         "was malformed. The handle can only be closed after that."),
        ("ESHUTDOWN", "The appliance had stopped before."),
    ]
    return out


def allocates(m):
    scalars = ("bool", "u32", "u64", "i32", "i64", "enum")
    types = [f.type for f in m.fields] + ([m.result] if m.result else [])
    return any(t.kind not in scalars for t in types)


def errors(m):
    """(names, text) pairs, those of the call itself first."""
    general = of_arguments(m) + of_attributes(m)
    out = list(m.errors) + [e for e in general if e[0] not in m.never]
    if reaches_appliance(m):
        out += of_appliance(m)
    elif allocates(m) and not any("ENOMEM" in names for names, _ in out):
        out.append(("ENOMEM", "There is not enough memory."))
    return merged(out)


def merged(pairs):
    """One entry for each name, in the order in which they come first."""
    out = {}
    for names, text in pairs:
        out.setdefault(names, []).append(text)
    return [(names, " ".join(texts)) for names, texts in out.items()]
