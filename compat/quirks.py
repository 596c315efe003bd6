# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where guestfs.h alone does not say how a call is meant."""

# Calls whose result may be NULL without an error.
NULL_IS_A_VALUE = {"get_append"}

# Arguments that may be NULL, beyond those that api/ marks with "?".
NULLABLE = {
    ("set_append", "append"), ("set_path", "searchpath"), ("set_hv", "hv"),
    ("set_qemu", "hv"), ("set_cachedir", "cachedir"),
    ("set_tmpdir", "tmpdir"), ("config", "hvvalue"),
}

# Calls that another thread may make while a call of the handle runs, which
# serves a folder until this one ends it.
UNLOCKED = {"umount_local"}

# Arguments of type int that mean a bool, of calls that api/ does not have.
BOOLEANS = frozenset((
    "verbose", "trace", "autosync", "network", "pgroup", "recoveryproc",
    "direct", "selinux", "readonly", "live", "allowuuid", "copyonread",
    "remove", "debugcalls", "retry", "enable", "seeding", "obool"))

# Calls of mayfly whose result or arguments deliberately differ from 1.48:
# written by hand or not at all.
NOT_OURS = {
    "version",      # libguestfs's, since programs compare it with what they need
}

# Why a call is a stub, for the table of calls.
_LDM = "Windows dynamic disks: no image to test it with"
_TSK = "needs The Sleuth Kit and its many libraries in the appliance"
_INSIDE = "for libguestfs' own tests: it shows the inside of its daemon"
_SELINUX = "the appliance has no SELinux, and it is deprecated in libguestfs"
WHY = {
    "config": "only Mayfly sets QEMU's command line: its cage is built for it",
    "debug": _INSIDE, "debug_drives": _INSIDE, "debug_upload": _INSIDE,
    "download_blocks": _TSK, "download_inode": _TSK,
    "filesystem_walk": _TSK, "find_inode": _TSK,
    "getcon": _SELINUX, "setcon": _SELINUX,
    "grub_install": "GRUB 1, which no distribution has any more",
    "list_ldm_partitions": _LDM, "list_ldm_volumes": _LDM,
    "ldmtool_create_all": _LDM, "ldmtool_diskgroup_disks": _LDM,
    "ldmtool_diskgroup_name": _LDM, "ldmtool_diskgroup_volumes": _LDM,
    "ldmtool_remove_all": _LDM, "ldmtool_scan": _LDM,
    "ldmtool_scan_devices": _LDM, "ldmtool_volume_hint": _LDM,
    "ldmtool_volume_partitions": _LDM, "ldmtool_volume_type": _LDM,
    "mount_9p": "it always fails in libguestfs as well",
}

# Symbols of symbols.txt that are not calls: written by hand, in C.
PLAIN = ("create", "create_flags", "close", "last_error", "last_errno",
         "set_error_handler", "get_error_handler", "push_error_handler",
         "pop_error_handler", "set_out_of_memory_handler",
         "get_out_of_memory_handler", "set_event_callback",
         "delete_event_callback", "event_to_string", "set_private",
         "get_private", "first_private", "next_private",
         "set_log_message_callback", "set_subprocess_quit_callback",
         "set_launch_done_callback", "set_close_callback",
         "set_progress_callback")
