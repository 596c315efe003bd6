/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The port to the library: frames in and out. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/frame.h"

struct port {
    int fd;
    uint8_t *in; /* frames that were received and not yet used */
    size_t in_used;
    uint8_t *out; /* room for a header and FRAME_DATA bytes */
};

/* FD stays the caller's. */
void port_open(struct port *p, int fd);
void port_close(struct port *p);

/* The library is gone, or talks nonsense: there is nothing left to do. */
_Noreturn void port_lost(const char *why);

/* End the appliance now, without flushing anything. */
_Noreturn void agent_power_off(void);

/* Read what is there already. */
void port_read_ready(struct port *p);

/* The frame at OFFSET of what was read, if it is whole. */
bool port_frame_at(struct port *p, size_t offset, struct frame *ret);

/* The first frame, waited for; and take that away. */
void port_next(struct port *p, struct frame *ret);
void port_drop(struct port *p, const struct frame *f);

/* Send a frame; the length is that of DATA. */
void port_send(struct port *p, enum frame_kind kind, uint16_t call,
    uint32_t serial, const void *data, size_t size);
