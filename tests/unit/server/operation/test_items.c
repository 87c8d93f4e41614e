/* A call of many: blocks, deeds that wait and spoil nothing but themselves, keys of the whole and
 * of items, and what is refused before it begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "message/json.h"
#include "operation/operation.h"

enum { ROWS_MAX = 400 };

/* ---- a table of two ------------------------------------------------------------------------- */
static int written, released, transactions; /* deeds; contexts given back; runs of the first body */
static bool full;                           /* the store refuses everything */
static const char *spoiling;                /* the id whose deed spoils its transaction */

static const struct field note_input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .length_maximum = 40},
    {.name = "size", .type = FIELD_INTEGER}};
static const struct field note_output[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true},
    {.name = "secret", .type = FIELD_TEXT}};

static int write_note(struct db_tx *tx, void *context, struct error *error) {
    const char *id = context;
    transactions++;
    if (full) return error_set(error, ERROR_FULL, "made to be full");
    if (spoiling && strcmp(id, spoiling) == 0)
        return error_set(error, ERROR_INTERNAL, "made to fail");
    written++;
    return db_run(tx, error, NULL, "update partner set city = $2 where id = $1",
                  db_text("nobody"), db_text(id));
}

static void release_note(void *context) {
    assert_non_null(context);
    released++;
}

static int make_note(struct call *call) {
    struct record record;
    char *id = (char *)record_get_text(&call->input, "id", call->scratch);
    if (strcmp(id, "hungry") == 0)
        assert_non_null(scratch_take(call->scratch, OPERATION_SCRATCH_BYTES - (1 << 20)));
    if (strcmp(id, "forbidden") == 0)
        return call_refuse(call, 403, "product_not_allowed", "Dit mag niet.", "Not allowed.");
    record_init(&record, call->scratch);
    record_set_text(&record, "id", id);
    call->output = record_value(&record);
    return call_write_held(call, id, write_note, id, release_note);
}

static int make_alone(struct call *call) {
    call->output = value_context(NULL, 0);
    return call_write(call, "x", write_note, "x");
}

static int add_secret(struct call *call) {
    struct record record;
    record_init(&record, call->scratch);
    record_set_text(&record, "id", record_get_text(&call->output, "id", call->scratch));
    record_set_text(&record, "secret", "s");
    call->output = record_value(&record);
    return 0;
}

static const struct operation operations[] = {
    {.name = "MakeNote", .method = "POST", .path = "/notes", .status = 201,
     .callers = CALLER_SECRET_KEY, .input = note_input, .input_count = 2, .output = note_output,
     .output_count = 2, .idempotent_key = true, .audited = true, .run = make_note,
     .finish = add_secret},
    {.name = "MakeAlone", .method = "POST", .path = "/alone", .status = 201,
     .callers = CALLER_SECRET_KEY, .input = note_input, .input_count = 2, .output = note_output,
     .output_count = 2, .run = make_alone},
    {.name = "MakeNotes", .method = "POST", .path = "/notes/batch", .status = 200,
     .callers = CALLER_SECRET_KEY, .idempotent_key = true, .rate = RATE_QUOTE, .each = "MakeNote",
     .each_name = "note"},
    {.name = "MakeAlones", .method = "POST", .path = "/alone/batch", .status = 200,
     .callers = CALLER_SECRET_KEY, .each = "MakeAlone", .each_name = "note"}};
static const struct operation_group notes = {"notes", operations, 4};
const struct operation_group *const operation_groups[] = {&notes, NULL};
const int operation_group_count = 1;

