/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What serve.c needs of main.c. */
#pragma once

/* End the appliance now, without flushing anything. */
_Noreturn void agent_power_off(void);

/* Set up the network card with its static address. */
void agent_start_network(void);
