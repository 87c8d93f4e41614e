/* Passwords: which are refused, how they are kept, and that no more are hashed at once than may. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/password.h"
#include "base/clock.h"

static const struct password_cost cheap = {1, 8192};

/* Security point 1: twelve characters at the least, 64 and more allowed, any characters. */
static void length_counts_characters(void **state) {
    (void)state;
    char text[4 * PASSWORD_CHARACTERS_MAX + 8] = "";
    assert_int_equal(password_check("Vq7!zr9Lp2x", NULL, 0), PASSWORD_TOO_SHORT);
    assert_int_equal(password_check("Vq7!zr9Lp2xw", NULL, 0), PASSWORD_SOUND);
    assert_int_equal(password_check("ëüïöáéíóúñçø", NULL, 0), PASSWORD_SOUND);
    assert_int_equal(password_check("ëüïöáéíóúñç", NULL, 0), PASSWORD_TOO_SHORT);
    assert_int_equal(password_check("vier losse gewone woordjes \t\x01", NULL, 0), PASSWORD_SOUND);
    for (int i = 0; i < PASSWORD_CHARACTERS_MAX; i++)
        snprintf(text + strlen(text), 4, "%s", i % 3 ? "é" : i % 2 ? "k" : "x");
    text[0] = 'w';
    assert_int_equal(password_check(text, NULL, 0), PASSWORD_SOUND);
    snprintf(text + strlen(text), 4, "x");
    assert_int_equal(password_check(text, NULL, 0), PASSWORD_TOO_LONG);
}

/* Security point 2: what everybody thinks of first, in its many forms. */
static void common_ones_are_refused(void **state) {
    (void)state;
    static const char *const common[] = {
        "password1234", "Password2026!", "P@ssw0rd1234", "wachtwoord123", "Welkom2026!!",
        "welkomwelkom", "qwertyuiop12", "1234567890123", "aaaaaaaaaaaa", "abcdefghijkl",
        "zomer2026zomer", "Amsterdam2026", "feyenoord1908!", "iloveyou12345", "letmeinletmein",
        "administrator1", "1q2w3e1q2w3e", "abcabcabcabc", "changeme1234", "Voorjaar-2026",
        "koppel-welkom1", "december2026!", "!!!!!!!!!!!!", "superman!!1999", "0987654321098",
        "xkxkxkxkxkxk", "asdfghjkl;12", "MonkeyDragon1", "geheim123456", "verzekering1!"};
    static const char *const sound[] = {
        "correct horse battery staple", "Tj3-plonkt-vaak", "fietsbel wandelt om", "9fK2mQ7xTz1L",
        "De kachel snort zacht", "mvpzaqxbtrkw", "groentesoep-per-emmer"};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (password_check(common[i], NULL, 0) != PASSWORD_COMMON) fail_msg("%s", common[i]);
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++)
        if (password_check(sound[i], NULL, 0) != PASSWORD_SOUND) fail_msg("%s", sound[i]);
}

/* At least 3,000 that fit the rule on length: each word with a year, to begin with. */
static void more_than_three_thousand_are_refused(void **state) {
    (void)state;
    int refused = 0;
    for (int i = 0; i < password_word_count(); i++) {
        static const char *const forms[] = {"%s1234567890", "%s2026%s!", "%s-%s-%s-%s",
                                            "!!%s!!12345678", "19%s99999999"};
        const char *word = password_word(i);
        for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
            char text[400] = "";
            for (const char *at = forms[form]; *at; at++) {
                bool here = at[0] == '%' && at[1] == 's';
                snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s",
                         here ? 40 : 1, here ? word : at);
                at += here;
            }
            if (strlen(text) < PASSWORD_CHARACTERS_MIN) continue;
            if (form != 2 && password_check(text, NULL, 0) != PASSWORD_COMMON)
                fail_msg("%s", text);
            refused += password_check(text, NULL, 0) == PASSWORD_COMMON;
        }
    }
    assert_true(password_word_count() >= 500);
    assert_true(refused >= 3000);
}

static void what_its_owner_is_known_by_is_common(void **state) {
    (void)state;
    static const char *const own[] = {"Wilhelmina van Oeverkamp", NULL,
                                      "w.oeverkamp@zandpad.example"};
    assert_int_equal(password_check("Oeverkamp2026", own, 3), PASSWORD_COMMON);
    assert_int_equal(password_check("wilhelmina-123", own, 3), PASSWORD_COMMON);
    assert_int_equal(password_check("Zandpad!zandpad", own, 3), PASSWORD_COMMON);
    assert_int_equal(password_check("Oeverkamp2026", NULL, 0), PASSWORD_SOUND);
    assert_int_equal(password_check("Oeverkamp zag drie reigers", own, 3), PASSWORD_SOUND);
}

