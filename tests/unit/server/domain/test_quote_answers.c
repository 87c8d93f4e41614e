/* Answers parted and put together: their order, what is damaged, who may not read them; and rows
 * from before they were parted, sealed batch by batch, also where memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "domain/quote_answers.h"
#include "fixture.h"
#include "message/json.h"
#include "tests/unit/scarce.h"

enum { OLD_ROWS = 300, ALLOCATIONS_MAX = 200000, STEP = 11 };

static char memory[4 * 1024 * 1024];
static struct scratch scratch;
static struct error error;

static const char whole[] =
    "{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"750.00\",\"trained\":true,"
    "\"school\":\"Best\",\"habits\":[\"barks\"]}";
static const char parted[] =
    "{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"750.00\",\"trained\":true,"
    "\"habits\":[\"barks\"]}";

static const struct product_version *version_hold(struct fixture *fixture) {
    const struct product_version *version = NULL;
    assert_int_equal(catalogue_version(fixture->service->catalogue, fixture->version_id, &error,
                                       &version),
                     0);
    return version;
}

static void answers_of(const char *json, struct value *ret_answers) {
    struct json_fault fault;
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(json_read(json, strlen(json), NULL, &scratch, &fault, ret_answers), 0);
}

static void test_parts(void **state) {
    struct fixture *fixture = *state;
    struct encryption *encryption = fixture->service->encryption;
    const struct product_version *version = version_hold(fixture);
    struct buffer plain, sensitive, sealed, again;
    struct value answers;
    struct quote_answers kept = {.quote_id = "qte_1"};
    buffer_init(&plain, ANSWERS_JSON_MAX_BYTES);
    buffer_init(&sensitive, ANSWERS_JSON_MAX_BYTES);
    buffer_init(&sealed, QUOTE_SEALED_MAX_BYTES);
    buffer_init(&again, ANSWERS_JSON_MAX_BYTES);
    answers_of(whole, &answers);
    assert_int_equal(quote_answers_write(version, &answers, &error, &plain, &sensitive), 0);
    assert_string_equal(plain.data, parted);
    assert_string_equal(sensitive.data, "{\"places\":[4],\"answers\":{\"school\":\"Best\"}}");
    assert_int_equal(quote_answers_seal(NULL, "qte_1", &sensitive, &error, &sealed),
                     ERROR_INTERNAL);
    assert_int_equal(quote_answers_seal(encryption, "qte_1", &sensitive, &error, &sealed), 0);
    assert_null(strstr(sealed.data, "Best"));
    kept.plain = plain.data;
    kept.plain_length = plain.length;
    kept.sealed = sealed.data;
    assert_int_equal(quote_answers_read(encryption, &kept, &scratch, &error, &answers), 0);
    json_write(&answers, 0, &again);
    assert_string_equal(again.data, whole);
    assert_int_equal(quote_answers_read(NULL, &kept, &scratch, &error, &answers), ERROR_INTERNAL);
    kept.quote_id = "qte_2"; /* sealed for another */
    assert_int_equal(quote_answers_read(encryption, &kept, &scratch, &error, &answers),
                     ERROR_INTERNAL);
    /* Without any there is nothing apart. */
    answers_of(parted, &answers);
    buffer_clear(&plain);
    buffer_clear(&sensitive);
    buffer_clear(&sealed);
    assert_int_equal(quote_answers_write(version, &answers, &error, &plain, &sensitive), 0);
    assert_string_equal(plain.data, parted);
    assert_int_equal(sensitive.length, 0);
    assert_int_equal(quote_answers_seal(NULL, "qte_1", &sensitive, &error, &sealed), 0);
    assert_int_equal(sealed.length, 0);
    buffer_done(&plain);
    buffer_done(&sensitive);
    buffer_done(&sealed);
    buffer_done(&again);
    catalogue_release(fixture->service->catalogue, version);
}

