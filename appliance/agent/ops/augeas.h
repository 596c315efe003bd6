/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Read the lenses of augeas before the appliance is saved: later it would take
 * seconds. */
void augeas_prepare(void);
