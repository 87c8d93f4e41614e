/* Puts the proofs of a request together. */
#include "auth/authenticate.h"

#include <string.h>

#include "auth/access_token.h"
#include "auth/keys_inside.h"
#include "auth/session.h"

int authenticate_certificate(struct keys *keys, const uint8_t fingerprint[SHA256_BYTES],
                             enum proof proof, struct error *error, struct caller *ret_caller) {
    struct caller caller;
    int status = keys_find(keys, fingerprint, NULL, error, &caller);
    if (status) return status;
    /* A key's digest is never handed in as a certificate's, nor would it be taken for one. */
    if (!*caller.certificate_id) return keys_denied(error);
    caller_copy(&caller, ret_caller);
    ret_caller->proved = proof;
    memcpy(ret_caller->certificate, fingerprint, SHA256_BYTES);
    return 0;
}

static int by_key(struct keys *keys, const struct credentials *credentials, struct error *error,
                  struct caller *ret_caller) {
    if (!credentials->key_only && access_token_in_form(credentials->key, credentials->key_length))
        return access_token_caller(keys, credentials->key, credentials->certificate, error,
                                   ret_caller);
    return keys_caller(keys, credentials->key, credentials->key_length, credentials->origin, error,
                       ret_caller);
}

int authenticate(struct keys *keys, const struct credentials *credentials, struct error *error,
                 struct caller *ret_caller) {
    struct caller caller = {.kind = CALLER_NOBODY, .scope = db_scope_none}, one;
    int status = 0;
    bool together = true, systems = credentials->key || credentials->certificate ||
                                    credentials->message;
    if (credentials->session && !systems)
        return credentials->people
                   ? session_caller(credentials->people, credentials->session, error, ret_caller)
                   : keys_denied(error);
    if (credentials->key) {
        status = by_key(keys, credentials, error, &one);
        together = !status && caller_join(&caller, &one);
    }
    if (together && credentials->certificate) {
        status = authenticate_certificate(keys, credentials->certificate, PROOF_CERTIFICATE, error,
                                          &one);
        together = !status && caller_join(&caller, &one);
    }
    if (together && credentials->message) together = caller_join(&caller, credentials->message);
    if (!together) return status ? status : keys_denied(error);
    caller_copy(&caller, ret_caller);
    return 0;
}
