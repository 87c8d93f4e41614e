/* Quoting: answers and their faults, dates, the gate, and that a receipt computes again to the same
 * bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "domain/answers.h"
#include "domain/quoting.h"
#include "domain/receipt.h"
#include "fixture.h"
#include "message/json.h"

static char memory[4 * 1024 * 1024];
static struct scratch scratch;
static struct field_faults faults;
static struct error error;

/* 2026-11-23 12:00 in Amsterdam */
static int64_t noon(void) {
    return clock_amsterdam_midnight_us(2026, 11, 23) + 12 * 3600 * INT64_C(1000000);
}

static struct caller caller_of(const char *partner) {
    struct caller caller = {.kind = CALLER_SECRET_KEY};
    snprintf(caller.partner_id, ID_MAX, "%s", partner);
    return caller;
}

struct wish {
    const char *product, *partner, *answers, *effective_date;
    enum language language;
    bool only_check; /* quoting_check instead of quoting_make; its outcome is QUOTING_FAULTY */
};

static enum quoting_outcome ask(struct fixture *fixture, struct wish wish,
                                struct quoting *quoting) {
    struct json_fault fault;
    struct value answers;
    struct value_date date;
    struct caller caller = caller_of(wish.partner ? wish.partner : fixture_partner);
    caller.scope = (struct db_scope){.kind = DB_SCOPE_OWN, .partner_id = caller.partner_id};
    scratch_init(&scratch, memory, sizeof memory);
    faults.count = 0;
    faults.more = false;
    error = (struct error){0};
    const struct json_limits limits = {.scalar_root = true};
    assert_int_equal(json_read(wish.answers, strlen(wish.answers), &limits, &scratch, &fault,
                               &answers), 0);
    if (wish.effective_date) assert_true(day_read(wish.effective_date, &date));
    struct quoting_request request = {.product = wish.product ? wish.product : "pet",
                                      .answers = &answers,
                                      .effective_date = wish.effective_date ? &date : NULL,
                                      .caller = &caller,
                                      .language = wish.language,
                                      .now_us = noon(),
                                      .scratch = &scratch,
                                      .faults = &faults};
    if (wish.only_check) {
        quoting_check(fixture->service, &request);
        return QUOTING_FAULTY;
    }
    enum quoting_outcome outcome = quoting_make(fixture->service, &request, &error, quoting);
    if (outcome == QUOTING_FAILED) fail_msg("%s", error.text);
    return outcome;
}

static const char dog[] = "{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"750.00\","
                          "\"trained\":true,\"habits\":[\"barks\"]}";
static const char cat[] = "{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"250.00\"}";

static void test_rating(void **state) {
    struct quoting quoting;
    assert_int_equal(ask(*state, (struct wish){.answers = dog}, &quoting), QUOTING_RATED);
    assert_int_equal(quoting.result->outcome, OUTCOME_OFFERED);
    /* (100 + 75) * 1.1 = 192.50; 21% of it is 40.425, rounded 40.43 */
    assert_int_equal(quoting.result->net_cents, 19250);
    assert_int_equal(quoting.result->tax_cents, 4043);
    assert_int_equal(quoting.result->total_cents, 23293);
    assert_string_equal(quoting.valid_until, "2026-12-07");
    assert_int_equal(quoting.effective_date.day, 23);
    quoting_done(((struct fixture *)*state)->service, &quoting);
}

