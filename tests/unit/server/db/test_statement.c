/* Tokens in statements: what each kind of scope becomes, what is left alone, what is refused. */
#include "store.h"

static char *expand(const char *sql, enum db_scope_kind kind, int *ret_count, int *ret_scope) {
    struct db_statement statement;
    struct error error = {.code = ERROR_NONE};
    if (db_statement_expand(sql, kind, "for update skip locked", &error, &statement))
        fail_msg("%s", error.text);
    *ret_count = statement.value_count;
    *ret_scope = statement.scope_parameter;
    return statement.text;
}

static void scopes_expand(void **state) {
    (void)state;
    static const struct {
        enum db_scope_kind kind;
        const char *text;
        int scope_parameter;
    } cases[] = {
        {DB_SCOPE_NONE, "select * from lead l where (1=0) and l.id = $2 or $1", 0},
        {DB_SCOPE_PERSON, "select * from lead l where (l.partner_id = $3) and l.id = $2 or $1", 3},
        {DB_SCOPE_OWN, "select * from lead l where (l.partner_id = $3) and l.id = $2 or $1", 3},
        {DB_SCOPE_SUBTREE,
         "select * from lead l where (l.partner_id in (select descendant_id from partner_closure "
         "where ancestor_id = $3)) and l.id = $2 or $1", 3},
        {DB_SCOPE_ALL, "select * from lead l where (1=1) and l.id = $2 or $1", 0},
        {(enum db_scope_kind)77, "select * from lead l where (1=0) and l.id = $2 or $1", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int count, scope;
        char *text = expand("select * from lead l where $scope(l) and l.id = $2 or $1",
                            cases[i].kind, &count, &scope);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(count, 2);
        assert_int_equal(scope, cases[i].scope_parameter);
        free(text);
    }
}

/* Whose a row is counts for persons alone; their id comes behind the partner's. */
static void owners_expand(void **state) {
    (void)state;
    static const struct {
        const char *sql, *text;
        enum db_scope_kind kind;
        int scope_parameter, owner_parameter;
    } cases[] = {
        {"select $1 where $scope(l/user_id)",
         "select $1 where (l.partner_id = $2 and l.user_id = $3)", DB_SCOPE_PERSON, 2, 3},
        {"select 1 where $scope(p.id/account_manager_id) or $scope(p.id)",
         "select 1 where (p.id = $1 and p.account_manager_id = $2) or (p.id = $1)",
         DB_SCOPE_PERSON, 1, 2},
        {"select $1 where $scope(l/user_id)", "select $1 where (l.partner_id = $2)", DB_SCOPE_OWN,
         2, 0},
        {"select $1 where $scope(l.firm/user_id)",
         "select $1 where (l.firm in (select descendant_id from partner_closure "
         "where ancestor_id = $2))", DB_SCOPE_SUBTREE, 2, 0},
        {"select $1 where $scope(l/user_id)", "select $1 where (1=1)", DB_SCOPE_ALL, 0, 0},
        {"select $1 where $scope(l/user_id)", "select $1 where (1=0)", DB_SCOPE_NONE, 0, 0},
        {"select $1", "select $1", DB_SCOPE_PERSON, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct db_statement statement;
        assert_int_equal(db_statement_expand(cases[i].sql, cases[i].kind, "", NULL, &statement), 0);
        assert_string_equal(statement.text, cases[i].text);
        assert_int_equal(statement.scope_parameter, cases[i].scope_parameter);
        assert_int_equal(statement.owner_parameter, cases[i].owner_parameter);
        assert_int_equal(db_hidden_count(&statement),
                         (cases[i].scope_parameter > 0) + (cases[i].owner_parameter > 0));
        free(statement.text);
    }
}

static void other_tokens_expand(void **state) {
    (void)state;
    int count, scope;
    char *text = expand("select $1 from job $skip_locked", DB_SCOPE_OWN, &count, &scope);
    assert_string_equal(text, "select $1 from job for update skip locked");
    assert_int_equal(scope, 0);
    free(text);
    text = expand("select 1 from partner p where $scope(p.id)", DB_SCOPE_OWN, &count, &scope);
    assert_string_equal(text, "select 1 from partner p where (p.id = $1)");
    assert_int_equal(count, 0);
    assert_int_equal(scope, 1);
    free(text);
}

static void texts_are_left_alone(void **state) {
    (void)state;
    static const char *const same[] = {
        "select '$scope(l) $9 it''s $7', \"$x\" -- $scope $5",
        "select 1 /* $nothing '\" */ + 2",
        "select '$open",
        "select /* $open",
        "select \"$open",
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        int count, scope;
        char *text = expand(same[i], DB_SCOPE_SUBTREE, &count, &scope);
        assert_string_equal(text, same[i]);
        assert_int_equal(count, 0);
        free(text);
    }
}

static void wrong_statements_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "", "select $", "select $scope", "select $scope()", "select $scope(l", "select $scope(1l)",
        "select $scope(l.)", "select $scope(l.a.b)", "select $scope(l/)",
        "select $scope(l/a/b)", "select $scope(l/a.b)", "select $scope(/a)",
        "select $scope(l; drop)", "select $scoped(l)",
        "select $0", "select $65", "select $1a", "select $2", "select $1, $3",
        "select $999999999999999999999", "select $unknown",
        "select $aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct db_statement statement = {.text = NULL};
        struct error error = {.code = ERROR_NONE};
        assert_int_equal(db_statement_expand(wrong[i], DB_SCOPE_OWN, "", &error, &statement),
                         ERROR_INTERNAL);
        assert_true(error.text[0]);
        assert_null(statement.text);
    }
    char most[600] = "select $1";
    for (int i = 2; i <= DB_PARAMETERS_MAX; i++)
        snprintf(most + strlen(most), sizeof most - strlen(most), ", $%d", i);
    int count, scope;
    free(expand(most, DB_SCOPE_OWN, &count, &scope));
    assert_int_equal(count, DB_PARAMETERS_MAX);
}

static void values_are_checked(void **state) {
    (void)state;
    struct db_statement statement = {.value_count = 1};
    struct db_value value = db_text_length("a\0b", 3);
    assert_int_equal(db_values_check(&statement, "s", NULL, 0, NULL), ERROR_INTERNAL);
    assert_int_equal(db_values_check(&statement, "s", &value, 1, NULL), ERROR_INVALID);
    value = db_blob("a\0b", 3);
    assert_int_equal(db_values_check(&statement, "s", &value, 1, NULL), 0);
    value = db_text_length("", (size_t)DB_TEXT_MAX_BYTES + 1);
    assert_int_equal(db_values_check(&statement, "s", &value, 1, NULL), ERROR_TOO_LARGE);
    assert_int_equal(db_text(NULL).kind, DB_KIND_NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scopes_expand),
        cmocka_unit_test(owners_expand),
        cmocka_unit_test(other_tokens_expand),
        cmocka_unit_test(texts_are_left_alone),
        cmocka_unit_test(wrong_statements_are_refused),
        cmocka_unit_test(values_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
