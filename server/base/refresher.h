/* Refreshes what is remembered before it grows too old to be used, on one thread of its own, so
 * that nobody who asks waits for the store while the old answer still holds. Who remembers says
 * what is due, and keeps the answer that still holds until the new one is there. */
#ifndef KOPPEL_BASE_REFRESHER_H
#define KOPPEL_BASE_REFRESHER_H

#include <stdbool.h>
#include <stddef.h>

enum { REFRESHER_QUEUE_MAX = 64 }; /* items that wait; more are not taken */

struct refresher;

/* Refreshes one item; runs on the refresher's thread. */
typedef void (*refresher_job)(void *context, const void *item);

/* Items are `item_bytes` long. NULL: no memory. The thread starts with the first item. */
struct refresher *refresher_new(size_t item_bytes, refresher_job job, void *context);
/* Waits for the job in progress; what waits behind it is dropped. NULL is fine. */
void refresher_free(struct refresher *refresher);
/* Takes a copy of the item. False when it is not taken: the queue is full, or no thread can be
 * started. Any thread may ask; the job is not called by it. */
bool refresher_ask(struct refresher *refresher, const void *item);

#endif
