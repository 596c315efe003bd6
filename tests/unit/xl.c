/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/source/xl_disk.h"
#include "v2v/source/xl_grammar.h"

#include "tests/unit/test.h"

#include "base/cleanup.h"
#include "base/strv.h"

static void
parse(const char *text, struct xl_config *ret)
{
    cleanup_error struct error err = {0};

    if (xl_parse(text, strlen(text), ret, &err) < 0) {
        fprintf(stderr, "%s: %s\n", text, error_text(&err));
        exit(1);
    }
}

static void
value(const char *text, const char *name, const char *want)
{
    cleanup_xl struct xl_config config = {0};

    parse(text, &config);
    CHECK_STR(xl_text(&config, name), want);
}

/* Check the items of the list "l", joined by "|". */
static void
list(const char *text, const char *want)
{
    cleanup_xl struct xl_config config = {0};
    char got[256] = "";

    parse(text, &config);
    for (char *const *item = xl_list(&config, "l"); item && *item; item++) {
        strcat(got, *item);
        strcat(got, "|");
    }
    CHECK_STR(got, want);
}

static void
refuse(const char *text, const char *why)
{
    cleanup_error struct error err = {0};
    cleanup_xl struct xl_config config = {0};

    if (xl_parse(text, strlen(text), &config, &err) == 0) {
        fprintf(stderr, "'%s' is taken\n", text);
        exit(1);
    }
    if (!strstr(error_text(&err), why)) {
        fprintf(stderr, "'%s' is no '%s'\n", error_text(&err), why);
        exit(1);
    }
    CHECK(config.n_settings == 0);
}

TEST(values)
{
    value("name='x'", "name", "x");
    value("name = \"x y\"\n", "name", "x y");
    value("memory=512", "memory", "512");
    value("n=0xca02", "n", "0xca02");
    value("a=1;b=2; ;c=3", "c", "3");
    value("# a comment\n\n  name = 'x' # and one more\n", "name", "x");
    value("name='x' # no newline", "name", "x");
    value("a='1'\na='2'", "a", "2");
    value("a='1'\na+='2'", "a", "12");
    value("a+='2'", "a", "2");
    value("device_model.x_1='y'", "device_model.x_1", "y");
    value("a='#no comment'", "a", "#no comment");
    value("a = 'b' \\\n 'c'", "a", "bc");
    value("a=''", "a", "");
    value("a='x'\r\nb='y'\r\n", "b", "y");
}

TEST(escapes)
{
    value("a='\\x41\\102\\n\\\\\\''", "a", "AB\n\\'");
    value("a=\"it's\"", "a", "it's");
    refuse("a='\\q'", "backslash");
    refuse("a='\\0'", "backslash");
    refuse("a='\\x'", "backslash");
    refuse("a='\\", "backslash");
}

TEST(lists)
{
    list("l=[]", "");
    list("l=['a']", "a|");
    list("l=['a','b',]", "a|b|");
    list("l = [ # why\n 'a', # one\n\n 'b'\n ]\n", "a|b|");
    list("l=[1,'2']", "1|2|");
    list("l=['a']\nl+=['b']", "a|b|");
    list("l=['a', ['b', 'c'], 'd']", "a|d|");
    list("l='alone'", "alone|");
    list("l=['a' 'b', \"c\"]", "ab|c|");
}

TEST(python)
{
    value("a='x'\nb=a", "b", "x");
    value("a='x'\nb='y-' + a + '-z'", "b", "y-x-z");
    value("n=7\nb='vm%d' % n", "b", "vm7");
    value("a=True", "a", "1");
    value("a='b' 'c'", "a", "bc");
    list("d='/srv'\nl=['phy:' + d + '/x,xvda,w']", "phy:/srv/x,xvda,w|");
    refuse("import os", "line 1: no '='");
    refuse("a=1\n\ndef f(x):\n", "line 3: no '='");
    refuse("b=unknown", "'unknown' was not assigned");
    refuse("a=os.environ['X']", "was not assigned before");
    refuse("a='%x' % 1", "%s or %d");
}

TEST(refused)
{
    refuse("a='x", "line 1: a string without an end");
    refuse("a='x\ny'", "line 1: a string without an end");
    refuse("a=['x'", "a list without an end");
    refuse("a=['x' 1 2]", "a comma or a ']'");
    refuse("=1", "expected a setting");
    refuse("a=", "expected a value");
    refuse("a==1", "expected a value");
    refuse("a=1 2", "unexpected text");
    refuse("\n\na=]", "line 3");
    refuse("a='1'\na+=['2']", "'+='");
    refuse("a=-1", "expected a value");
}

TEST(bounds)
{
    cleanup_free char *many = calloc(1, 64 << 10);
    cleanup_error struct error err = {0};
    struct xl_config config = {0};
    char *to = stpcpy(many, "l=[");

    for (int i = 0; i <= XL_ITEMS_MAX; i++)
        to = stpcpy(to, "1,");
    strcpy(to, "]");
    refuse(many, "too many items");

    to = many;
    for (int i = 0; i <= XL_SETTINGS_MAX; i++)
        to += sprintf(to, "a%d=1;", i);
    refuse(many, "too many settings");

    to = stpcpy(many, "a='");
    memset(to, 'x', 5000);
    strcpy(to + 5000, "'");
    refuse(many, "too long");
    CHECK(xl_parse(many, XL_SIZE_MAX + 1, &config, &err) < 0);

    /* Opening brackets only cost time. */
    to = stpcpy(many, "l=");
    memset(to, '[', 30000);
    to[30000] = 0;
    refuse(many, "a list without an end");
}

