/* What the law allows of commission, kind by kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/commission.h"

static const struct {
    enum product_law law;
    enum commission_fault paid, by_volume; /* commission that is paid; that follows volume */
} rules[] = {{PRODUCT_NON_LIFE, COMMISSION_ALLOWED, COMMISSION_VOLUME},
             {PRODUCT_PAYMENT_PROTECTION, COMMISSION_BANNED, COMMISSION_BANNED},
             {PRODUCT_COMPLEX, COMMISSION_BANNED, COMMISSION_BANNED},
             {PRODUCT_MORTGAGE, COMMISSION_BANNED, COMMISSION_BANNED},
             {PRODUCT_DISABILITY, COMMISSION_BANNED, COMMISSION_BANNED},
             {PRODUCT_TERM_LIFE, COMMISSION_BANNED, COMMISSION_BANNED},
             {PRODUCT_FUNERAL, COMMISSION_BANNED, COMMISSION_BANNED},
             {PRODUCT_PENSION_CLAIM, COMMISSION_BANNED, COMMISSION_BANNED},
             {PRODUCT_UNREGULATED, COMMISSION_ALLOWED, COMMISSION_ALLOWED}};

static void test_rules(void **state) {
    (void)state;
    assert_int_equal(sizeof rules / sizeof *rules, PRODUCT_LAWS);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        assert_int_equal(commission_check(rules[i].law, false, false), COMMISSION_ALLOWED);
        assert_int_equal(commission_check(rules[i].law, true, false), rules[i].paid);
        assert_int_equal(commission_check(rules[i].law, true, true), rules[i].by_volume);
    }
}

/* Each refusal names its article, in both languages. */
static void test_words(void **state) {
    char message[COMMISSION_MESSAGE_MAX];
    (void)state;
    for (int law = 0; law < PRODUCT_LAWS; law++)
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            commission_say(law, COMMISSION_BANNED, language, message);
            assert_non_null(strstr(message, "86c"));
            commission_say(law, COMMISSION_VOLUME, language, message);
            assert_non_null(strstr(message, "86d"));
            assert_int_equal(message[strlen(message) - 1], '.');
        }
    assert_string_not_equal(commission_fault_code(COMMISSION_BANNED),
                            commission_fault_code(COMMISSION_VOLUME));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules), cmocka_unit_test(test_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
