/* The one place that enforces a row of the table before its handler runs: access, version, rate,
 * input, idempotency, in this order. Every entrance goes through here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/authenticate.h"
#include "base/clock.h"
#include "dispatcher.h"
#include "message/api_version.h"

int dispatcher_new(struct db *db, struct keys *keys, struct service *service, struct error *error,
                   struct dispatcher **ret_dispatcher) {
    struct dispatcher *dispatcher = calloc(1, sizeof *dispatcher);
    if (!dispatcher) return error_set(error, ERROR_NO_MEMORY, "no memory for the dispatcher");
    dispatcher->db = db;
    dispatcher->keys = keys;
    dispatcher->service = service;
    (void)pthread_mutex_init(&dispatcher->audit_lock, NULL);
    int rc = in_flight_new(error, &dispatcher->in_flight);
    if (rc == 0) rc = rates_new(error, &dispatcher->rates);
    if (rc == 0) rc = item_slots_new(error, &dispatcher->item_slots);
    if (rc != 0) {
        dispatcher_free(dispatcher);
        return rc;
    }
    *ret_dispatcher = dispatcher;
    return 0;
}

void dispatcher_free(struct dispatcher *dispatcher) {
    if (!dispatcher) return;
    in_flight_free(dispatcher->in_flight);
    rates_free(dispatcher->rates);
    item_slots_free(dispatcher->item_slots);
    (void)pthread_mutex_destroy(&dispatcher->audit_lock);
    free(dispatcher);
}

void dispatcher_set_people(struct dispatcher *dispatcher, struct people *people) {
    dispatcher->people = people;
}

/* ---- access ---------------------------------------------------------------------------------- */

/* Whatever was wrong: the same words. Who brought a certificate is told of it as well. */
static int refuse_unauthorized(struct call *call, const struct request *request) {
    if (request->certificate)
        return call_refuse(call, 401, "unauthorized",
                           "Het clientcertificaat is niet bekend of niet geldig, of de sleutel die "
                           "erbij kwam is niet geldig of van een ander: laat het certificaat "
                           "registreren, of stuur Authorization: Bearer sk_… van hetzelfde "
                           "kantoor.",
                           "The client certificate is not known or not valid, or the key that came "
                           "with it is not valid or another's: have the certificate registered, or "
                           "send Authorization: Bearer sk_… of the same firm.");
    bool by_session = call->operation->callers == CALLER_USER ||
                      (request->session && !request->credential);
    if (by_session)
        return call_refuse(call, 401, "unauthorized",
                           "U bent niet (meer) ingelogd: log in en probeer het opnieuw.",
                           "You are not logged in (any more): log in and try again.");
    return call_refuse(call, 401, "unauthorized",
                       "Stuur een geldige sleutel mee: Authorization: Bearer sk_….",
                       "Send a valid key along: Authorization: Bearer sk_….");
}

/* A session that has ended does not keep anybody from what is open to all, such as logging in. */
static bool passes_without(const struct call *call, const struct request *request) {
    return request->session && !request->credential && !request->certificate &&
           !request->proven && (call->operation->callers & CALLER_NOBODY);
}

static int find_caller(struct call *call, const struct request *request) {
    call->caller = (struct caller){.kind = CALLER_NOBODY, .scope = db_scope_none};
    if (request->caller) {
        caller_copy(request->caller, &call->caller);
        return 0;
    }
    struct error error = {0};
    const struct credentials credentials = {.key = request->credential,
                                            .key_length = request->credential_length,
                                            .key_only = request->key_only,
                                            .session = request->session,
                                            .people = call->dispatcher->people,
                                            .origin = request->origin,
                                            .certificate = request->certificate,
                                            .message = request->proven};
    int rc = authenticate(call->dispatcher->keys, &credentials, &error, &call->caller);
    if (rc == 0) return 0;
    if (rc == ERROR_DENIED && passes_without(call, request)) return 0;
    if (rc == ERROR_DENIED) return refuse_unauthorized(call, request);
    call->error = error;
    return rc;
}

/* What a partner requires of its systems. Its websites' keys are no secrets, and are bound to their
 * origins instead. */
