/* IBANs: form, country, length and checksum. Lengths are those of the register that SWIFT keeps for
 * ISO 13616. */
#include "domain/iban.h"

#include <stdio.h>
#include <string.h>

/* Two letters and two digits each: country and length. */
static const char lengths[] =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24"
    "FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32"
    "LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24"
    "RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

int iban_length(const char country[2]) {
    for (const char *at = lengths; *at; at += 4)
        if (at[0] == country[0] && at[1] == country[1]) return (at[2] - '0') * 10 + at[3] - '0';
    return 0;
}

static bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

static bool is_letter(char character) {
    return character >= 'A' && character <= 'Z';
}

/* The first four characters count last, letters as 10 to 35. */
static int remainder_of(const char *iban, size_t length) {
    int rest = 0;
    for (size_t i = 0; i < length; i++) {
        char character = iban[(i + 4) % length];
        if (is_digit(character)) rest = (rest * 10 + character - '0') % 97;
        else rest = (rest * 100 + character - 'A' + 10) % 97;
    }
    return rest;
}

enum iban_fault iban_read(const char *text, size_t length, char ret_iban[IBAN_MAX]) {
    char iban[IBAN_MAX];
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        char character = text[i];
        if (character == ' ') continue;
        if (character >= 'a' && character <= 'z') character = (char)(character - 'a' + 'A');
        if (count == IBAN_MAX - 1 || !(is_letter(character) || is_digit(character)))
            return IBAN_FORM;
        iban[count++] = character;
    }
    iban[count] = '\0';
    if (count < 5 || !is_letter(iban[0]) || !is_letter(iban[1]) || !is_digit(iban[2]) ||
        !is_digit(iban[3]))
        return IBAN_FORM;
    int wanted = iban_length(iban);
    if (!wanted) return IBAN_COUNTRY;
    if (count != (size_t)wanted) return IBAN_LENGTH;
    /* Check digits run from 02 to 98: 00, 01 and 99 leave the same rest as others do. */
    int check = (iban[2] - '0') * 10 + iban[3] - '0';
    if (check < 2 || check > 98 || remainder_of(iban, count) != 1) return IBAN_CHECKSUM;
    memcpy(ret_iban, iban, count + 1);
    return IBAN_SOUND;
}

void iban_mask(const char *iban, char ret_masked[IBAN_MASKED_MAX]) {
    size_t length = strlen(iban);
    if (length < 8) snprintf(ret_masked, IBAN_MASKED_MAX, "••••");
    else snprintf(ret_masked, IBAN_MASKED_MAX, "%.4s •••• %s", iban, iban + length - 4);
}