static void
disk(const char *spec, const char *path, const char *format, const char *name,
    bool read_only, bool removable)
{
    cleanup_error struct error err = {0};
    struct guest_disk d = {0};

    if (xl_disk_parse(spec, &d, &err) < 0) {
        fprintf(stderr, "%s\n", error_text(&err));
        exit(1);
    }
    CHECK_STR(d.path ? d.path : "none", path);
    CHECK_STR(d.format, format);
    CHECK_STR(d.name, name);
    CHECK(d.read_only == read_only);
    CHECK(d.removable == removable);
    free(d.path);
    free(d.format);
    free(d.name);
}

static void
refuse_disk(const char *spec, const char *why)
{
    cleanup_error struct error err = {0};
    struct guest_disk d = {0};

    CHECK(xl_disk_parse(spec, &d, &err) < 0);
    if (!strstr(error_text(&err), why)) {
        fprintf(stderr, "'%s' is no '%s'\n", error_text(&err), why);
        exit(1);
    }
    free(d.path);
    free(d.format);
    free(d.name);
}

TEST(disks_of_xl)
{
    disk("/dev/vg/a,raw,xvda,rw", "/dev/vg/a", "raw", "xvda", false, false);
    disk("/dev/vg/a, raw, xvda, rw", "/dev/vg/a", "raw", "xvda", false, false);
    disk("/a.qcow2,qcow2,xvda2,r", "/a.qcow2", "qcow2", "xvda2", true, false);
    disk("/a,,hda", "/a", "raw", "hda", false, false);
    disk("format=qcow2, vdev=xvdb, access=rw, target=/a,b=c", "/a,b=c", "qcow2",
        "xvdb", false, false);
    disk("vdev=sda,target=/a", "/a", "raw", "sda", false, false);
    disk("/a.vhd,vhd,xvda,w", "/a.vhd", "vpc", "xvda", false, false);
    disk("/x.iso,raw,hdc,ro,devtype=cdrom", "/x.iso", "raw", "hdc", true, true);
    disk("/x.iso,,hdc,cdrom", "/x.iso", "raw", "hdc", true, true);
    disk(",,hdc,,cdrom", "none", "raw", "hdc", true, true);
    disk("vg/guest,raw,xvda,w", "/dev/vg/guest", "raw", "xvda", false, false);
    disk("format=raw,backendtype=phy,discard,direct-io-safe,vdev=xvda,"
         "target=/a",
        "/a", "raw", "xvda", false, false);
}

TEST(disks_of_xm)
{
    disk("phy:/dev/vg/a,xvda1,w", "/dev/vg/a", "raw", "xvda1", false, false);
    disk("phy:vg/a,xvda1,w", "/dev/vg/a", "raw", "xvda1", false, false);
    disk("file:/a.img,xvda2,w", "/a.img", "raw", "xvda2", false, false);
    disk("tap:aio:/a.img,xvda2,w!", "/a.img", "raw", "xvda2", false, false);
    disk("tap:qcow2:/a.img,xvda2,r", "/a.img", "qcow2", "xvda2", true, false);
    disk("tap2:tapdisk:vhd:/a.vhd,xvda,w", "/a.vhd", "vpc", "xvda", false,
        false);
    disk("file:/x.iso,hdc:cdrom,r", "/x.iso", "raw", "hdc", true, true);
    disk("file:/with:colon.img,hda,w", "/with:colon.img", "raw", "hda", false,
        false);
    disk("phy:/dev/a,0xca02,w", "/dev/a", "raw", "xvda2", false, false);
    disk("phy:/dev/a,2050,w", "/dev/a", "raw", "sda2", false, false);
}

TEST(names_of_disks)
{
    static const char *const names[][2] = {
        {"xvda", "xvda"},
        {"/dev/xvdb3", "xvdb3"},
        {"hdd", "hdd"},
        {"d0p2", "xvda2"},
        {"d27", "xvdab"},
        {"51712", "xvda"},
        {"51729", "xvdb1"},
        {"268435456", "xvda"},
        {"268442369", "xvdab1"},
        {"768", "hda"},
        {"5632", "hdc"},
        {"833", "hdb1"},
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        cleanup_error struct error err = {0};
        cleanup_free char *name = xl_vdev_name(names[i][0], &err);

        CHECK_STR(name, names[i][1]);
    }
}

TEST(refused_disks)
{
    refuse_disk("", "without vdev");
    refuse_disk("/a", "without vdev");
    refuse_disk("/a,raw", "without vdev");
    refuse_disk(",raw,xvda,w", "without target");
    refuse_disk("/a,raw,nvme0n1,w", "unknown disk name");
    refuse_disk("/a,raw,xvda0,w", "unknown disk name");
    refuse_disk("/a,raw,999999999999,w", "unknown disk name");
    refuse_disk("/a,raw,xvda,x", "invalid access");
    refuse_disk("/a,raw,xvda,w,more", "an unexpected word");
    refuse_disk("iscsi:iqn.x,xvda,w", "Xen block script");
    refuse_disk("nbd:host:1,xvda,w", "Xen block script");
    refuse_disk("script=block-x,vdev=xvda,target=y", "script 'block-x'");
}
