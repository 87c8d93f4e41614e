/* Many requests in one body, and their answers as a stream: an array, or a value per line. */
#ifndef KOPPEL_HTTP_JSON_ITEMS_H
#define KOPPEL_HTTP_JSON_ITEMS_H

#include "exchange.h"
#include "message/json_sequence.h"

struct json_items {
    struct exchange *exchange;
    const struct operation *operation;
    const struct answer *head; /* what its headers say; known once the answer begins */
    struct items items; /* what the dispatcher is handed */
    struct json_sequence sequence;
    struct field_faults faults; /* of the item at hand */
    bool answer_lines; /* else an array */
    bool begun;        /* the head is out */
    bool gone;         /* nobody takes the answer any more */
    bool any, first_replayed;
};

void json_items_init(struct json_items *json, struct exchange *exchange,
                     const struct operation *operation, const struct answer *head);
/* Reads the body; false: it is refused, and that is answered. */
bool json_items_read(struct json_items *json);
/* Once all is done: the end of the answer. */
void json_items_end(struct json_items *json);

#endif
