/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running lvm (ops/lvm.c). */
#pragma once
struct call;
struct list;

/* `lvm ARGUMENTS` with the caller's filter; arguments[0] is the command. */
int lvm_run(struct call *c, char **ret_output, const struct list *arguments);
int lvm_tool(struct call *c, char **ret_output, ...) __attribute__((sentinel));
