/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gate: it passes Ethernet frames between QEMU and passt, and drops those
 * of the guest that are for an address it must not reach. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct gate;

/* The gate's files: sockets with frames, each after its length in 4 bytes. */
enum { GATE_FD_QEMU = 3, GATE_FD_PASST };

/* One that lets nothing through to the addresses that mean this host or a
 * cloud's own services, nor to those that this host has now. */
int gate_new(struct gate **ret, struct error *err);
void gate_free(struct gate *g);

/* What may wait in the socket to passt, before the gate gets it. */
int gate_bound(int passt, struct error *err);

/* Nothing through to ADDRESS, of whose bits those of MASK count, either. */
int gate_deny(
    struct gate *g, uint32_t address, uint32_t mask, struct error *err);

/* May the guest send this frame, of SIZE bytes? */
bool gate_allows(const struct gate *g, const uint8_t *frame, size_t size);

/* Pass frames (of the struct gate GATE) until a side closes; system calls
 * only. */
void gate_run(void *gate);

static inline void
cleanup_gate_fn(struct gate **g)
{
    gate_free(*g);
}
#define cleanup_gate __attribute__((cleanup(cleanup_gate_fn)))
