/* Account numbers as ISO 13616 has them. Pure. */
#ifndef KOPPEL_DOMAIN_IBAN_H
#define KOPPEL_DOMAIN_IBAN_H

#include <stdbool.h>
#include <stddef.h>

enum { IBAN_MAX = 35, IBAN_MASKED_MAX = 24 }; /* 34 characters, NUL-terminated */

enum iban_fault {
    IBAN_SOUND,
    IBAN_FORM,     /* not two letters, two digits, letters and digits */
    IBAN_COUNTRY,  /* no country of the register */
    IBAN_LENGTH,   /* not as long as that country's are */
    IBAN_CHECKSUM  /* modulo 97 is not 1: a digit is wrong, or two changed places */
};

/* Blanks between its characters are left out, small letters made capital. `ret_iban` is set only
 * when it is sound. */
enum iban_fault iban_read(const char *text, size_t length, char ret_iban[IBAN_MAX]);

/* So many characters has an IBAN of that country; 0: it is not in the register. */
int iban_length(const char country[2]);

/* What those see who need not know it: country, check digits and the last four, with dots
 * between, as "NL91 •••• 4300". */
void iban_mask(const char *iban, char ret_masked[IBAN_MASKED_MAX]);

#endif
