/* A dispatcher on a store of its own with the table of notes, keys of several kinds, and calls of
 * it. Included once by each test program. */
#ifndef KOPPEL_TEST_DISPATCHED_H
#define KOPPEL_TEST_DISPATCHED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "message/json.h"
#include "table.h"
#include "tests/unit/scratch_store.h"

static const char pepper[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static const char origin[] = "https://partner.example";
static char folder[64], url[160];
static struct db *db;
static struct keys *keys;
static struct dispatcher *dispatcher;
static char secret[KEY_TEXT_MAX], publishable[KEY_TEXT_MAX], test_secret[KEY_TEXT_MAX];
static char slow_key[KEY_TEXT_MAX], other_secret[KEY_TEXT_MAX];
static char key_id[ID_MAX];
static char partners[2][ID_MAX];

static int add_partners(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    for (int at = 0; at < 2; at++) {
        int rc = db_run(tx, error, NULL,
                        "insert into partner (id, kind, name, country, status, created_us)"
                        " values ($1, 'office', $1, 'NL', 'active', 0)", db_text(partners[at]));
        if (rc == 0) {
            rc = db_run(tx, error, NULL, "insert into partner_closure values ($1, $1, 0)",
                        db_text(partners[at]));
        }
        if (rc != 0) return rc;
    }
    return 0;
}

static void make_key(const char *partner_id, bool is_secret, bool test, int64_t rate,
                     char ret_key[KEY_TEXT_MAX]) {
    const char *const origins[] = {origin};
    struct key_options options = {.partner_id = partner_id, .secret = is_secret, .test = test,
                                  .origins = origins, .origin_count = is_secret ? 0 : 1,
                                  .rate_limit_per_minute = rate};
    struct error error = {0};
    if (keys_create(keys, &options, &error, key_id, ret_key) != 0) fail_msg("%s", error.text);
}

static int set_up(void **state) {
    (void)state;
    struct error error = {0};
    log_set_level(LOG_ERROR); /* refusals are the point here */
    (void)snprintf(folder, sizeof folder, "/tmp/koppel-dispatch-XX" "XX" "XX");
    assert_non_null(mkdtemp(folder));
    scratch_store_url(folder, url, sizeof url);
    struct db_options options = {.url = url, .create = true};
    int applied;
    id_make("ptr", partners[0]);
    id_make("ptr", partners[1]);
    if (db_open(&options, &error, &db) != 0 ||
        db_migrate(db, migrations, migration_count, &error, &applied) != 0 ||
        db_write(db, &db_scope_all, add_partners, NULL, &error) != 0 ||
        keys_new(db, pepper, &error, &keys) != 0 ||
        dispatcher_new(db, keys, NULL, &error, &dispatcher) != 0) {
        fail_msg("%s", error.text);
    }
    make_key(partners[0], true, false, 0, secret);
    make_key(partners[0], true, true, 0, test_secret);
    make_key(partners[0], false, false, 0, publishable);
    make_key(partners[1], true, false, 0, other_secret);
    make_key(partners[1], true, false, 45, slow_key);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dispatcher_free(dispatcher);
    keys_free(keys);
    db_close(db);
    scratch_store_remove(folder, url);
    return 0;
}

/* ---- calling ----------------------------------------------------------------------------- */

struct asked {
    const char *operation, *key, *from, *idempotency_key, *json;
};
static const char *asked_version; /* in what is asked next, as are these */
static enum entrance_kind asked_entrance;
static const char *asked_address;
static const struct caller *asked_caller; /* who asks it, in place of a key */

static const struct operation *named(const char *name) {
    for (int at = 0; at < notes.count; at++) {
        if (strcmp(notes.operations[at].name, name) == 0) return &notes.operations[at];
    }
    fail_msg("no operation %s", name);
    return NULL;
}

/* The output as JSON in `ret_json`. */
static void ask(struct asked asked, struct answer *answer, char ret_json[1000]) {
    char *memory = malloc(OPERATION_SCRATCH_BYTES);
    struct scratch scratch;
    struct json_fault fault;
    struct request request = {.operation = named(asked.operation), .credential = asked.key,
                              .credential_length = asked.key ? strlen(asked.key) : 0,
                              .origin = asked.from, .idempotency_key = asked.idempotency_key,
                              .version = asked_version, .entrance = asked_entrance,
                              .address = asked_address, .caller = asked_caller,
                              .request_id = "req_1", .language = LANGUAGE_EN};
    assert_non_null(memory);
    scratch_init(&scratch, memory, OPERATION_SCRATCH_BYTES);
    request.scratch = &scratch;
    assert_int_equal(json_read(asked.json, strlen(asked.json), NULL, &scratch, &fault,
                               &request.input), 0);
    dispatch(dispatcher, &request, answer);
    if (ret_json) {
        struct buffer buffer;
        buffer_init(&buffer, 999);
        if (answer->output.kind == VALUE_CONTEXT) {
            field_encode_json(request.operation->output, request.operation->output_count,
                              &answer->output, &buffer);
        }
        (void)snprintf(ret_json, 1000, "%s", buffer.data ? buffer.data : "");
        buffer_done(&buffer);
    }
    free(memory);
}

static void expect(struct asked asked, int status, const char *code) {
    struct answer *answer = malloc(sizeof *answer);
    assert_non_null(answer);
    ask(asked, answer, NULL);
    if (answer->status != status) {
        fail_msg("%s: %d %s %s %s", asked.json, answer->status, answer->refusal.code,
                 answer->refusal.detail, answer->error.text);
    }
    assert_string_equal(answer->refusal.code, code);
    assert_true(status < 400 || strlen(answer->refusal.detail) > 5);
    free(answer);
}

static const char wrong_key[] = "sk_live_00000000000000000000000000000000";

#endif
