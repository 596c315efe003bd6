# SPDX-License-Identifier: GPL-2.0-or-later
# Compiler flags: the language, the warnings and the hardening that every
# object is built with.  Each flag is tried first, so that both gcc and clang
# get all they understand.

AC_DEFUN([MAYFLY_TRY_FLAGS], [
    for mayfly_flag in $2; do
        mayfly_saved="$CFLAGS"
        CFLAGS="$mayfly_saved -Werror $mayfly_flag"
        AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
            [$1="$$1 $mayfly_flag"])
        CFLAGS="$mayfly_saved"
    done
])

AC_DEFUN([MAYFLY_COMPILER], [
    AC_ARG_ENABLE([werror],
        [AS_HELP_STRING([--enable-werror], [treat warnings as errors])],
        [], [enable_werror=no])
    AC_ARG_ENABLE([sanitizers],
        [AS_HELP_STRING([--enable-sanitizers],
            [build the host side with ASan and UBSan])],
        [], [enable_sanitizers=no])

    AC_ARG_ENABLE([fuzzer],
        [AS_HELP_STRING([--enable-fuzzer],
            [build the fuzz targets for libFuzzer, with sanitizers (clang)])],
        [], [enable_fuzzer=no])
    AS_IF([test "x$enable_fuzzer" = xyes], [enable_sanitizers=yes])

    WARN_CFLAGS=
    MAYFLY_TRY_FLAGS([WARN_CFLAGS], [-Wall -Wextra -Wformat=2 -Wshadow \
        -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
        -Wcast-qual -Wwrite-strings -Wundef -Wvla -Walloca \
        -Wimplicit-fallthrough -Wnull-dereference -Wduplicated-cond \
        -Wlogical-op])
    AS_IF([test "x$enable_werror" = xyes],
        [WARN_CFLAGS="$WARN_CFLAGS -Werror"])

    HARDEN_CFLAGS=
    AS_IF([test "x$enable_sanitizers" = xyes], [
        SANITIZE_CFLAGS="-fsanitize=address,undefined"
        SANITIZE_CFLAGS="$SANITIZE_CFLAGS -fno-sanitize-recover=all"
        SANITIZE_CFLAGS="$SANITIZE_CFLAGS -fno-omit-frame-pointer"
    ], [
        SANITIZE_CFLAGS=
        MAYFLY_TRY_FLAGS([HARDEN_CFLAGS], [-D_FORTIFY_SOURCE=2 \
            -fstack-protector-strong -fstack-clash-protection \
            -fcf-protection -ftrivial-auto-var-init=zero \
            -fno-strict-overflow])
    ])
    FUZZER_LDFLAGS=
    AS_IF([test "x$enable_fuzzer" = xyes], [
        SANITIZE_CFLAGS="$SANITIZE_CFLAGS -fsanitize=fuzzer-no-link"
        SANITIZE_CFLAGS="$SANITIZE_CFLAGS -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"
        FUZZER_LDFLAGS="-fsanitize=fuzzer"
    ])
    AC_SUBST([FUZZER_LDFLAGS])
    AM_CONDITIONAL([FUZZER], [test "x$enable_fuzzer" = xyes])
    AM_CONDITIONAL([SANITIZERS], [test "x$enable_sanitizers" = xyes])
    HARDEN_LDFLAGS="-Wl,-z,relro -Wl,-z,now"
    C_DIALECT=-std=gnu17
    AC_SUBST([WARN_CFLAGS])
    AC_SUBST([HARDEN_CFLAGS])
    AC_SUBST([HARDEN_LDFLAGS])
    AC_SUBST([SANITIZE_CFLAGS])
    AC_SUBST([C_DIALECT])
])
