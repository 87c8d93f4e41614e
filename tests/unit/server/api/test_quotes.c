/* The resources through the dispatcher, as any entrance calls them: what is answered, to whom, and
 * what is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "message/json.h"
#include "message/record.h"
#include "operation/operation.h"
#include "tests/unit/server/domain/fixture.h"

static struct fixture *fixture;
static struct dispatcher *dispatcher;
static char memory[OPERATION_SCRATCH_BYTES];
static struct scratch scratch;
static struct answer answer;
static struct buffer text; /* the answer's output as JSON */

enum key { SECRET, PUBLISHABLE, TEST, RIVAL, ENDED, KEYS };
static char keys[KEYS][KEY_TEXT_MAX];
static const char origin[] = "https://www.kantoor.example";

static int set_up(void **state) {
    struct error error = {0};
    const char *const origins[] = {origin};
    const struct key_options options[KEYS] = {
        [SECRET] = {.partner_id = fixture_partner, .secret = true},
        [PUBLISHABLE] = {.partner_id = fixture_partner, .origins = origins, .origin_count = 1},
        [TEST] = {.partner_id = fixture_partner, .secret = true, .test = true},
        [RIVAL] = {.partner_id = fixture_rival, .secret = true},
        [ENDED] = {.partner_id = fixture_ended, .secret = true}};
    fixture_set_up(state);
    fixture = *state;
    struct service *service = fixture->service;
    for (int i = 0; i < KEYS; i++) {
        char id[ID_MAX];
        assert_int_equal(keys_create(service->keys, &options[i], &error, id, keys[i]), 0);
    }
    assert_int_equal(dispatcher_new(service->db, service->keys, service, &error, &dispatcher), 0);
    buffer_init(&text, 1 << 20);
    return 0;
}

static int tear_down(void **state) {
    buffer_done(&text);
    dispatcher_free(dispatcher);
    return fixture_tear_down(state);
}

static const struct operation *operation_named(const char *name) {
    for (int i = 0; i < operation_group_count; i++)
        for (int j = 0; j < operation_groups[i]->count; j++)
            if (strcmp(operation_groups[i]->operations[j].name, name) == 0)
                return &operation_groups[i]->operations[j];
    fail_msg("no operation %s", name);
    return NULL;
}

static size_t room = sizeof memory; /* scratch for a call, beyond its input */

/* Calls, and answers the status; the output stands in `text`. */
static int call_once(enum key key, const char *name, const char *idempotency_key,
                     const char *input) {
    struct json_fault fault;
    const struct operation *operation = operation_named(name);
    struct request request = {.operation = operation,
                              .credential = keys[key],
                              .credential_length = strlen(keys[key]),
                              .origin = key == PUBLISHABLE ? origin : NULL,
                              .idempotency_key = idempotency_key,
                              .request_id = "req",
                              .language = LANGUAGE_EN,
                              .scratch = &scratch};
    scratch_init(&scratch, memory, sizeof memory);
    if (json_read(input, strlen(input), NULL, &scratch, &fault, &request.input))
        fail_msg("%s", input);
    if (room < (size_t)(scratch.end - scratch.at)) scratch.end = scratch.at + room;
    dispatch(dispatcher, &request, &answer);
    buffer_clear(&text);
    if (answer.refusal.status) return answer.status;
    if (operation->output_open) json_write(&answer.output, 0, &text);
    else
        field_encode_json(operation->output, operation->output_count, &answer.output, &text);
    return answer.status;
}

static int call(enum key key, const char *name, const char *input) {
    return call_once(key, name, NULL, input);
}

/* The value at a name of the output, as text in a buffer of its own. */
static const char *member(const char *name, char ret_text[ID_MAX * 2]) {
    const struct value *value = record_get(&answer.output, name);
    if (!value || value->kind != VALUE_TEXT) return NULL;
    snprintf(ret_text, ID_MAX * 2, "%.*s", (int)value->length, value->text);
    return ret_text;
}

