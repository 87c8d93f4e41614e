/* From all that a request brought to one caller. Everything that came must hold and be of one
 * partner: a good key does not make up for a certificate that is unknown. */
#ifndef KOPPEL_AUTH_AUTHENTICATE_H
#define KOPPEL_AUTH_AUTHENTICATE_H

#include "auth/people.h"

struct credentials { /* what is not there is NULL */
    const char *session; /* a session's token: counts when no other proof came with it */
    struct people *people; /* who may have sessions; NULL: nobody */
    const char *key; /* an API key, or an access token */
    size_t key_length;
    bool key_only; /* a key, and no token */
    const char *origin;          /* the request's Origin header */
    const uint8_t *certificate;  /* SHA-256 of the client certificate of its connection */
    const struct caller *message; /* who the message itself proves to come from */
};

/* The caller, CALLER_NOBODY when nothing came. ERROR_DENIED when something is wrong, expired,
 * revoked, or of another partner: all alike. */
int authenticate(struct keys *keys, const struct credentials *credentials, struct error *error,
                 struct caller *ret_caller);

/* The caller that a registered certificate stands for, by its SHA-256. `proof` says how it was
 * shown that the other side has its private key: PROOF_CERTIFICATE by the connection's handshake,
 * PROOF_SIGNATURE by a signature that was verified. ERROR_DENIED as above. */
int authenticate_certificate(struct keys *keys, const uint8_t fingerprint[SHA256_BYTES],
                             enum proof proof, struct error *error, struct caller *ret_caller);

#endif
