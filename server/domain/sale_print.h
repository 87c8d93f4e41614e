/* What documents about a sale share, whether it is still a quote or has become a policy: who sells,
 * what it costs, what was answered, what the law has customers told, and where the product's own
 * documents are. */
#ifndef KOPPEL_DOMAIN_SALE_PRINT_H
#define KOPPEL_DOMAIN_SALE_PRINT_H

#include "domain/brand.h"
#include "domain/catalogue.h"
#include "print/print.h"

enum { SALE_FILE_NAME_MAX = 80 };

/* Texts and values are borrowed until the document is printed. */
struct sale {
    const struct product_version *version;
    const char *public_url; /* where documents are read */
    enum language language;
    bool test;
    struct brand adviser, insurer;
    struct value answers; /* the quote's, as it keeps them */
    struct value result;  /* likewise: domain/receipt.h */
};

/* `nl` or `en`, by the sale's language. */
const char *sale_say(const struct sale *sale, const char *nl, const char *en);
/* Begins the document: "Offerte autoverzekering", "Car insurance quote". */
bool sale_begin(const struct sale *sale, const char *kind_nl, const char *kind_en,
                const char *number, int64_t made_us, struct scratch *scratch,
                struct print *print);
/* Facts that every document has: first day of cover, who advises, who insures. */
void sale_parties(const struct sale *sale, const char *effective_date, struct print *print);
void sale_fact_date(const struct sale *sale, const char *nl, const char *en, const char *date,
                    struct print *print);
/* The premium by cover, when there is one. */
void sale_premium(const struct sale *sale, struct print *print);
/* Answers with their questions; sensitive ones are not printed. */
void sale_answers(const struct sale *sale, const struct product_question *questions, int count,
                  const struct value *answers, struct print *print);
/* What the commission is, when the result tells it. */
void sale_commission(const struct sale *sale, struct print *print);
void sale_documents(const struct sale *sale, struct print *print);
/* Which version of the product it is of. */
void sale_version(const struct sale *sale, struct print *print);
/* An amount of a record of the result, in words of the sale's language and currency. */
void sale_amount(const struct sale *sale, int64_t cents, char ret_words[64]);

#endif