#define CAT                                                                                       \
    "{\"product\":\"pet\",\"answers\":{\"kind\":\"cat\",\"born_on\":\"2022-03-04\","              \
    "\"value\":\"250.00\"}"

static void quote_make(enum key key, char id[ID_MAX * 2], char token[ID_MAX * 2]) {
    int status = call(key, "RequestQuote", CAT ",\"reference\":\"dossier 7\"}");
    if (status != 201) fail_msg("%d %s %s", status, answer.refusal.code, answer.error.text);
    assert_non_null(member("id", id));
    assert_non_null(member("token", token));
}

static void test_request_quote(void **state) {
    (void)state;
    char id[ID_MAX * 2], token[ID_MAX * 2], input[256];
    quote_make(SECRET, id, token);
    assert_true(id_valid("qte", id, strlen(id)));
    assert_int_equal(strlen(token), 32);
    assert_non_null(strstr(text.data, "\"status\":\"offered\""));
    assert_non_null(strstr(text.data, "\"test\":false"));
    assert_non_null(strstr(text.data, "\"net\":\"100.00\",\"tax\":\"21.00\",\"total\":\"121.00\""));
    assert_non_null(strstr(text.data, "\"reference\":\"dossier 7\""));
    char *made = strdup(text.data);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
    assert_int_equal(call(SECRET, "GetQuote", input), 200);
    assert_null(strstr(text.data, "\"token\""));
    /* What is read back is what was answered, but for the token. */
    char *rest = strstr(made, "\"reference\"");
    assert_non_null(strstr(text.data, rest));
    free(made);
}

static void test_who_reads_a_quote(void **state) {
    (void)state;
    char id[ID_MAX * 2], token[ID_MAX * 2], input[256];
    char test_id[ID_MAX * 2], test_token[ID_MAX * 2];
    quote_make(PUBLISHABLE, id, token);
    quote_make(TEST, test_id, test_token);
    assert_non_null(strstr(text.data, "\"test\":true"));
    const struct {
        enum key key;
        const char *id, *token;
        int status;
    } cases[] = {{SECRET, id, NULL, 200},
                 {SECRET, id, token, 200},
                 {SECRET, id, test_token, 404},
                 {PUBLISHABLE, id, token, 200},
                 {PUBLISHABLE, id, NULL, 404},
                 {PUBLISHABLE, id, test_token, 404},
                 {TEST, id, NULL, 404},
                 {TEST, test_id, NULL, 200},
                 {SECRET, test_id, NULL, 404},
                 {RIVAL, id, NULL, 404},
                 {RIVAL, id, token, 404},
                 {SECRET, "qte_00000000000000000000000000", NULL, 404},
                 {SECRET, "qte_x", NULL, 404}};
    struct refusal first = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(input, sizeof input, cases[i].token ? "{\"id\":\"%s\",\"token\":\"%s\"}"
                                                     : "{\"id\":\"%s\"}",
                 cases[i].id, cases[i].token ? cases[i].token : "");
        assert_int_equal(call(cases[i].key, "GetQuote", input), cases[i].status);
        if (cases[i].status != 404) continue;
        /* The same answer for what is another's and what does not exist. */
        if (!first.status) first = answer.refusal;
        assert_memory_equal(&answer.refusal, &first, sizeof first);
    }
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
    assert_int_equal(call(RIVAL, "GetQuoteExplanation", input), 404);
    assert_int_equal(call(PUBLISHABLE, "GetQuoteExplanation", input), 403);
    assert_int_equal(call(PUBLISHABLE, "ListQuotes", "{}"), 403);
}

