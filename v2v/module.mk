# SPDX-License-Identifier: GPL-2.0-or-later
# v2v: mayfly-v2v.

noinst_LTLIBRARIES += libv2v.la
libv2v_la_SOURCES = \
	v2v/foreign.h v2v/foreign.c \
	v2v/manual.h v2v/manual.c \
	v2v/print.h v2v/print.c \
	v2v/run.h v2v/run.c \
	v2v/verify.h v2v/verify.c \
	v2v/phases/phase_run.h v2v/phases/phase_run.c \
	v2v/phases/phase_state.h v2v/phases/phase_state.c \
	v2v/phases/phases.h v2v/phases/phases.c \
	v2v/convert/conversion.h v2v/convert/conversion.c \
	v2v/convert/report.h v2v/convert/report.c \
	v2v/convert/systems.h v2v/convert/systems.c \
	v2v/convert/volumes.h v2v/convert/volumes.c \
	v2v/convert/linux/addition.h v2v/convert/linux/addition.c \
	v2v/convert/linux/bootloader.c \
	v2v/convert/linux/console.c \
	v2v/convert/linux/convert.c \
	v2v/convert/linux/device.h v2v/convert/linux/device.c \
	v2v/convert/linux/device_learn.h v2v/convert/linux/device_learn.c \
	v2v/convert/linux/device_meaning.h \
	v2v/convert/linux/device_meaning.c \
	v2v/convert/linux/edit.h v2v/convert/linux/edit.c \
	v2v/convert/linux/edit_tables.c \
	v2v/convert/linux/edit_units.c \
	v2v/convert/linux/edit_bare.c \
	v2v/convert/linux/edit_text.h \
	v2v/convert/linux/edit_words.c \
	v2v/convert/linux/esp.c \
	v2v/convert/linux/hardware.h v2v/convert/linux/hardware.c \
	v2v/convert/linux/hibernated.c \
	v2v/convert/linux/initramfs.h v2v/convert/linux/initramfs.c \
	v2v/convert/linux/initramfs_links.c \
	v2v/convert/linux/initramfs_next.c \
	v2v/convert/linux/kernel.c \
	v2v/convert/linux/kernel_find.c \
	v2v/convert/linux/kernel_host.c \
	v2v/convert/linux/kernel_list.c \
	v2v/convert/linux/kernels.h \
	v2v/convert/linux/leftovers.c \
	v2v/convert/linux/loader_install.h v2v/convert/linux/loader_install.c \
	v2v/convert/linux/lvm.h v2v/convert/linux/lvm.c \
	v2v/convert/linux/names.h v2v/convert/linux/names.c \
	v2v/convert/linux/net/decide.h v2v/convert/linux/net/decide.c \
	v2v/convert/linux/net/dhcpcd.c \
	v2v/convert/linux/net/files.h v2v/convert/linux/net/files.c \
	v2v/convert/linux/net/folders.h v2v/convert/linux/net/folders.c \
	v2v/convert/linux/net/ifcfg.c \
	v2v/convert/linux/net/ifupdown.c \
	v2v/convert/linux/net/ini.h v2v/convert/linux/net/ini.c \
	v2v/convert/linux/net/keyfile.c \
	v2v/convert/linux/net/naming.h v2v/convert/linux/net/naming.c \
	v2v/convert/linux/net/netplan.c \
	v2v/convert/linux/net/networkd.c \
	v2v/convert/linux/net/settings.h v2v/convert/linux/net/settings.c \
	v2v/convert/linux/net/shell.h v2v/convert/linux/net/shell.c \
	v2v/convert/linux/net/udev.c \
	v2v/convert/linux/network.c \
	v2v/convert/linux/steps.h \
	v2v/convert/linux/unified.c \
	v2v/convert/linux/surroundings.c \
	v2v/convert/linux/report_once.h v2v/convert/linux/report_once.c \
	v2v/convert/linux/volume_words.h \
	v2v/convert/linux/volume_words.c \
	v2v/convert/linux/uefi.c \
	v2v/convert/windows/addresses.c \
	v2v/convert/windows/bitlocker.h v2v/convert/windows/bitlocker.c \
	v2v/convert/windows/convert.c \
	v2v/convert/windows/disks.c \
	v2v/convert/windows/driver_files.h v2v/convert/windows/driver_files.c \
	v2v/convert/windows/drivers.c \
	v2v/convert/windows/firstboot.c \
	v2v/convert/windows/hibernated.c \
	v2v/convert/windows/hive.h v2v/convert/windows/hive.c \
	v2v/convert/windows/storage.c \
	v2v/convert/windows/version.c \
	v2v/convert/windows/windows.h \
	v2v/convert/windows/xen.c \
	v2v/target/description.h v2v/target/description.c \
	v2v/target/inspection_xml.h v2v/target/inspection_xml.c \
	v2v/target/json.c \
	v2v/target/kubevirt.c \
	v2v/target/libvirt.c \
	v2v/target/libvirt_xml.c \
	v2v/target/openstack.c \
	v2v/target/ova.c \
	v2v/target/ovf.h v2v/target/ovf.c \
	v2v/target/ovirt.c \
	v2v/target/ovirt_ovf.h v2v/target/ovirt_ovf.c \
	v2v/target/proxmox.c \
	v2v/target/qemu_script.c \
	v2v/target/script.h v2v/target/script.c \
	v2v/target/target.h v2v/target/target.c \
	v2v/disks/assemble.h v2v/disks/assemble.c \
	v2v/disks/boot_disk.h v2v/disks/boot_disk.c \
	v2v/disks/copies.h v2v/disks/copies.c \
	v2v/disks/disks.h v2v/disks/disks.c \
	v2v/disks/import.h v2v/disks/import.c \
	v2v/disks/loader.h v2v/disks/loader.c \
	v2v/disks/raw_view.h v2v/disks/raw_view.c \
	v2v/disks/workspace.h v2v/disks/workspace.c \
	v2v/copy/digests.h v2v/copy/digests.c \
	v2v/copy/extents.h v2v/copy/extents.c \
	v2v/copy/image.h v2v/copy/image.c \
	v2v/copy/import_target.h v2v/copy/import_target.c \
	v2v/copy/map.h v2v/copy/map.c \
	v2v/copy/qcow2.h v2v/copy/qcow2.c \
	v2v/copy/server.h v2v/copy/server.c \
	v2v/copy/stream.h v2v/copy/stream.c \
	v2v/copy/transfer.h v2v/copy/transfer.c \
	v2v/source/blank.c \
	v2v/source/disk.c \
	v2v/source/domain.c \
	v2v/source/libvirt_xml.h v2v/source/libvirt.c \
	v2v/source/manifest.h v2v/source/manifest.c \
	v2v/source/ova.c \
	v2v/source/ovf.h v2v/source/ovf.c \
	v2v/source/ovf_choice.h v2v/source/ovf_choice.c \
	v2v/source/ovf_disks.h v2v/source/ovf_disks.c \
	v2v/source/ovf_xml.h v2v/source/ovf_xml.c \
	v2v/source/package.h v2v/source/package.c \
	v2v/source/reader.h v2v/source/reader.c \
	v2v/source/remote.c \
	v2v/source/source.h v2v/source/source.c \
	v2v/source/vhd.c \
	v2v/source/vhd_image.h v2v/source/vhd_image.c \
	v2v/source/vmx.c \
	v2v/source/xl.c \
	v2v/source/xl_disk.h v2v/source/xl_disk.c \
	v2v/source/xl_grammar.h v2v/source/xl_grammar.c \
	v2v/source/xva.c \
	v2v/source/xva_metadata.h v2v/source/xva_metadata.c \
	v2v/machine/device_name.h v2v/machine/device_name.c \
	v2v/machine/device_ref.h v2v/machine/device_ref.c \
	v2v/machine/guest.h v2v/machine/guest.c \
	v2v/machine/nic_place.h v2v/machine/nic_place.c \
	v2v/machine/nics.h v2v/machine/nics.c \
	tool/file_view.h tool/file_view.c \
	tool/xml_mountpoints.h tool/xml_mountpoints.c \
	tool/xml_writer.h tool/xml_writer.c
