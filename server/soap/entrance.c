/* From a message to an operation and back: the envelope says the version of SOAP, its body the
 * operation, and every refusal becomes a fault. A fault has HTTP status 500, whatever is wrong and
 * in both versions: clients read the body of no other. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "action.h"
#include "base/clock.h"
#include "base/log.h"
#include "credential.h"
#include "domain/calendar_day.h"
#include "domain/quoting.h"
#include "domain/service.h"
#include "envelope.h"
#include "security.h"
#include "wsdl.h"

enum { FAULT_STATUS = 500, DATE_LENGTH = 10 };

struct soap_call {
    const struct message *message;
    struct message_reply *reply;
    struct envelope envelope;
    const struct xml_node *root;
    struct contract contract;
    struct contract_row row;
    struct caller caller; /* whom the message itself proves to come from; or nobody */
    bool signs;           /* the answer is signed */
};

/* ---- refusing ------------------------------------------------------------------------------- */

/* What an envelope's own fault has beside its refusal; NULL: it is about something else. */
static void send_fault(struct soap_call *call, enum soap_fault_kind kind,
                       const struct refusal *refusal, const struct field_faults *faults,
                       const struct envelope_fault *about) {
    const struct message *message = call->message;
    const char *namespace = call->contract.namespace;
    const struct soap_fault fault = {.version = call->envelope.version, .kind = kind,
                                     .namespace = *namespace ? namespace : SOAP_NAMESPACE_GENERIC,
                                     .refusal = refusal, .faults = faults,
                                     .request_id = message->request_id,
                                     .language = message->language,
                                     .header = about ? about->header : NULL,
                                     .security = about ? about->security : NULL};
    buffer_clear(message->text);
    fault_write(&fault, message->text);
    call->reply->status = FAULT_STATUS;
    call->reply->content_type = envelope_content_type(call->envelope.version);
    call->reply->retry_after_s = refusal->retry_after_s;
}

static void say_fault(struct soap_call *call, enum soap_fault_kind kind, const char *code,
                      const char *nl, const char *en) {
    struct refusal refusal = {.status = FAULT_STATUS};
    snprintf(refusal.code, sizeof refusal.code, "%s", code);
    snprintf(refusal.detail, sizeof refusal.detail, "%s",
             call->message->language == LANGUAGE_EN ? en : nl);
    send_fault(call, kind, &refusal, NULL, NULL);
}

static void say_wrong_fields(struct soap_call *call, const struct field_faults *faults) {
    struct refusal refusal = {.status = 422, .code = "invalid_fields"};
    snprintf(refusal.detail, sizeof refusal.detail, "%s",
             call->message->language == LANGUAGE_EN ? "Correct what stands under fields."
                                                    : "Verbeter wat onder fields staat.");
    send_fault(call, FAULT_SENDER, &refusal, faults, NULL);
}

static void say_unavailable(struct soap_call *call) {
    say_fault(call, FAULT_RECEIVER, "unavailable",
              "Dit is nu niet mogelijk. Probeer het over een paar seconden opnieuw.",
              "This is not possible right now. Try again in a few seconds.");
    call->reply->retry_after_s = 1;
}

static void say_too_large(struct soap_call *call) {
    say_fault(call, FAULT_SENDER, "too_large",
              "Dit is te groot om te verwerken: stuur minder in één keer.",
              "This is too large to process: send less at a time.");
}

static void refuse_failure(struct soap_call *call, int status) {
    if (status == ERROR_TOO_LARGE) say_too_large(call);
    else say_unavailable(call);
}

