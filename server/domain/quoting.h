/* A quote is computed here, whoever asks and whatever becomes of it: the product in force, the gate
 * of what the partner may sell, the answers, the rating. What is kept and shown of it follows from
 * its receipt (domain/receipt.h). */
#ifndef KOPPEL_DOMAIN_QUOTING_H
#define KOPPEL_DOMAIN_QUOTING_H

#include "auth/caller.h"
#include "base/clock.h"
#include "domain/catalogue.h"
#include "domain/partner.h"
#include "domain/quote_answers.h"
#include "domain/service.h"
#include "message/field.h"

enum { QUOTING_TRACE_EVENTS_MAX = 4096 };

struct quoting_request {
    const char *product;                     /* NULL: not known, for quoting_check alone */
    const struct value *answers;             /* as decoded, unchecked; NULL: likewise */
    const struct value_date *effective_date; /* NULL: today in Amsterdam */
    const struct caller *caller;
    enum language language;
    bool lexical; /* see field.h */
    int64_t now_us;
    struct scratch *scratch;
    struct field_faults *faults;
    const struct quoting_running *running; /* NULL: it is a new sale */
};

/* A quote for terms of a policy that runs: `answers` are those that differ. What the partner may
 * sell anew is not asked: who has a policy may change it. */
struct quoting_running {
    const struct value *answers;      /* as the policy's last terms kept them */
    const struct value *dropped;      /* a list of names that are answered no more; NULL: none */
    struct value_date earliest, latest; /* between which the effective date lies */
};

enum quoting_outcome {
    QUOTING_RATED,
    QUOTING_NO_PRODUCT,  /* unknown, or not in force on the date */
    QUOTING_NOT_ALLOWED, /* the partner may not sell it: `reason` */
    QUOTING_FAULTY,      /* the request's faults say what is wrong */
    QUOTING_FAILED       /* the error says why */
};

struct quoting {
    const struct product_version *version; /* held until quoting_done */
    struct value answers;                  /* checked, as the tariff took them */
    struct value_date effective_date;
    char valid_until[CLOCK_DATE_MAX];
    int64_t known_at_us;
    struct quote_result *result; /* in scratch */
    struct trace trace;          /* in scratch */
    struct value kept;           /* the result as it is kept: see domain/receipt.h */
    char reason[SELL_REASON_MAX];
};

extern const struct text quoting_no_product; /* what QUOTING_NO_PRODUCT means, for people */

/* `quoting_done` whatever the outcome. */
enum quoting_outcome quoting_make(struct service *service, const struct quoting_request *request,
                                  struct error *error, struct quoting *ret_quoting);
void quoting_done(struct service *service, struct quoting *quoting);
/* Adds the faults that quoting_make would find, of a request that may be known in part; a product
 * that is unknown becomes a fault as well. What the partner may not sell gets no answers checked.
 * It computes nothing, and what it fails to find out it leaves unsaid. */
void quoting_check(struct service *service, const struct quoting_request *request);

/* Computes a kept quote again: the same version, answers (as kept), dates and moment. Outcomes
 * RATED or FAILED. */
struct quoting_kept {
    const char *version_id;
    struct quote_answers answers;
    struct encryption *encryption; /* of what is sealed of them; NULL: there are no keys */
    const char *effective_date;
    int64_t known_at_us;
};
enum quoting_outcome quoting_repeat(struct service *service, const struct quoting_kept *kept,
                                    struct scratch *scratch, struct error *error,
                                    struct quoting *ret_quoting);
/* The same with the version at hand, held by the caller beyond `ret_quoting`, which holds nothing:
 * no quoting_done. `kept->version_id` is not looked at. A tariff that fails is not logged: whoever
 * repeats many tells of them together. */
enum quoting_outcome quoting_repeat_under(const struct product_version *version,
                                          const struct quoting_kept *kept,
                                          struct scratch *scratch, struct error *error,
                                          struct quoting *ret_quoting);

#endif
