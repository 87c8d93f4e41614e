/* Numbers and codes by which Dutch firms, people and things are known: how they look, what can be
 * checked of them, and what to say of one that is wrong. Pure.
 *
 * KvK numbers (8 digits) and branch numbers (12) carry no check digit. An RSIN passes the eleven
 * test that the tax office uses; a VAT number is NL, nine digits, B and two digits, of which a
 * firm's begins with its RSIN and a sole trader's (since 2020) is 1 modulo 97 with letters counted
 * as in an IBAN. A postcode never ends in SA, SD or SS. Licence plates follow one of the sidecodes
 * 1 to 14 of the vehicle authority (RDW). Telephone numbers become E.164. */
#ifndef KOPPEL_DOMAIN_IDENTIFIER_H
#define KOPPEL_DOMAIN_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "quote-engine/text.h"

enum { IDENTIFIER_MAX = 40, IDENTIFIER_MESSAGE_MAX = 300 }; /* with the NUL */

enum identifier {
    IDENTIFIER_TRADE_REGISTER, /* "01234567" */
    IDENTIFIER_BRANCH,         /* "000012345678" */
    IDENTIFIER_RSIN,           /* "123456782" */
    IDENTIFIER_LICENCE,        /* of the AFM: "12019504" */
    IDENTIFIER_VAT,            /* "NL123456782B01" */
    IDENTIFIER_IBAN,           /* "NL91ABNA0417164300" */
    IDENTIFIER_POSTCODE,       /* "1234 AB" */
    IDENTIFIER_LICENCE_PLATE,  /* "AB-123-C" */
    IDENTIFIER_TELEPHONE,      /* "+31301234567" */
    IDENTIFIERS
};

enum identifier_fault {
    IDENTIFIER_SOUND,
    IDENTIFIER_CHARACTERS, /* holds what does not belong there */
    IDENTIFIER_LENGTH,     /* too short or too long */
    IDENTIFIER_FORM,       /* the right characters in the wrong places */
    IDENTIFIER_UNUSED,     /* of the right form, but never given out */
    IDENTIFIER_COUNTRY,    /* of a country that is not known, or the wrong one */
    IDENTIFIER_CHECK       /* its check fails: a digit is wrong, or two changed places */
};

/* Reads what people type: blanks, points and hyphens between are left out, small letters made
 * capital. `ret_text` is set, as the store keeps it, only when it is sound. */
enum identifier_fault identifier_read(enum identifier kind, const char *text, size_t length,
                                      char ret_text[IDENTIFIER_MAX]);
/* What is wrong with it, and how one looks, with an example. Not for IDENTIFIER_SOUND. */
void identifier_say(enum identifier kind, enum identifier_fault fault, enum language language,
                    char ret_message[IDENTIFIER_MESSAGE_MAX]);
/* As a fault's code: "wrong_check". */
const char *identifier_fault_code(enum identifier_fault fault);

#endif
