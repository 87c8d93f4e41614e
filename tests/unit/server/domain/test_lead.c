/* Leads without a store: who may take which step, whom rules leave, how the draw falls, and what
 * the reason says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "domain/lead.h"
#include "domain/lead_assign.h"

/* ---- states --------------------------------------------------------------------------------- */
static void test_steps(void **state) {
    (void)state;
    static const struct {
        enum lead_step step;
        enum lead_state from;
        enum lead_actor actor;
        enum lead_answer answer;
        enum lead_state to;
    } cases[] = {
        {LEAD_OFFER, LEAD_NEW, LEAD_BY_SYSTEM, LEAD_ALLOWED, LEAD_OFFERED},
        {LEAD_OFFER, LEAD_NEW, LEAD_BY_PARTNER, LEAD_WRONG_ACTOR, 0},
        {LEAD_OFFER, LEAD_ACCEPTED, LEAD_BY_ORGANISATION, LEAD_WRONG_STATE, 0},
        {LEAD_ACCEPT, LEAD_OFFERED, LEAD_BY_PARTNER, LEAD_ALLOWED, LEAD_ACCEPTED},
        {LEAD_ACCEPT, LEAD_OFFERED, LEAD_BY_ORGANISATION, LEAD_WRONG_ACTOR, 0},
        {LEAD_ACCEPT, LEAD_EXPIRED, LEAD_BY_PARTNER, LEAD_WRONG_STATE, 0},
        {LEAD_DECLINE, LEAD_CONTACTED, LEAD_BY_PARTNER, LEAD_ALLOWED, LEAD_DECLINED},
        {LEAD_DECLINE, LEAD_QUOTED, LEAD_BY_PARTNER, LEAD_WRONG_STATE, 0},
        {LEAD_LAPSE, LEAD_OFFERED, LEAD_BY_SYSTEM, LEAD_ALLOWED, LEAD_EXPIRED},
        {LEAD_LAPSE, LEAD_OFFERED, LEAD_BY_ORGANISATION, LEAD_WRONG_ACTOR, 0},
        {LEAD_CONTACT, LEAD_QUOTED, LEAD_BY_PARTNER, LEAD_ALLOWED, LEAD_QUOTED},
        {LEAD_WIN, LEAD_QUOTED, LEAD_BY_PARTNER, LEAD_ALLOWED, LEAD_WON},
        {LEAD_WIN, LEAD_WON, LEAD_BY_PARTNER, LEAD_WRONG_STATE, 0},
        {LEAD_LOSE, LEAD_NEW, LEAD_BY_PARTNER, LEAD_WRONG_ACTOR, 0},
        {LEAD_TAKE_BACK, LEAD_QUOTED, LEAD_BY_ORGANISATION, LEAD_ALLOWED, LEAD_NEW},
        {LEAD_TAKE_BACK, LEAD_QUOTED, LEAD_BY_PARTNER, LEAD_WRONG_ACTOR, 0},
        {LEAD_CREATE, LEAD_NEW, LEAD_BY_WEBSITE, LEAD_ALLOWED, LEAD_NEW},
        {LEAD_CHANGE, LEAD_ACCEPTED, LEAD_BY_WEBSITE, LEAD_WRONG_ACTOR, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum lead_state to = LEAD_STATES;
        assert_int_equal(lead_ask(cases[i].step, cases[i].from, cases[i].actor, &to),
                         cases[i].answer);
        if (cases[i].answer == LEAD_ALLOWED) assert_int_equal(to, cases[i].to);
        else assert_int_equal(to, LEAD_STATES);
    }
}

static void test_names(void **state) {
    (void)state;
    for (int i = 0; i < LEAD_STATES; i++) {
        assert_int_equal(lead_state_read(lead_state_text((enum lead_state)i)), i);
        assert_non_null(lead_state_label((enum lead_state)i)->nl);
    }
    assert_int_equal(lead_state_read("lapsed"), LEAD_STATES);
    assert_int_equal(lead_state_read(NULL), LEAD_STATES);
    for (int i = 0; i < LEAD_STEPS; i++) {
        assert_non_null(lead_step_text((enum lead_step)i));
        assert_non_null(lead_step_label((enum lead_step)i)->en);
    }
}

/* From each open state somebody gets on, and no lead is worked on without being open. */
static void test_no_dead_end(void **state) {
    (void)state;
    for (int from = 0; from < LEAD_STATES; from++) {
        int ways = 0;
        enum lead_state to;
        for (int step = 0; step < LEAD_STEPS; step++)
            for (unsigned actor = 1; actor <= LEAD_BY_WEBSITE; actor <<= 1)
                ways += lead_ask((enum lead_step)step, (enum lead_state)from,
                                 (enum lead_actor)actor, &to) == LEAD_ALLOWED &&
                        (int)to != from;
        assert_true(ways > 0);
        if (lead_state_worked((enum lead_state)from))
            assert_true(lead_state_open((enum lead_state)from));
    }
}

/* ---- sifting -------------------------------------------------------------------------------- */
enum { OFFICES = 6 };

static void offices_make(struct lead_candidate offices[OFFICES]) {
    static const char *const ids[OFFICES] = {"ptr_a", "ptr_b", "ptr_c", "ptr_d", "ptr_e", "ptr_f"};
    for (int i = 0; i < OFFICES; i++)
        offices[i] = (struct lead_candidate){.partner_id = ids[i],
                                             .grade = (char)('a' + i % 4),
                                             .active = true,
                                             .sells = true,
                                             .licensed = true,
                                             .speaks = true,
                                             .certified = true,
                                             .place = LEAD_PLACE_INSIDE};
}

static int assign(struct lead_candidate offices[OFFICES], uint64_t seed,
                  struct lead_reason *ret_reason) {
    return lead_assign(lead_rules_default, LEAD_RULE_KINDS, offices, OFFICES, seed, ret_reason);
}

static const struct lead_sifting *sifting_of(const struct lead_reason *reason,
                                             enum lead_rule_kind kind) {
    for (int i = 0; i < reason->sifting_count; i++)
        if (reason->siftings[i].kind == kind) return &reason->siftings[i];
    fail_msg("rule %d was not applied", (int)kind);
    return NULL;
}

static void test_sifting(void **state) {
    (void)state;
    struct lead_candidate offices[OFFICES];
    struct lead_reason reason = {0};
    offices_make(offices);
    offices[0].active = false;
    offices[1].declined = true;
    offices[2].sells = false;
    offices[3].licensed = false;
    offices[4].open_leads = 25;
    for (uint64_t seed = 0; seed < 50; seed++) assert_int_equal(assign(offices, seed, &reason), 5);
    assert_string_equal(reason.partner_id, "ptr_f");
    assert_int_equal(reason.considered, 6);
    assert_int_equal(sifting_of(&reason, LEAD_RULE_ACTIVE)->left, 5);
    assert_int_equal(sifting_of(&reason, LEAD_RULE_LICENCE)->left, 2);
    assert_int_equal(sifting_of(&reason, LEAD_RULE_LOAD)->left, 1);
    assert_int_equal(reason.weight_sum, 3);
    offices[5].declined = true;
    assert_int_equal(assign(offices, 1, &reason), -1);
    assert_int_equal(reason.siftings[reason.sifting_count - 1].kind, LEAD_RULE_LOAD);
    assert_string_equal(reason.partner_id, "");
    assert_int_equal(lead_assign(lead_rules_default, LEAD_RULE_KINDS, offices, 0, 1, &reason), -1);
}

static void test_preferences(void **state) {
    (void)state;
    struct lead_candidate offices[OFFICES];
    struct lead_reason reason = {0};
    offices_make(offices);
    for (int i = 0; i < OFFICES; i++) offices[i].place = LEAD_PLACE_ELSEWHERE;
    assert_true(assign(offices, 1, &reason) >= 0);
    assert_true(sifting_of(&reason, LEAD_RULE_TERRITORY)->relaxed);
    assert_int_equal(sifting_of(&reason, LEAD_RULE_TERRITORY)->left, 6);
    offices[2].place = LEAD_PLACE_ANYWHERE;
    assert_int_equal(assign(offices, 1, &reason), 2);
    assert_true(sifting_of(&reason, LEAD_RULE_TERRITORY)->widened);
    offices[4].place = LEAD_PLACE_INSIDE;
    assert_int_equal(assign(offices, 1, &reason), 4);
    assert_false(sifting_of(&reason, LEAD_RULE_TERRITORY)->widened);
    offices_make(offices);
    for (int i = 0; i < OFFICES; i++) offices[i].speaks = offices[i].certified = i == 3;
    assert_int_equal(assign(offices, 9, &reason), 3);
    offices[3].speaks = false;
    assert_int_equal(assign(offices, 9, &reason), 3);
    assert_true(sifting_of(&reason, LEAD_RULE_LANGUAGE)->relaxed);
}

/* A preferred rule that is required instead leaves nobody. */
static void test_required(void **state) {
    (void)state;
    struct lead_rule rules[LEAD_RULE_KINDS];
    struct lead_candidate offices[OFFICES];
    struct lead_reason reason = {.rules_revision = 7};
    memcpy(rules, lead_rules_default, sizeof rules);
    rules[LEAD_RULE_TERRITORY].required = true;
    offices_make(offices);
    for (int i = 0; i < OFFICES; i++) offices[i].place = LEAD_PLACE_ELSEWHERE;
    assert_int_equal(lead_assign(rules, LEAD_RULE_KINDS, offices, OFFICES, 1, &reason), -1);
    assert_int_equal(reason.siftings[reason.sifting_count - 1].kind, LEAD_RULE_TERRITORY);
    assert_int_equal(reason.rules_revision, 7);
    /* A grade without weight gets none. */
    offices_make(offices);
    rules[LEAD_RULE_TERRITORY].required = false;
    memset(rules[LEAD_RULE_GRADE].weights, 0, sizeof rules[LEAD_RULE_GRADE].weights);
    rules[LEAD_RULE_GRADE].weights[3] = 5;
    for (uint64_t seed = 0; seed < 50; seed++)
        assert_int_equal(lead_assign(rules, LEAD_RULE_KINDS, offices, OFFICES, seed, &reason), 3);
    assert_int_equal(reason.grade, 'd');
}

static void test_rules_checked(void **state) {
    (void)state;
    struct lead_rule rules[LEAD_RULES_MAX];
    assert_null(lead_rules_wrong(lead_rules_default, LEAD_RULE_KINDS));
    assert_null(lead_rules_wrong(lead_rules_default, 3));
    assert_non_null(lead_rules_wrong(lead_rules_default, 2));
    assert_non_null(lead_rules_wrong(NULL, 0));
    memcpy(rules, lead_rules_default, sizeof lead_rules_default);
    rules[3].kind = LEAD_RULE_PRODUCT;
    assert_non_null(lead_rules_wrong(rules, LEAD_RULE_KINDS));
    memcpy(rules, lead_rules_default, sizeof lead_rules_default);
    rules[LEAD_RULE_PRODUCT].required = false;
    assert_non_null(lead_rules_wrong(rules, LEAD_RULE_KINDS));
    memcpy(rules, lead_rules_default, sizeof lead_rules_default);
    rules[LEAD_RULE_LOAD].value = 0;
    assert_non_null(lead_rules_wrong(rules, LEAD_RULE_KINDS));
    memcpy(rules, lead_rules_default, sizeof lead_rules_default);
    memset(rules[LEAD_RULE_GRADE].weights, 0, sizeof rules[LEAD_RULE_GRADE].weights);
    assert_non_null(lead_rules_wrong(rules, LEAD_RULE_KINDS));
}

/* ---- the draw ------------------------------------------------------------------------------- */
static void test_seed_decides(void **state) {
    (void)state;
    struct lead_candidate offices[OFFICES];
    struct lead_reason first = {0}, again = {0};
    bool chosen[OFFICES] = {false};
    for (uint64_t seed = 0; seed < 200; seed++) {
        offices_make(offices);
        int at = assign(offices, seed, &first);
        assert_int_equal(assign(offices, seed, &again), at);
        assert_memory_equal(&first, &again, sizeof first);
        chosen[at] = true;
    }
    for (int i = 0; i < OFFICES; i++) assert_true(chosen[i]);
}

/* 10,000 leads over ten offices of four grades: Pearson's statistic stays below what a fair draw
 * passes once in a thousand (27.88 for nine degrees of freedom). Seeds follow each other, which is
 * the worst that a generator can be given. */
static void test_fair_by_weight(void **state) {
    (void)state;
    enum { MANY = 10, LEADS = 10000 };
    static const char grades[MANY] = {'a', 'a', 'b', 'b', 'b', 'c', 'c', 'd', 'd', 0};
    static const int weights[MANY] = {4, 4, 3, 3, 3, 2, 2, 1, 1, 1};
    struct lead_candidate offices[MANY];
    int drawn[MANY] = {0}, sum = 0;
    double statistic = 0;
    for (int i = 0; i < MANY; i++) {
        offices[i] = (struct lead_candidate){.partner_id = "ptr",
                                             .grade = grades[i],
                                             .active = true,
                                             .sells = true,
                                             .licensed = true,
                                             .place = LEAD_PLACE_INSIDE};
        sum += weights[i];
    }
    for (uint64_t seed = 1; seed <= LEADS; seed++) {
        struct lead_reason reason = {0};
        int at = lead_assign(lead_rules_default, LEAD_RULE_KINDS, offices, MANY, seed, &reason);
        assert_int_equal(reason.weight_sum, sum);
        assert_int_equal(reason.weight, weights[at]);
        drawn[at]++;
    }
    for (int i = 0; i < MANY; i++) {
        double expected = (double)LEADS * weights[i] / sum;
        statistic += (drawn[i] - expected) * (drawn[i] - expected) / expected;
    }
    if (statistic > 27.88) fail_msg("chi-square is %.2f", statistic);
}

/* ---- the reason ----------------------------------------------------------------------------- */
static void test_reason_kept(void **state) {
    (void)state;
    struct lead_candidate offices[OFFICES];
    struct lead_reason reason = {.rules_revision = 3}, read = {0};
    struct buffer json, words;
    offices_make(offices);
    offices[1].declined = true;
    offices[0].place = offices[2].place = LEAD_PLACE_ELSEWHERE;
    for (int i = 0; i < OFFICES; i++) offices[i].speaks = false;
    int at = assign(offices, UINT64_C(0xfedcba9876543210), &reason);
    assert_true(at >= 0);
    buffer_init(&json, LEAD_REASON_BYTES_MAX);
    buffer_init(&words, LEAD_REASON_WORDS_MAX);
    lead_reason_write(&reason, &json);
    assert_false(json.failed);
    assert_true(lead_reason_read(json.data, json.length, &read));
    assert_memory_equal(&reason, &read, sizeof reason);
    lead_reason_words(&reason, LANGUAGE_EN, "Havenzicht", &words);
    assert_non_null(strstr(words.data, "6 offices were looked at. Of 6 it is true that the office "
                                       "is active. Of 5 it is true that the office did not let"));
    assert_non_null(strstr(words.data, "Of none of them is it true that somebody speaks"));
    assert_non_null(strstr(words.data, "Of these Havenzicht was drawn, with grade "));
    buffer_clear(&words);
    lead_reason_words(&reason, LANGUAGE_NL, NULL, &words);
    assert_non_null(strstr(words.data, "Er is gekeken naar 6 kantoren."));
    assert_non_null(strstr(words.data, "Daarvan is er een geloot, met klasse "));
    buffer_done(&words);
    buffer_done(&json);
    assert_false(lead_reason_read("{\"rules\":[{\"rule\":\"mood\"}]}", 28, &read));
    assert_false(lead_reason_read("[", 1, &read));
    assert_false(lead_reason_read("{}", 2, &read));
}

/* The longest there can be fits what is kept and what is told. */
static void test_reason_fits(void **state) {
    (void)state;
    struct lead_reason reason = {.rules_revision = INT64_MAX,
                                 .seed = UINT64_MAX,
                                 .considered = LEAD_CANDIDATES_MAX,
                                 .sifting_count = LEAD_RULE_KINDS,
                                 .partner_id = "ptr_00000000000000000000000004",
                                 .grade = 'a',
                                 .weight = LEAD_WEIGHT_MAX,
                                 .weight_sum = LEAD_CANDIDATES_MAX * LEAD_WEIGHT_MAX};
    char name[201];
    struct buffer json, words;
    memset(name, 'x', 200);
    name[200] = '\0';
    for (int i = 0; i < LEAD_RULE_KINDS; i++)
        reason.siftings[i] = (struct lead_sifting){.kind = (enum lead_rule_kind)i,
                                                   .relaxed = true,
                                                   .widened = true,
                                                   .left = LEAD_CANDIDATES_MAX};
    buffer_init(&json, LEAD_REASON_BYTES_MAX);
    lead_reason_write(&reason, &json);
    assert_false(json.failed);
    for (int language = 0; language < 2; language++) {
        buffer_init(&words, LEAD_REASON_WORDS_MAX);
        lead_reason_words(&reason, language ? LANGUAGE_EN : LANGUAGE_NL, name, &words);
        assert_false(words.failed);
        buffer_done(&words);
    }
    buffer_done(&json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),          cmocka_unit_test(test_names),
        cmocka_unit_test(test_no_dead_end),    cmocka_unit_test(test_sifting),
        cmocka_unit_test(test_preferences),    cmocka_unit_test(test_required),
        cmocka_unit_test(test_rules_checked),  cmocka_unit_test(test_seed_decides),
        cmocka_unit_test(test_fair_by_weight), cmocka_unit_test(test_reason_kept),
        cmocka_unit_test(test_reason_fits)};
    return cmocka_run_group_tests_name("server/domain leads", tests, NULL, NULL);
}
