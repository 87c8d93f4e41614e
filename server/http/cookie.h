/* What browsers bring beside the message itself: the cookie of a session, and which site the
 * request was made from. */
#ifndef KOPPEL_HTTP_COOKIE_H
#define KOPPEL_HTTP_COOKIE_H

#include "exchange.h"

#define COOKIE_NAME "__Host-koppel"

/* The session's token, NUL-terminated; false: there is no such cookie, or it is none of ours. Where
 * it stands twice it is none: somebody has put one there. */
bool cookie_session(const struct head *head, char ret_token[SESSION_TOKEN_MAX]);
/* For the answer: sets the cookie, or takes it away. */
void cookie_set(struct exchange *exchange, const char *token);
void cookie_clear(struct exchange *exchange);
/* By Sec-Fetch-Site, which browsers set and pages cannot; without it by Origin and Host. */
enum request_site cookie_site(const struct head *head);

#endif
