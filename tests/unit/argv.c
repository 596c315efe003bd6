/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's command line: what must and what must not be there. */
#include <config.h>

#include "lib/qemu/argv.h"

#include "base/strv.h"
#include "lib/qemu/find.h"
#include "tests/unit/test.h"

static const struct qemu_machine plain = {
    .binary = "/bin/qemu",
    .cpu = "max",
    .accelerator = "tcg",
    .memory = 512,
    .processors = 1,
    .ram = QEMU_RAM_ANONYMOUS,
    .command_line = "quiet, please",
    .sandbox = true,
};

static bool
has(char **v, const char *option, const char *part)
{
    for (; v[0] && v[1]; v++) {
        if (str_equal(v[0], option) && strstr(v[1], part))
            return true;
    }
    return false;
}

static bool
mentions(char **v, const char *part)
{
    for (; *v; v++) {
        if (strstr(*v, part))
            return true;
    }
    return false;
}

TEST(boot_has_kernel_and_no_incoming)
{
    char **v = qemu_argv(&plain);

    CHECK(v);
    CHECK_STR(v[0], "/bin/qemu");
    CHECK(has(v, "-append", "quiet, please"));
    CHECK(has(v, "-kernel", "/proc/self/fd/7"));
    CHECK(has(v, "-initrd", "/proc/self/fd/8"));
    CHECK(has(v, "-object", "memory-backend-ram,id=ram0,size=512M"));
    CHECK(!mentions(v, "-incoming"));
    strv_free(v);
}

TEST(resume_has_no_kernel)
{
    struct qemu_machine m = plain;

    m.command_line = NULL;
    m.ram = QEMU_RAM_PRIVATE;
    char **v = qemu_argv(&m);
    CHECK(v);
    CHECK(has(v, "-incoming", "defer"));
    CHECK(has(v, "-object", "mem-path=/proc/self/fd/6,share=off"));
    CHECK(!mentions(v, "readonly"));
    CHECK(!mentions(v, "-kernel") && !mentions(v, "-append"));
    strv_free(v);
}

TEST(new_qemu_opens_the_template_read_only)
{
    struct qemu_machine m = plain;

    m.ram = QEMU_RAM_READ_ONLY;
    char **v = qemu_argv(&m);
    CHECK(v && has(v, "-object", "share=off,readonly=on,rom=off"));
    strv_free(v);
    CHECK(qemu_at_least("8.2.0", 8, 2) && qemu_at_least("10.0.3", 8, 2));
    CHECK(!qemu_at_least("7.2.22", 8, 2) && !qemu_at_least("", 8, 2));
}

TEST(no_network_unless_asked)
{
    struct qemu_machine m = plain;
    char **v = qemu_argv(&m);

    CHECK(v && !mentions(v, "net"));
    strv_free(v);
    m.network = QEMU_NETWORK_SOCKET;
    v = qemu_argv(&m);
    CHECK(v && has(v, "-netdev", "socket,id=net0,fd=10") &&
          has(v, "-device", "virtio-net") && !mentions(v, "user,"));
    strv_free(v);
    m.network = QEMU_NETWORK_USER;
    v = qemu_argv(&m);
    CHECK(v && has(v, "-netdev", "user,") && has(v, "-device", "virtio-net"));
    strv_free(v);
}

TEST(always_caged_and_alone)
{
    char **v = qemu_argv(&plain);

    CHECK(v && has(v, "-sandbox", "spawn=deny"));
    CHECK(has(v, "-sandbox", "elevateprivileges=deny"));
    CHECK(mentions(v, "-no-user-config") && mentions(v, "-nodefaults"));
    CHECK(mentions(v, "-no-reboot"));
    strv_free(v);
}
