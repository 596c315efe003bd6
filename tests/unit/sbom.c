/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Package URLs and licences in bills of materials. */
#include <config.h>

#include "base/cleanup.h"
#include "inspector/sbom.h"
#include "tests/unit/test.h"

static const struct {
    const char *format, *id, *version_id;
    const char *name, *version, *release, *arch, *source, *class;
    int epoch;
    const char *purl;
} packages[] = {
    {"deb", "debian", "12", "vim-tiny", "9.0.1378", "2", "amd64", "vim", "", 2,
        "pkg:deb/debian/vim-tiny@2:9.0.1378-2?arch=amd64&distro=debian-12&"
        "upstream=vim"},
    {"deb", "debian", "12", "libstdc++6", "12.2.0", "14+deb12u1", "amd64",
        "gcc-12", "", 0,
        "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&"
        "distro=debian-12&upstream=gcc-12"},
    {"rpm", "rocky", "9.3", "bash", "5.1.8", "6.el9", "x86_64", "bash", "", 1,
        "pkg:rpm/rocky/bash@5.1.8-6.el9?arch=x86_64&distro=rocky-9.3&epoch=1"},
    {"apk", "alpine", "3.19.1", "musl", "1.2.4", "4", "x86_64", "musl", "", 0,
        "pkg:apk/alpine/musl@1.2.4-r4?arch=x86_64&distro=alpine-3.19.1"},
    {"ebuild", "gentoo", "", "app-shells/bash", "5.2_p26-r1", "", "", "", "", 0,
        "pkg:ebuild/app-shells/bash@5.2_p26-r1"},
    {"xbps", "void", "", "bash", "5.2.21_1", "", "x86_64", "", "", 0,
        "pkg:generic/void/bash@5.2.21_1?arch=x86_64"},
    {"deb", "ubuntu", "24.04", "core22", "1380", "", "", "", "snap", 0,
        "pkg:generic/snap/core22@1380"},
    /* What is not a name cannot end it. */
    {"deb", "debian", "12", "a?b@c#d/e f\n", "", "", "", "", "", 0,
        "pkg:deb/debian/a%3Fb%40c%23d%2Fe%20f%0A?distro=debian-12"},
};

TEST(purls)
{
    for (size_t i = 0; i < N_ELEMENTS(packages); i++) {
#define TEXT(x) ((char *)(uintptr_t)(x))
        struct mayfly_inspection_root s = {.type = TEXT("linux"),
            .distro = TEXT(""),
            .id = TEXT(packages[i].id),
            .version_id = TEXT(packages[i].version_id),
            .package_format = TEXT(packages[i].format)};
        struct mayfly_application2 a = {.app2_name = TEXT(packages[i].name),
            .app2_version = TEXT(packages[i].version),
            .app2_release = TEXT(packages[i].release),
            .app2_arch = TEXT(packages[i].arch),
            .app2_source_package = TEXT(packages[i].source),
            .app2_class = TEXT(packages[i].class),
            .app2_epoch = packages[i].epoch};
        cleanup_free char *purl = sbom_purl(&s, &a);

        CHECK_STR(purl, packages[i].purl);
    }
}

TEST(expressions)
{
    static const char *const good[] = {"MIT", "GPL-2.0-or-later AND MIT",
        "(MIT OR Apache-2.0) AND ISC", " MIT ", "((MIT))"};
    static const char *const bad[] = {"", "GPL", "GPLv2+", "MIT MIT", "MIT AND",
        "AND MIT", "(MIT", "MIT)", "()", "MIT and ISC", "MIT (ISC)",
        "(MIT) ISC", "MIT/ISC", ")MIT("};

    for (size_t i = 0; i < N_ELEMENTS(good); i++)
        CHECK(sbom_is_expression(good[i]));
    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        fprintf(stderr, "# %s\n", bad[i]);
        CHECK(!sbom_is_expression(bad[i]));
    }
}
