/* From what a security header claims to who it proves to have sent the message. What is cheap to
 * refuse comes first: form, then time, then whether a certificate is registered at all; only then
 * is a signature computed, and a nonce is taken last. */
#include "security.h"

#include <openssl/evp.h>
#include <string.h>

#include "action.h"
#include "auth/authenticate.h"
#include "auth/certificate_find.h"
#include "base/clock.h"
#include "domain/service.h"

enum { HEX_MAX = 2 * 64 + 1 };

static int refuse_signature(struct envelope_fault *fault) {
    *fault = (struct envelope_fault){
        .kind = FAULT_SENDER, .code = "signature_invalid", .security = "FailedCheck",
        .nl = "De handtekening klopt niet bij het bericht: het is na het ondertekenen veranderd, "
              "of met een andere sleutel ondertekend dan die van het certificaat.",
        .en = "The signature does not fit the message: it was changed after it was signed, or "
              "signed with another key than the certificate's."};
    return ERROR_DENIED;
}

static int fail(struct envelope_fault *fault) {
    security_fail(fault);
    return ERROR_DENIED;
}

/* ---- signatures ----------------------------------------------------------------------------- */

static int certificate_named(const struct message *message,
                             const struct security_signature *signature, struct error *error,
                             struct buffer *coded) {
    char hex[HEX_MAX] = "";
    struct certificate_name name = {.issuer = signature->issuer, .serial = signature->serial};
    if (signature->name != SECURITY_ISSUER_SERIAL) {
        if (signature->length > HEX_MAX / 2) return ERROR_NOT_FOUND;
        hash_hex(signature->bytes, signature->length, hex);
        if (signature->name == SECURITY_THUMBPRINT) name.thumbprint = hex;
        else name.key_identifier = hex;
    }
    return certificate_find(message->service->db, &name, error, coded);
}

/* The certificate's DER, in scratch or in the message. */
static int certificate_of(const struct message *message,
                          const struct security_signature *signature, struct error *error,
                          const uint8_t **ret_bytes, size_t *ret_length) {
    struct buffer coded;
    if (signature->name == SECURITY_CERTIFICATE) {
        *ret_bytes = signature->bytes;
        *ret_length = signature->length;
        return 0;
    }
    buffer_init(&coded, 2 * SECURITY_CERTIFICATE_MAX_BYTES);
    int status = certificate_named(message, signature, error, &coded), written = -1;
    uint8_t *bytes = status ? NULL : scratch_take(message->scratch, coded.length);
    if (!status && !bytes) status = error_set(error, ERROR_TOO_LARGE, "scratch is used up");
    if (!status)
        written = EVP_DecodeBlock(bytes, (const unsigned char *)coded.data, (int)coded.length);
    if (!status && written < 0)
        status = error_set(error, ERROR_INTERNAL, "a registered certificate cannot be read");
    if (!status) {
        while (coded.length > 0 && coded.data[coded.length - 1] == '=') coded.length--, written--;
        *ret_bytes = bytes;
        *ret_length = (size_t)written;
    }
    buffer_done(&coded);
    return status;
}

static int prove_signature(const struct message *message, const struct xml_node *root,
                           const struct security *security, struct envelope_fault *fault,
                           struct error *error, struct caller *ret_caller) {
    const uint8_t *certificate = NULL;
    size_t length = 0;
    uint8_t fingerprint[SHA256_BYTES];
    char charset[CHARSET_MAX];
    bool starved = false;
    struct error own = {0};
    struct caller caller;
    int status = certificate_of(message, &security->signature, &own, &certificate, &length);
    if (!status) {
        hash_sha256(certificate, length, fingerprint);
        status = authenticate_certificate(message->service->keys, fingerprint, PROOF_SIGNATURE,
                                          &own, &caller);
    }
    if (status == ERROR_NOT_FOUND || status == ERROR_DENIED) return fail(fault);
    if (status) return error_set(error, status, "%s", own.text);
    action_parameter(message->content_type, "charset", charset, sizeof charset);
    if (security_verify(security, root, message->body, message->body_length,
                        *charset ? charset : NULL, certificate, length, message->scratch,
                        &starved)) {
        caller_copy(&caller, ret_caller);
        return 0;
    }
    if (starved) return error_set(error, ERROR_NO_MEMORY, "no memory to verify a signature");
    return refuse_signature(fault);
}

/* ---- user names ----------------------------------------------------------------------------- */

static int prove_username(const struct message *message, const struct security_username *username,
                          struct envelope_fault *fault, struct error *error,
                          struct caller *ret_caller) {
    struct usernames *usernames = message->service->usernames;
    struct error own = {0};
    int status = username->password
                     ? usernames_password(usernames, username->user, username->password, &own,
                                          ret_caller)
                     : usernames_digest(usernames, &username->digest, clock_now_us(), &own,
                                        ret_caller);
    if (status == ERROR_DENIED) return fail(fault);
    return status ? error_set(error, status, "%s", own.text) : 0;
}

/* ---- both ----------------------------------------------------------------------------------- */

int security_prove(const struct message *message, const struct xml_node *root,
                   const struct envelope *envelope, struct envelope_fault *ret_fault,
                   struct error *error, struct caller *ret_caller, bool *ret_signed) {
    struct caller caller = {.kind = CALLER_NOBODY, .scope = db_scope_none}, one;
    struct security *security = scratch_take(message->scratch, sizeof *security);
    int status = 0;
    if (!security) return error_set(error, ERROR_TOO_LARGE, "scratch is used up");
    if (!security_read(root, envelope, message->scratch, ret_fault, security) ||
        !security_is_timely(security, clock_now_us(), ret_fault))
        return ERROR_DENIED;
    if (security->has_signature) {
        status = prove_signature(message, root, security, ret_fault, error, &one);
        if (!status) caller_copy(&one, &caller);
    }
    if (!status && security->has_username) {
        status = prove_username(message, &security->username, ret_fault, error, &one);
        if (!status && !caller_join(&caller, &one)) status = fail(ret_fault);
    }
    if (status) return status;
    caller_copy(&caller, ret_caller);
    *ret_signed = security->has_signature;
    return 0;
}