static void refuse_answer(struct soap_call *call, const struct answer *answer) {
    bool wrong_fields = !*answer->refusal.code || !strcmp(answer->refusal.code, "invalid_fields");
    if (answer->faults.count > 0 && wrong_fields) {
        say_wrong_fields(call, &answer->faults);
        return;
    }
    int status = answer->refusal.status ? answer->refusal.status : 500;
    if (!*answer->refusal.code) {
        say_fault(call, FAULT_RECEIVER, "internal",
                  "Er ging iets mis aan onze kant. Meld het verzoeknummer als het zo blijft.",
                  "Something went wrong on our side. Report the request id if it stays so.");
        return;
    }
    send_fault(call, status >= 500 ? FAULT_RECEIVER : FAULT_SENDER, &answer->refusal,
               answer->faults.count > 0 ? &answer->faults : NULL, NULL);
    if (status == 503 && call->reply->retry_after_s == 0) call->reply->retry_after_s = 1;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* The tree of the message; false: it was refused. */
static bool read_tree(struct soap_call *call, const struct xml_node **ret_root) {
    const struct message *message = call->message;
    char charset[CHARSET_MAX];
    struct xml_fault fault;
    if (!action_type_fits(message->content_type)) {
        say_fault(call, FAULT_SENDER, "content_type",
                  "Stuur het bericht als Content-Type: text/xml (SOAP 1.1) of "
                  "application/soap+xml (SOAP 1.2), zonder bijlagen.",
                  "Send the message as Content-Type: text/xml (SOAP 1.1) or "
                  "application/soap+xml (SOAP 1.2), without attachments.");
        return false;
    }
    action_parameter(message->content_type, "charset", charset, sizeof charset);
    int status = xml_tree_read(message->body_length ? message->body : "", message->body_length,
                               *charset ? charset : NULL, message->scratch, &fault, ret_root);
    if (status == 0) return true;
    if (status == ERROR_INVALID)
        say_fault(call, FAULT_SENDER, fault.code, fault.nl, fault.en);
    else refuse_failure(call, status);
    return false;
}

static void refuse_envelope(struct soap_call *call, const struct envelope_fault *fault) {
    struct refusal refusal = {.status = FAULT_STATUS};
    snprintf(refusal.code, sizeof refusal.code, "%s", fault->code);
    snprintf(refusal.detail, sizeof refusal.detail, "%s",
             call->message->language == LANGUAGE_EN ? fault->en : fault->nl);
    send_fault(call, fault->kind, &refusal, NULL, fault);
}

static bool read_envelope(struct soap_call *call) {
    struct envelope_fault fault;
    if (!read_tree(call, &call->root)) return false;
    enum soap_version told = call->envelope.version;
    if (envelope_read(call->root, &call->envelope, &fault)) return true;
    if (fault.kind == FAULT_VERSION) call->envelope.version = told;
    refuse_envelope(call, &fault);
    return false;
}

/* Who sent it, as far as the message says so itself. */
static bool read_security(struct soap_call *call) {
    struct envelope_fault fault;
    struct error error = {0};
    call->caller = (struct caller){.kind = CALLER_NOBODY, .scope = db_scope_none};
    int status = security_prove(call->message, call->root, &call->envelope, &fault, &error,
                                &call->caller, &call->signs);
    if (status == ERROR_DENIED) {
        refuse_envelope(call, &fault);
    } else if (status) {
        log_event(LOG_ERROR, "request_failed", "request_id", call->message->request_id, "error",
                  error.text, NULL);
        refuse_failure(call, status);
    }
    return status == 0;
}

/* ---- the service and its operation ---------------------------------------------------------- */

/* The date that an input asks for, else today. A wrong one is told of later. */
static void date_asked(const struct soap_call *call, char ret_date[CLOCK_DATE_MAX]) {
    clock_amsterdam_date_text(clock_now_us(), ret_date);
    for (const struct xml_node *child = call->envelope.call->first; child; child = child->next) {
        struct value_date date;
        char text[DATE_LENGTH + 1];
        const char *at = child->text + strspn(child->text, " \t\r\n");
        if (strcmp(child->name, "effective_date") != 0 || strlen(at) < DATE_LENGTH) continue;
        memcpy(text, at, DATE_LENGTH);
        text[DATE_LENGTH] = '\0';
        if (day_read(text, &date)) day_write(&date, ret_date);
    }
}

static void refuse_interface(struct soap_call *call, const struct product_version *version) {
    struct refusal refusal = {.status = 409, .code = "interface_not_in_force"};
    snprintf(refusal.detail, sizeof refusal.detail,
             call->message->language == LANGUAGE_EN
                 ? "On that date the questions of this product are those of interface %d: make "
                   "your client from %s?wsdl&interface=%d."
                 : "Op die datum zijn de vragen van dit product die van uitgave %d: maak uw client "
                   "van %s?wsdl&interface=%d.",
             version->interface, call->contract.address, version->interface);
    send_fault(call, FAULT_SENDER, &refusal, NULL, NULL);
}

static void refuse_namespace(struct soap_call *call) {
    struct refusal refusal = {.status = 400, .code = "unknown_operation"};
    bool generic = !*call->contract.product;
    snprintf(refusal.detail, sizeof refusal.detail,
             call->message->language == LANGUAGE_EN
                 ? "This service knows no such operation in that namespace: here it is %s%s%s. See "
                   "?wsdl behind this address."
                 : "Deze dienst kent die operatie niet in die naamruimte: hier is dat %s%s%s. Zie "
                   "?wsdl achter dit adres.",
             generic ? SOAP_NAMESPACE_GENERIC : "urn:koppel:quote:",
             generic ? "" : call->contract.product, generic ? "" : ":i1, :i2 …");
    send_fault(call, FAULT_SENDER, &refusal, NULL, NULL);
}

/* The version whose questions an input with typed answers fills in: of a quote or a change, the
 * one of its date; of an acceptance, one of the interface that was written to, since the quote
 * knows its own, and so for a change on a date that has none, which only the policy can say more
 * of. False: refused. */
static bool hold_version(struct soap_call *call, enum contract_answers answers) {
    struct catalogue *catalogue = call->message->service->catalogue;
    const char *product = call->contract.product;
    const struct product_version *version = NULL;
    struct error error = {0};
    char date[CLOCK_DATE_MAX];
    int status = 0;
    if (answers == ANSWERS_BY_NAME) return true;
    date_asked(call, date);
    if (answers != ANSWERS_OF_ACCEPTANCE)
        status = catalogue_find(catalogue, product, date, clock_now_us(), &error, &version);
    if (answers == ANSWERS_OF_ACCEPTANCE ||
        (answers == ANSWERS_OF_CHANGE && status == ERROR_NOT_FOUND))
        status = catalogue_interface(catalogue, product, call->contract.interface, &error,
                                     &version);
    if (status == ERROR_NOT_FOUND && answers != ANSWERS_OF_QUOTE) {
        refuse_namespace(call);
        return false;
    }
    if (status == ERROR_NOT_FOUND) {
        say_fault(call, FAULT_SENDER, "unknown_product", quoting_no_product.nl,
                  quoting_no_product.en);
        return false;
    }
    if (status) {
        log_event(LOG_ERROR, "request_failed", "request_id", call->message->request_id, "error",
                  error.text, NULL);
        say_unavailable(call);
        return false;
    }
    if (version->interface != call->contract.interface) {
        refuse_interface(call, version);
        catalogue_release(catalogue, version);
        return false;
    }
    call->contract.version = version;
    return true;
}

/* Of a product's service: what replaces its interface. */
static void tell_retirement(const struct message *message, struct contract *contract,
                            struct message_reply *reply) {
    struct product_interface interface;
    if (!*contract->product ||
        !catalogue_interface_told(message->service->catalogue, contract->product,
                                  contract->interface, &interface))
        return;
    contract->retirement = (struct retirement){.deprecated_us = interface.replaced_us,
                                               .sunset_us = interface.ends_us};
    reply->retirement = contract->retirement;
}

static bool find_row(struct soap_call *call) {
    const struct message *message = call->message;
    const struct xml_node *node = call->envelope.call;
    const struct operation *operation;
    char product[PRODUCT_CODE_MAX];
    if (!contract_path(message->path + sizeof SOAP_PREFIX - 1, product)) {
        say_fault(call, FAULT_SENDER, "not_found",
                  "Op dit adres is geen dienst: die staat op /soap/v1/quote.",
                  "There is no service at this address: it is at /soap/v1/quote.");
        return false;
    }
    int interface = *product ? contract_interface_of(product, node->namespace) : 0;
    contract_init(&call->contract, message->public_url, product, interface);
    bool fits = *product ? interface > 0 : strcmp(node->namespace, SOAP_NAMESPACE_GENERIC) == 0;
    if (!fits || !contract_find(&call->contract, node->name, node->name_length, &operation)) {
        if (*product && interface == 0) call->contract.namespace[0] = '\0';
        refuse_namespace(call);
        return false;
    }
    call->reply->operation = operation;
    tell_retirement(message, &call->contract, call->reply);
    if (!action_agrees(message->action, message->content_type, operation->name)) {
        say_fault(call, FAULT_SENDER, "action_mismatch",
                  "De SOAPAction noemt een andere operatie dan de envelop: laat die weg, of maak "
                  "ze gelijk.",
                  "The SOAPAction names another operation than the envelope: leave it out, or make "
                  "them the same.");
        return false;
    }
    if (!hold_version(call, contract_answers(&call->contract, operation))) return false;
    if (contract_row_make(&call->contract, operation, message->scratch, &call->row)) return true;
    say_too_large(call);
    return false;
}

/* ---- calling -------------------------------------------------------------------------------- */

/* The input as the operation takes it; false: it was refused. */
static bool decode(struct soap_call *call, struct value *ret_input) {
    const struct message *message = call->message;
    struct field_faults *faults = &message->answer->faults;
    struct value value;
    field_faults_clear(faults);
    const struct xml_decoding decoding = {.namespace = call->contract.namespace,
                                          .language = message->language,
                                          .scratch = message->scratch, .faults = faults};
    if (!field_decode_xml(&decoding, call->row.input, call->row.input_count, call->envelope.call,
                          &value)) {
        say_too_large(call);
        return false;
    }
    if (faults->count > 0) {
        say_wrong_fields(call, faults);
        return false;
    }
    *ret_input = value;
    if (!call->row.implied) return true;
    struct value_entry *entries =
        scratch_take(message->scratch, ((size_t)value.length + 1) * sizeof *entries);
    if (!entries) {
        say_too_large(call);
        return false;
    }
    const char *product = call->contract.product;
    entries[0] = (struct value_entry){.name = "product", .name_length = 7,
                                      .value = value_text(product, strlen(product))};
    if (value.length > 0) memcpy(entries + 1, value.entries, value.length * sizeof *entries);
    *ret_input = value_context(entries, (size_t)value.length + 1);
    return true;
}

static void write_output(struct soap_call *call, const struct answer *answer) {
    struct buffer *text = call->message->text;
    const char *name = call->row.operation->name;
    struct value output = answer->output;
    const struct value_entry whole = {.name = "json", .name_length = 4, .value = output};
    if (call->row.operation->output_open) output = value_context(&whole, 1);
    envelope_begin(call->envelope.version, text);
    buffer_format(text, "<%sResponse xmlns=\"%s\" xmlns:xsi=\"" XML_INSTANCE "\">", name,
                  call->contract.namespace);
    field_encode_xml(call->row.output, call->row.output_count, &output, text);
    buffer_format(text, "</%sResponse>", name);
    envelope_end(text);
    call->reply->status = 200;
    call->reply->content_type = envelope_content_type(call->envelope.version);
}

static void run(struct soap_call *call) {
    const struct message *message = call->message;
    struct answer *answer = message->answer;
    size_t length;
    struct request request = {.operation = call->row.operation,
                              .entrance = ENTRANCE_SOAP,
                              .origin = message->origin,
                              .idempotency_key = message->idempotency_key,
                              .if_match = message->if_match,
                              .address = message->address,
                              .request_id = message->request_id,
                              .language = message->language,
                              .lexical = true,
                              .scratch = message->scratch};
    if (!decode(call, &request.input)) return;
    request.credential = credential_read(message->authorization, message->scratch, &length);
    request.credential_length = length;
    request.certificate = message->certificate;
    if (call->caller.kind != CALLER_NOBODY) request.proven = &call->caller;
    dispatch(message->dispatcher, &request, answer);
    if (answer->error.code != ERROR_NONE)
        log_event(answer->refusal.status && answer->refusal.status < 500 ? LOG_WARNING : LOG_ERROR,
                  "request_failed", "request_id", message->request_id, "operation",
                  request.operation->name, "error", answer->error.text, NULL);
    if (answer->refusal.status || answer->faults.count > 0 || answer->status >= 400)
        refuse_answer(call, answer);
    else write_output(call, answer);
}

static void answer_message(const struct message *message, struct message_reply *ret_reply) {
    struct soap_call call = {.message = message, .reply = ret_reply};
    *ret_reply = (struct message_reply){.status = FAULT_STATUS};
    call.envelope.version = envelope_version_of(message->content_type);
    if (read_envelope(&call) && read_security(&call) && find_row(&call)) run(&call);
    catalogue_release(message->service->catalogue, call.contract.version);
    if (call.signs && message->service->signing && !message->text->failed &&
        !security_sign(message->service->signing, message->text)) {
        log_event(LOG_ERROR, "answer_unsigned", "request_id", message->request_id, NULL);
        say_unavailable(&call);
    }
    if (!message->text->failed) return;
    bool starved = message->text->starved;
    if (!starved)
        log_event(LOG_ERROR, "answer_too_large", "request_id", message->request_id, NULL);
    if (starved) say_unavailable(&call);
    else say_fault(&call, FAULT_RECEIVER, "internal",
                   "Het antwoord is te groot: vraag om minder tegelijk.",
                   "The answer is too large: ask for less at a time.");
}

static void refuse_message(const struct message *message, const struct refusal *refusal,
                           const struct field_faults *faults, struct message_reply *ret_reply) {
    struct soap_call call = {.message = message, .reply = ret_reply};
    *ret_reply = (struct message_reply){.status = FAULT_STATUS};
    call.envelope.version = envelope_version_of(message->content_type);
    send_fault(&call, refusal->status >= 500 ? FAULT_RECEIVER : FAULT_SENDER, refusal, faults,
               NULL);
}

/* ---- the description ------------------------------------------------------------------------ */

/* Does the query have this parameter? Its value goes to ret_value. Names are taken in any case:
 * tools write ?WSDL, ?wsdl and ?singleWsdl. */
static bool query_has(const char *query, const char *name, char *ret_value, size_t size) {
    size_t length = strlen(name);
    *ret_value = '\0';
    for (const char *at = query; at && *at; at += *at == '&') {
        size_t part = strcspn(at, "&");
        bool here = part >= length && strncasecmp(at, name, length) == 0 &&
                    (part == length || at[length] == '=');
        if (here && part > length && part - length - 1 < size) {
            memcpy(ret_value, at + length + 1, part - length - 1);
            ret_value[part - length - 1] = '\0';
        }
        if (here) return true;
        at += part;
    }
    return false;
}

static int hold_described(const struct message *message, const char *product, const char *interface,
                          const struct product_version **ret_version) {
    struct catalogue *catalogue = message->service->catalogue;
    struct error error = {0};
    char today[CLOCK_DATE_MAX], namespace[SOAP_NAMESPACE_MAX];
    if (*interface) {
        snprintf(namespace, sizeof namespace, "urn:koppel:quote:%s:i%.20s", product, interface);
        int number = contract_interface_of(product, namespace);
        return catalogue_interface(catalogue, product, number, &error, ret_version);
    }
    clock_amsterdam_date_text(clock_now_us(), today);
    return catalogue_find(catalogue, product, today, clock_now_us(), &error, ret_version);
}

static bool describe(const struct message *message, struct message_reply *ret_reply) {
    char product[PRODUCT_CODE_MAX], version[8], interface[16], single[8];
    struct contract contract;
    const struct product_version *held = NULL;
    bool asked = query_has(message->query, "wsdl", version, sizeof version) ||
                 query_has(message->query, "singleWsdl", single, sizeof single);
    query_has(message->query, "interface", interface, sizeof interface);
    if (!asked || !contract_path(message->path + sizeof SOAP_PREFIX - 1, product)) return false;
    if (*version && strcmp(version, "1.1") != 0 && strcmp(version, "1.2") != 0) return false;
    if (*product && hold_described(message, product, interface, &held) != 0) return false;
    contract_init(&contract, message->public_url, product, held ? held->interface : 0);
    contract.version = held;
    *ret_reply = (struct message_reply){.status = 200, .content_type = "text/xml; charset=utf-8"};
    tell_retirement(message, &contract, ret_reply);
    bool whole = wsdl_write(&contract, strcmp(version, "1.2") == 0 ? SOAP_1_2 : SOAP_1_1,
                            message->language, message->scratch, message->text);
    catalogue_release(message->service->catalogue, held);
    message->text->failed |= !whole;
    return true;
}

const struct entrance soap_entrance = {.prefix = SOAP_PREFIX,
                                       .body_max_bytes = SOAP_BODY_MAX_BYTES,
                                       .answer = answer_message,
                                       .describe = describe,
                                       .refuse = refuse_message};