static void test_outcomes(void **state) {
    static const struct {
        const char *answers;
        enum quote_outcome outcome;
        const char *reason;
    } cases[] = {
        {cat, OUTCOME_OFFERED, NULL},
        {"{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"250.00\","
         "\"habits\":[\"bites\"]}", OUTCOME_REFERRED, "bites"},
        {"{\"kind\":\"cat\",\"born_on\":\"2008-03-04\",\"value\":\"250.00\"}", OUTCOME_DECLINED,
         "too_old"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct quoting quoting;
        assert_int_equal(ask(*state, (struct wish){.answers = cases[i].answers}, &quoting),
                         QUOTING_RATED);
        assert_int_equal(quoting.result->outcome, cases[i].outcome);
        assert_int_equal(quoting.result->has_premium, cases[i].outcome != OUTCOME_DECLINED);
        assert_int_equal(quoting.result->reason_count, cases[i].reason != NULL);
        if (cases[i].reason)
            assert_string_equal(quoting.result->reasons[0].code, cases[i].reason);
        quoting_done(((struct fixture *)*state)->service, &quoting);
    }
}

static void expect_fault(struct fixture *fixture, struct wish wish, const char *pointer,
                         const char *code) {
    struct quoting quoting;
    if (ask(fixture, wish, &quoting) != QUOTING_FAULTY) fail_msg("no fault: %s", wish.answers);
    for (int i = 0; i < faults.count; i++) {
        if (strcmp(faults.items[i].pointer, pointer) != 0) continue;
        assert_string_equal(faults.items[i].code, code);
        assert_true(faults.items[i].message[0]);
        quoting_done(fixture->service, &quoting);
        return;
    }
    fail_msg("%s: no fault at %s, but %s %s", wish.answers, pointer, faults.items[0].pointer,
             faults.items[0].code);
}

static void test_faults_of_answers(void **state) {
    static const struct {
        const char *answers, *pointer, *code;
    } cases[] = {
        {"{}", "/answers/kind", "required"},
        {"{}", "/answers/born_on", "required"},
        {"[]", "/answers", "wrong_type"},
        {"{\"kind\":\"fish\",\"born_on\":\"2022-03-04\",\"value\":\"1000\"}", "/answers/kind",
         "not_a_choice"},
        {"{\"kind\":\"cat\",\"born_on\":\"2022-02-30\",\"value\":\"1000\"}", "/answers/born_on",
         "no_such_date"},
        /* Relative to the day that cover starts. */
        {"{\"kind\":\"cat\",\"born_on\":\"2026-11-24\",\"value\":\"1000\"}", "/answers/born_on",
         "too_large"},
        {"{\"kind\":\"cat\",\"born_on\":\"2006-11-22\",\"value\":\"1000\"}", "/answers/born_on",
         "too_small"},
        {"{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"5000.01\"}", "/answers/value",
         "too_large"},
        {"{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"12.345\"}", "/answers/value",
         "too_many_digits"},
        {"{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"100\",\"colour\":\"red\"}",
         "/answers/colour", "unknown"},
        /* Answers to questions that do not apply, and missing ones that do. */
        {"{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"100\",\"trained\":true}",
         "/answers/trained", "not_applicable"},
        {"{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"100\"}", "/answers/trained",
         "required"},
        {"{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"100\",\"trained\":false,"
         "\"school\":\"Best\"}", "/answers/school", "not_applicable"},
        {"{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"100\",\"trained\":true,"
         "\"school\":\"b\"}", "/answers/school", "pattern"},
        {"{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"100\","
         "\"habits\":[\"barks\",\"barks\"]}", "/answers/habits/1", "repeated"},
        {"{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"100\","
         "\"carers\":[{\"age\":30},{\"age\":12}]}", "/answers/carers/1/guardian_known",
         "required"},
        {"{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"100\","
         "\"carers\":[{\"age\":30,\"guardian_known\":true}]}", "/answers/carers/0/guardian_known",
         "not_applicable"},
        {"{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"100\","
         "\"carers\":[{\"age\":1},{\"age\":2},{\"age\":3},{\"age\":4}]}", "/answers/carers",
         "too_long"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int language = 0; language < LANGUAGE_COUNT; language++)
            expect_fault(*state,
                         (struct wish){.answers = cases[i].answers,
                                       .language = (enum language)language},
                         cases[i].pointer, cases[i].code);
}

static void test_all_faults_at_once(void **state) {
    struct quoting quoting;
    assert_int_equal(ask(*state,
                         (struct wish){.answers = "{\"kind\":\"fish\",\"value\":5,\"x\":1}",
                                       .effective_date = "2026-11-22"},
                         &quoting),
                     QUOTING_FAULTY);
    assert_int_equal(faults.count, 5); /* the date, kind, born_on, value, x */
    quoting_done(((struct fixture *)*state)->service, &quoting);
}

/* All faults, in order, as "pointer code" lines. */
static void expect_faults(struct fixture *fixture, struct wish wish, const char *expected) {
    struct quoting quoting = {0};
    char found[1000] = "";
    assert_int_equal(ask(fixture, wish, &quoting), QUOTING_FAULTY);
    quoting_done(fixture->service, &quoting);
    for (int i = 0; i < faults.count; i++) {
        size_t length = strlen(found);
        snprintf(found + length, sizeof found - length, "%s %s\n", faults.items[i].pointer,
                 faults.items[i].code);
    }
    assert_string_equal(found, expected);
}

/* A condition is checked where the answers that it names are sound, and left where they are not. */
static void test_conditions_beside_faults(void **state) {
    static const struct {
        const char *answers, *faults;
    } cases[] = {
        {"{\"kind\":\"cat\",\"born_on\":\"x\",\"value\":\"9\",\"trained\":true}",
         "/answers/born_on wrong_format\n/answers/value too_small\n"
         "/answers/trained not_applicable\n"},
        {"{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":9}",
         "/answers/value wrong_type\n/answers/trained required\n"},
        {"{\"kind\":\"fish\",\"born_on\":\"2022-03-04\",\"value\":\"100\",\"trained\":true,"
         "\"school\":\"Best\"}", "/answers/kind not_a_choice\n"},
        /* The school applies once the question before it is answered: it is not to be left out. */
        {"{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"100\",\"school\":\"Best\"}",
         "/answers/trained required\n"},
        {"{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"100\",\"trained\":\"yes\","
         "\"school\":\"Best\"}", "/answers/trained wrong_type\n"},
        {"{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":1,\"carers\":[{\"age\":17},"
         "{\"age\":18,\"guardian_known\":true}]}",
         "/answers/value wrong_type\n/answers/carers/0/guardian_known required\n"
         "/answers/carers/1/guardian_known not_applicable\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_faults(*state, (struct wish){.answers = cases[i].answers}, cases[i].faults);
}

/* What quoting_make would say, of a request that is known in part. */
static void test_check_alone(void **state) {
    struct wish wish = {.answers = cat, .only_check = true};
    expect_faults(*state, wish, "");
    wish.answers = "{\"kind\":\"fish\",\"born_on\":\"2022-03-04\",\"value\":\"100\"}";
    expect_faults(*state, wish, "/answers/kind not_a_choice\n");
    wish.effective_date = "2020-01-01";
    expect_faults(*state, wish, "/effective_date too_small\n/answers/kind not_a_choice\n");
    wish.product = "none";
    expect_faults(*state, wish, "/product unknown_product\n");
    struct quoting_request unknown = {.now_us = noon(), .scratch = &scratch, .faults = &faults};
    faults.count = 0;
    quoting_check(((struct fixture *)*state)->service, &unknown);
    assert_int_equal(faults.count, 0);
}

static void test_effective_dates(void **state) {
    struct fixture *fixture = *state;
    struct quoting quoting;
    expect_fault(fixture, (struct wish){.answers = cat, .effective_date = "2026-11-22"},
                 "/effective_date", "too_small");
    expect_fault(fixture, (struct wish){.answers = cat, .effective_date = "2027-01-23"},
                 "/effective_date", "too_large");
    const char *const good[] = {"2026-11-23", "2027-01-22"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(ask(fixture, (struct wish){.answers = cat, .effective_date = good[i]},
                             &quoting), QUOTING_RATED);
        quoting_done(fixture->service, &quoting);
    }
}

static void test_gate(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        const char *partner, *reason;
    } cases[] = {{fixture_ended, "agreement_ended"},
                 {fixture_chain, "no_agreement"},
                 {"ptr_00000000000000000000000009", "partner_not_active"}};
    struct quoting quoting;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ask(fixture, (struct wish){.answers = cat, .partner = cases[i].partner},
                             &quoting), QUOTING_NOT_ALLOWED);
        assert_string_equal(quoting.reason, cases[i].reason);
        quoting_done(fixture->service, &quoting);
    }
    assert_int_equal(ask(fixture, (struct wish){.answers = cat, .product = "boat"}, &quoting),
                     QUOTING_NO_PRODUCT);
    quoting_done(fixture->service, &quoting);
}

