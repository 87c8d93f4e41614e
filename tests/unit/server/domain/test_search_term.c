/* Words of texts, and finding by their beginnings within a scope. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/search_term.h"
#include "tests/unit/server/domain/fixture.h"

static struct error error;

static void words_are(const char *text, const char *expected) {
    struct search_words words;
    char joined[SEARCH_TERMS_MAX * SEARCH_TERM_MAX] = "";
    search_words_init(&words);
    assert_int_equal(search_words_add(&words, text, &error), 0);
    size_t length = 0;
    for (int i = 0; i < words.count; i++)
        length += (size_t)snprintf(joined + length, sizeof joined - length, "%s%s", i ? " " : "",
                                   words.words[i]);
    assert_string_equal(joined, expected);
}

static void test_words(void **state) {
    (void)state;
    words_are(NULL, "");
    words_are("", "");
    words_are(" -- ", "");
    words_are("Ångström & Zönen B.V.", "angstrom zonen b v");
    words_are("straße STRASSE", "strasse");
    words_are("een een Een", "een");
    words_are("info@veldkamp.example 3511 AB", "info veldkamp example 3511 ab");
    words_are("½ 日本語", "1 2 日本語");
    words_are("0123456789012345678901234567890123456789012345678901234567890123456789",
              "012345678901234567890123456789012345678901234567890123456789012");
}

static void test_many_words_are_bounded(void **state) {
    (void)state;
    struct search_words words;
    char text[4 * (SEARCH_TERMS_MAX + 20)] = "";
    size_t length = 0;
    for (int i = 0; i < SEARCH_TERMS_MAX + 20; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%d ", 100 + i);
    search_words_init(&words);
    assert_int_equal(search_words_add(&words, text, &error), 0);
    assert_int_equal(words.count, SEARCH_TERMS_MAX);
}

struct finding {
    const char *text;
    char found[200];
};

static int add_body(struct db_tx *tx, void *context, struct error *body_error) {
    static const struct {
        const char *id, *partner_id, *text;
    } subjects[] = {{"a", fixture_partner, "Jan Jansen"},
                    {"b", fixture_rival, "Janneke de Boer"},
                    {"c", NULL, "jan van Dam"}};
    (void)context;
    for (size_t i = 0; i < 3; i++) {
        struct search_words words;
        search_words_init(&words);
        int status = search_words_add(&words, "vergeten", body_error);
        if (!status)
            status = search_term_write(tx, "test", subjects[i].id, subjects[i].partner_id, &words,
                                       body_error);
        search_words_init(&words);
        if (!status) status = search_words_add(&words, subjects[i].text, body_error);
        if (!status)
            status = search_term_write(tx, "test", subjects[i].id, subjects[i].partner_id, &words,
                                       body_error);
        if (status) return status;
    }
    return 0;
}

static int find_body(struct db_tx *tx, void *context, struct error *body_error) {
    struct finding *finding = context;
    struct db_rows *rows = NULL;
    struct search_query query;
    int status = search_query_read(finding->text, &query, body_error);
    *finding->found = '\0';
    if (!status)
        status = db_query(tx, body_error, &rows,
                          "select distinct s.subject_id from search_term s where s.kind = 'test'"
                          SEARCH_CONDITION("s.subject_id", "test", "$1", "$2")
                          SEARCH_CONDITION("s.subject_id", "test", "$3", "$4")
                          " and $scope(s) order by s.subject_id",
                          search_low(&query, 0), search_high(&query, 0), search_low(&query, 1),
                          search_high(&query, 1));
    while (!status && (status = db_next(rows, body_error)) > 0) {
        size_t length = strlen(finding->found);
        db_column_copy(rows, 0, finding->found + length, sizeof finding->found - length);
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

static void finds(struct db *db, const struct db_scope *scope, const char *text,
                  const char *expected) {
    struct finding finding = {.text = text};
    if (db_read(db, scope, find_body, &finding, &error)) fail_msg("%s", error.text);
    assert_string_equal(finding.found, expected);
}

static void test_finding(void **state) {
    const struct fixture *fixture = *state;
    struct db *db = fixture->service->db;
    const struct db_scope own = {.kind = DB_SCOPE_OWN, .partner_id = fixture_partner};
    const struct db_scope chain = {.kind = DB_SCOPE_SUBTREE, .partner_id = fixture_chain};
    if (db_write(db, &db_scope_all, add_body, NULL, &error)) fail_msg("%s", error.text);
    finds(db, &db_scope_all, "jan", "abc");
    finds(db, &db_scope_all, "JÁN", "abc");
    finds(db, &db_scope_all, "jan jans", "a");
    finds(db, &db_scope_all, "boer jan", "b");
    finds(db, &db_scope_all, "an", "");
    finds(db, &db_scope_all, "vergeten", "");
    finds(db, &db_scope_all, "", "abc");
    finds(db, &own, "jan", "a");
    finds(db, &own, "boer", "");
    finds(db, &chain, "jan", "a");
    finds(db, &db_scope_none, "jan", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words), cmocka_unit_test(test_many_words_are_bounded),
        cmocka_unit_test_setup_teardown(test_finding, fixture_set_up, fixture_tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
