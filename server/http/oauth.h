/* OAuth 2 for partners' systems: the token endpoint for client credentials (RFC 6749, 4.4), in its
 * own form of requests, answers and errors, and the description of the server (RFC 8414). */
#ifndef KOPPEL_HTTP_OAUTH_H
#define KOPPEL_HTTP_OAUTH_H

#include "exchange.h"

#define OAUTH_TOKEN_PATH "/oauth2/token"
#define OAUTH_METADATA_PATH "/.well-known/oauth-authorization-server"

enum { OAUTH_BODY_MAX_BYTES = 8 * 1024 };

void oauth_token(struct exchange *exchange);
/* For GET and HEAD, which the caller has seen to. */
void oauth_metadata(struct exchange *exchange);

#endif