libv2v_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DVIRSH='"$(VIRSH)"' \
	-DLOADER_FOLDER='"$(loaderdir)"'
libv2v_la_CFLAGS = $(AM_CFLAGS) $(LIBXML_CFLAGS) $(JSON_C_CFLAGS) \
	$(LIBARCHIVE_CFLAGS) $(NBD_CFLAGS) $(XXHASH_CFLAGS) \
	$(FUSE_CFLAGS) $(YAML_CFLAGS)
libv2v_la_LIBADD = libcustomize.la libdomain.la libprogram.la libbase.la \
	$(LIBXML_LIBS) \
	$(JSON_C_LIBS) $(LIBARCHIVE_LIBS) $(NBD_LIBS) $(XXHASH_LIBS) \
	$(FUSE_LIBS) $(YAML_LIBS)

bin_PROGRAMS += mayfly-v2v
SELF_DOCUMENTED += mayfly-v2v
mayfly_v2v_SOURCES = v2v/main.c
mayfly_v2v_LDADD = libv2v.la libmayfly.la

check_PROGRAMS += tests/unit/xl tests/unit/v2v-drivers tests/unit/v2v-edit \
	tests/unit/v2v-source
TESTS += tests/unit/xl tests/unit/v2v-drivers tests/unit/v2v-edit \
	tests/unit/v2v-source
