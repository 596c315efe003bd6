/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is decided about KVM, and about the processor without it. */
#include <config.h>

#include "lib/engine/decide.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/engine/cpu.h"
#include "tests/unit/test.h"

enum { DAY = 86400, NOW = 1800000000 };

static struct kvm
decide(struct kvm_facts f)
{
    struct kvm kvm;

    f.now = f.now ? f.now : NOW;
    kvm_decide(&f, &kvm);
    return kvm;
}

static struct kvm
known(const char *record, int64_t now)
{
    return decide((struct kvm_facts){.record = record, .now = now});
}

/* --- the verdict --- */

TEST(the_wish_comes_first)
{
    struct kvm_facts f = {.wish = KVM_NEVER, .error = ENOENT};

    CHECK(decide(f).verdict == KVM_REFUSED);
    f.wish = KVM_ALWAYS;
    CHECK(decide(f).verdict == KVM_ABSENT);
    f.error = 0;
    f.failed = true;
    f.record = "bad 1800000001 it hangs\n";
    CHECK(decide(f).verdict == KVM_FORCED);
}

TEST(what_cannot_be_opened_is_absent_whatever_is_recorded)
{
    struct kvm_facts f = {.error = EACCES, .record = "good\n"};

    CHECK(decide(f).verdict == KVM_ABSENT);
    CHECK(strstr(decide(f).reason, "Permission denied; "));
    CHECK(strstr(decide(f).reason, "usermod -aG kvm"));
    f.error = ENOENT;
    CHECK_STR(decide(f).reason, "/dev/kvm: No such file or directory");
}

TEST(the_rules_for_qemus_user)
{
    static const struct {
        unsigned mode;
        bool other_user, owner, may;
    } rows[] = {
        {0600, false, false, true}, /* we have opened it, and are QEMU's user */
        {0600, true, false, false},
        {0600, true, true, true},
        {0400, true, true, false},
        {0660, true, false, true}, /* the cage gives QEMU the group */
        {0640, true, false, false},
        {0646, true, false, false}, /* its group counts, not the others */
        {0666, true, false, true},
        {0606, true, false, true},
        {0604, true, false, false},
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct kvm kvm = decide((struct kvm_facts){.mode = rows[i].mode,
            .other_user = rows[i].other_user,
            .user = 65100,
            .owner = rows[i].owner ? 65100 : 0,
            .record = "good\n"});

        CHECK(kvm.verdict == (rows[i].may ? KVM_GOOD : KVM_ABSENT));
        CHECK(rows[i].may || strstr(kvm.reason, "chmod 0660"));
    }
}

TEST(records)
{
    CHECK(known(NULL, NOW).verdict == KVM_UNKNOWN);
    CHECK(known("good\n", NOW).verdict == KVM_GOOD);
    CHECK(known("doubted 2 1700000000 too slow\n", NOW).verdict == KVM_DOUBTED);
    CHECK(known("doubted 2 1700000000 too slow\n", NOW).failures == 2);
    CHECK_STR(known("bad 1800000001 it hangs\n", NOW).reason, "it hangs");
    CHECK(known("bad 1800000001 it hangs\n", NOW).verdict == KVM_BAD);
    /* Over; or the clock was wrong. */
    CHECK(known("bad 1800000000 it hangs\n", NOW).verdict == KVM_UNKNOWN);
    CHECK(known("bad 1900000000 it hangs\n", NOW).verdict == KVM_UNKNOWN);
}

TEST(damaged_records_are_none)
{
    static const char *const records[] = {"", "good", "goods\n", "bad\n",
        "bad 1800000001", "bad x y\n", "doubted 1\n", "doubted -1 2 x\n",
        "doubted 99 2 x\n", "\n"};

    for (size_t i = 0; i < N_ELEMENTS(records); i++)
        CHECK(known(records[i], NOW).verdict == KVM_UNKNOWN);
}

TEST(what_has_failed_in_this_launch_is_not_tried_again)
{
    struct kvm_facts f = {.failed = true, .record = "good\n"};

    CHECK(decide(f).verdict == KVM_BAD);
    CHECK(decide(f).until == 0);
    f.record = "bad 1800000001 it hangs\n";
    CHECK_STR(decide(f).reason, "it hangs");
}

/* --- after a try --- */

/* The verdict after these outcomes in a row, from RECORD on. */
static struct kvm
after(const char *record, const char *outcomes)
{
    struct kvm kvm = known(*record ? record : NULL, NOW);

    for (; *outcomes; outcomes++) {
        enum kvm_outcome o = *outcomes == 'w'   ? KVM_WORKED
                             : *outcomes == 's' ? KVM_SLOW
                             : *outcomes == 'f' ? KVM_FAILED
                                                : KVM_UNTRIED;
        cleanup_free char *text = kvm_after(&kvm, o, "a reason", NOW);

        CHECK(text);
        if (*text)
            kvm = known(text, NOW);
    }
    return kvm;
}

TEST(a_good_verdict_outlives_single_failures)
{
    CHECK(after("good\n", "s").verdict == KVM_DOUBTED);
    CHECK(after("good\n", "f").verdict == KVM_DOUBTED);
    CHECK(after("good\n", "sw").verdict == KVM_GOOD);
    CHECK(after("good\n", "sf").verdict == KVM_DOUBTED);
    CHECK(after("good\n", "sfwsf").verdict == KVM_DOUBTED);
    CHECK(after("good\n", "sfs").verdict == KVM_BAD);
    CHECK_STR(after("good\n", "sfs").reason, "a reason");
    CHECK(after("good\n", "w").verdict == KVM_GOOD);
}