static void test_explanation(void **state) {
    (void)state;
    char id[ID_MAX * 2], token[ID_MAX * 2], input[256];
    quote_make(SECRET, id, token);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
    int status = call(SECRET, "GetQuoteExplanation", input);
    if (status != 200) fail_msg("%d %s", status, answer.error.text);
    assert_non_null(strstr(text.data, "\"reproduced\":true"));
    assert_null(strstr(text.data, "\"notice\""));
    assert_non_null(strstr(text.data, "\"Kind factor\""));
    assert_non_null(strstr(text.data, "\"statement\":["));
    assert_non_null(strstr(text.data, "\"decisions\":["));
    /* The premium that it explains, as the quote has it. */
    assert_non_null(strstr(text.data, "\"total\":\"121.00\""));
    assert_non_null(strstr(text.data, "\"value\":\"250.00\""));
}

static int tamper_body(struct db_tx *tx, void *context, struct error *error) {
    return db_run(tx, error, NULL,
                  "update quote as q set result = replace(q.result, '12100', '12000')"
                  " where q.id = $1 and $scope(q)", db_text(context));
}

static void test_tampered_receipt_is_told(void **state) {
    (void)state;
    char id[ID_MAX * 2], token[ID_MAX * 2], input[256];
    struct error error = {0};
    quote_make(SECRET, id, token);
    assert_int_equal(db_write(fixture->service->db, &db_scope_all, tamper_body, id, &error), 0);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
    assert_int_equal(call(SECRET, "GetQuoteExplanation", input), 200);
    assert_non_null(strstr(text.data, "\"reproduced\":false"));
    assert_non_null(strstr(text.data, "\"notice\":\"Computed again, this quote comes out"));
    /* The kept premium, and the one that is computed now. */
    const char *kept = strstr(text.data, "\"premium\":{");
    const char *again = strstr(text.data, "\"recomputed_premium\":{");
    assert_non_null(kept);
    assert_non_null(again);
    assert_non_null(strstr(kept, "\"total\":\"120.00\""));
    assert_non_null(strstr(again, "\"total\":\"121.00\""));
}

static void test_estimate_keeps_nothing(void **state) {
    (void)state;
    assert_int_equal(call(RIVAL, "RequestEstimate", CAT "}"), 200);
    assert_null(strstr(text.data, "\"id\""));
    assert_null(strstr(text.data, "\"token\""));
    assert_non_null(strstr(text.data, "\"total\":\"121.00\""));
    assert_int_equal(call(RIVAL, "ListQuotes", "{}"), 200);
    assert_string_equal(text.data, "{\"items\":[],\"next\":null}");
    /* It takes what a quote takes. */
    assert_int_equal(call(RIVAL, "RequestEstimate", CAT ",\"reference\":\"x\"}"), 200);
}

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        enum key key;
        const char *input;
        int status;
        const char *code;
    } cases[] = {
        {SECRET, "{\"product\":\"boat\",\"answers\":{}}", 404, "unknown_product"},
        {ENDED, CAT "}", 403, "product_not_allowed"},
        {SECRET, "{\"product\":\"pet\"}", 422, "invalid_fields"},
        {SECRET, "{\"product\":\"pet\",\"answers\":7}", 422, "invalid_fields"},
        {SECRET, "{\"product\":\"pet\",\"answers\":{\"kind\":\"cat\"}}", 422, "invalid_fields"},
        {SECRET, CAT ",\"effective_date\":\"2020-01-01\"}", 422, "invalid_fields"},
        {SECRET, CAT ",\"effective_date\":\"2026-02-30\"}", 422, "invalid_fields"},
        {SECRET, CAT ",\"reference\":\"\"}", 422, "invalid_fields"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(call(cases[i].key, "RequestQuote", cases[i].input), cases[i].status);
        assert_string_equal(answer.refusal.code, cases[i].code);
    }
    call(ENDED, "RequestQuote", CAT "}");
    assert_string_equal(answer.refusal.reason, "agreement_ended");
}

