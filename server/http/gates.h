/* All gates of the process: gate.c tells what its connection is doing. Private to gate.c and
 * gates.c. */
#ifndef KOPPEL_HTTP_GATES_H
#define KOPPEL_HTTP_GATES_H

#include "gate.h"

void gates_begin_connection(struct gate *gate, SSL *ssl);
void gates_set_phase(struct gate *gate, enum gate_phase phase);
/* Is the server stopping, or short of workers? */
bool gates_must_close(void);

#endif
