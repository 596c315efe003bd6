# SPDX-License-Identifier: GPL-2.0-or-later
# What the build needs.  Everything missing is collected and reported at the
# end, all at once, with the packages that contain it.

# MAYFLY_MISSING(WHAT, DEBIAN-PACKAGE, FEDORA-PACKAGE)
AC_DEFUN([MAYFLY_MISSING], [
    mayfly_missing="$mayfly_missing
  $1: Debian/Ubuntu $2, Fedora $3"
    mayfly_missing_debian="$mayfly_missing_debian $2"
])

# MAYFLY_PKG(VARIABLE, PKG-CONFIG MODULE, DEBIAN, FEDORA)
AC_DEFUN([MAYFLY_PKG], [
    PKG_CHECK_MODULES([$1], [$2], [],
        [MAYFLY_MISSING([$2], [$3], [$4])])
])

# MAYFLY_LIB(VARIABLE, LIBRARY, HEADER, FUNCTION, DEBIAN, FEDORA): a library
# without a pkg-config file
AC_DEFUN([MAYFLY_LIB], [
    AC_CHECK_HEADER([$3], [
        AC_CHECK_LIB([$2], [$4], [$1_LIBS=-l$2])
    ])
    AC_SUBST([$1_LIBS])
    AS_IF([test -z "$$1_LIBS"], [MAYFLY_MISSING([lib$2], [$5], [$6])])
])

# MAYFLY_PROG(VARIABLE, PROGRAMS, DEBIAN, FEDORA)
AC_DEFUN([MAYFLY_PROG], [
    AC_PATH_PROGS([$1], [$2], [], [$PATH:/usr/sbin:/sbin])
    AS_IF([test -z "$$1"], [MAYFLY_MISSING([$2], [$3], [$4])])
])

