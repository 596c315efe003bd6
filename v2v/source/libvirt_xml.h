/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The XML of a libvirt domain, wherever it comes from. */
#pragma once
#include "v2v/machine/guest.h"

/* *RET_RUNNING: it is that of a domain that is running. */
int libvirt_xml_read(const char *text, size_t size, struct guest *ret,
    bool *ret_running, struct error *err);
