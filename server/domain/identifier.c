/* Reading identifiers: first to bare capitals and digits, then by the rules of each kind. */
#include "domain/identifier.h"

#include <stdio.h>
#include <string.h>

#include "domain/iban.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return c >= 'A' && c <= 'Z';
}

/* Capitals and digits alone; false: something else stands there, or it is far too long. */
static bool bare(const char *text, size_t length, char ret_bare[IDENTIFIER_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == ' ' || c == '-' || c == '.') continue;
        if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
        if (!is_digit(c) && !is_letter(c)) return false;
        if (count == IDENTIFIER_MAX - 1) return false;
        ret_bare[count++] = c;
    }
    ret_bare[count] = '\0';
    return true;
}

static bool all_digits(const char *text) {
    return text[strspn(text, "0123456789")] == '\0';
}

static bool all_zeros(const char *text) {
    return text[strspn(text, "0")] == '\0';
}

/* Weights 9 down to 2, and -1 for the last: the sum is a multiple of eleven. */
static bool eleven_test(const char nine[9]) {
    int sum = 0;
    for (int i = 0; i < 8; i++) sum += (nine[i] - '0') * (9 - i);
    return (sum - (nine[8] - '0')) % 11 == 0;
}

static enum identifier_fault number_read(const char *text, size_t length) {
    if (!all_digits(text)) return IDENTIFIER_CHARACTERS;
    if (strlen(text) != length) return IDENTIFIER_LENGTH;
    return all_zeros(text) ? IDENTIFIER_UNUSED : IDENTIFIER_SOUND;
}

static enum identifier_fault rsin_read(const char *text) {
    enum identifier_fault fault = number_read(text, 9);
    if (fault) return fault;
    return eleven_test(text) ? IDENTIFIER_SOUND : IDENTIFIER_CHECK;
}

static int remainder_97(const char *text) {
    int rest = 0;
    for (; *text; text++)
        rest = is_digit(*text) ? (rest * 10 + *text - '0') % 97
                               : (rest * 100 + *text - 'A' + 10) % 97;
    return rest;
}

static enum identifier_fault vat_read(const char *text) {
    size_t length = strlen(text);
    if (length >= 2 && is_letter(text[0]) && is_letter(text[1]) && memcmp(text, "NL", 2) != 0)
        return IDENTIFIER_COUNTRY;
    if (length != 14) return IDENTIFIER_LENGTH;
    if (memcmp(text, "NL", 2) != 0 || strspn(text + 2, "0123456789") != 9 || text[11] != 'B' ||
        !all_digits(text + 12))
        return IDENTIFIER_FORM;
    if (all_zeros(text + 12) || memcmp(text + 2, "000000000", 9) == 0) return IDENTIFIER_UNUSED;
    return eleven_test(text + 2) || remainder_97(text) == 1 ? IDENTIFIER_SOUND : IDENTIFIER_CHECK;
}

static enum identifier_fault account_read(const char *text, char ret_text[IDENTIFIER_MAX]) {
    static const enum identifier_fault faults[] = {[IBAN_SOUND] = IDENTIFIER_SOUND,
                                                   [IBAN_FORM] = IDENTIFIER_FORM,
                                                   [IBAN_COUNTRY] = IDENTIFIER_COUNTRY,
                                                   [IBAN_LENGTH] = IDENTIFIER_LENGTH,
                                                   [IBAN_CHECKSUM] = IDENTIFIER_CHECK};
    char iban[IBAN_MAX];
    enum iban_fault fault = iban_read(text, strlen(text), iban);
    if (fault == IBAN_SOUND) snprintf(ret_text, IDENTIFIER_MAX, "%s", iban);
    return faults[fault];
}

static enum identifier_fault postcode_read(const char *text, char ret_text[IDENTIFIER_MAX]) {
    if (strlen(text) != 6) return IDENTIFIER_LENGTH;
    if (strspn(text, "0123456789") != 4 || !is_letter(text[4]) || !is_letter(text[5]))
        return IDENTIFIER_FORM;
    if (text[0] == '0' || (text[4] == 'S' && strchr("ADS", text[5]))) return IDENTIFIER_UNUSED;
    snprintf(ret_text, IDENTIFIER_MAX, "%.4s %.2s", text, text + 4);
    return IDENTIFIER_SOUND;
}

/* The sidecodes in order, L for a letter and 9 for a digit. */
static const char *const sidecodes[] = {
    "LL-99-99", "99-99-LL", "99-LL-99", "LL-99-LL", "LL-LL-99", "99-LL-LL", "99-LLL-9",
    "9-LLL-99", "LL-999-L", "L-999-LL", "LLL-99-L", "L-99-LLL", "9-LL-999", "999-LL-9"};

