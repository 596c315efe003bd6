# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sample of a customise operation: --motd.
recipe='A customise operation'
checks=(tests/cli/v2v-customize.sh)

apply()
{
    append customize/identity.c << 'END'

int
run_motd(struct job *job, const struct step *step, struct error *err)
{
    job_say(job, false, "Setting the message of the day");
    return job_write(job, "/etc/motd", step->value, err);
}
END
    after customize/operations.h '^int run_hostname' \
        <<< 'int run_motd(struct job *, const struct step *, struct error *);'
    before customize/steps.c '^    {"move"' << 'END'
    {"motd", "TEXT", "set the message of the day", 0, NULL, run_motd},
END
    append tests/cli/v2v-customize.sh << 'END'

cp --sparse=always disk motd
mayfly-v2v --in-place -i disk motd -q --motd 'Good morning'
image=motd
[ "$(inside cat /etc/motd | head -n 1)" = 'Good morning' ]
END
}

use()
{
    mayfly-builder --help | grep -q -- '--motd TEXT' ||
        fail "--help of mayfly-builder does not show it"
    grep -q '^\\fB\\-\\-motd' "$copy/gen/man/mayfly-v2v.1" ||
        fail "the manual of mayfly-v2v does not show it"
}
