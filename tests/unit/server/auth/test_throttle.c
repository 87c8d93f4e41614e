/* Attempts are slowed: so many at once, then one after each interval; a refused one puts nothing
 * off, a right one is taken back, and what was counted wears off by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/throttle.h"
#include "tests/unit/scratch_store.h"

static const char pepper[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static const struct people_options cheap = {1800, 43200, {1, 8192}};
static const int64_t second_us = 1000000, now_us = INT64_C(1800000000000000);
static char folder[64], url[160];
static struct db *db;
static struct keys *keys;
static struct people *people;

struct asking {
    const struct throttle_key *key;
    int64_t at_us, wait_s;
};

static int take_body(struct db_tx *tx, void *context, struct error *error) {
    struct asking *asking = context;
    return throttle_take(tx, asking->key, asking->at_us, error, &asking->wait_s);
}

static int give_body(struct db_tx *tx, void *context, struct error *error) {
    return throttle_give(tx, context, error);
}

static int64_t take(const struct throttle_key *key, int64_t at_us) {
    struct asking asking = {.key = key, .at_us = at_us, .wait_s = -1};
    assert_int_equal(db_write(db, &db_scope_none, take_body, &asking, NULL), 0);
    return asking.wait_s;
}

static void bursts_are_bounded(void **state) {
    (void)state;
    for (int kind = 0; kind < THROTTLE_KINDS; kind++) {
        const struct throttle_rule *rule = &throttle_rules[kind];
        struct throttle_key key;
        throttle_key_make(people, (enum throttle_kind)kind, "a", "192.0.2.1", &key);
        for (int64_t i = 0; i < rule->burst; i++) assert_int_equal(take(&key, now_us), 0);
        for (int i = 0; i < 20; i++) assert_int_equal(take(&key, now_us), rule->interval_s);
        /* Refused ones did not put it off: after one interval there is one more. */
        int64_t later_us = now_us + rule->interval_s * second_us;
        assert_int_equal(take(&key, later_us), 0);
        assert_true(take(&key, later_us) > 0);
        /* And in the end as many as before. */
        later_us += rule->burst * rule->interval_s * second_us;
        for (int64_t i = 0; i < rule->burst; i++) assert_int_equal(take(&key, later_us), 0);
        assert_true(take(&key, later_us) > 0);
    }
}

static void what_was_right_does_not_count(void **state) {
    (void)state;
    struct throttle_key key;
    throttle_key_make(people, THROTTLE_ACCOUNT_HERE, "b", "192.0.2.1", &key);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(take(&key, now_us), 0);
        assert_int_equal(db_write(db, &db_scope_none, give_body, &key, NULL), 0);
    }
}

static void counts_are_apart(void **state) {
    (void)state;
    static const struct {
        enum throttle_kind kind;
        const char *account, *address;
    } whats[] = {{THROTTLE_ACCOUNT, "a", ""},
                 {THROTTLE_ACCOUNT_HERE, "a", ""},
                 {THROTTLE_ACCOUNT, "b", ""},
                 {THROTTLE_ADDRESS, "", "a"},
                 {THROTTLE_ACCOUNT_HERE, "a", "192.0.2.1"},
                 {THROTTLE_ACCOUNT_HERE, "a\n192.0.2.1", ""},
                 {THROTTLE_ADDRESS, "", "2001:db8:1:2::1"},
                 {THROTTLE_ADDRESS, "", "2001:db8:1:3::1"}};
    struct throttle_key keys_of[sizeof whats / sizeof *whats], same;
    for (size_t i = 0; i < sizeof whats / sizeof *whats; i++) {
        throttle_key_make(people, whats[i].kind, whats[i].account, whats[i].address, &keys_of[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(keys_of[i].text, keys_of[j].text);
        assert_null(strstr(keys_of[i].text, "192.0.2.1"));
    }
    /* One network of IPv6 is one. */
    throttle_key_make(people, THROTTLE_ADDRESS, "", "2001:db8:1:2:ffff::9", &same);
    assert_string_equal(same.text, keys_of[6].text);
}

static void rows_of_the_past_go(void **state) {
    (void)state;
    int64_t removed = -1;
    assert_int_equal(throttle_expire(db, now_us - second_us, NULL, &removed), 0);
    assert_int_equal(removed, 0);
    assert_int_equal(throttle_expire(db, now_us + INT64_C(86400000000), NULL, &removed), 0);
    assert_true(removed >= THROTTLE_KINDS);
}

static int set_up(void **state) {
    struct error error = {0};
    int applied;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/koppel-throttle-XX" "XX" "XX");
    assert_non_null(mkdtemp(folder));
    scratch_store_url(folder, url, sizeof url);
    struct db_options options = {.url = url, .create = true};
    if (db_open(&options, &error, &db) ||
        db_migrate(db, migrations, migration_count, &error, &applied) ||
        keys_new(db, pepper, &error, &keys) ||
        people_new(db, keys, NULL, &cheap, &error, &people))
        fail_msg("%s", error.text);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    people_free(people);
    keys_free(keys);
    db_close(db);
    scratch_store_remove(folder, url);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bursts_are_bounded),
        cmocka_unit_test(what_was_right_does_not_count),
        cmocka_unit_test(counts_are_apart),
        cmocka_unit_test(rows_of_the_past_go),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