# The appliance is made from Debian packages, or is one that was exported.
AC_DEFUN([MAYFLY_APPLIANCE], [
    AC_ARG_WITH([appliance], [AS_HELP_STRING([--with-appliance=FILE],
        [use the appliance that mayfly-appliance export has written])],
        [APPLIANCE_FILE=$withval], [APPLIANCE_FILE=])
    AC_ARG_WITH([appliance-key], [AS_HELP_STRING([--with-appliance-key=FILE],
        [the public key that signed it])],
        [APPLIANCE_KEY=$withval], [APPLIANCE_KEY=])
    for mayfly_file in "$APPLIANCE_FILE" "$APPLIANCE_KEY"; do
        AS_CASE([$mayfly_file], ["" | /*], [],
            [AC_MSG_ERROR([--with-appliance and --with-appliance-key take absolute paths: $mayfly_file])])
    done
    AS_IF([test -n "$APPLIANCE_FILE" && test ! -r "$APPLIANCE_KEY"],
        [AC_MSG_ERROR([--with-appliance needs --with-appliance-key=FILE, the key that signed it])])
    AC_SUBST([APPLIANCE_FILE])
    AC_SUBST([APPLIANCE_KEY])
    AM_CONDITIONAL([APPLIANCE_IMPORTED], [test -n "$APPLIANCE_FILE"])
])

AC_DEFUN([MAYFLY_PROGRAMS], [
    MAYFLY_PROG([PYTHON], [python3], [python3], [python3])
    MAYFLY_PROG([QEMU], [qemu-system-x86_64], [qemu-system-x86],
        [qemu-system-x86-core])
    MAYFLY_PROG([QEMU_IMG], [qemu-img], [qemu-utils], [qemu-img])
    MAYFLY_PROG([QEMU_STORAGE], [qemu-storage-daemon], [qemu-system-common],
        [qemu-img])
    # Only run by mayfly-v2v -o libvirt.
    AC_PATH_PROG([VIRSH], [virsh], [/usr/bin/virsh])
    AS_IF([test -z "$APPLIANCE_FILE"], [
        MAYFLY_PROG([APT_GET], [apt-get], [apt], [apt])
        MAYFLY_PROG([DPKG_DEB], [dpkg-deb], [dpkg], [dpkg])
        MAYFLY_PROG([CPIO], [cpio], [cpio], [cpio])
    ])
    MAYFLY_PROG([XZ], [xz], [xz-utils], [xz])
    MAYFLY_PROG([GPG], [gpg], [gnupg], [gnupg2])
])

AC_DEFUN([MAYFLY_LIBRARIES], [
    MAYFLY_PKG([JSON_C], [json-c >= 0.14], [libjson-c-dev], [json-c-devel])
    MAYFLY_PKG([YAML], [yaml-0.1], [libyaml-dev], [libyaml-devel])
    MAYFLY_PKG([SECCOMP], [libseccomp >= 2.5], [libseccomp-dev],
        [libseccomp-devel])
    MAYFLY_PKG([GCRYPT], [libgcrypt], [libgcrypt20-dev], [libgcrypt-devel])
    MAYFLY_PKG([LIBXML], [libxml-2.0], [libxml2-dev], [libxml2-devel])
    MAYFLY_PKG([LIBARCHIVE], [libarchive], [libarchive-dev],
        [libarchive-devel])
    MAYFLY_PKG([FUSE], [fuse3 >= 3.10], [libfuse3-dev], [fuse3-devel])
    MAYFLY_PKG([LIBACL], [libacl], [libacl1-dev], [libacl-devel])
    MAYFLY_PKG([AUGEAS], [augeas], [libaugeas-dev], [augeas-devel])
    MAYFLY_PKG([HIVEX], [hivex], [libhivex-dev], [hivex-devel])
    MAYFLY_PKG([SYSTEMD], [libsystemd], [libsystemd-dev], [systemd-devel])
    MAYFLY_PKG([LIBCAP], [libcap], [libcap-dev], [libcap-devel])
    MAYFLY_LIB([AIO], [aio], [libaio.h], [io_submit], [libaio-dev],
        [libaio-devel])
    MAYFLY_PKG([XXHASH], [libxxhash], [libxxhash-dev], [xxhash-devel])
    MAYFLY_PKG([NBD], [libnbd], [libnbd-dev], [libnbd-devel])
    MAYFLY_PKG([CURL], [libcurl], [libcurl4-gnutls-dev], [libcurl-devel])
    MAYFLY_PKG([LZMA], [liblzma], [liblzma-dev], [xz-devel])
    MAYFLY_PKG([GPGME], [gpgme], [libgpgme-dev], [gpgme-devel])
    MAYFLY_PKG([READLINE], [readline], [libreadline-dev], [readline-devel])
    MAYFLY_PKG([LIBCONFIG], [libconfig], [libconfig-dev], [libconfig-devel])
    MAYFLY_PKG([BLKID], [blkid], [libblkid-dev], [libblkid-devel])
    MAYFLY_PKG([FDISK], [fdisk], [libfdisk-dev], [libfdisk-devel])
    MAYFLY_PKG([RPM], [rpm], [librpm-dev], [rpm-devel])
    MAYFLY_PKG([CRYPT], [libcrypt], [libcrypt-dev], [libxcrypt-devel])

    AS_IF([test -n "$mayfly_missing"], [
        AC_MSG_ERROR([these are missing:
$mayfly_missing

On Debian or Ubuntu:
  apt-get install$mayfly_missing_debian])
    ])
])

# The drop-in for libguestfs is built against the header that the programs
# were built against.  Without the header it is not built.
AC_DEFUN([MAYFLY_COMPAT], [
    GUESTFS_HEADER=
    PKG_CHECK_MODULES([GUESTFS], [libguestfs], [
        PKG_CHECK_VAR([GUESTFS_INCLUDEDIR], [libguestfs], [includedir])
        PKG_CHECK_VAR([GUESTFS_LIBDIR], [libguestfs], [libdir])
        GUESTFS_VERSION=`$PKG_CONFIG --modversion libguestfs`
        AC_SUBST([GUESTFS_VERSION])
        AS_IF([test -r "$GUESTFS_INCLUDEDIR/guestfs.h"],
            [GUESTFS_HEADER="$GUESTFS_INCLUDEDIR/guestfs.h"])
    ], [:])
    AC_SUBST([GUESTFS_HEADER])
    dnl Only its header: libvirt is loaded when a domain is requested.
    PKG_CHECK_MODULES([LIBVIRT], [libvirt >= 1.2], [
        AC_DEFINE([HAVE_LIBVIRT], [1], [Whether libvirt's header is there])
        have_libvirt=yes
        mayfly_libvirt="with libvirt's domains"
    ], [mayfly_libvirt="without libvirt's domains (libvirt-dev)"])
    AM_CONDITIONAL([LIBVIRT], [test "$have_libvirt" = yes])
    AM_CONDITIONAL([COMPAT], [test -n "$GUESTFS_HEADER"])
    AS_IF([test -n "$GUESTFS_HEADER"],
        [mayfly_compat="for libguestfs $GUESTFS_VERSION, $mayfly_libvirt"],
        [mayfly_compat="not built: no guestfs.h (libguestfs-dev)"])
])

# The Python module needs Python's header, and the stable ABI of 3.11.  It is
# not built with sanitizers, which Python's program does not have.
AC_DEFUN([MAYFLY_PYTHON], [
    AC_ARG_WITH([python-dir], [AS_HELP_STRING([--with-python-dir=DIR],
        [where the Python module is installed])],
        [pyexecdir=$withval], [
        pyexecdir='${exec_prefix}'/lib/`$PYTHON -c 'import os, sys, sysconfig
print("python%d.%d/" % sys.version_info[[:2]] +
      os.path.basename(sysconfig.get_path("platlib")))'`])
    AC_SUBST([pyexecdir])
    mayfly_python="not built: no Python.h of 3.11 or later (python3-dev)"
    PKG_CHECK_MODULES([PYTHON], [python3 >= 3.11], [
        mayfly_python="in $pyexecdir"
        AS_IF([test "$enable_sanitizers" = yes],
            [mayfly_python="not built: sanitizers"])
    ], [:])
    AM_CONDITIONAL([PYTHON_MODULE], [test "${mayfly_python#in }" != \
        "$mayfly_python"])
])

AC_DEFUN([MAYFLY_SUMMARY], [
    AC_MSG_NOTICE([
  mayfly $PACKAGE_VERSION
    compiler         $CC
    QEMU             $QEMU
    warnings fatal   $enable_werror
    sanitizers       $enable_sanitizers
    appliance        ${APPLIANCE_FILE:-made from packages}
    drop-in          $mayfly_compat
    Python module    $mayfly_python

  Next: make, then ./run mayfish --help])
])