static void test_same_idempotency_key_makes_one_quote(void **state) {
    (void)state;
    char first[ID_MAX * 2], again[ID_MAX * 2];
    assert_int_equal(call_once(SECRET, "RequestQuote", "order-1", CAT "}"), 201);
    assert_non_null(member("id", first));
    char *made = strdup(text.data);
    assert_int_equal(call_once(SECRET, "RequestQuote", "order-1", CAT "}"), 201);
    assert_true(answer.replayed);
    assert_non_null(member("id", again));
    assert_string_equal(first, again);
    assert_string_equal(made, text.data);
    free(made);
    assert_int_equal(call_once(SECRET, "RequestQuote", "order-1",
                               CAT ",\"reference\":\"other\"}"), 422);
}

static void test_list_pages_newest_first(void **state) {
    (void)state;
    char id[ID_MAX * 2], token[ID_MAX * 2], cursor[ID_MAX * 2], input[256];
    char made[7][ID_MAX * 2];
    for (int i = 0; i < 7; i++) quote_make(TEST, made[i], token);
    int seen = 0, pages = 0;
    cursor[0] = '\0';
    do {
        snprintf(input, sizeof input, cursor[0] ? "{\"limit\":3,\"reference\":\"dossier 7\","
                                                  "\"cursor\":\"%s\"}"
                                                : "{\"limit\":3,\"reference\":\"dossier 7\"}",
                 cursor);
        assert_int_equal(call(TEST, "ListQuotes", input), 200);
        const struct value *items = record_get(&answer.output, "items");
        assert_in_range(items->length, 1, 3);
        for (uint32_t i = 0; i < items->length && seen < 7; i++) {
            const struct value *item = record_get(&items->items[i], "id");
            snprintf(id, sizeof id, "%.*s", (int)item->length, item->text);
            assert_string_equal(id, made[6 - seen++]);
        }
        assert_true(++pages < 10);
    } while (member("next", cursor));
    assert_true(seen == 7);
    assert_int_equal(call(TEST, "ListQuotes", "{\"status\":\"declined\"}"), 200);
    assert_string_equal(text.data, "{\"items\":[],\"next\":null}");
    assert_int_equal(call(TEST, "ListQuotes", "{\"product\":\"boat\"}"), 200);
    assert_string_equal(text.data, "{\"items\":[],\"next\":null}");
    assert_int_equal(call(TEST, "ListQuotes", "{\"product\":\"pet\",\"status\":\"offered\"}"), 200);
    assert_true(record_get(&answer.output, "items")->length >= 7);
    static const char *const wrong[] = {"{\"limit\":0}", "{\"limit\":101}", "{\"cursor\":\"x\"}",
                                        "{\"status\":\"lost\"}", "{\"colour\":\"red\"}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(call(TEST, "ListQuotes", wrong[i]), 422);
}

/* With any less memory than it takes, a call is refused or says what it says with plenty: nothing
 * that was given is passed over. */
static void assert_same_or_refused(enum key key, const char *name, const char *input,
                                   const char *expected) {
    int refused = 0, status = 0;
    for (room = 1024; status != 200 && status != 201; room += room < 128 * 1024 ? 16 : 1040) {
        status = call(key, name, input);
        if (status == 200 || status == 201) {
            if (!strstr(text.data, expected)) fail_msg("%s, %zu: %s", name, room, text.data);
            continue;
        }
        refused++;
        if (strcmp(answer.refusal.code, "too_large") != 0 &&
            strcmp(answer.refusal.code, "unavailable") != 0)
            fail_msg("%s, %zu: %s", name, room, answer.refusal.code);
    }
    room = sizeof memory;
    assert_true(refused > 10);
}

static void test_little_memory(void **state) {
    (void)state;
    char id[ID_MAX * 2], token[ID_MAX * 2], input[300], long_text[101];
    memset(long_text, 'x', 100);
    long_text[100] = '\0';
    quote_make(SECRET, id, token);
    snprintf(input, sizeof input, "{\"reference\":\"%s\"}", long_text);
    assert_same_or_refused(SECRET, "ListQuotes", input, "{\"items\":[],");
    assert_same_or_refused(SECRET, "ListQuotes", "{\"product\":\"boat\"}", "{\"items\":[],");
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
    assert_same_or_refused(SECRET, "GetQuote", input, "\"reference\":\"dossier 7\"");
    assert_same_or_refused(SECRET, "ReplayQuote", input, "\"equal\":true");
    assert_same_or_refused(SECRET, "ListProducts", "{}", "\"product\":\"pet\"");
    assert_same_or_refused(SECRET, "GetProduct", "{\"product\":\"pet\"}", "\"born_on\"");
    snprintf(input, sizeof input, CAT ",\"reference\":\"%s\"}", long_text);
    assert_same_or_refused(SECRET, "RequestQuote", input, long_text);
}

static void test_products(void **state) {
    (void)state;
    assert_int_equal(call(SECRET, "ListProducts", "{}"), 200);
    assert_non_null(strstr(text.data, "\"product\":\"pet\",\"title\":\"Pet insurance\","
                                      "\"description\":null,\"interface\":2,"
                                      "\"product_version\":1"));
    assert_non_null(strstr(text.data, "\"allowed\":true,\"reason\":null"));
    assert_int_equal(call(ENDED, "ListProducts", "{}"), 200);
    assert_non_null(strstr(text.data, "\"allowed\":false,\"reason\":\"agreement_ended\""));
    assert_int_equal(call(SECRET, "GetProduct", "{\"product\":\"boat\"}"), 404);
    assert_int_equal(call(SECRET, "GetProduct",
                          "{\"product\":\"pet\",\"effective_date\":\"2020-01-01\"}"), 404);
    assert_int_equal(call(PUBLISHABLE, "GetProduct",
                          "{\"product\":\"pet\",\"effective_date\":\"2026-12-01\"}"), 200);
    static const char *const parts[] = {
        "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"",
        "\"$id\":\"https://koppel.example/api/v1/products/pet\"",
        "\"title\":\"Pet insurance\"",
        "\"type\":\"object\"",
        "\"x-shown-when\":\"kind = \\\"dog\\\"\"",
        "\"additionalProperties\":false",
        "{\"if\":{\"properties\":{\"kind\":{\"const\":\"dog\"}},\"required\":[\"kind\"]},"
        "\"then\":{\"required\":[\"trained\"]},\"else\":{\"properties\":{\"trained\":false}}}",
        "\"x-sensitive\":true",
        "\"examples\":[{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"750.00\","
        "\"weight_kg\":21.5,\"trained\":true,\"habits\":[\"barks\"]}]"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(text.data, parts[i])) fail_msg("no %s in %s", parts[i], text.data);
}

/* The example that a product shows is offered a premium as it stands. */
static void test_example_is_offered(void **state) {
    (void)state;
    struct buffer input;
    buffer_init(&input, 1 << 16);
    assert_int_equal(call(SECRET, "GetProduct", "{\"product\":\"pet\"}"), 200);
    const struct value *examples = record_get(&answer.output, "examples");
    buffer_text(&input, "{\"product\":\"pet\",\"answers\":");
    json_write(&examples->items[0], 0, &input);
    buffer_char(&input, '}');
    assert_int_equal(call(SECRET, "RequestQuote", input.data), 201);
    assert_non_null(strstr(text.data, "\"status\":\"offered\""));
    buffer_done(&input);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_quote),
        cmocka_unit_test(test_who_reads_a_quote),
        cmocka_unit_test(test_explanation),
        cmocka_unit_test(test_tampered_receipt_is_told),
        cmocka_unit_test(test_estimate_keeps_nothing),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_same_idempotency_key_makes_one_quote),
        cmocka_unit_test(test_list_pages_newest_first),
        cmocka_unit_test(test_little_memory), cmocka_unit_test(test_products),
        cmocka_unit_test(test_example_is_offered)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
