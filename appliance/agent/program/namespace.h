/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program of the guest finds around it. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

struct call;

struct namespace
{
    const char *hostname;  /* of the guest; NULL or "": it has none */
    bool network;          /* lay the network's resolv.conf over the guest's */
    bool made_resolv_conf; /* an empty file to mount over, to be removed */
    ino_t resolv_conf;
};

/* In a child with namespaces of its own for mounts and the host name, before
 * exec: make the guest's root ours, lay /dev, /proc, /sys and /run over it and
 * take its name. */
int namespace_enter(struct namespace *g);

/* Kill every process whose root is the guest's. */
void namespace_kill_all(void);

/* Undo what could not be done in the namespace; keeps the call's error. */
void namespace_leave(struct call *c, struct namespace *g);

/* Kill a process and wait until it is gone, or a zombie. */
void process_kill(pid_t pid);
