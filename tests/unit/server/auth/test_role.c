/* Roles by name and side, and what callers count as. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/caller.h"

static void names_lead_back_to_roles(void **state) {
    (void)state;
    unsigned all = 0;
    for (int at = 0; at < ROLE_COUNT; at++) {
        enum role role = role_at(at);
        bool organisation = role_of_organisation(role);
        assert_int_equal(role_read(role_text(role), organisation), role);
        assert_true(strlen(role_label(role)->nl) > 0 && strlen(role_label(role)->en) > 0);
        assert_int_equal(all & (unsigned)role, 0);
        all |= (unsigned)role;
    }
    assert_int_equal(all, ROLES_ALL);
    assert_int_equal(ROLES_PARTNER_ALL & ROLES_ORGANISATION_ALL, 0);
    assert_string_equal(role_text(ROLE_NONE), "");
    assert_string_equal(role_label(ROLE_NONE)->nl, "");
}

/* The same name is another role on the other side; a name of the other side is none. */
static void a_side_has_its_own_roles(void **state) {
    (void)state;
    assert_int_equal(role_read("administrator", false), ROLE_PARTNER_ADMINISTRATOR);
    assert_int_equal(role_read("administrator", true), ROLE_ADMINISTRATOR);
    assert_int_equal(role_read("adviser", true), ROLE_NONE);
    assert_int_equal(role_read("underwriter", false), ROLE_NONE);
    assert_int_equal(role_read("", true), ROLE_NONE);
    assert_int_equal(role_read("Administrator", true), ROLE_NONE);
    assert_int_equal(role_read(NULL, true), ROLE_NONE);
}

static void callers_have_a_side(void **state) {
    (void)state;
    static const struct {
        enum caller_kind kind;
        enum role role;
        bool organisation, partner;
        enum caller_kind side;
    } cases[] = {
        {CALLER_NOBODY, ROLE_NONE, false, false, CALLER_NOBODY},
        {CALLER_SECRET_KEY, ROLE_NONE, false, true, CALLER_SECRET_KEY},
        {CALLER_PUBLISHABLE_KEY, ROLE_NONE, false, false, CALLER_PUBLISHABLE_KEY},
        {CALLER_ORGANISATION, ROLE_NONE, true, false, CALLER_ORGANISATION},
        {CALLER_USER, ROLE_PARTNER_ASSISTANT, false, true, CALLER_SECRET_KEY},
        {CALLER_USER, ROLE_PARTNER_ADMINISTRATOR, false, true, CALLER_SECRET_KEY},
        {CALLER_USER, ROLE_ANALYST, true, false, CALLER_ORGANISATION},
        {CALLER_USER, ROLE_NONE, false, false, CALLER_NOBODY}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct caller caller = {.kind = cases[i].kind, .role = cases[i].role,
                                .key_id = "key", .user_id = "usr"};
        assert_int_equal(caller_is_organisation(&caller), cases[i].organisation);
        assert_int_equal(caller_is_partner(&caller), cases[i].partner);
        assert_int_equal(caller_side(&caller), cases[i].side);
        assert_string_equal(caller_counted_id(&caller),
                            cases[i].kind == CALLER_USER ? "usr" : "key");
    }
}

/* A copy's scope is on the copy's own ids: the first may go. */
static void a_copy_stands_alone(void **state) {
    (void)state;
    struct caller first = {.kind = CALLER_USER, .partner_id = "ptr_a", .user_id = "usr_a"}, copy;
    first.scope = (struct db_scope){.kind = DB_SCOPE_PERSON, .partner_id = first.partner_id,
                                    .user_id = first.user_id};
    caller_copy(&first, &copy);
    memset(&first, 'x', sizeof first);
    assert_string_equal(copy.scope.partner_id, "ptr_a");
    assert_string_equal(copy.scope.user_id, "usr_a");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_back_to_roles),
        cmocka_unit_test(a_side_has_its_own_roles),
        cmocka_unit_test(callers_have_a_side),
        cmocka_unit_test(a_copy_stands_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
