/* Takes requests to an entrance that speaks messages of its own, such as SOAP, and its answers
 * back. */
#ifndef KOPPEL_HTTP_MESSAGE_ENTRANCE_H
#define KOPPEL_HTTP_MESSAGE_ENTRANCE_H

#include "exchange.h"
#include "operation/entrance.h"

/* Does the path belong to the edge's entrance, if it has one? From then on refusals of messages
 * are told in its own way. */
bool message_entrance_takes(struct exchange *exchange);
/* Answers a request that it takes. */
void message_entrance(struct exchange *exchange);

#endif