tests_unit_v2v_drivers_SOURCES = tests/unit/test.h tests/unit/v2v-drivers.c
tests_unit_v2v_drivers_LDADD = libv2v.la libmayfly.la
tests_unit_xl_SOURCES = tests/unit/test.h tests/unit/xl.c
tests_unit_xl_LDADD = libv2v.la libmayfly.la
tests_unit_v2v_edit_SOURCES = tests/unit/test.h tests/unit/v2v-edit.c
tests_unit_v2v_edit_LDADD = libv2v.la libmayfly.la

tests_unit_v2v_source_SOURCES = tests/unit/test.h tests/unit/v2v-source.c
tests_unit_v2v_source_LDADD = libv2v.la libmayfly.la
check_PROGRAMS += tests/unit/v2v-names
TESTS += tests/unit/v2v-names
tests_unit_v2v_names_SOURCES = tests/unit/test.h tests/unit/v2v-names.c
tests_unit_v2v_names_LDADD = libv2v.la libmayfly.la
check_PROGRAMS += tests/unit/v2v-network
TESTS += tests/unit/v2v-network
tests_unit_v2v_network_SOURCES = tests/unit/test.h tests/unit/v2v-network.c
tests_unit_v2v_network_LDADD = libv2v.la libmayfly.la
check_PROGRAMS += tests/unit/v2v-readers
TESTS += tests/unit/v2v-readers
tests_unit_v2v_readers_SOURCES = tests/unit/test.h tests/unit/v2v-readers.c
tests_unit_v2v_readers_LDADD = libv2v.la libmayfly.la

# The boot loader for disks without one.  It is not built without a package
# mirror; then only such disks cannot be converted.
loaderdir = $(pkgdatadir)/loader
v2v/loader/core.img: $(srcdir)/v2v/loader.sh
	$(AM_V_GEN)$(srcdir)/v2v/loader.sh v2v/loader || \
	    echo "no boot loader was made: disks that need one are refused"
all-local: v2v/loader/core.img
install-data-local: install-loader
install-loader: v2v/loader/core.img
	if test -f v2v/loader/core.img; then \
	    $(MKDIR_P) "$(DESTDIR)$(loaderdir)" && \
	    $(INSTALL_DATA) v2v/loader/boot.img v2v/loader/core.img \
	        "$(DESTDIR)$(loaderdir)"; \
	fi
uninstall-local: uninstall-loader
uninstall-loader:
	rm -f "$(DESTDIR)$(loaderdir)/boot.img" \
	    "$(DESTDIR)$(loaderdir)/core.img"
clean-local: clean-loader
clean-loader:
	rm -rf v2v/loader
.PHONY: install-loader uninstall-loader clean-loader
check_PROGRAMS += tests/cli/v2v-import tests/cli/v2v-copy
tests_cli_v2v_copy_SOURCES = tests/cli/v2v-copy.c
tests_cli_v2v_copy_LDADD = libv2v.la libmayfly.la $(NBD_LIBS)
tests_cli_v2v_copy_CFLAGS = $(AM_CFLAGS) $(NBD_CFLAGS)
tests_cli_v2v_import_SOURCES = tests/cli/v2v-import.c
tests_cli_v2v_import_LDADD = libv2v.la libmayfly.la
TESTS += tests/cli/v2v.sh tests/cli/v2v-formats.sh tests/cli/v2v-ova.sh \
	tests/cli/v2v-customize.sh tests/cli/v2v-refusals.sh \
	tests/cli/v2v-windows.sh \
	tests/cli/v2v-copy.sh tests/cli/v2v-phases.sh \
	tests/cli/v2v-remote.sh tests/cli/v2v-targets.sh
EXTRA_DIST += v2v/README v2v/loader.sh \
	tests/cli/v2v.sh tests/cli/v2v-guests.sh \
	tests/cli/v2v-copy.sh tests/cli/v2v-phases.sh \
	tests/cli/v2v-remote.sh tests/cli/v2v-targets.sh \
	tests/cli/v2v-formats.sh tests/cli/write-vhd.py \
	tests/cli/v2v-ova.sh tests/cli/write-ova.py \
	tests/cli/v2v-customize.sh tests/cli/v2v-refusals.sh \
	tests/cli/v2v-windows.sh tests/images/hive.py \
	tests/cli/check-kubevirt.py tests/cli/range-server.py \
	tests/cli/write-xva.py tests/images/xen.sh \
	tests/images/mk-legacy-tree.sh tests/images/mk-uefi-tree.sh \
	tests/images/mk-xen-pygrub.sh tests/images/mk-xen-uefi.sh \
	tests/images/mk-sysv-tree.sh tests/images/mk-xen-bare.sh \
	tests/images/mk-xen-crypt.sh tests/images/mk-xen-gpt.sh \
	tests/images/mk-xen-hvm.sh tests/images/mk-xen-lvm.sh \
	tests/images/mk-xen-sysv.sh tests/images/mk-xen-tools.sh \
	tests/images/mk-xen-tree.sh tests/images/mk-xen-xfs.sh \
	tests/slow/under-xen.sh tests/slow/v2v.sh