static int check_proofs(struct call *call, const struct request *request) {
    static const struct {
        enum proof proof;
        const char *nl, *en;
    } wanted[] = {
        {PROOF_KEY, "een geheime sleutel", "a secret key"},
        {PROOF_TOKEN, "een toegangstoken van /oauth2/token in plaats van de sleutel zelf",
         "an access token from /oauth2/token in place of the key itself"},
        {PROOF_CERTIFICATE, "een geregistreerd clientcertificaat, op het adres daarvoor",
         "a registered client certificate, at the address for those"},
        {PROOF_USERNAME, "een UsernameToken (WS-Security)", "a UsernameToken (WS-Security)"},
        {PROOF_SIGNATURE, "een handtekening over het bericht (WS-Security)",
         "a signature over the message (WS-Security)"}};
    unsigned missing = call->caller.required[request->entrance] & ~call->caller.proved;
    if (request->caller || call->operation->any_proof || !missing ||
        call->caller.kind != CALLER_SECRET_KEY)
        return 0;
    bool english = call->language == LANGUAGE_EN;
    char detail[sizeof call->refusal.detail];
    size_t length = (size_t)snprintf(detail, sizeof detail, "%s",
                                     english ? "Your firm requires this with it: "
                                             : "Uw kantoor eist dat hierbij ook dit meekomt: ");
    const char *between = "";
    for (size_t at = 0; at < sizeof wanted / sizeof *wanted; at++) {
        if (!(missing & wanted[at].proof)) continue;
        length += (size_t)snprintf(detail + length, sizeof detail - length, "%s%s", between,
                                   english ? wanted[at].en : wanted[at].nl);
        between = "; ";
    }
    snprintf(detail + length, sizeof detail - length, ".");
    int rc = call_refuse(call, 403, "stronger_proof_required", detail, detail);
    proof_names(missing, call->refusal.reason);
    return rc;
}

/* By a publishable key it came from a website's page; by a user's session from one of ours. */
static const char *entrance_of(const struct call *call, const struct request *request) {
    if (request->caller) return "command";
    return call->caller.kind & (CALLER_PUBLISHABLE_KEY | CALLER_USER)
               ? "page" : entrance_name(request->entrance);
}

/* What a system may not call, by what it lacks. */
static int refuse_kind(struct call *call, unsigned allowed) {
    if (allowed == CALLER_USER)
        return call_refuse(call, 403, "wrong_kind_of_key",
                           "Dit kan alleen wie is ingelogd, en niet met een sleutel.",
                           "Only somebody who has logged in can do this, and not with a key.");
    if (!(allowed & ~(unsigned)(CALLER_ORGANISATION | CALLER_USER)))
        return call_refuse(call, 403, "wrong_kind_of_key",
                           "Dit kan alleen de organisatie zelf, met een sleutel die met ok_ "
                           "begint.",
                           "Only the organisation itself can do this, with a key that begins with "
                           "ok_.");
    return call_refuse(call, 403, "wrong_kind_of_key",
                       "Met dit soort sleutel kan dit niet: gebruik een sleutel die met sk_ "
                       "begint vanuit uw eigen systeem.",
                       "This cannot be done with this kind of key: use a key that begins with "
                       "sk_ from your own system.");
}

/* A browser sends the cookie whoever wrote the page: a write must come from a page of ours (OWASP
 * ASVS 5.0, 3.5.1). What only reads gives nothing away: such answers are for their own origin. */
static int check_site(struct call *call, const struct request *request) {
    bool user = call->caller.kind == CALLER_USER && !request->caller;
    bool reads = strcmp(call->operation->method, "GET") == 0;
    bool same = request->site == SITE_SAME ||
                (request->site == SITE_UNKNOWN && (!user || call->operation->begins_session));
    if ((!user && !call->operation->begins_session) || reads || same) return 0;
    return call_refuse(call, 403, "cross_site",
                       "Dit verzoek kwam niet van een pagina van deze dienst: doe het vanaf onze "
                       "eigen pagina's.",
                       "This request did not come from a page of this service: do it from our own "
                       "pages.");
}

static int check_user(struct call *call) {
    bool open = (call->operation->callers & CALLER_NOBODY) != 0;
    if (call->caller.setup && !call->operation->setup && !open)
        return call_refuse(call, 403, "second_factor_missing",
                           "Stel eerst uw tweede stap in: daarna kunt u verder.",
                           "Set up your second factor first: after that you can go on.");
    if (operation_open_to_role(call->operation, call->caller.role)) return 0;
    return call_refuse(call, 403, "role_not_allowed",
                       "Dit hoort niet bij uw rol: vraag een collega die het mag, of laat uw "
                       "beheerder uw rol aanpassen.",
                       "This does not belong to your role: ask a colleague who may, or have your "
                       "administrator change your role.");
}

static int check_access(struct call *call, const struct request *request) {
    int rc = find_caller(call, request);
    call->entrance = entrance_of(call, request);
    if (rc == 0) rc = check_site(call, request);
    if (rc != 0) return rc;
    unsigned allowed = call->operation->callers;
    if (call->caller.kind == CALLER_NOBODY) {
        return allowed & CALLER_NOBODY ? 0 : refuse_unauthorized(call, request);
    }
    if (call->caller.kind == CALLER_USER) return check_user(call);
    /* What is open to nobody in particular is open to every valid key. */
    if (!(allowed & ((unsigned)call->caller.kind | CALLER_NOBODY)))
        return refuse_kind(call, allowed);
    if (call->caller.kind == CALLER_PUBLISHABLE_KEY && !call->caller.origin_listed) {
        return call_refuse(call, 403, "origin_not_allowed",
                           "Deze sleutel werkt alleen vanaf de websites die erbij zijn opgegeven: "
                           "laat uw website erbij opgeven, of gebruik een sleutel die daarbij "
                           "hoort.",
                           "This key works only from the websites that are listed for it: have "
                           "your website listed, or use a key that belongs to it.");
    }
    return check_proofs(call, request);
}

