/* Which part of the program answers a request. */
#ifndef KOPPEL_HTTP_ROUTER_H
#define KOPPEL_HTTP_ROUTER_H

#include "exchange.h"

/* Answers always, also what is malformed or at no known address. */
void route(struct exchange *exchange);

#endif
