/* Writes that come together: those that take the next number of a sequence in late statements get
 * each its own, without gaps, whatever becomes of the others; and rows that are added by one
 * statement are each what its write said. */
#include <pthread.h>

#include "base/log.h"
#include "store.h"

enum { THREADS = 12, EACH = 40, ID_SIZE = 32, TOLD_SIZE = 24 };

static struct db *db;

static int set_up(void **state) {
    (void)state;
    log_set_level(LOG_ERROR + 1);
    store_make_folder();
    db = store_open("store.db");
    store_script(db, "create table item (number integer primary key);"
                     "create table sequence (name text primary key, last bigint not null);"
                     "create table numbered (id text primary key, name text not null,"
                     "  number bigint not null, unique (name, number));"
                     "create table thing (id text primary key, n bigint, t text);");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    db_close(db);
    store_remove_folder();
    log_set_level(LOG_INFO);
    return 0;
}

static void run_threads(void *(*function)(void *)) {
    pthread_t threads[THREADS];
    int numbers[THREADS];
    void *failed;
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, function, &numbers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

/* ---- numbers ---- */

struct taking {
    char id[ID_SIZE], told[TOLD_SIZE];
    const char *name;
    int64_t item; /* that is added before; 0: none */
    bool asks, regrets;
};

static int take_number(struct db_tx *tx, struct taking *taking, struct error *error) {
    struct db_late late = {.shared = true};
    snprintf(late.order, sizeof late.order, "%s", taking->name);
    int status = db_run_late(tx, &late, error,
                             "insert into sequence (name, last) values ($1, $2)"
                             " on conflict (name) do update set last = sequence.last +"
                             " excluded.last", db_text(taking->name));
    if (status)
        return status;
    late = (struct db_late){.ret_text = taking->told, .size = sizeof taking->told};
    snprintf(late.order, sizeof late.order, "%s", taking->name);
    return db_run_late(tx, &late, error,
                       "insert into numbered (id, name, number) with v (id, name, behind)"
                       " as (values ($1, $2, $3)) select v.id, v.name, s.last - v.behind"
                       " from v join sequence s on s.name = v.name returning id, number",
                       db_text(taking->id), db_text(taking->name));
}

static int take_body(struct db_tx *tx, void *context, struct error *error) {
    struct taking *taking = context;
    struct store_question question = {.sql = "select count(*) from item where number < 0"};
    int status = taking->item ? store_add_body(tx, &taking->item, error) : 0;
    if (!status && taking->asks)
        status = store_ask_body(tx, &question, error);
    if (!status)
        status = take_number(tx, taking, error);
    return status ? status : taking->regrets ? ERROR_DENIED : 0;
}

struct looking {
    const struct taking *taking;
    int64_t number;
};

static int look_body(struct db_tx *tx, void *context, struct error *error) {
    struct looking *looking = context;
    struct db_rows *rows;
    int status = db_query(tx, error, &rows, "select number from numbered where id = $1",
                          db_text(looking->taking->id));
    if (status)
        return status;
    status = db_next(rows, error);
    looking->number = status > 0 ? db_column_integer(rows, 0) : -1;
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int64_t number_of(const struct taking *taking) {
    struct looking looking = {.taking = taking, .number = -2};
    (void)db_read(db, &db_scope_none, look_body, &looking, NULL);
    return looking.number;
}

/* Of five kinds: alone, with an item, with one that is taken, asking before, and regretted. */
static void *take_some(void *context) {
    int thread = *(int *)context;
    for (int i = 0; i < EACH; i++) {
        struct taking taking = {.name = i % 3 ? "much" : "less",
                                .item = i % 5 == 1   ? 1 + thread * EACH + i
                                        : i % 5 == 2 ? 100000
                                                     : 0,
                                .asks = i % 5 == 3,
                                .regrets = i % 5 == 4};
        int expected = i % 5 == 2 ? ERROR_CONFLICT : i % 5 == 4 ? ERROR_DENIED : 0;
        snprintf(taking.id, sizeof taking.id, "id-%d-%d", thread, i);
        int status = db_write(db, &db_scope_none, take_body, &taking, NULL);
        int64_t number = number_of(&taking);
        if (status != expected || (status && number != -1) ||
            (!status && (number < 1 || strtoll(taking.told, NULL, 10) != number)))
            return context;
    }
    return NULL;
}

static void numbers_have_no_gaps(void **state) {
    (void)state;
    assert_int_equal(store_add(db, 100000, NULL), 0);
    run_threads(take_some);
    assert_int_equal(store_ask(db, "select count(*) from numbered"), THREADS * EACH * 3 / 5);
    assert_int_equal(store_ask(db, "select count(*) from sequence"), 2);
    assert_int_equal(store_ask(db, "select count(*) from sequence s where s.last <>"
                                   " (select count(*) from numbered n where n.name = s.name)"
                                   " or s.last <> (select max(n.number) from numbered n"
                                   " where n.name = s.name)"), 0);
}

static void a_late_failure_takes_back_the_write(void **state) {
    (void)state;
    struct taking taking = {.id = "one", .name = "much", .item = 1};
    assert_int_equal(db_write(db, &db_scope_none, take_body, &taking, NULL), 0);
    assert_string_equal(taking.told, "1");
    taking.item = 2; /* but the id is taken */
    assert_int_equal(db_write(db, &db_scope_none, take_body, &taking, NULL), ERROR_CONFLICT);
    taking.asks = true;
    assert_int_equal(db_write(db, &db_scope_none, take_body, &taking, NULL), ERROR_CONFLICT);
    assert_int_equal(store_ask(db, "select count(*) from item"), 1);
    assert_int_equal(store_ask(db, "select last from sequence"), 1);
    snprintf(taking.id, sizeof taking.id, "two");
    assert_int_equal(db_write(db, &db_scope_none, take_body, &taking, NULL), 0);
    assert_string_equal(taking.told, "2");
}

static void a_read_has_no_late_statements(void **state) {
    (void)state;
    struct taking taking = {.id = "one", .name = "much"};
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(db_read(db, &db_scope_none, take_body, &taking, &error), ERROR_INTERNAL);
    assert_non_null(strstr(error.text, "no late statement"));
}

/* ---- rows ---- */

struct thing {
    char id[ID_SIZE];
    int64_t n;
    const char *text;
};

static int thing_body(struct db_tx *tx, void *context, struct error *error) {
    const struct thing *thing = context;
    return db_run(tx, error, NULL, "insert into thing (id, n, t) values ($1, $2, $3)",
                  db_text(thing->id), thing->n % 2 ? db_null() : db_integer(thing->n),
                  db_text(thing->text));
}

/* The text tells the number, where there is a text. */
static void *add_things(void *context) {
    int thread = *(int *)context;
    for (int i = 0; i < EACH; i++) {
        struct thing thing = {.n = thread * EACH + i};
        char text[ID_SIZE];
        snprintf(text, sizeof text, "%d", (int)thing.n);
        snprintf(thing.id, sizeof thing.id, "thing-%d", (int)thing.n);
        thing.text = i % 3 ? text : NULL;
        if (db_write(db, &db_scope_none, thing_body, &thing, NULL))
            return context;
    }
    return NULL;
}

static void rows_are_each_what_their_write_said(void **state) {
    (void)state;
    run_threads(add_things);
    assert_int_equal(store_ask(db, "select count(*) from thing"), THREADS * EACH);
    assert_int_equal(store_ask(db, "select count(n) from thing"), THREADS * EACH / 2);
    assert_int_equal(store_ask(db, "select count(t) from thing"),
                     THREADS * (EACH - (EACH + 2) / 3));
    assert_int_equal(store_ask(db, "select count(*) from thing where id <> 'thing-' || t"), 0);
    assert_int_equal(store_ask(db, "select count(*) from thing where id <> 'thing-' ||"
                                   " cast(n as text)"), 0);
}

#define with_store(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_store(numbers_have_no_gaps),
        with_store(a_late_failure_takes_back_the_write),
        with_store(a_read_has_no_late_statements),
        with_store(rows_are_each_what_their_write_said),
    };
    return store_run_on_both(tests);
}