static void test_damaged(void **state) {
    struct fixture *fixture = *state;
    struct encryption *encryption = fixture->service->encryption;
    static const struct {
        const char *plain, *sealed;
        int status;
    } tries[] = {
        {"{\"a\":1,\"c\":3}", "{\"places\":[1],\"answers\":{\"b\":2}}", 0},
        {"{}", "{\"places\":[0,1],\"answers\":{\"b\":2,\"c\":1}}", 0},
        {"{\"a\":1}", "{\"places\":[],\"answers\":{}}", 0},
        {"{\"a\":1,\"c\":3}", "{\"places\":[3],\"answers\":{\"b\":2}}", ERROR_INTERNAL},
        {"{\"a\":1,\"c\":3}", "{\"places\":[2,1],\"answers\":{\"b\":2,\"d\":1}}", ERROR_INTERNAL},
        {"{\"a\":1,\"c\":3}", "{\"places\":[1,1],\"answers\":{\"b\":2,\"d\":1}}", ERROR_INTERNAL},
        {"{\"a\":1}", "{\"places\":[0,1],\"answers\":{\"b\":2}}", ERROR_INTERNAL},
        {"{\"a\":1}", "{\"places\":[-1],\"answers\":{\"b\":2}}", ERROR_INTERNAL},
        {"{\"a\":1}", "{\"places\":[0.5],\"answers\":{\"b\":2}}", ERROR_INTERNAL},
        {"{\"a\":1}", "{\"places\":[\"0\"],\"answers\":{\"b\":2}}", ERROR_INTERNAL},
        {"{\"a\":1}", "{\"places\":0,\"answers\":{\"b\":2}}", ERROR_INTERNAL},
        {"{\"a\":1}", "{\"answers\":{\"b\":2}}", ERROR_INTERNAL},
        {"{\"a\":1}", "{\"places\":[0],\"answers\":[2]}", ERROR_INTERNAL},
        {"{\"a\":1}", "[]", ERROR_INTERNAL},
        {"{\"a\":1}", "{", ERROR_INTERNAL},
        {"[1]", "{\"places\":[0],\"answers\":{\"b\":2}}", ERROR_INTERNAL},
        {"", "{\"places\":[0],\"answers\":{\"b\":2}}", ERROR_INTERNAL}};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct buffer sealed;
        struct value answers;
        buffer_init(&sealed, QUOTE_SEALED_MAX_BYTES);
        scratch_init(&scratch, memory, sizeof memory);
        assert_int_equal(encryption_seal(encryption, "qte_1", tries[i].sealed,
                                         strlen(tries[i].sealed), &error, &sealed),
                         0);
        const struct quote_answers kept = {.quote_id = "qte_1",
                                           .plain = tries[i].plain,
                                           .plain_length = strlen(tries[i].plain),
                                           .sealed = sealed.data};
        int status = quote_answers_read(encryption, &kept, &scratch, &error, &answers);
        if (status != tries[i].status) fail_msg("%s + %s", tries[i].plain, tries[i].sealed);
        buffer_done(&sealed);
    }
    struct value answers;
    struct scratch none;
    const struct quote_answers kept = {
        .quote_id = "qte_1", .plain = whole, .plain_length = sizeof whole - 1};
    scratch_init(&none, memory, 64);
    error_clear(&error);
    int status = quote_answers_read(encryption, &kept, &none, &error, &answers);
    if (status != ERROR_TOO_LARGE) fail_msg("%s", error.text);
}

/* ---- rows from before ------------------------------------------------------------------------ */
static int old_body(struct db_tx *tx, void *context, struct error *error_) {
    const struct fixture *fixture = context;
    char id[ID_MAX] = "";
    int status = db_run(tx, error_, NULL, "delete from quote_sealing");
    if (!status) status = db_run(tx, error_, NULL, "delete from quote");
    for (int i = 0; !status && i < OLD_ROWS; i++) {
        id_make("qte", id);
        status = db_run(tx, error_, NULL,
                        "insert into quote (id, partner_id, key_id, test, product, version_id,"
                        " product_version, product_hash, effective_date, known_at_us, valid_until,"
                        " answers, result, status, token_hash, created_us) values ($1, $2,"
                        " 'key_00000000000000000000000000', 0, 'pet', $3, 1, 'h', '2026-11-23', 1,"
                        " '2026-12-23', $4, '{}', 'declined', 't', 1)",
                        db_text(id), db_text(fixture_partner), db_text(fixture->version_id),
                        db_text(whole));
    }
    if (!status)
        status = db_run(tx, error_, NULL,
                        "insert into quote_sealing (after_id, last_id) values ('', $1)",
                        db_text(id));
    return status;
}

