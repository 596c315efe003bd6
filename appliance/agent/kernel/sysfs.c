/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/kernel/sysfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

bool
sysfs_line(const char *path, char *ret_line, size_t size)
{
    cleanup_fclose FILE *f = fopen(path, "re");

    if (!f || !fgets(ret_line, (int)size, f))
        return false;
    ret_line[strcspn(ret_line, "\n")] = '\0';
    return true;
}

void
write_setting(const char *path, const char *value)
{
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd >= 0 && write(fd, value, strlen(value)) < 0)
        fprintf(stderr, "mayfly-agent: %s: %m\n", path);
}

/* To change it takes the kernel 10 ms. */
void
disk_drop_scheduler(const char *name)
{
    char path[300], line[64];

    snprintf(path, sizeof path, "/sys/block/%s/queue/scheduler", name);
    if (sysfs_line(path, line, sizeof line) && !strstr(line, "[none]"))
        write_setting(path, "none");
}

void
disks_drop_schedulers(void)
{
    cleanup_closedir DIR *dir = opendir("/sys/block");
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (str_after(entry->d_name, "sd"))
            disk_drop_scheduler(entry->d_name);
}