/* ---- a store, a dispatcher ------------------------------------------------------------------ */
static const char pepper[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static char path[64], key_id[ID_MAX], secret[KEY_TEXT_MAX], slow[KEY_TEXT_MAX], partner[ID_MAX];
static struct db *db;
static struct keys *keys;
static struct dispatcher *dispatcher;
static char memory[OPERATION_SCRATCH_BYTES];
static struct answer answer;

static int add_partner(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    int rc = db_run(tx, error, NULL,
                    "insert into partner (id, kind, name, country, status, created_us)"
                    " values ($1, 'office', $1, 'NL', 'active', 0)", db_text(partner));
    return rc ? rc
              : db_run(tx, error, NULL, "insert into partner_closure values ($1, $1, 0)",
                       db_text(partner));
}

static int set_up(void **state) {
    (void)state;
    struct error error = {0};
    int applied;
    log_set_level(LOG_ERROR + 1);
    (void)snprintf(path, sizeof path, "/tmp/koppel-items-%d.db", (int)getpid());
    struct db_options options = {.url = path, .create = true};
    id_make("ptr", partner);
    struct key_options free_key = {.partner_id = partner, .secret = true};
    struct key_options slow_key = {.partner_id = partner, .secret = true,
                                   .rate_limit_per_minute = 10};
    if (db_open(&options, &error, &db) != 0 ||
        db_migrate(db, migrations, migration_count, &error, &applied) != 0 ||
        db_write(db, &db_scope_all, add_partner, NULL, &error) != 0 ||
        keys_new(db, pepper, &error, &keys) != 0 ||
        keys_create(keys, &free_key, &error, key_id, secret) != 0 ||
        keys_create(keys, &slow_key, &error, key_id, slow) != 0 ||
        dispatcher_new(db, keys, NULL, &error, &dispatcher) != 0)
        fail_msg("%s", error.text);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dispatcher_free(dispatcher);
    keys_free(keys);
    db_close(db);
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (int at = 0; at < 3; at++) {
        char name[80];
        (void)snprintf(name, sizeof name, "%s%s", path, ends[at]);
        (void)unlink(name);
    }
    return 0;
}

static int begin(void **state) {
    (void)state;
    written = released = transactions = 0;
    full = false;
    spoiling = NULL;
    return 0;
}

/* ---- an entrance ---------------------------------------------------------------------------- */
struct rows {
    const char *const *texts; /* JSON; NULL: one that could not be read */
    int count, next, flushes, gone_after; /* flushes; 0: never gone */
    bool takes_all; /* what an item is read into takes all the scratch there is */
    int replayed;
    int64_t answered;
    int statuses[ROWS_MAX];
    char codes[ROWS_MAX][64], ids[ROWS_MAX][64];
};

static int next_row(void *context, struct scratch *scratch, struct item *ret_item) {
    struct rows *rows = context;
    struct json_fault fault;
    if (rows->next == rows->count) return 0;
    const char *text = rows->texts[rows->next++];
    if (text)
        assert_int_equal(json_read(text, strlen(text), NULL, scratch, &fault, &ret_item->value),
                         0);
    else
        ret_item->refusal = (struct refusal){.status = 400, .code = "malformed"};
    if (rows->takes_all) scratch->at = scratch->end;
    return 1;
}

static void answer_row(void *context, const struct item_answer *told) {
    struct rows *rows = context;
    assert_int_equal(told->index, rows->answered);
    int at = (int)rows->answered++;
    rows->statuses[at] = told->status;
    rows->replayed += told->replayed;
    rows->codes[at][0] = rows->ids[at][0] = '\0';
    if (told->refusal) snprintf(rows->codes[at], 64, "%s", told->refusal->code);
    if (!told->output) return;
    const struct value *id = record_get(told->output, "id");
    assert_non_null(record_get(told->output, "secret"));
    snprintf(rows->ids[at], 64, "%.*s", (int)id->length, id->text);
}

static bool flush_rows(void *context) {
    struct rows *rows = context;
    rows->flushes++;
    return !rows->gone_after || rows->flushes < rows->gone_after;
}

static void send(const char *operation, const char *key, const char *idempotency_key,
                 struct rows *rows) {
    struct scratch scratch;
    struct items items = {.context = rows, .count = rows->count, .next = next_row,
                          .answer = answer_row, .flush = flush_rows};
    struct request request = {.operation = operation_find_named(operation),
                              .credential = key,
                              .credential_length = strlen(key),
                              .idempotency_key = idempotency_key,
                              .request_id = "req_1",
                              .language = LANGUAGE_EN,
                              .items = &items,
                              .scratch = &scratch};
    scratch_init(&scratch, memory, sizeof memory);
    rows->next = rows->flushes = rows->replayed = 0;
    rows->answered = 0;
    dispatch(dispatcher, &request, &answer);
}

static char texts_memory[ROWS_MAX][64];
static const char *texts[ROWS_MAX];
static struct rows rows;

static void make_rows(int count, const char *prefix) {
    for (int i = 0; i < count; i++) {
        snprintf(texts_memory[i], 64, "{\"id\":\"%s%d\"}", prefix, i);
        texts[i] = texts_memory[i];
    }
    rows = (struct rows){.texts = texts, .count = count};
}

/* ---- tests ---------------------------------------------------------------------------------- */
static void test_blocks(void **state) {
    (void)state;
    make_rows(300, "b");
    send("MakeNotes", secret, NULL, &rows);
    assert_int_equal(answer.status, 200);
    assert_int_equal(rows.answered, 300);
    assert_int_equal(rows.flushes, 3);
    assert_int_equal(written, 300);
    assert_int_equal(released, 300);
    for (int i = 0; i < 300; i++) assert_int_equal(rows.statuses[i], 201);
    assert_string_equal(rows.ids[299], "b299");
    rows.count = 0;
    send("MakeNotes", secret, NULL, &rows);
    assert_int_equal(answer.status, 200);
    assert_int_equal(rows.answered, 0);
}

static void test_each_by_itself(void **state) {
    (void)state;
    const char *some[] = {"{\"id\":\"a\"}", NULL, "{\"id\":\"forbidden\"}", "{}",
                          "{\"id\":\"a\",\"x\":1}", "{\"id\":\"c\",\"idempotency_key\":\" \"}",
                          "{\"id\":\"d\",\"idempotency_key\":null}"};
    static const int expected[] = {201, 400, 403, 422, 422, 422, 201};
    rows = (struct rows){.texts = some, .count = 7};
    send("MakeNotes", secret, NULL, &rows);
    for (int i = 0; i < 7; i++) assert_int_equal(rows.statuses[i], expected[i]);
    assert_string_equal(rows.codes[1], "malformed");
    assert_string_equal(rows.codes[2], "product_not_allowed");
    assert_int_equal(written, 2);
}

/* One deed fails: the others of its block are written all the same, each by itself. */
static void test_spoiled_block(void **state) {
    (void)state;
    make_rows(20, "s");
    spoiling = "s7";
    send("MakeNotes", secret, NULL, &rows);
    for (int i = 0; i < 20; i++) assert_int_equal(rows.statuses[i], i == 7 ? 500 : 201);
    assert_int_equal(released, 20);
}

static void test_full_store(void **state) {
    (void)state;
    make_rows(200, "f");
    full = true;
    send("MakeNotes", secret, "full", &rows);
    assert_int_equal(answer.status, 200);
    for (int i = 0; i < 200; i++) assert_int_equal(rows.statuses[i], 503);
    assert_int_equal(transactions, 2); /* not one by one where that cannot help */
    assert_int_equal(released, 200);
    full = false;
    send("MakeNotes", secret, "full", &rows);
    for (int i = 0; i < 200; i++) assert_int_equal(rows.statuses[i], 201);
    assert_int_equal(rows.replayed, 0);
}

static void test_key_of_the_whole(void **state) {
    (void)state;
    make_rows(150, "k");
    rows.gone_after = 1;
    send("MakeNotes", secret, "whole", &rows);
    assert_int_equal(rows.answered, ITEMS_BLOCK_MAX); /* nobody there: no more is done */
    assert_int_equal(written, ITEMS_BLOCK_MAX);
    rows.gone_after = 0;
    send("MakeNotes", secret, "whole", &rows);
    assert_int_equal(rows.replayed, ITEMS_BLOCK_MAX);
    assert_int_equal(written, 150);
    assert_string_equal(rows.ids[0], "k0");
    texts[3] = "{\"id\":\"other\"}";
    send("MakeNotes", secret, "whole", &rows);
    assert_int_equal(rows.statuses[3], 422);
    assert_string_equal(rows.codes[3], "idempotency_key_reused");
    assert_int_equal(rows.statuses[4], 201);
    assert_int_equal(written, 150);
}

static void test_keys_of_items(void **state) {
    (void)state;
    const char *some[] = {"{\"id\":\"o1\",\"idempotency_key\":\"own-1\"}", "{\"id\":\"o2\"}",
                          "{\"id\":\"o1\",\"idempotency_key\":\"own-1\"}",
                          "{\"id\":\"o3\",\"idempotency_key\":\"own-1\"}"};
    rows = (struct rows){.texts = some, .count = 4};
    send("MakeNotes", secret, NULL, &rows);
    assert_int_equal(rows.statuses[0], 201);
    assert_int_equal(rows.statuses[2], 201);
    assert_int_equal(rows.statuses[3], 422);
    assert_string_equal(rows.codes[3], "idempotency_key_reused");
    assert_int_equal(written, 2);
    assert_int_equal(rows.replayed, 1);
    rows.count = 1;
    send("MakeNotes", secret, NULL, &rows);
    assert_int_equal(rows.replayed, 1);
    assert_int_equal(written, 2);
}

/* Where items take all the memory there is, blocks are smaller; none goes short. */
static void test_hungry_items(void **state) {
    (void)state;
    for (int i = 0; i < 50; i++) texts[i] = "{\"id\":\"hungry\"}";
    rows = (struct rows){.texts = texts, .count = 50};
    send("MakeNotes", secret, NULL, &rows);
    assert_int_equal(rows.answered, 50);
    assert_int_equal(written, 50);
    assert_true(rows.flushes >= 50 / (ITEMS_WORK_BYTES / OPERATION_SCRATCH_BYTES));
}

/* An item that leaves no memory at all is refused, and is the last of its block. */
static void test_item_takes_all(void **state) {
    (void)state;
    make_rows(3, "t");
    rows.takes_all = true;
    texts[1] = NULL;
    send("MakeNotes", secret, "all", &rows);
    assert_int_equal(answer.status, 200);
    assert_int_equal(rows.answered, 3);
    assert_int_equal(rows.flushes, 4); /* three blocks, and that there are no more */
    for (int i = 0; i < 3; i++)
        assert_string_equal(rows.codes[i], i == 1 ? "malformed" : "too_large");
    assert_int_equal(written, 0);
}

static void test_refused_before(void **state) {
    (void)state;
    make_rows(201, "r");
    send("MakeNotes", slow, NULL, &rows);
    assert_int_equal(answer.status, 413);
    assert_string_equal(answer.refusal.code, "too_many_items");
    assert_non_null(strstr(answer.refusal.detail, "200"));
    assert_int_equal(rows.answered, 0);
    rows.count = 181; /* ten requests, where nine are left */
    send("MakeNotes", slow, NULL, &rows);
    assert_int_equal(answer.status, 429);
    assert_int_equal(rows.answered, 0);
    rows.count = 20;
    send("MakeNotes", "sk_live_wrong", NULL, &rows);
    assert_int_equal(answer.status, 401);
    assert_int_equal(rows.answered, 0);
    assert_int_equal(written, 0);
}

static void test_needs_held_writes(void **state) {
    (void)state;
    make_rows(1, "n");
    send("MakeAlones", secret, NULL, &rows);
    assert_int_equal(rows.statuses[0], 500);
    assert_int_equal(written, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_blocks, begin),
        cmocka_unit_test_setup(test_each_by_itself, begin),
        cmocka_unit_test_setup(test_spoiled_block, begin),
        cmocka_unit_test_setup(test_full_store, begin),
        cmocka_unit_test_setup(test_key_of_the_whole, begin),
        cmocka_unit_test_setup(test_keys_of_items, begin),
        cmocka_unit_test_setup(test_hungry_items, begin),
        cmocka_unit_test_setup(test_item_takes_all, begin),
        cmocka_unit_test_setup(test_refused_before, begin),
        cmocka_unit_test_setup(test_needs_held_writes, begin)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