/* ---- rate, input, idempotency ---------------------------------------------------------------- */

int call_check_rate(struct call *call, int64_t count, struct rate_state *ret_rate) {
    if (call->operation->rate == RATE_NONE || call->caller.kind == CALLER_NOBODY) return 0;
    if (rates_take(call->dispatcher->rates, call->dispatcher->db, &call->caller, call->now_us,
                   count, ret_rate)) {
        return 0;
    }
    int rc = call_refuse(call, 429, "too_many_requests",
                         "Deze sleutel deed in deze minuut te veel aanvragen: wacht tot de "
                         "volgende.",
                         "This key made too many requests in this minute: wait for the next.");
    call->refusal.retry_after_s = (int)ret_rate->reset_s;
    return rc;
}

int call_check_fields(struct call *call, const struct value *input) {
    const struct operation *operation = call->operation;
    struct field_check check = {.language = call->language, .lexical = call->lexical,
                                .pointer = "", .scratch = call->scratch,
                                .faults = &call->faults};
    const struct field whole = {.name = "", .type = FIELD_RECORD, .fields = operation->input,
                                .field_count = operation->input_count,
                                .label = {"Het bericht", "The message"}};
    if (field_check_partly(&check, &whole, input, &call->input)) return 0;
    if (call->faults.count == 0) {
        return error_set(&call->error, ERROR_TOO_LARGE, "%s: the input does not fit",
                         operation->name);
    }
    return ERROR_INVALID;
}

int call_check_input(struct call *call, const struct value *input) {
    int rc = call->older ? call_check_older(call, input) : call_check_fields(call, input);
    if (rc == ERROR_INVALID && call->operation->check) call->operation->check(call);
    return rc;
}

static int read_key(struct call *call, const struct request *request) {
    /* Nobody in particular has no keys of their own: another's answer must not come back. */
    if (!call->operation->idempotent_key || !request->idempotency_key ||
        call->caller.kind == CALLER_NOBODY) {
        return 0;
    }
    int rc = idempotency_read_key(request->idempotency_key, call->scratch, &call->idempotency_key);
    if (rc == 0) return 0;
    if (rc == ERROR_TOO_LARGE)
        return error_set(&call->error, rc, "a key needs more scratch memory");
    return call_refuse(call, 400, "idempotency_key_invalid",
                       "De Idempotency-Key moet bestaan uit 1 tot en met 255 zichtbare "
                       "ASCII-tekens, bijvoorbeeld een UUID.",
                       "The Idempotency-Key must consist of 1 to 255 visible ASCII characters, "
                       "such as a UUID.");
}

static int run_once(struct call *call) {
    int found = idempotency_replay(call);
    if (found != 0) return found > 0 ? 0 : found;
    return call->operation->run(call);
}

int call_enter_key(struct call *call, struct in_flight_name *ret_name) {
    struct in_flight_name name = in_flight_name(call);
    int rc = in_flight_enter(call->dispatcher->in_flight, &name);
    if (rc == ERROR_CONFLICT) {
        (void)call_refuse(call, 409, "idempotency_in_progress",
                          "Een aanvraag met deze Idempotency-Key is nog bezig: probeer het zo "
                          "opnieuw.",
                          "A request with this Idempotency-Key is still in progress: try again "
                          "shortly.");
        call->refusal.retry_after_s = 1;
        return ERROR_DENIED;
    }
    if (rc != 0) return error_set(&call->error, rc, "too many idempotency keys in flight");
    *ret_name = name;
    return 0;
}

static int run_with_key(struct call *call) {
    struct in_flight_name name;
    int rc = idempotency_digest(call);
    if (rc == 0) rc = call_enter_key(call, &name);
    if (rc != 0) return rc;
    rc = run_once(call);
    in_flight_leave(call->dispatcher->in_flight, &name);
    return rc;
}

static int read_input(struct call *call, const struct request *request, struct answer *ret_answer,
                      struct value *ret_input) {
    *ret_input = request->input;
    if (!request->read_input) return 0;
    ret_answer->answered = !request->read_input(request->input_context, ret_input, &call->lexical);
    return ret_answer->answered ? ERROR_INVALID : 0;
}

