/* Amounts, numbers and dates as people read them in a document, in Dutch and in English. What must
 * stay together on a line is joined by no-break spaces. */
#ifndef KOPPEL_PRINT_WORDS_H
#define KOPPEL_PRINT_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "quote-engine/text.h"

enum { WORDS_MAX = 64 };

/* "november", "November"; `month` from 1 to 12. */
const char *words_month(int month, enum language language);
/* "23 november 2026" of "2026-11-23"; another text comes back as it is, cut to fit. */
void words_date(const char *date, enum language language, char ret_words[WORDS_MAX]);
/* "€ 1.234,56", in English "€1,234.56"; the currency as its code where it is not EUR. */
void words_amount(int64_t cents, const char *currency, enum language language,
                  char ret_words[WORDS_MAX]);
/* A plain decimal such as "-1225.50": "-1.225,50", in English "-1,225.50". Another text, or one of
 * more digits than fit, comes back as it is, cut to fit. */
void words_number(const char *digits, size_t length, enum language language,
                  char ret_words[WORDS_MAX]);

#endif
