/* Chains that are made and moved at random: who lies below whom is always what the parents say, and
 * nobody ever lies below itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "domain/partner.h"
#include "tests/unit/server/domain/fixture.h"

enum { PARTNERS = 24, MOVES = 200 };

static struct error error;
static char ids[PARTNERS][ID_MAX];
static int parents[PARTNERS], revisions[PARTNERS]; /* -1: none */
static uint32_t seed = 4711;

static uint32_t random_below(uint32_t bound) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % bound;
}

static int depth_of(int at) {
    int depth = 0;
    while ((at = parents[at]) >= 0) depth++;
    return depth;
}

static bool below(int at, int top) {
    for (; at >= 0; at = parents[at])
        if (at == top) return true;
    return false;
}

static int height_of(int top) {
    int height = 0;
    for (int i = 0; i < PARTNERS; i++)
        if (below(i, top) && depth_of(i) - depth_of(top) > height)
            height = depth_of(i) - depth_of(top);
    return height;
}

static int make_body(struct db_tx *tx, void *context, struct error *body_error) {
    (void)context;
    for (int i = 0; i < PARTNERS; i++) {
        struct partner partner = {.kind = "office", .name = "Kantoor"};
        int status = partner_create(tx, ids[i], &partner, 1, body_error);
        if (status) return status;
    }
    return 0;
}

struct moving {
    int at, parent;
};

static int move_body(struct db_tx *tx, void *context, struct error *body_error) {
    const struct moving *moving = context;
    return partner_move(tx, ids[moving->at], moving->parent < 0 ? NULL : ids[moving->parent],
                        revisions[moving->at] + 1, 2, body_error);
}

static int count_body(struct db_tx *tx, void *context, struct error *body_error) {
    struct db_rows *rows = NULL;
    int64_t *count = context;
    int status = db_query(tx, body_error, &rows,
                          "select ancestor_id, descendant_id, depth from partner_closure");
    *count = 0;
    while (!status && (status = db_next(rows, body_error)) > 0) {
        int top = -1, at = -1;
        for (int i = 0; i < PARTNERS; i++) {
            if (strcmp(ids[i], db_column_text(rows, 0, NULL)) == 0) top = i;
            if (strcmp(ids[i], db_column_text(rows, 1, NULL)) == 0) at = i;
        }
        status = 0;
        if (top < 0) continue; /* the fixture's own */
        assert_true(at >= 0 && below(at, top));
        assert_int_equal(db_column_integer(rows, 2), depth_of(at) - depth_of(top));
        (*count)++;
    }
    db_rows_close(rows);
    return status;
}

/* The closure holds each pair that there is, and no other. */
static void check(struct db *db) {
    int64_t count = 0, expected = 0;
    if (db_read(db, &db_scope_all, count_body, &count, &error)) fail_msg("%s", error.text);
    for (int i = 0; i < PARTNERS; i++) expected += depth_of(i) + 1;
    assert_int_equal(count, expected);
}

static void test_moves(void **state) {
    const struct fixture *fixture = *state;
    struct db *db = fixture->service->db;
    int moved = 0, circles = 0, deep = 0;
    for (int i = 0; i < PARTNERS; i++) {
        id_make("ptr", ids[i]);
        parents[i] = -1;
        revisions[i] = 1;
    }
    if (db_write(db, &db_scope_all, make_body, NULL, &error)) fail_msg("%s", error.text);
    for (int i = 0; i < MOVES; i++) {
        struct moving moving = {.at = (int)random_below(PARTNERS),
                                .parent = (int)random_below(PARTNERS + 2) - 2};
        int expected = 0;
        if (moving.parent >= 0 && below(moving.parent, moving.at)) expected = ERROR_INVALID;
        else if (moving.parent >= 0 &&
                 depth_of(moving.parent) + 2 + height_of(moving.at) > PARTNER_DEPTH_MAX)
            expected = ERROR_TOO_LARGE;
        error_clear(&error);
        assert_int_equal(db_write(db, &db_scope_all, move_body, &moving, &error), expected);
        circles += expected == ERROR_INVALID;
        deep += expected == ERROR_TOO_LARGE;
        if (!expected) {
            parents[moving.at] = moving.parent < 0 ? -1 : moving.parent;
            revisions[moving.at]++;
            moved++;
        }
        if (i % 20 == 0) check(db);
    }
    check(db);
    assert_true(moved > 20 && circles > 5 && deep > 5);
}

/* One that was changed meanwhile is not moved. */
static void test_stale(void **state) {
    const struct fixture *fixture = *state;
    struct db *db = fixture->service->db;
    for (int i = 0; i < PARTNERS; i++) {
        id_make("ptr", ids[i]);
        parents[i] = -1;
        revisions[i] = 1;
    }
    if (db_write(db, &db_scope_all, make_body, NULL, &error)) fail_msg("%s", error.text);
    struct moving moving = {.at = 0, .parent = 1};
    revisions[0] = 7;
    assert_int_equal(db_write(db, &db_scope_all, move_body, &moving, &error), ERROR_CONFLICT);
    check(db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_moves, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_stale, fixture_set_up, fixture_tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