/* What many need of memory begins with their input. */
static int run_many(struct call *call, const struct request *request, struct answer *ret_answer) {
    struct value unused;
    int slot;
    int rc = items_enter(call, &slot);
    if (rc != 0) return rc;
    rc = read_input(call, request, ret_answer, &unused);
    if (rc == 0) rc = items_admit(call, request->items, &ret_answer->rate);
    if (rc == 0) rc = items_run(call, request);
    items_leave(call, slot);
    return rc;
}

static int run_call(struct call *call, const struct request *request, struct answer *ret_answer) {
    struct value input;
    int rc = check_access(call, request);
    bool known = rc == 0 || call->caller.kind != CALLER_NOBODY; /* refusals tell it too */
    if (known) call_choose_version(call, request, ret_answer);
    if (rc == 0) rc = call_check_rate(call, 1, &ret_answer->rate);
    if (rc == 0 && !ret_answer->version) rc = call_refuse_version(call);
    if (rc == 0) rc = read_key(call, request);
    if (rc == 0 && request->items) return run_many(call, request, ret_answer);
    if (rc == 0) rc = read_input(call, request, ret_answer, &input);
    if (rc == 0) rc = call_check_input(call, &input);
    if (rc != 0) return rc;
    rc = call->idempotency_key ? run_with_key(call) : call->operation->run(call);
    if (rc == 0 && call->operation->finish) rc = call->operation->finish(call);
    return rc == 0 && (call->faults.count > 0 || call->refusal.status) ? ERROR_INVALID : rc;
}

static void refuse_without_memory(const struct request *request, struct answer *ret_answer) {
    struct call small = {.operation = request->operation, .language = request->language};
    small.error.code = ERROR_NO_MEMORY;
    call_conclude_failure(&small);
    ret_answer->refusal = small.refusal;
    ret_answer->status = small.refusal.status;
}

/* Clears what holds `faults` and empties those: their items are most of it, and have no meaning
 * beyond their count. */
static void clear_around(void *whole, size_t size, struct field_faults *faults) {
    char *start = whole, *items = (char *)faults->items, *rest = items + sizeof faults->items;
    memset(start, 0, (size_t)(items - start));
    memset(rest, 0, size - (size_t)(rest - start));
}

struct call *call_new(struct dispatcher *dispatcher, const struct operation *operation,
                      const struct request *request, struct scratch *scratch) {
    struct call *call = scratch_take(scratch, sizeof *call);
    if (!call) return NULL;
    clear_around(call, sizeof *call, &call->faults);
    call->operation = operation;
    call->service = dispatcher->service;
    call->dispatcher = dispatcher;
    call->language = request->language;
    call->request_id = request->request_id;
    call->if_match = request->if_match;
    call->lexical = request->lexical;
    call->address = request->address;
    call->agent = request->agent ? request->agent : "";
    call->scratch = scratch;
    call->now_us = clock_now_us();
    call->output = value_null();
    call->output_fields = operation->output;
    call->output_count = operation->output_count;
    call->version = api_version_count - 1;
    call->retirement = operation_retirement(operation);
    return call;
}

void dispatch(struct dispatcher *dispatcher, const struct request *request,
              struct answer *ret_answer) {
    clear_around(ret_answer, sizeof *ret_answer, &ret_answer->faults);
    ret_answer->output = value_null();
    struct call *call = call_new(dispatcher, request->operation, request, request->scratch);
    if (!call) {
        refuse_without_memory(request, ret_answer);
        return;
    }
    ret_answer->retirement = call->retirement; /* known before an answer in pieces begins */
    int rc = call_speak_version(call, run_call(call, request, ret_answer));
    ret_answer->retirement = call->retirement;
    if (rc == 0) {
        ret_answer->status = call->operation->status;
        ret_answer->output = call->output;
        ret_answer->output_fields = call->output_fields;
        ret_answer->output_count = call->output_count;
        ret_answer->replayed = call->replayed;
        memcpy(ret_answer->session_token, call->session_token, sizeof call->session_token);
    } else if (!ret_answer->answered) {
        call_conclude_failure(call);
        ret_answer->status = call->refusal.status;
        ret_answer->refusal = call->refusal;
        ret_answer->faults = call->faults;
        ret_answer->error = call->error;
        if (call->operation->audited && (call->refusal.status == 403 || call->audit_refusal)) {
            audit_refused(dispatcher, call);
        }
    }
    ret_answer->session_ended = call->session_ended && !*ret_answer->session_token;
    explicit_bzero(call->session_token, sizeof call->session_token);
    memcpy(ret_answer->partner_id, call->caller.partner_id, sizeof ret_answer->partner_id);
    memcpy(ret_answer->key_id, call->caller.key_id, sizeof ret_answer->key_id);
    memcpy(ret_answer->user_id, call->caller.user_id, sizeof ret_answer->user_id);
}
