/* How far somebody reaches: by role, as their firm has it, and narrower for one person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/scope.h"

static void names_lead_back(void **state) {
    (void)state;
    for (int scope = SCOPE_PERSON; scope <= SCOPE_CHAIN; scope++)
        assert_int_equal(scope_read(scope_text((enum scope)scope)), scope);
    static const char *const none[] = {"", "all", "none", "Office", "office "};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(scope_read(none[i]), SCOPE_NONE);
    assert_int_equal(scope_read(NULL), SCOPE_NONE);
}

static void scopes_are_granted(void **state) {
    (void)state;
    static const struct {
        enum role role;
        enum scope of_firm, of_user, expected;
    } cases[] = {
        {ROLE_PARTNER_ADMINISTRATOR, SCOPE_NONE, SCOPE_NONE, SCOPE_CHILDREN},
        {ROLE_PARTNER_ADVISER, SCOPE_NONE, SCOPE_NONE, SCOPE_OFFICE},
        {ROLE_PARTNER_ASSISTANT, SCOPE_NONE, SCOPE_NONE, SCOPE_OFFICE},
        {ROLE_PARTNER_ADVISER, SCOPE_CHAIN, SCOPE_NONE, SCOPE_CHAIN},
        {ROLE_PARTNER_ADMINISTRATOR, SCOPE_PERSON, SCOPE_NONE, SCOPE_PERSON},
        {ROLE_PARTNER_ADVISER, SCOPE_NONE, SCOPE_PERSON, SCOPE_PERSON},
        {ROLE_PARTNER_ADVISER, SCOPE_CHAIN, SCOPE_CHILDREN, SCOPE_CHILDREN},
        /* A person's own narrows, and never widens. */
        {ROLE_PARTNER_ADVISER, SCOPE_NONE, SCOPE_CHAIN, SCOPE_OFFICE},
        {ROLE_PARTNER_ADVISER, SCOPE_PERSON, SCOPE_CHAIN, SCOPE_PERSON},
        /* The organisation sees all, whatever was said; whoever has no role sees nothing. */
        {ROLE_ANALYST, SCOPE_PERSON, SCOPE_PERSON, SCOPE_ALL},
        {ROLE_ADMINISTRATOR, SCOPE_NONE, SCOPE_NONE, SCOPE_ALL},
        {ROLE_NONE, SCOPE_CHAIN, SCOPE_CHAIN, SCOPE_NONE},
        {ROLE_NONE, SCOPE_NONE, SCOPE_NONE, SCOPE_NONE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(scope_of(cases[i].role, cases[i].of_firm, cases[i].of_user),
                         cases[i].expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_back),
        cmocka_unit_test(scopes_are_granted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
