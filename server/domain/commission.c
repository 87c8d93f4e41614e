/* The rules on commission as a table of kinds; sources in commission.h. */
#include "domain/commission.h"

#include <stdio.h>

static const struct text kinds[PRODUCT_LAWS] = {
    [PRODUCT_NON_LIFE] = {"een schadeverzekering", "non-life insurance"},
    [PRODUCT_PAYMENT_PROTECTION] = {"een betalingsbeschermer", "payment protection"},
    [PRODUCT_COMPLEX] = {"een complex product", "a complex product"},
    [PRODUCT_MORTGAGE] = {"hypothecair krediet", "a mortgage"},
    [PRODUCT_DISABILITY] = {"een individuele arbeidsongeschiktheidsverzekering",
                            "individual disability insurance"},
    [PRODUCT_TERM_LIFE] = {"een overlijdensrisicoverzekering", "term life insurance"},
    [PRODUCT_FUNERAL] = {"een uitvaartverzekering", "funeral insurance"},
    [PRODUCT_PENSION_CLAIM] = {"een premiepensioenvordering", "a pension claim"},
    [PRODUCT_UNREGULATED] = {"dit product", "this product"}};

enum commission_fault commission_check(enum product_law law, bool any, bool volume_dependent) {
    if (any && product_law_bans_commission(law)) return COMMISSION_BANNED;
    if (volume_dependent && law != PRODUCT_UNREGULATED) return COMMISSION_VOLUME;
    return COMMISSION_ALLOWED;
}

const char *commission_fault_code(enum commission_fault fault) {
    return fault == COMMISSION_VOLUME ? "volume_commission_forbidden" : "commission_forbidden";
}

void commission_say(enum product_law law, enum commission_fault fault, enum language language,
                    char ret_message[COMMISSION_MESSAGE_MAX]) {
    const char *kind = text_in(&kinds[law], language);
    if (fault == COMMISSION_VOLUME)
        snprintf(ret_message, COMMISSION_MESSAGE_MAX,
                 language == LANGUAGE_EN
                     ? "Commission for %s may not depend on volume or turnover (Besluit "
                       "Gedragstoezicht financiële ondernemingen Wft, article 86d): only on "
                       "closing and on renewal."
                     : "Voor %s mag provisie niet afhangen van volume of omzet (Besluit "
                       "Gedragstoezicht financiële ondernemingen Wft, artikel 86d): alleen "
                       "afsluit- en doorlopende provisie.",
                 kind);
    else
        snprintf(ret_message, COMMISSION_MESSAGE_MAX,
                 language == LANGUAGE_EN
                     ? "No commission may be paid for %s (Besluit Gedragstoezicht financiële "
                       "ondernemingen Wft, article 86c): make both percentages 0."
                     : "Voor %s mag geen provisie worden betaald (Besluit Gedragstoezicht "
                       "financiële ondernemingen Wft, artikel 86c): zet beide percentages op 0.",
                 kind);
}
