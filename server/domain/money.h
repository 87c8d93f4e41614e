/* Amounts for reports: cents as a decimal text. */
#ifndef KOPPEL_DOMAIN_MONEY_H
#define KOPPEL_DOMAIN_MONEY_H

#include <stdint.h>
#include <stdio.h>

enum { MONEY_TEXT_MAX = 40 };

/* "-1781.60". Sums and differences of amounts may be wider than an amount. */
static inline void money_text(__int128 cents, char ret_text[MONEY_TEXT_MAX]) {
    __int128 size = cents < 0 ? -cents : cents;
    snprintf(ret_text, MONEY_TEXT_MAX, "%s%llu.%02d", cents < 0 ? "-" : "",
             (unsigned long long)(size / 100), (int)(size % 100));
}

#endif
