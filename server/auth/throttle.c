/* Moments ahead of the clock, one row for each that was counted lately. */
#include "auth/throttle.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { MICROSECONDS = 1000000, WHAT_MAX = 400 };

const struct throttle_rule throttle_rules[THROTTLE_KINDS] = {
    [THROTTLE_ACCOUNT] = {50, 20},
    [THROTTLE_ACCOUNT_HERE] = {10, 30},
    [THROTTLE_ADDRESS] = {100, 5},
    [THROTTLE_MAIL] = {3, 900},
    [THROTTLE_FORM] = {5, 720}};

/* One household or firm has an IPv6 network of that size, and all its addresses. */
static void network_of(const char *address, char ret_network[INET6_ADDRSTRLEN]) {
    struct in6_addr six;
    snprintf(ret_network, INET6_ADDRSTRLEN, "%s", address);
    if (inet_pton(AF_INET6, ret_network, &six) != 1) return;
    memset(six.s6_addr + 8, 0, 8);
    inet_ntop(AF_INET6, &six, ret_network, INET6_ADDRSTRLEN);
}

void throttle_key_make(const struct people *people, enum throttle_kind kind, const char *account,
                       const char *address, struct throttle_key *ret_key) {
    static const char *const purposes[THROTTLE_KINDS] = {
        [THROTTLE_ACCOUNT] = "throttle account",
        [THROTTLE_ACCOUNT_HERE] = "throttle account here",
        [THROTTLE_ADDRESS] = "throttle address",
        [THROTTLE_MAIL] = "throttle mail",
        [THROTTLE_FORM] = "throttle form"};
    char what[WHAT_MAX], network[INET6_ADDRSTRLEN];
    network_of(address, network);
    snprintf(what, sizeof what, "%s\n%s", account, network);
    ret_key->kind = kind;
    people_mac(people, purposes[kind], what, ret_key->text);
}

int throttle_take(struct db_tx *tx, const struct throttle_key *key, int64_t now_us,
                  struct error *error, int64_t *ret_wait_s) {
    const struct throttle_rule *rule = &throttle_rules[key->kind];
    int64_t interval_us = rule->interval_s * MICROSECONDS;
    int64_t bound_us = now_us + (rule->burst - 1) * interval_us;
    int64_t changed = 0;
    struct db_rows *rows = NULL;
    int status = db_run(tx, error, NULL,
                        "insert into login_throttle (key, until_us) values ($1, $2)"
                        " on conflict (key) do nothing",
                        db_text(key->text), db_integer(now_us));
    if (!status)
        status = db_run(tx, error, &changed,
                        "update login_throttle set until_us ="
                        " case when until_us < $2 then $2 else until_us end + $3"
                        " where key = $1 and until_us <= $4",
                        db_text(key->text), db_integer(now_us), db_integer(interval_us),
                        db_integer(bound_us));
    if (status || changed) {
        if (!status) *ret_wait_s = 0;
        return status;
    }
    status = db_query(tx, error, &rows, "select until_us from login_throttle where key = $1",
                      db_text(key->text));
    if (!status && (status = db_next(rows, error)) > 0) {
        int64_t wait_us = db_column_integer(rows, 0) - bound_us;
        *ret_wait_s = wait_us > 0 ? (wait_us + MICROSECONDS - 1) / MICROSECONDS : 1;
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

int throttle_give(struct db_tx *tx, const struct throttle_key *key, struct error *error) {
    return db_run(tx, error, NULL,
                  "update login_throttle set until_us = until_us - $2 where key = $1",
                  db_text(key->text),
                  db_integer(throttle_rules[key->kind].interval_s * MICROSECONDS));
}

struct expiry {
    int64_t now_us, removed;
};

static int expire_body(struct db_tx *tx, void *context, struct error *error) {
    struct expiry *expiry = context;
    return db_run(tx, error, &expiry->removed,
                  "delete from login_throttle where key in (select key from login_throttle"
                  " where until_us < $1 order by until_us limit $2)",
                  db_integer(expiry->now_us), db_integer(THROTTLE_EXPIRE_MAX));
}

int throttle_expire(struct db *db, int64_t now_us, struct error *error, int64_t *ret_removed) {
    struct expiry expiry = {.now_us = now_us};
    int status = db_write(db, &db_scope_none, expire_body, &expiry, error);
    if (!status) *ret_removed = expiry.removed;
    return status;
}
