/* What a message says: {"type", "timestamp", "data"}, where `data` is what it happened to, as its
 * own resource tells it, without what applicants told of themselves. It is told as it stands when
 * the message is put together, which is at the first try: `revision` says whether more has happened
 * since. */
#ifndef KOPPEL_JOBS_WEBHOOK_PAYLOAD_H
#define KOPPEL_JOBS_WEBHOOK_PAYLOAD_H

#include "base/buffer.h"
#include "domain/webhook_send.h"

struct service;

/* Appends the message as JSON; reads what it needs, and sees to it that a policy that was issued
 * has its number. What is not there any more is told by its id alone. */
int webhook_payload_write(struct service *service, const struct webhook_message *message,
                          int64_t now_us, struct error *error, struct buffer *buffer);

#endif