/* Answers that mean the same are kept as the same bytes. */
static void test_canonical_answers(void **state) {
    struct fixture *fixture = *state;
    static const char *const same[] = {
        "{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"750.00\",\"weight_kg\":21.50,"
        "\"trained\":true,\"carers\":[{\"age\":30}]}",
        "{\"carers\":[{\"age\":3e1,\"guardian_known\":null}],\"weight_kg\":2.15e1,"
        "\"trained\":true,\"value\":\"750\",\"school\":null,\"born_on\":\"2022-03-04\","
        "\"kind\":\"dog\"}"};
    struct buffer answers[2];
    for (int i = 0; i < 2; i++) {
        struct quoting quoting;
        buffer_init(&answers[i], ANSWERS_JSON_MAX_BYTES);
        assert_int_equal(ask(fixture, (struct wish){.answers = same[i]}, &quoting), QUOTING_RATED);
        answers_write(quoting.version, &quoting.answers, &answers[i]);
        quoting_done(fixture->service, &quoting);
    }
    assert_string_equal(answers[0].data, answers[1].data);
    assert_string_equal(answers[0].data,
                        "{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"750.00\","
                        "\"weight_kg\":21.5,\"trained\":true,\"carers\":[{\"age\":30}]}");
    buffer_done(&answers[0]);
    buffer_done(&answers[1]);
}

