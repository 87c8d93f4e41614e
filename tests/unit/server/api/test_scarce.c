/* Memory that runs out at every place there is: each operation is called again and again, the first
 * time with its first allocation failing, then its second, until it comes through without one that
 * failed. Every answer is the right one or says that it is not possible now; nothing is kept by
 * halves, nothing crashes, and afterwards everything works as before. Once with the caches of a
 * program that runs, once with those of one that has just started. SCARCE_STEP=1 tries every
 * allocation of the second kind too, where the suite takes steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "message/json.h"
#include "message/record.h"
#include "operation/operation.h"
#include "tests/unit/scarce.h"
#include "tests/unit/server/domain/fixture.h"

enum { ALLOCATIONS_MAX = 100000, TEXT_MAX = 1 << 20, COLD_STEP = 11, INPUT_MAX = 512 };

static struct fixture *fixture;
static struct dispatcher *dispatcher;
static char memory[OPERATION_SCRATCH_BYTES];
static struct scratch scratch;
static struct answer answer;
static struct buffer text; /* the answer's output as JSON */
static char key_text[KEY_TEXT_MAX];
static char quote_id[ID_MAX], key_id[ID_MAX];

#define DOG                                                                                       \
    "{\"product\":\"pet\",\"answers\":{\"kind\":\"dog\",\"born_on\":\"2022-03-04\","              \
    "\"value\":\"750.00\",\"weight_kg\":21.5,\"trained\":true,\"school\":\"Best\","               \
    "\"habits\":[\"barks\"]}"

/* One sound call of each operation; "%s" becomes `named`, or the id of a quote. `same_from`: from
 * where on the output is the same every time. */
static const struct example {
    const char *operation, *input;
    int status;
    const char *same_from, *named;
} examples[] = {{"ListProducts", "{}", 200, "{", NULL},
                {"GetProduct", "{\"product\":\"pet\"}", 200, "{", NULL},
                {"RequestEstimate", DOG "}", 200, "\"premium\"", NULL},
                {"ExplainEstimate", DOG "}", 200, "\"premium\"", NULL},
                {"RequestQuote", DOG ",\"reference\":\"dossier 7\"}", 201, "\"premium\"", NULL},
                {"GetBrand", "{}", 200, "{", NULL},
                {"ListApiChanges", "{}", 200, "{", NULL},
                {"RequestToken", "{\"grant_type\":\"client_credentials\",\"client_id\":\"%s\"}",
                 200, "\"token_type\"", key_id},
                {"GetQuote", "{\"id\":\"%s\"}", 200, "{", NULL},
                {"GetQuoteExplanation", "{\"id\":\"%s\"}", 200, "{", NULL},
                {"ReplayQuote", "{\"id\":\"%s\"}", 200, "{", NULL},
                {"ListQuotes", "{\"limit\":3,\"reference\":\"first\"}", 200, "{", NULL},
                {"RequestQuoteBatch", DOG ",\"reference\":\"dossier 8\"}", 201, "\"premium\"",
                 NULL},
                {"RequestEstimateBatch", DOG "}", 200, "\"premium\"", NULL}};
enum { EXAMPLES = sizeof examples / sizeof *examples };

static const struct operation *operation_named(const char *name) {
    for (int i = 0; i < operation_group_count; i++)
        for (int j = 0; j < operation_groups[i]->count; j++)
            if (strcmp(operation_groups[i]->operations[j].name, name) == 0)
                return &operation_groups[i]->operations[j];
    fail_msg("no operation %s", name);
    return NULL;
}

/* An operation on many is called with one item; its answer is that item's. */
struct one_item {
    const struct value *input; /* NULL: it was taken */
    int status;
};

static int item_next(void *context, struct scratch *of_item, struct item *ret_item) {
    struct one_item *one = context;
    (void)of_item;
    if (!one->input) return 0;
    ret_item->value = *one->input;
    one->input = NULL;
    return 1;
}

static void item_answer(void *context, const struct item_answer *told) {
    struct one_item *one = context;
    scarce_end();
    buffer_clear(&text);
    one->status = told->status;
    if (told->output)
        field_encode_json(told->each->output, told->each->output_count, told->output, &text);
}

static bool item_flush(void *context) {
    (void)context;
    return true;
}

