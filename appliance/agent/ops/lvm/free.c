/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The free space of physical volumes, found in lvm's own report.  It is
 * discarded where it lies: a volume made to cover it would be left in the group
 * if the appliance was killed. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/ops/lvm/lvm.h"
#include "appliance/agent/storage/device.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-lvm.h"

enum { COLUMNS = 5 };

/* Of one segment of a volume that is free: its bytes on the device. */
static int
read_segment(
    struct call *c, char *line, bool *ret_free, uint64_t ret_range[static 2])
{
    uint64_t numbers[COLUMNS] = {0};
    char *save = NULL, *word = strtok_r(line, " ", &save);

    /* start and length in extents, where the first one is, their size; type */
    for (size_t i = 0; i < COLUMNS - 1;
         i++, word = strtok_r(NULL, " ", &save)) {
        char *end;

        if (!word)
            return call_error(c, EIO, "lvm pvs: unexpected output");
        errno = 0;
        numbers[i] = strtoull(word, &end, 10);
        if (errno || *end)
            return call_error(c, EIO, "lvm pvs: unexpected output '%s'", word);
    }
    *ret_free = word && str_equal(word, "free");
    if (__builtin_mul_overflow(numbers[0], numbers[3], &ret_range[0]) ||
        __builtin_add_overflow(ret_range[0], numbers[2], &ret_range[0]) ||
        __builtin_mul_overflow(numbers[1], numbers[3], &ret_range[1]))
        return call_error(c, EIO, "lvm pvs: a segment is too large");
    return 0;
}

static int
discard_lines(struct call *c, const char *device, char *out, int64_t *ret)
{
    char *save = NULL;
    uint64_t range[2], size;
    int64_t sum = 0;
    bool is_free = false;
    cleanup_close int fd = open(device, O_RDWR | O_CLOEXEC);

    if (fd < 0 || ioctl(fd, BLKGETSIZE64, &size) < 0)
        return call_fail(c, errno, "%s", device);
    for (char *line = strtok_r(out, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (read_segment(c, line, &is_free, range) < 0)
            return -1;
        if (!is_free || range[1] == 0)
            continue;
        if (range[0] > size || range[1] > size - range[0])
            return call_error(c, EIO,
                "%s: the free space of the volume is not on the device",
                device);
        if (ioctl(fd, BLKDISCARD, range) < 0)
            return call_fail(c, errno, "%s: cannot discard", device);
        sum += (int64_t)range[1];
    }
    *ret = sum;
    return 0;
}

int
op_pv_discard_free(struct call *c, const struct api_pv_discard_free_args *args,
    struct api_pv_discard_free_ret *ret)
{
    const char *device = device_check(c, args->device);
    char *out;

    if (!device || lvm_tool(c, &out, "pvs", "--segments", "--noheadings",
                       "--nosuffix", "--units", "b", "-o",
                       "pvseg_start,pvseg_size,pe_start,vg_extent_size,segtype",
                       device, NULL) < 0)
        return -1;
    return discard_lines(c, device, out, &ret->value);
}
