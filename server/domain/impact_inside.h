/* What the parts of the impact share. Not used outside impact*.c. */
#ifndef KOPPEL_DOMAIN_IMPACT_INSIDE_H
#define KOPPEL_DOMAIN_IMPACT_INSIDE_H

#include "base/clock.h"
#include "domain/impact.h"

enum { IMPACT_REGION_PLACE_MAX = 80, IMPACT_ORIGINS_MAX = 16 };

struct impact_region { /* where a quote's region comes from */
    char place[IMPACT_REGION_PLACE_MAX]; /* "decision Region", "question postcode"; "": none */
    struct plan *plan;                   /* of a decision */
    const char *inputs[PLAN_INPUTS_MAX];
    int input_count;
    const struct product_question *question;
};

struct impact_match { /* a draft with what it is set beside */
    const struct impact_draft *draft;
    const struct product_version *base; /* held */
    bool same_questions; /* answers checked by one are checked by the other */
    struct impact_region region;
};

struct impact_origin { /* a version that quotes were made under, beside a draft */
    char version_id[ID_MAX];
    const struct impact_match *match;
    bool same_questions; /* what its questions took, the draft's take as well */
};

struct impact_worker {
    struct impact *impact;
    struct impact_sums *sums;
    struct field_faults *faults;
    struct problems *problems;
    char date_text[CLOCK_DATE_MAX]; /* the effective date that was read last */
    struct value_date date;
    struct impact_origin origins[IMPACT_ORIGINS_MAX]; /* those met last */
    int origin_count, origin_next;
    bool starved; /* amid the rating at hand */
};

struct impact {
    struct service *service;
    struct impact_match matches[IMPACT_DRAFTS_MAX];
    int match_count;
    int64_t now_us;
    struct impact_worker workers[BOOK_WORKERS_MAX];
    void *contexts[BOOK_WORKERS_MAX];
    struct impact_sums *sums; /* of all */
};

/* ---- impact_region.c ---- */
/* `name` as in impact_options. ERROR_NOT_FOUND: there is neither such a decision nor question. */
int impact_region_make(const struct product_version *base, const char *name, struct error *error,
                       struct impact_region *ret_region);
void impact_region_done(struct impact_region *region);
/* The region of answers, NUL-terminated in scratch; NULL: none. */
const char *impact_region_of(const struct impact_region *region, const struct value *answers,
                             const struct value_date *effective_date,
                             const struct moment *moment, struct scratch *scratch);

/* Do two products ask the same, so that what one takes the other takes as well? */
bool impact_questions_same(const struct product_info *a, const struct product_info *b);

#endif