TEST(the_first_try_decides)
{
    CHECK(after("", "w").verdict == KVM_GOOD);
    CHECK(after("", "s").verdict == KVM_BAD);
    CHECK(after("", "s").until == NOW + 7 * DAY);
    CHECK(after("", "f").until == NOW + 30 * DAY);
}

TEST(what_was_not_tried_changes_nothing)
{
    CHECK(after("", "uuuu").verdict == KVM_UNKNOWN);
    CHECK(after("good\n", "uuuu").verdict == KVM_GOOD);
    CHECK(after("good\n", "suuuu").failures == 1);
    /* Nor does what was forced. */
    const struct kvm forced = {.verdict = KVM_FORCED};
    cleanup_free char *failed = kvm_after(&forced, KVM_FAILED, "x", NOW);
    cleanup_free char *worked = kvm_after(&forced, KVM_WORKED, "", NOW);
    CHECK_STR(failed, "");
    CHECK_STR(worked, "");
}

TEST(outcomes)
{
    CHECK(kvm_outcome(ETIMEDOUT, "x") == KVM_SLOW);
    CHECK(kvm_outcome(ENOSPC, "x") == KVM_UNTRIED);
    CHECK(kvm_outcome(EIO, "QEMU: -accel kvm: failed to initialize kvm: "
                           "Permission denied") == KVM_UNTRIED);
    CHECK(kvm_outcome(EIO, "QEMU: -accel kvm: failed to initialize kvm: "
                           "Device or resource busy") == KVM_FAILED);
    CHECK(kvm_outcome(EIO, "QEMU: error: Permission denied") == KVM_FAILED);
}

TEST(one_slow_run_does_not_cost_the_saved_appliance)
{
    const struct kvm good = known("good\n", NOW);
    const struct kvm doubted = known("doubted 1 1 x\n", NOW);

    CHECK(kvm_keeps_saved(&good, KVM_SLOW));
    CHECK(!kvm_keeps_saved(&doubted, KVM_SLOW)); /* perhaps it is the cause */
    CHECK(!kvm_keeps_saved(&good, KVM_FAILED));
    CHECK(kvm_keeps_saved(&doubted, KVM_UNTRIED));
}

/* --- how to start --- */

static void
check_ways(enum kvm_verdict verdict, bool saved, enum way a, enum way b)
{
    enum way ways[WAYS];

    kvm_ways(verdict, saved, ways);
    CHECK(ways[0] == a && ways[1] == b && ways[2] == WAY_END);
}

TEST(ways)
{
    check_ways(KVM_UNKNOWN, false, WAY_RACE, WAY_END);
    check_ways(KVM_UNKNOWN, true, WAY_KVM, WAY_TCG);
    for (int saved = 0; saved < 2; saved++) {
        check_ways(KVM_GOOD, saved, WAY_KVM, WAY_TCG);
        check_ways(KVM_DOUBTED, saved, WAY_KVM, WAY_TCG);
        check_ways(KVM_FORCED, saved, WAY_KVM, WAY_END);
        check_ways(KVM_BAD, saved, WAY_TCG, WAY_END);
        check_ways(KVM_ABSENT, saved, WAY_TCG, WAY_END);
        check_ways(KVM_REFUSED, saved, WAY_TCG, WAY_END);
    }
}

TEST(forced_kvm_has_patience)
{
    const struct limits *haste = limits_for(true, KVM_GOOD);
    const struct limits *forced = limits_for(true, KVM_FORCED);
    const struct limits *tcg = limits_for(false, KVM_GOOD);

    CHECK(forced->boot >= 3 * haste->boot && tcg->boot > forced->boot);
    CHECK(forced->hello >= 3 * haste->hello && haste->hello > 2);
    CHECK(forced->resume >= 3 * haste->resume);
}

/* --- the processor --- */

static const struct slow_feature *
find(const char *name)
{
    for (size_t i = 0; i < n_slow_features; i++)
        if (str_equal(slow_features[i].name, name))
            return &slow_features[i];
    return NULL;
}

/* Whatever needs a feature goes with it; QEMU's and Linux's names of those that
 * need "fast rep movsb". */
TEST(no_feature_is_left_without_what_it_needs)
{
    static const char *const need_erms[] = {"fsrm", "fzrm", "fsrs", "fsrc"};

    CHECK(find("erms"));
    for (size_t i = 0; i < N_ELEMENTS(need_erms); i++) {
        CHECK(find(need_erms[i]));
        CHECK_STR(find(need_erms[i])->needs, "erms");
    }
    for (size_t i = 0; i < n_slow_features; i++)
        CHECK(!slow_features[i].needs || find(slow_features[i].needs));
}

TEST(each_feature_goes_once)
{
    cleanup_free char *model = cpu_model(false), *args = cpu_arguments(false);

    CHECK_STR(model, "max,-erms,-fsrm");
    CHECK_STR(
        args, "module_blacklist=crc32c_intel clearcpuid=112,394,395,396 ");
}

TEST(under_kvm_the_processor_is_the_hosts)
{
    cleanup_free char *model = cpu_model(true), *args = cpu_arguments(true);

    CHECK_STR(model, "host");
    CHECK_STR(args, "");
}
