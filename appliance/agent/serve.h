/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serving the library. */
#pragma once
/* Greet the library at the other end of PORT, and do what it calls for.  Never
 * returns: a broken channel ends the appliance. */
_Noreturn void serve(int port);
