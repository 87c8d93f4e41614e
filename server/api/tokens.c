/* Access tokens: the deed behind the token endpoint (http/oauth.h), which speaks OAuth's own
 * messages. Access, rate and audit are the dispatcher's, as for every operation. Refusals that are
 * OAuth's have its codes (RFC 6749, 5.2). */
#include <string.h>

#include "auth/access_token.h"
#include "domain/service.h"
#include "operation/operation.h"

enum { PARAMETER_MAX = 1000 };

static const struct field token_input[] = {
    {.name = "grant_type", .type = FIELD_TEXT, .length_maximum = PARAMETER_MAX,
     .label = {"waarmee het token verkregen wordt", "what the token is got with"}},
    {.name = "client_id", .type = FIELD_TEXT, .length_maximum = PARAMETER_MAX,
     .label = {"het id van de sleutel of het certificaat", "the id of the key or certificate"}},
    {.name = "scope", .type = FIELD_TEXT, .length_maximum = PARAMETER_MAX,
     .label = {"waarvoor het token is", "what the token is for"}}};

static const struct field token_output[] = {
    {.name = "access_token", .type = FIELD_TEXT, .required = true,
     .label = {"het token", "the token"}},
    {.name = "token_type", .type = FIELD_TEXT, .required = true,
     .label = {"hoe het meegestuurd wordt", "how it is sent along"}},
    {.name = "expires_in", .type = FIELD_INTEGER, .required = true,
     .label = {"seconden dat het geldt", "seconds for which it holds"}}};

/* A client names itself by the id of its key, or of its certificate, which is a key as well. */
static bool names_itself(const struct caller *caller, const char *client_id) {
    return strcmp(client_id, caller->key_id) == 0 ||
           (*caller->certificate_id && strcmp(client_id, caller->certificate_id) == 0);
}

static int check(struct call *call) {
    const char *grant = record_get_text(&call->input, "grant_type", call->scratch);
    const char *client = record_get_text(&call->input, "client_id", call->scratch);
    const char *scope = record_get_text(&call->input, "scope", call->scratch);
    if (!client)
        return call_refuse(call, 400, "invalid_request",
                           "client_id ontbreekt: stuur het id van uw sleutel mee (key_...).",
                           "client_id is missing: send the id of your key along (key_...).");
    if (!names_itself(&call->caller, client))
        return call_refuse(call, 401, "invalid_client",
                           "De client_id en het client_secret horen niet bij elkaar.",
                           "The client_id and the client_secret do not belong together.");
    if (!grant)
        return call_refuse(call, 400, "invalid_request",
                           "grant_type ontbreekt: stuur grant_type=client_credentials.",
                           "grant_type is missing: send grant_type=client_credentials.");
    if (strcmp(grant, "client_credentials") != 0)
        return call_refuse(call, 400, "unsupported_grant_type",
                           "Alleen grant_type=client_credentials wordt ondersteund.",
                           "Only grant_type=client_credentials is supported.");
    if (scope)
        return call_refuse(call, 400, "invalid_scope",
                           "Een token heeft de rechten van zijn sleutel: laat scope weg.",
                           "A token has the rights of its key: leave scope out.");
    return 0;
}

/* A token is kept nowhere: what is written is the line in the audit log. */
static int write_nothing(struct db_tx *tx, void *context, struct error *error) {
    (void)tx, (void)context, (void)error;
    return 0;
}

static int request_token(struct call *call) {
    int64_t lifetime_s = call->service->token_lifetime_s;
    char token[ACCESS_TOKEN_LENGTH + 1];
    struct record record;
    int status = check(call);
    if (status) return status;
    access_token_issue(call->service->keys, &call->caller, call->now_us + lifetime_s * 1000000,
                       token);
    record_init(&record, call->scratch);
    record_copy_text(&record, "access_token", token, ACCESS_TOKEN_LENGTH);
    record_set_text(&record, "token_type", "Bearer");
    record_set_integer(&record, "expires_in", lifetime_s);
    call->output = record_value(&record);
    if (record.failed)
        return error_set(&call->error, ERROR_NO_MEMORY, "no memory for an access token");
    return call_write(call, call->caller.key_id, write_nothing, NULL);
}

static const struct operation operations[] = {
    {.name = "RequestToken",
     .method = "POST",
     .summary = {"Vraag een toegangstoken aan", "Request an access token"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION,
     .any_proof = true,
     .input = token_input,
     .input_count = sizeof token_input / sizeof *token_input,
     .output = token_output,
     .output_count = sizeof token_output / sizeof *token_output,
     .status = 200,
     .audited = true,
     .hidden = true,
     .rate = RATE_READ,
     .run = request_token}};

extern const struct operation_group api_tokens;
const struct operation_group api_tokens = {.name = "tokens",
                                           .operations = operations,
                                           .count = sizeof operations / sizeof *operations};
