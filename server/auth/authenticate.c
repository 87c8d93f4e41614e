/* Puts the proofs of a request together. */
#include "auth/authenticate.h"

#include "auth/keys_inside.h"

int authenticate_certificate(struct keys *keys, const uint8_t fingerprint[SHA256_BYTES],
                             enum proof proof, struct error *error, struct caller *ret_caller) {
    struct caller caller;
    int status = keys_find(keys, fingerprint, NULL, error, &caller);
    if (status) return status;
    /* A key's digest is never handed in as a certificate's, nor would it be taken for one. */
    if (!*caller.certificate_id) return keys_denied(error);
    caller_copy(&caller, ret_caller);
    ret_caller->proved = proof;
    return 0;
}

int authenticate(struct keys *keys, const struct credentials *credentials, struct error *error,
                 struct caller *ret_caller) {
    struct caller caller = {.kind = CALLER_NOBODY, .scope = db_scope_none}, one;
    int status = 0;
    bool together = true;
    if (credentials->key) {
        status = keys_caller(keys, credentials->key, credentials->key_length, credentials->origin,
                             error, &one);
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
