# SPDX-License-Identifier: GPL-2.0-or-later
# tests/cases: what people reported of other tools, made into inputs.  README
# lists the reports.  All are seconds and run in `make check`; `make
# check-cases` runs them alone.

CASES = \
	tests/cases/attributes.sh \
	tests/cases/customise-accounts.sh \
	tests/cases/customise.sh \
	tests/cases/device-names.sh \
	tests/cases/disk-formats.sh \
	tests/cases/disk-tables.sh \
	tests/cases/encrypted-images.sh \
	tests/cases/nested-systems.sh \
	tests/cases/v2v-boot-disk.sh \
	tests/cases/v2v-esp.sh \
	tests/cases/v2v-hardware.sh \
	tests/cases/v2v-kernels.sh \
	tests/cases/v2v-machines.sh \
	tests/cases/v2v-names.sh \
	tests/cases/v2v-network.sh \
	tests/cases/v2v-network-guests.sh \
	tests/cases/v2v-options.sh \
	tests/cases/v2v-places.sh \
	tests/cases/v2v-sectors.sh \
	tests/cases/v2v-volumes.sh \
	tests/cases/v2v-windows-disks.sh
TESTS += $(CASES)
EXTRA_DIST += tests/cases/README tests/cases/luks-work.py tests/cases/linux-guest.sh $(CASES)

check-cases: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(CASES)"

.PHONY: check-cases