/* Calls with the nth allocation failing (0: none). */
static int call(const char *name, const char *idempotency_key, const char *input, long nth,
                bool lasting) {
    struct json_fault fault;
    const struct operation *operation = operation_named(name);
    struct request request = {.operation = operation,
                              .credential = key_text,
                              .credential_length = strlen(key_text),
                              .idempotency_key = idempotency_key,
                              .request_id = "req",
                              .language = LANGUAGE_EN,
                              .scratch = &scratch};
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(json_read(input, strlen(input), NULL, &scratch, &fault, &request.input), 0);
    struct one_item one = {.input = &request.input};
    struct items items = {.context = &one, .count = 1, .next = item_next, .answer = item_answer,
                          .flush = item_flush};
    if (operation->each) request.items = &items;
    if (nth) scarce_begin(nth, lasting);
    dispatch(dispatcher, &request, &answer);
    scarce_end();
    if (one.status) return one.status;
    buffer_clear(&text);
    if (answer.refusal.status) return answer.status;
    if (operation->output_open) json_write(&answer.output, 0, &text);
    else
        field_encode_json(operation->output, operation->output_count, &answer.output, &text);
    return answer.status;
}

static const char *same_part(const struct example *example) {
    const char *from = strstr(text.data, example->same_from);
    if (!from) fail_msg("%s: no %s in %s", example->operation, example->same_from, text.data);
    return from;
}

/* ---- set-up --------------------------------------------------------------------------------- */
static void service_start(void) {
    struct error error = {0};
    struct service *service = NULL;
    if (service_new(&fixture->config, &error, &service)) fail_msg("%s", error.text);
    fixture->service = service;
    assert_int_equal(dispatcher_new(service->db, service->keys, service, &error, &dispatcher), 0);
}

static void service_end(void) {
    dispatcher_free(dispatcher);
    service_free(fixture->service);
}

static int set_up(void **state) {
    struct error error = {0};
    const struct key_options options = {.partner_id = fixture_partner, .secret = true};
    fixture_set_up(state);
    fixture = *state;
    log_set_level(LOG_ERROR + 1);
    struct service *service = fixture->service;
    assert_int_equal(keys_create(service->keys, &options, &error, key_id, key_text), 0);
    assert_int_equal(dispatcher_new(service->db, service->keys, service, &error, &dispatcher), 0);
    buffer_init(&text, TEXT_MAX);
    assert_int_equal(call("RequestQuote", NULL, DOG ",\"reference\":\"first\"}", 0, false), 201);
    const struct value *made = record_get(&answer.output, "id");
    snprintf(quote_id, sizeof quote_id, "%.*s", (int)made->length, made->text);
    return 0;
}

static int tear_down(void **state) {
    buffer_done(&text);
    dispatcher_free(dispatcher);
    return fixture_tear_down(state);
}

/* ---- one call ------------------------------------------------------------------------------- */
static long count_quotes(const char *reference) {
    char input[INPUT_MAX];
    snprintf(input, sizeof input, "{\"reference\":\"%s\"}", reference);
    assert_int_equal(call("ListQuotes", NULL, input, 0, false), 200);
    return record_get(&answer.output, "items")->length;
}

/* Calls with the nth allocation failing and judges the answer. A refused write is sent again under
 * its key, and then has been done once. */
static void call_scarce(const struct example *example, const char *input, const char *expected,
                        long nth, bool lasting) {
    bool makes = operation_named(example->operation)->idempotent_key;
    static int made;
    char key[64], own[INPUT_MAX];
    snprintf(key, sizeof key, "scarce-%d", made++);
    snprintf(own, sizeof own, DOG ",\"reference\":\"%s\"}", key);
    const char *sent = makes ? own : input;
    int status = call(example->operation, makes ? key : NULL, sent, nth, lasting);
    if (status == example->status) {
        if (strcmp(same_part(example), expected) != 0)
            fail_msg("%s: allocation %ld fails, and the answer is %s", example->operation, nth,
                     text.data);
    } else if (status != 503) {
        fail_msg("%s: allocation %ld fails, and the answer is %d %s %s", example->operation, nth,
                 status, answer.refusal.code, answer.error.text);
    }
    if (!makes) return;
    status = call(example->operation, key, sent, 0, false);
    if (status != example->status)
        fail_msg("allocation %ld: then %d %s", nth, status, answer.error.text);
    assert_int_equal(count_quotes(key), 1);
}

