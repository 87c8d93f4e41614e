/* Writes amounts, numbers and dates. Groups of three digits are parted as each language does. */
#include "words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define NO_BREAK_SPACE "\xc2\xa0"

enum { NUMBER_DIGITS_MAX = 36 }; /* with their signs of group they fit WORDS_MAX */

static const char *const months[LANGUAGE_COUNT][12] = {
    {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
     "oktober", "november", "december"},
    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"}};

const char *words_month(int month, enum language language) {
    return month >= 1 && month <= 12 ? months[language][month - 1] : "";
}

static void as_it_is(const char *text, size_t length, char ret_words[WORDS_MAX]) {
    size_t fit = utf8_fit(text, length, WORDS_MAX - 1);
    memcpy(ret_words, text, fit);
    ret_words[fit] = '\0';
}

static bool digits_read(const char *text, int count, int *ret_number) {
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return true;
}

void words_date(const char *date, enum language language, char ret_words[WORDS_MAX]) {
    int year, month, day;
    if (strlen(date) != 10 || !digits_read(date, 4, &year) || date[4] != '-' ||
        !digits_read(date + 5, 2, &month) || date[7] != '-' || !digits_read(date + 8, 2, &day) ||
        !*words_month(month, language)) {
        as_it_is(date, strlen(date), ret_words);
        return;
    }
    snprintf(ret_words, WORDS_MAX, "%d" NO_BREAK_SPACE "%s" NO_BREAK_SPACE "%d", day,
             words_month(month, language), year);
}

void words_number(const char *digits, size_t length, enum language language,
                  char ret_words[WORDS_MAX]) {
    bool negative = length > 0 && digits[0] == '-';
    const char *at = digits + negative;
    size_t left = length - negative, whole = 0, fraction = 0;
    while (whole < left && at[whole] >= '0' && at[whole] <= '9') whole++;
    if (whole < left && at[whole] == '.')
        while (whole + 1 + fraction < left && at[whole + 1 + fraction] >= '0' &&
               at[whole + 1 + fraction] <= '9')
            fraction++;
    bool plain = whole > 0 && left == whole + (fraction ? fraction + 1 : 0);
    if (!plain || left > NUMBER_DIGITS_MAX) {
        as_it_is(digits, length, ret_words);
        return;
    }
    char group = language == LANGUAGE_EN ? ',' : '.', point = language == LANGUAGE_EN ? '.' : ',';
    char *to = ret_words;
    if (negative) *to++ = '-';
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0) *to++ = group;
        *to++ = at[i];
    }
    if (fraction) {
        *to++ = point;
        memcpy(to, at + whole + 1, fraction);
        to += fraction;
    }
    *to = '\0';
}

void words_amount(int64_t cents, const char *currency, enum language language,
                  char ret_words[WORDS_MAX]) {
    char plain[32], number[WORDS_MAX];
    uint64_t size = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;
    bool euro = !currency || strcmp(currency, "EUR") == 0;
    int length = snprintf(plain, sizeof plain, "%s%llu.%02d", cents < 0 ? "-" : "",
                          (unsigned long long)(size / 100), (int)(size % 100));
    words_number(plain, (size_t)length, language, number);
    if (euro && language == LANGUAGE_EN)
        snprintf(ret_words, WORDS_MAX, "%s\u20ac%.50s", cents < 0 ? "-" : "",
                 number + (cents < 0));
    else
        snprintf(ret_words, WORDS_MAX, "%.8s" NO_BREAK_SPACE "%.50s",
                 euro ? "\u20ac" : currency, number);
}