static int key_body(struct db_tx *tx, void *context, struct error *error_) {
    (void)context;
    return db_run(tx, error_, NULL,
                  "insert into api_key (id, partner_id, kind, mode, prefix, hash,"
                  " rate_limit_per_minute, created_us) values ($1, $2, 'secret', 'live', 'p', 'h',"
                  " 0, 1)",
                  db_text("key_00000000000000000000000000"), db_text(fixture_partner));
}

struct counts {
    int64_t sealed, plain, left;
};

static int count_body(struct db_tx *tx, void *context, struct error *error_) {
    struct counts *counts = context;
    struct db_rows *rows = NULL;
    int status = db_query(tx, error_, &rows,
                          "select (select count(*) from quote where sealed is not null),"
                          " (select count(*) from quote where answers = $1),"
                          " (select count(*) from quote_sealing)",
                          db_text(whole));
    if (!status && db_next(rows, error_) == 1)
        *counts = (struct counts){db_column_integer(rows, 0), db_column_integer(rows, 1),
                                  db_column_integer(rows, 2)};
    db_rows_close(rows);
    return status;
}

static struct counts counts_of(const struct fixture *fixture) {
    struct counts counts = {-1, -1, -1};
    assert_int_equal(db_read(fixture->service->db, &db_scope_all, count_body, &counts, &error), 0);
    return counts;
}

static int seal_once(const struct fixture *fixture, int64_t *ret_rows) {
    struct service *service = fixture->service;
    error_clear(&error);
    return quote_seal_rows(service->db, service->catalogue, service->encryption, &error, ret_rows);
}

static void test_rows_from_before(void **state) {
    struct fixture *fixture = *state;
    struct db *db = fixture->service->db;
    int64_t rows = -1, all = 0;
    assert_int_equal(db_write(db, &db_scope_all, key_body, NULL, &error), 0);
    assert_int_equal(seal_once(fixture, &rows), 0);
    assert_int_equal(rows, 0); /* a new installation has none */
    assert_int_equal(db_write(db, &db_scope_all, old_body, fixture, &error), 0);
    assert_int_equal(quote_seal_rows(db, fixture->service->catalogue, NULL, &error, &rows), 0);
    assert_int_equal(rows, 0);
    assert_int_equal(counts_of(fixture).plain, OLD_ROWS);
    do {
        assert_int_equal(seal_once(fixture, &rows), 0);
        assert_true(rows < OLD_ROWS); /* batch by batch */
        all += rows;
    } while (rows);
    assert_int_equal(all, OLD_ROWS);
    const struct counts counts = counts_of(fixture);
    assert_int_equal(counts.sealed, OLD_ROWS);
    assert_int_equal(counts.plain, 0);
    assert_int_equal(counts.left, 0);
}

static void test_rows_scarce(void **state) {
    struct fixture *fixture = *state;
    struct db *db = fixture->service->db;
    log_set_level(LOG_ERROR + 1);
    for (int lasting = 0; lasting < 2; lasting++) {
        long nth = 1, failed = 0;
        bool fired = true;
        assert_int_equal(db_write(db, &db_scope_all, old_body, fixture, &error), 0);
        for (; fired && nth < ALLOCATIONS_MAX; nth += scarce_step(STEP)) {
            int64_t rows = 0;
            scarce_begin(nth, lasting);
            int status = seal_once(fixture, &rows);
            fired = scarce_end();
            failed += status != 0;
            const struct counts counts = counts_of(fixture);
            assert_int_equal(counts.sealed + counts.plain, OLD_ROWS);
            if (counts.left) continue;
            assert_int_equal(counts.plain, 0);
            assert_int_equal(db_write(db, &db_scope_all, old_body, fixture, &error), 0);
        }
        assert_true(failed > 0);
        assert_true(nth < ALLOCATIONS_MAX);
    }
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts), cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_rows_from_before), cmocka_unit_test(test_rows_scarce)};
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
