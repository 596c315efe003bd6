/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks in the running engine, by their SCSI targets. */
#pragma once
#include "lib/disk/disk.h"
#include "lib/engine/engine.h"

/* Plug the disk into the engine as SCSI target TARGET, or take it out again
 * (once the agent has let go of it). */
int plug_disk(
    struct engine *e, const struct disk *d, unsigned target, struct error *err);
int unplug_disk(struct engine *e, unsigned target, struct error *err);

/* The same for an engine that does not run yet: QEMU's commands join its batch.
 * If QEMU then refuses one, plug_explain turns that into an error about the
 * disk; always -1. */
int plug_disk_begin(
    struct engine *e, const struct disk *d, unsigned target, struct error *err);
int plug_explain(const struct disk *d, struct error *err);

/* Has QEMU failed to write something that the appliance wrote?  The guest may
 * not report it: its kernel writes late, when no one waits for the result any
 * more. */
int plug_check_writes(struct engine *e, struct error *err);

/* After disks were plugged in, and before anything that they hold is believed:
 * has QEMU opened their files and no other (lib/qemu/nodes.h)?  Asked first and
 * judged when QEMU has had time to answer.  D: the disk to name in the error;
 * NULL: none. */
int plug_ask_nodes(struct engine *e, int64_t *ret_question, struct error *err);
int plug_judge_nodes(struct engine *e, int64_t question, const struct disk *d,
    struct error *err);
