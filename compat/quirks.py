# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where guestfs.h alone does not tell how a call is meant."""

# Calls whose result may be NULL without an error.
NULL_IS_A_VALUE = {"get_append"}

# Arguments that may be NULL, beyond those that api/ marks with "?".
NULLABLE = {
    ("set_append", "append"), ("set_path", "searchpath"), ("set_hv", "hv"),
    ("set_qemu", "hv"), ("set_cachedir", "cachedir"),
    ("set_tmpdir", "tmpdir"), ("config", "hvvalue"),
}

# Calls that may come while another thread is in a call of the handle: it
# serves a folder until this one is made.
UNLOCKED = {"umount_local"}

# Arguments of type int that mean a bool, of calls that api/ does not have.
BOOLEANS = frozenset((
    "verbose", "trace", "autosync", "network", "pgroup", "recoveryproc",
    "direct", "selinux", "readonly", "live", "allowuuid", "copyonread",
    "remove", "debugcalls", "retry", "enable", "seeding", "obool"))

# Ours whose result or arguments differ from 1.48 by intent: done by hand or
# not at all.
NOT_OURS = {
    "version",      # theirs, since programs compare it with what they need
}

# Why a call is a stub, for the table of calls.
_LDM = "Windows' dynamic disks: no image to try it with"
_TSK = "needs The Sleuth Kit and its many libraries in the appliance"
_INSIDE = "for libguestfs' own tests: it shows the inside of its daemon"
_SELINUX = "the appliance has no SELinux, and it is deprecated there"
WHY = {
    "config": "QEMU's command line is Mayfly's alone: its cage is built for it",
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
    "mount_9p": "it does nothing but fail there, too",
}

# What symbols.txt calls that is no action: written by hand, in C.
PLAIN = ("create", "create_flags", "close", "last_error", "last_errno",
         "set_error_handler", "get_error_handler", "push_error_handler",
         "pop_error_handler", "set_out_of_memory_handler",
         "get_out_of_memory_handler", "set_event_callback",
         "delete_event_callback", "event_to_string", "set_private",
         "get_private", "first_private", "next_private",
         "set_log_message_callback", "set_subprocess_quit_callback",
         "set_launch_done_callback", "set_close_callback",
         "set_progress_callback")