static void test_receipt_computes_again_to_the_same_bytes(void **state) {
    struct fixture *fixture = *state;
    static const char *const asked[] = {
        dog, cat,
        "{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"0010.50\",\"weight_kg\":1.50,"
        "\"trained\":true,\"school\":\"Best\",\"carers\":[{\"age\":12,\"guardian_known\":false}]}",
        "{\"kind\":\"cat\",\"born_on\":\"2007-01-01\",\"value\":\"250.00\"}"};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct quoting quoting, again;
        struct buffer answers, sensitive, sealed, first, second;
        buffer_init(&answers, ANSWERS_JSON_MAX_BYTES);
        buffer_init(&sensitive, ANSWERS_JSON_MAX_BYTES);
        buffer_init(&sealed, QUOTE_SEALED_MAX_BYTES);
        buffer_init(&first, RECEIPT_MAX_BYTES);
        buffer_init(&second, RECEIPT_MAX_BYTES);
        assert_int_equal(ask(fixture, (struct wish){.answers = asked[i],
                                                    .effective_date = "2026-12-24"}, &quoting),
                         QUOTING_RATED);
        assert_int_equal(quote_answers_write(quoting.version, &quoting.answers, &error, &answers,
                                             &sensitive),
                         0);
        assert_int_equal(quote_answers_seal(fixture->service->encryption, "qte_1", &sensitive,
                                            &error, &sealed),
                         0);
        assert_true((sealed.length > 0) == (strstr(asked[i], "school") != NULL));
        receipt_write(&quoting, &first);
        quoting_done(fixture->service, &quoting);
        struct quoting_kept kept = {.version_id = fixture->version_id,
                                    .answers = {.quote_id = "qte_1",
                                                .plain = answers.data,
                                                .plain_length = answers.length,
                                                .sealed = sealed.data},
                                    .encryption = fixture->service->encryption,
                                    .effective_date = "2026-12-24",
                                    .known_at_us = noon()};
        scratch_init(&scratch, memory, sizeof memory);
        error = (struct error){0};
        assert_int_equal(quoting_repeat(fixture->service, &kept, &scratch, &error, &again),
                         QUOTING_RATED);
        receipt_write(&again, &second);
        quoting_done(fixture->service, &again);
        assert_string_equal(first.data, second.data);
        if (i == 0) assert_non_null(strstr(first.data, "\"rows\":[\"dog_trained\"]"));
        buffer_done(&answers);
        buffer_done(&sensitive);
        buffer_done(&sealed);
        buffer_done(&first);
        buffer_done(&second);
    }
}