static void expected_copy(const struct example *example, char ret_input[INPUT_MAX],
                          char **ret_expected) {
    const char *percent = strstr(example->input, "%s");
    int before = percent ? (int)(percent - example->input) : (int)strlen(example->input);
    const char *named = example->named ? example->named : quote_id;
    snprintf(ret_input, INPUT_MAX, "%.*s%s%s", before, example->input, percent ? named : "",
             percent ? percent + 2 : "");
    int status = call(example->operation, NULL, ret_input, 0, false);
    if (status != example->status)
        fail_msg("%s: %d %s", example->operation, status, answer.error.text);
    *ret_expected = strdup(same_part(example));
    assert_non_null(*ret_expected);
}

static void try_warm(const struct example *example, bool lasting) {
    char input[INPUT_MAX], *expected;
    long nth = 0;
    expected_copy(example, input, &expected);
    do call_scarce(example, input, expected, ++nth, lasting);
    while (atomic_load(&scarce.fired) && nth < ALLOCATIONS_MAX);
    assert_true(nth < ALLOCATIONS_MAX);
    print_message("# %s%s: %ld allocations\n", example->operation, lasting ? ", lasting" : "",
                  nth - 1);
    free(expected);
}

static void try_cold(const struct example *example, bool lasting) {
    long step = scarce_step(COLD_STEP), nth = 1;
    char input[INPUT_MAX], *expected;
    bool fired = true;
    expected_copy(example, input, &expected);
    for (; fired && nth < ALLOCATIONS_MAX; nth += step) {
        service_end();
        service_start();
        int status = call(example->operation, NULL, input, nth, lasting);
        fired = atomic_load(&scarce.fired);
        if (status == example->status) assert_string_equal(same_part(example), expected);
        else if (status != 503)
            fail_msg("%s: allocation %ld fails, and the answer is %d %s %s", example->operation,
                     nth, status, answer.refusal.code, answer.error.text);
        assert_int_equal(call(example->operation, NULL, input, 0, false), example->status);
        assert_string_equal(same_part(example), expected);
    }
    assert_false(fired);
    print_message("# %s%s, just started: %ld allocations\n", example->operation,
                  lasting ? ", lasting" : "", nth - step);
    free(expected);
}

/* ---- tests ---------------------------------------------------------------------------------- */
/* Those with a file of their own. */
static const char *const elsewhere[] = {
    "ListDrafts", "GetDraft", "GetDraftFile", "CreateDraft", /* test_scarce_drafts.c */
    "ApproveDraft", "ActivateDraft", "WithdrawDraft",
    "StartImpact", "GetImpact", "GetImpactCsv", /* test_scarce_impacts.c */
    "CancelImpact", "ListImpacts",
    "GetAcceptance", "AcceptQuote", "GetApplication", /* test_scarce_transactions.c */
    "ListApplications", "FindApplications", "WithdrawApplication", "DecideApplication",
    "IssuePolicy", "GetPolicy", "ListPolicies", "WithdrawPolicy", "CancelPolicy",
    "RequestChange", "GetChange", "ListPolicyChanges", "ListChanges", /* test_scarce_changes.c */
    "ConfirmChange", "WithdrawChange", "DecideChange", "GetPolicyTerms", "GetRenewal",
    "ListPolicyRenewals", "ListRenewals", "DecideRenewal", "StopRenewal",
    "CreateWebhook", "ListWebhooks", "GetWebhook", "ChangeWebhook", /* test_scarce_webhooks.c */
    "DeleteWebhook", "RotateWebhookSecret", "ListWebhookEvents", "ListWebhookDeliveries",
    "SendTestWebhook", "ResendWebhookDelivery",
    "PutBrand", /* test_scarce_brand.c */
    "CreatePartner", "GetPartner", "ChangePartner", "MovePartner", /* test_scarce_partners.c */
    "ListPartners", "CountPartners", "AddPartnerLicence", "ListPartnerLicences",
    "EndPartnerLicence", "RemovePartnerLicence", "PutPartnerTerritories",
    "GetPartnerTerritories", "AddPartnerPerson", "ListPartnerPeople", "GetPartnerPerson",
    "ChangePartnerPerson", "AddPartnerDiploma", "ListPartnerDiplomas", "EndPartnerDiploma",
    "RemovePartnerDiploma", "AddPartnerNote", "ListPartnerNotes", "RemovePartnerNote",
    "AddPartnerDocument", "ListPartnerDocuments", "GetPartnerDocument", "RemovePartnerDocument",
    "GetPartnerTimeline", "GetPartnerApplicationForm", "SubmitPartnerApplication",
    "ListPartnerApplications", "GetPartnerApplication", "ApprovePartnerApplication",
    "RefusePartnerApplication", "CreateAgreement", "ListAgreements", "GetAgreement",
    "ChangeAgreement",
    "EndAgreement",
    "CreateSession", "GetSession", "EndSession", "ListSessions", /* test_scarce_people.c */
    "EndOtherSessions", "EndOneSession", "ChangePassword", "UpdateOwnUser", "OfferSecondFactor",
    "ConfirmSecondFactor", "RenewRecoveryCodes", "RequestPasswordReset", "ResetPassword",
    "GetInvitation", "AcceptInvitation", "ListUsers", "GetUser", "CreateUser", "UpdateUser",
    "InviteUser", "DisableUser", "EnableUser", "ResetSecondFactor",
    "CreateLead", "ChangeLead", "ListLeads", "CountLeads", "FindLeads", /* test_scarce_leads.c */
    "GetLead", "ListLeadEvents", "AcceptLead", "DeclineLead", "AssignLead", "ContactLead",
    "WinLead", "LoseLead", "ReopenLead", "MergeLead",
    "InviteUser", "DisableUser", "EnableUser", "ResetSecondFactor", "ListRoleScopes",
    "PutRoleScope",
    "WinLead", "LoseLead", "ReopenLead", "MergeLead", "GetLeadRules",
    "PutLeadRules", "ChangeLeads", "ExportPerson", "ErasePerson", "GetLeadFigures",
    /* Nowhere: GLib, on which printing stands, ends a program that finds no memory. */
    "GetQuoteDocument", "GetPolicyDocument"};