/* The plate with its hyphens; false: it is of another sidecode. */
static bool sidecode_fits(const char *sidecode, const char *text, char ret_text[IDENTIFIER_MAX]) {
    size_t length = strlen(sidecode);
    for (size_t i = 0; i < length; i++) {
        ret_text[i] = sidecode[i];
        if (sidecode[i] == '-') continue;
        if (sidecode[i] == '9' ? !is_digit(*text) : !is_letter(*text)) return false;
        ret_text[i] = *text++;
    }
    ret_text[length] = '\0';
    return true;
}

static enum identifier_fault plate_read(const char *text, char ret_text[IDENTIFIER_MAX]) {
    char plate[IDENTIFIER_MAX];
    if (strlen(text) != 6) return IDENTIFIER_LENGTH;
    for (size_t i = 0; i < sizeof sidecodes / sizeof *sidecodes; i++) {
        if (!sidecode_fits(sidecodes[i], text, plate)) continue;
        memcpy(ret_text, plate, IDENTIFIER_MAX);
        return IDENTIFIER_SOUND;
    }
    return IDENTIFIER_FORM;
}

/* ---- telephone numbers ---------------------------------------------------------------------- */
/* Digits alone, with a plus before where the country is said. A "(0)" behind the country is not
 * dialled, and is left out. */
static enum identifier_fault digits_of(const char *text, size_t length,
                                       char ret_digits[IDENTIFIER_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '(' && length - i >= 3 && memcmp(text + i, "(0)", 3) == 0 && count > 1) {
            i += 2;
            continue;
        }
        if (strchr(" -.()/", c) && c) continue;
        if (!is_digit(c) && !(c == '+' && count == 0)) return IDENTIFIER_CHARACTERS;
        if (count == IDENTIFIER_MAX - 8) return IDENTIFIER_LENGTH;
        ret_digits[count++] = c;
    }
    ret_digits[count] = '\0';
    return IDENTIFIER_SOUND;
}

/* Behind +31: nine digits; fewer or more for information numbers, eleven for devices. */
static bool dutch_length(const char *national) {
    static const char *const information[] = {"800", "900", "906", "909"};
    size_t length = strlen(national);
    if (*national == '0') return false;
    for (size_t i = 0; i < sizeof information / sizeof *information; i++)
        if (strncmp(national, information[i], 3) == 0) return length == 7 || length == 10;
    return length == (strncmp(national, "97", 2) == 0 ? 11 : 9);
}

static enum identifier_fault telephone_read(const char *text, size_t length,
                                            char ret_text[IDENTIFIER_MAX]) {
    char digits[IDENTIFIER_MAX], whole[IDENTIFIER_MAX];
    enum identifier_fault fault = digits_of(text, length, digits);
    if (fault) return fault;
    if (digits[0] == '+') snprintf(whole, sizeof whole, "%s", digits);
    else if (strncmp(digits, "00", 2) == 0) snprintf(whole, sizeof whole, "+%.32s", digits + 2);
    else if (digits[0] == '0') snprintf(whole, sizeof whole, "+31%.32s", digits + 1);
    else return digits[0] ? IDENTIFIER_FORM : IDENTIFIER_LENGTH;
    size_t count = strlen(whole) - 1;
    if (count && whole[1] == '0') return IDENTIFIER_COUNTRY;
    if (strncmp(whole, "+31", 3) == 0 ? !dutch_length(whole + 3) : count < 7 || count > 15)
        return IDENTIFIER_LENGTH;
    memcpy(ret_text, whole, IDENTIFIER_MAX);
    return IDENTIFIER_SOUND;
}

/* ---- all of them ---------------------------------------------------------------------------- */
static enum identifier_fault bare_read(enum identifier kind, const char *text,
                                       char ret_text[IDENTIFIER_MAX]) {
    enum identifier_fault fault = IDENTIFIER_FORM;
    switch (kind) {
    case IDENTIFIER_TRADE_REGISTER:
    case IDENTIFIER_LICENCE: fault = number_read(text, 8); break;
    case IDENTIFIER_BRANCH: fault = number_read(text, 12); break;
    case IDENTIFIER_RSIN: fault = rsin_read(text); break;
    case IDENTIFIER_VAT: fault = vat_read(text); break;
    case IDENTIFIER_IBAN: return account_read(text, ret_text);
    case IDENTIFIER_POSTCODE: return postcode_read(text, ret_text);
    case IDENTIFIER_LICENCE_PLATE: return plate_read(text, ret_text);
    case IDENTIFIER_TELEPHONE:
    case IDENTIFIERS: break;
    }
    if (!fault) memcpy(ret_text, text, strlen(text) + 1);
    return fault;
}

