/* What the law allows of commission, by the kind of product. Pure. Sources: the Dutch Besluit
 * Gedragstoezicht financiële ondernemingen Wft, article 86c (no commission at all for complex
 * products, mortgages, payment protection, individual disability, term life, funeral and pension
 * claims) and article 86d (for other non-life insurance on closing and on renewal alone, so nothing
 * that follows volume or turnover). */
#ifndef KOPPEL_DOMAIN_COMMISSION_H
#define KOPPEL_DOMAIN_COMMISSION_H

#include "quote-engine/quote.h"

enum { COMMISSION_MESSAGE_MAX = 300 };

enum commission_fault {
    COMMISSION_ALLOWED,
    COMMISSION_BANNED, /* none may be paid for such a product */
    COMMISSION_VOLUME  /* none that follows volume or turnover */
};

/* `any`: a percentage above 0 is paid; `volume_dependent`: it follows volume or turnover. */
enum commission_fault commission_check(enum product_law law, bool any, bool volume_dependent);
const char *commission_fault_code(enum commission_fault fault); /* "commission_forbidden" */
/* Which rule forbids it, and what to do. Not for COMMISSION_ALLOWED. */
void commission_say(enum product_law law, enum commission_fault fault, enum language language,
                    char ret_message[COMMISSION_MESSAGE_MAX]);

#endif