/* Security point 3: argon2id, its parameters in the text; other parameters ask to be renewed. */
static void hashes_name_their_parameters(void **state) {
    (void)state;
    struct passwords *passwords, *dearer;
    const struct password_cost cost = {2, 16384};
    char hash[PASSWORD_HASH_MAX], other[PASSWORD_HASH_MAX];
    bool right = false, again = true;
    assert_int_equal(passwords_new(&cheap, 1, NULL, &passwords), 0);
    assert_int_equal(passwords_new(&cost, 1, NULL, &dearer), 0);
    assert_int_equal(passwords_hash(passwords, "one and another", NULL, hash), 0);
    assert_int_equal(passwords_hash(passwords, "one and another", NULL, other), 0);
    assert_true(strncmp(hash, "$argon2id$v=19$m=8,t=1,p=1$", 27) == 0);
    assert_string_not_equal(hash, other);
    assert_int_equal(passwords_verify(passwords, hash, "one and another", NULL, &right, &again),
                     0);
    assert_true(right && !again);
    assert_int_equal(passwords_verify(dearer, hash, "one and another", NULL, &right, &again), 0);
    assert_true(right && again);
    assert_int_equal(passwords_verify(passwords, hash, "one and anothe", NULL, &right, &again), 0);
    assert_false(right || again);
    assert_int_equal(passwords_verify(passwords, NULL, "", NULL, &right, NULL), 0);
    assert_false(right);
    assert_int_equal(passwords_verify(passwords, "no hash", "", NULL, &right, NULL), 0);
    assert_false(right);
    passwords_free(dearer);
    passwords_free(passwords);
}

static int64_t time_of(struct passwords *passwords, const char *hash, int times) {
    int64_t begun_us = clock_monotonic_us();
    for (int i = 0; i < times; i++) {
        bool right;
        assert_int_equal(passwords_verify(passwords, hash, "not this one", NULL, &right, NULL), 0);
        assert_false(right);
    }
    return clock_monotonic_us() - begun_us;
}

/* Security point 5: where there is nothing to check, it takes as long. Bounds are wide: other work
 * goes on beside. */
static void nobodys_takes_as_long(void **state) {
    (void)state;
    struct passwords *passwords;
    const struct password_cost cost = {2, 4 * 1024 * 1024};
    char hash[PASSWORD_HASH_MAX];
    double closest = 100;
    assert_int_equal(passwords_new(&cost, 1, NULL, &passwords), 0);
    assert_int_equal(passwords_hash(passwords, "one and another", NULL, hash), 0);
    for (int round = 0; round < 5; round++) {
        double known = (double)time_of(passwords, hash, 10);
        double unknown = (double)time_of(passwords, NULL, 10);
        double ratio = known > unknown ? known / unknown : unknown / known;
        if (ratio < closest) closest = ratio;
    }
    assert_true(closest < 1.3);
    passwords_free(passwords);
}

static struct passwords *shared;
static atomic_int done;

static void *hash_once(void *context) {
    char hash[PASSWORD_HASH_MAX];
    (void)context;
    if (passwords_hash(shared, "one and another", NULL, hash) == 0) atomic_fetch_add(&done, 1);
    return NULL;
}

/* Many at once take turns, and all get one. */
static void hashing_goes_by_turns(void **state) {
    (void)state;
    pthread_t threads[16];
    const struct password_cost cost = {1, 1024 * 1024};
    assert_int_equal(passwords_new(&cost, 2, NULL, &shared), 0);
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hash_once, NULL), 0);
    for (size_t i = 0; i < 16; i++) pthread_join(threads[i], NULL);
    assert_int_equal(done, 16);
    passwords_free(shared);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(length_counts_characters),
        cmocka_unit_test(common_ones_are_refused),
        cmocka_unit_test(more_than_three_thousand_are_refused),
        cmocka_unit_test(what_its_owner_is_known_by_is_common),
        cmocka_unit_test(hashes_name_their_parameters),
        cmocka_unit_test(nobodys_takes_as_long),
        cmocka_unit_test(hashing_goes_by_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