enum identifier_fault identifier_read(enum identifier kind, const char *text, size_t length,
                                      char ret_text[IDENTIFIER_MAX]) {
    char plain[IDENTIFIER_MAX];
    if (kind == IDENTIFIER_TELEPHONE) return telephone_read(text, length, ret_text);
    if (!bare(text, length, plain)) return IDENTIFIER_CHARACTERS;
    return bare_read(kind, plain, ret_text);
}

/* ---- what is wrong -------------------------------------------------------------------------- */
static const struct {
    struct text shape; /* how one looks, as the end of a sentence */
    const char *example;
} kinds[IDENTIFIERS] = {
    [IDENTIFIER_TRADE_REGISTER] = {{"Een KvK-nummer heeft 8 cijfers", "A KvK number has 8 digits"},
                                   "01234567"},
    [IDENTIFIER_BRANCH] = {{"Een vestigingsnummer heeft 12 cijfers",
                            "A branch number has 12 digits"}, "000012345678"},
    [IDENTIFIER_RSIN] = {{"Een RSIN heeft 9 cijfers", "An RSIN has 9 digits"}, "123456782"},
    [IDENTIFIER_LICENCE] = {{"Een vergunningnummer van de AFM heeft 8 cijfers",
                             "A licence number of the AFM has 8 digits"}, "12019504"},
    [IDENTIFIER_VAT] = {{"Een Nederlands btw-nummer is NL, 9 cijfers, B en 2 cijfers",
                         "A Dutch VAT number is NL, 9 digits, B and 2 digits"}, "NL123456782B01"},
    [IDENTIFIER_IBAN] = {{"Een Nederlandse IBAN heeft 18 tekens en begint met NL",
                          "A Dutch IBAN has 18 characters and begins with NL"},
                         "NL91 ABNA 0417 1643 00"},
    [IDENTIFIER_POSTCODE] = {{"Een postcode heeft 4 cijfers en 2 letters",
                              "A postcode has 4 digits and 2 letters"}, "1234 AB"},
    [IDENTIFIER_LICENCE_PLATE] = {{"Een kenteken heeft 6 letters en cijfers",
                                   "A licence plate has 6 letters and digits"}, "AB-123-C"},
    [IDENTIFIER_TELEPHONE] = {{"Een Nederlands telefoonnummer heeft 10 cijfers; een ander begint "
                               "met + en het landnummer",
                               "A Dutch telephone number has 10 digits; others begin with + and "
                               "the country's number"}, "030 123 45 67"}};

static const struct {
    const char *code;
    struct text text;
} faults[] = {
    [IDENTIFIER_SOUND] = {"", {"", ""}},
    [IDENTIFIER_CHARACTERS] = {"wrong_characters",
                               {"Hier staan tekens die er niet in horen.",
                                "This holds characters that do not belong there."}},
    [IDENTIFIER_LENGTH] = {"wrong_length",
                           {"Dit is te kort of te lang.", "This is too short or too long."}},
    [IDENTIFIER_FORM] = {"wrong_form",
                         {"De letters en cijfers staan niet op hun plaats.",
                          "The letters and digits are not in their places."}},
    [IDENTIFIER_UNUSED] = {"not_given_out",
                           {"Dit wordt nergens gebruikt.", "This is not in use anywhere."}},
    [IDENTIFIER_COUNTRY] = {"wrong_country",
                            {"Dit begint niet met een land dat hier past.",
                             "This does not begin with a country that fits here."}},
    [IDENTIFIER_CHECK] = {"wrong_check",
                          {"De controle klopt niet: een cijfer is verkeerd, of twee zijn "
                           "verwisseld.",
                           "Its check does not come out: a digit is wrong, or two changed "
                           "places."}}};

const char *identifier_fault_code(enum identifier_fault fault) {
    return faults[fault].code;
}

void identifier_say(enum identifier kind, enum identifier_fault fault, enum language language,
                    char ret_message[IDENTIFIER_MESSAGE_MAX]) {
    snprintf(ret_message, IDENTIFIER_MESSAGE_MAX,
             language == LANGUAGE_EN ? "%s %s, such as %s." : "%s %s, bijvoorbeeld %s.",
             text_in(&faults[fault].text, language), text_in(&kinds[kind].shape, language),
             kinds[kind].example);
}
