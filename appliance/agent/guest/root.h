/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Being inside the guest's root for a moment, for libraries that know only
 * paths: then every link, an absolute one too, resolves as in the guest.
 * Nothing may be executed or loaded in between. */
#pragma once
struct call;

/* Make the guest's root ours, and DIRECTORY the working directory. */
int guest_root_enter(struct call *c, const char *directory);

/* Back to the appliance's root; done at the end of the call if forgotten. */
void guest_root_leave(struct call *c);