static void test_rendering(void **state) {
    struct fixture *fixture = *state;
    struct quoting quoting;
    struct buffer result, text;
    buffer_init(&result, RECEIPT_MAX_BYTES);
    buffer_init(&text, RECEIPT_MAX_BYTES);
    assert_int_equal(ask(fixture,
                         (struct wish){.answers = "{\"kind\":\"cat\",\"born_on\":\"2022-03-04\","
                                                  "\"value\":\"250.00\",\"habits\":[\"bites\"],"
                                                  "\"carers\":[{\"age\":40}]}"},
                         &quoting), QUOTING_RATED);
    receipt_write(&quoting, &result);
    struct receipt receipt = {.product = "pet", .product_version = 1, .product_hash = "abc",
                              .effective_date = "2026-11-23", .valid_until = "2026-12-07",
                              .known_at_us = noon(), .result = result.data,
                              .public_url = "https://koppel.example"};
    struct record record;
    record_init(&record, &scratch);
    assert_int_equal(receipt_render(&receipt, quoting.version, LANGUAGE_EN, &error, &record), 0);
    struct value value = record_value(&record);
    field_encode_json(estimate_fields, ESTIMATE_FIELDS, &value, &text);
    assert_string_equal(
        text.data,
        "{\"status\":\"referred\",\"test\":false,\"product\":\"pet\",\"product_version\":1,"
        "\"product_hash\":\"abc\",\"effective_date\":\"2026-11-23\","
        "\"known_at\":\"2026-11-23T11:00:00Z\",\"valid_until\":\"2026-12-07\","
        "\"premium\":{\"currency\":\"EUR\",\"net\":\"112.34\",\"tax\":\"21.00\","
        "\"total\":\"133.34\",\"covers\":[{\"code\":\"care\",\"net\":\"100.00\","
        "\"tax\":\"21.00\",\"total\":\"121.00\"},{\"code\":\"accident\",\"net\":\"12.34\","
        "\"tax\":\"0.00\",\"total\":\"12.34\"}],\"terms\":[{\"code\":\"yearly\","
        "\"instalments\":1,\"instalment\":\"133.34\",\"total\":\"133.34\"},"
        "{\"code\":\"monthly\",\"instalments\":12,\"instalment\":\"11.45\","
        "\"total\":\"137.40\"}]},\"reasons\":[{\"code\":\"bites\","
        "\"text\":\"We assess an animal that bites first.\"}],"
        "\"documents\":[{\"code\":\"terms\",\"title\":\"Terms\","
        "\"url\":\"https://koppel.example/documents/pet/1/terms.en\"}]}");
    quoting_done(fixture->service, &quoting);
    /* Without its version only the sentences are missing; damaged it is an error. */
    record_init(&record, &scratch);
    assert_int_equal(receipt_render(&receipt, NULL, LANGUAGE_NL, &error, &record), 0);
    receipt.result = "{\"status\":";
    record_init(&record, &scratch);
    assert_int_equal(receipt_render(&receipt, NULL, LANGUAGE_NL, &error, &record),
                     ERROR_INTERNAL);
    buffer_done(&result);
    buffer_done(&text);
}

static void test_scratch_that_is_used_up_is_said(void **state) {
    struct fixture *fixture = *state;
    struct json_fault fault;
    struct caller caller = caller_of(fixture_partner);
    caller.scope = (struct db_scope){.kind = DB_SCOPE_OWN, .partner_id = caller.partner_id};
    int rated = 0, failed = 0;
    for (size_t size = 1000; size < sizeof memory; size += size / 4) {
        struct scratch small;
        struct value answers;
        struct quoting quoting;
        scratch_init(&small, memory, size);
        faults.count = 0;
        error = (struct error){0};
        if (json_read(dog, strlen(dog), NULL, &small, &fault, &answers)) continue;
        struct quoting_request request = {.product = "pet", .answers = &answers,
                                          .caller = &caller, .now_us = noon(),
                                          .scratch = &small, .faults = &faults};
        enum quoting_outcome outcome = quoting_make(fixture->service, &request, &error, &quoting);
        assert_true(outcome == QUOTING_RATED || outcome == QUOTING_FAILED);
        if (outcome == QUOTING_FAILED) {
            assert_int_equal(error.code, ERROR_TOO_LARGE);
            assert_int_equal(rated, 0);
            failed++;
        } else rated++;
        quoting_done(fixture->service, &quoting);
    }
    assert_true(rated > 0 && failed > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rating),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_faults_of_answers),
        cmocka_unit_test(test_all_faults_at_once),
        cmocka_unit_test(test_conditions_beside_faults),
        cmocka_unit_test(test_check_alone),
        cmocka_unit_test(test_effective_dates),
        cmocka_unit_test(test_gate),
        cmocka_unit_test(test_canonical_answers),
        cmocka_unit_test(test_receipt_computes_again_to_the_same_bytes),
        cmocka_unit_test(test_rendering),
        cmocka_unit_test(test_scratch_that_is_used_up_is_said)};
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