static void test_every_operation_has_an_example(void **state) {
    (void)state;
    for (int i = 0; i < operation_group_count; i++) {
        for (int j = 0; j < operation_groups[i]->count; j++) {
            const char *name = operation_groups[i]->operations[j].name;
            bool found = false;
            for (int k = 0; k < EXAMPLES; k++) found |= !strcmp(examples[k].operation, name);
            for (size_t k = 0; k < sizeof elsewhere / sizeof *elsewhere; k++)
                found |= !strcmp(elsewhere[k], name);
            if (!found) fail_msg("give %s a line among the examples of this file", name);
        }
    }
}

static void test_running(void **state) {
    (void)state;
    for (int i = 0; i < EXAMPLES; i++) {
        try_warm(&examples[i], false);
        try_warm(&examples[i], true);
    }
}

/* A sound text is not refused for a pattern that there was no memory to match. */
static void test_pattern(void **state) {
    (void)state;
    const struct field field = {
        .name = "postcode", .type = FIELD_TEXT, .pattern = "[0-9]{4} [A-Z]{2}"};
    static struct field_faults faults;
    for (int lasting = 0; lasting < 2; lasting++) {
        bool fired = true;
        for (long nth = 1; fired; nth++) {
            struct value unused, postcode = value_text("3511 AB", 7);
            memset(&faults, 0, sizeof faults);
            scratch_init(&scratch, memory, sizeof memory);
            struct field_check check = {.pointer = "", .scratch = &scratch, .faults = &faults};
            scarce_begin(nth, lasting);
            bool good = field_check_value(&check, &field, &postcode, &unused);
            fired = scarce_end();
            assert_int_equal(faults.count, 0);
            assert_true(good != faults.starved);
        }
    }
}

static void test_just_started(void **state) {
    (void)state;
    for (int i = 0; i < EXAMPLES; i++) {
        try_cold(&examples[i], false);
        try_cold(&examples[i], true);
    }
}

static void test_starting(void **state) {
    (void)state;
    long step = scarce_step(COLD_STEP), nth = 1;
    for (int lasting = 0; lasting < 2; lasting++) {
        bool fired = true;
        for (nth = 1; fired && nth < ALLOCATIONS_MAX; nth += step) {
            struct error error = {0};
            struct service *service = NULL;
            struct dispatcher *started = NULL;
            scarce_begin(nth, lasting);
            int status = service_new(&fixture->config, &error, &service);
            if (!status)
                status = dispatcher_new(service->db, service->keys, service, &error, &started);
            fired = scarce_end();
            if (status && !fired) fail_msg("%s", error.text);
            if (status) assert_true(error.text[0]);
            if (started) dispatcher_free(started);
            if (service) service_free(service);
        }
        print_message("# starting: %ld allocations\n", nth - step);
    }
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_operation_has_an_example),
                                       cmocka_unit_test(test_pattern),
                                       cmocka_unit_test(test_running),
                                       cmocka_unit_test(test_just_started),
                                       cmocka_unit_test(test_starting)};
    return cmocka_run_group_tests_name("server/api scarce memory", tests, set_up, tear_down);
}
