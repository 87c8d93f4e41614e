/* Which office a lead is offered to: rules in order leave offices out, and a draw by the weight of
 * grades picks one of those that are left. Pure: what is known of the offices is handed in, and the
 * draw follows from a seed, so that every choice can be made again and be told in words. */
#ifndef KOPPEL_DOMAIN_LEAD_ASSIGN_H
#define KOPPEL_DOMAIN_LEAD_ASSIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/id.h"
#include "message/field.h"
#include "quote-engine/text.h"

enum {
    LEAD_RULES_MAX = 16,
    LEAD_GRADES = 5,            /* a, b, c, d, none */
    LEAD_WEIGHT_MAX = 1000,
    LEAD_LOAD_MAX = 10000,
    LEAD_CANDIDATES_MAX = 20000 /* offices */
};

/* What a rule looks at. */
enum lead_rule_kind {
    LEAD_RULE_ACTIVE,    /* the office is active, and somebody there could take it */
    LEAD_RULE_DECLINED,  /* it did not decline this lead before, or let it lapse */
    LEAD_RULE_PRODUCT,   /* a valid agreement lets it sell the product */
    LEAD_RULE_LICENCE,   /* what the product asks of licences is in force */
    LEAD_RULE_TERRITORY, /* its territory holds the postcode; else: it has no territory at all */
    LEAD_RULE_LANGUAGE,  /* somebody there speaks it */
    LEAD_RULE_CERTIFIED, /* somebody there has a diploma that is in force */
    LEAD_RULE_LOAD,      /* it works on fewer leads than `value` */
    LEAD_RULE_GRADE,     /* its grade's weight is more than 0; the draw is by these weights */
    LEAD_RULE_KINDS
};
extern const struct field_choice lead_rule_kinds[LEAD_RULE_KINDS];

struct lead_rule {
    enum lead_rule_kind kind;
    bool required; /* false: it only prefers; when it would leave nobody, it leaves all */
    int value;     /* of LEAD_RULE_LOAD */
    int weights[LEAD_GRADES]; /* of LEAD_RULE_GRADE */
};

/* The rules of an installation that has said nothing: all of them, in the order above; territory,
 * language and diplomas preferred; at most 25 leads; grades 4, 3, 2, 1, and 1 without. */
extern const struct lead_rule lead_rules_default[LEAD_RULE_KINDS];

/* Is the list one that can be used? NULL: it is; else what is wrong. Each kind at most once,
 * LEAD_RULE_ACTIVE, LEAD_RULE_DECLINED and LEAD_RULE_PRODUCT present and required, values within
 * their ranges, and a weight above 0. */
const struct text *lead_rules_wrong(const struct lead_rule *rules, int count);

enum lead_place { LEAD_PLACE_ELSEWHERE, LEAD_PLACE_ANYWHERE, LEAD_PLACE_INSIDE };

/* An office, as it stands to one lead. */
struct lead_candidate {
    const char *partner_id; /* borrowed */
    char grade;             /* 'a' to 'd'; 0: none */
    bool active, declined, sells, licensed, speaks, certified;
    enum lead_place place;  /* of a lead without postcode: LEAD_PLACE_INSIDE */
    int open_leads;
    bool left;              /* working room of lead_assign */
};

/* What a rule did. */
struct lead_sifting {
    enum lead_rule_kind kind;
    bool required, relaxed; /* relaxed: it would have left nobody, and left all */
    bool widened;           /* territory: nobody's holds the postcode; those without one are left */
    int left;
};

/* The reason of a choice, as it is kept. */
struct lead_reason {
    int64_t rules_revision;
    uint64_t seed;
    int considered; /* offices */
    int sifting_count;
    struct lead_sifting siftings[LEAD_RULES_MAX];
    char partner_id[ID_MAX]; /* "": nobody is left */
    char grade;              /* of the chosen; 0: none */
    int weight, weight_sum;
    bool by_hand; /* somebody of the organisation chose; nothing was sifted */
};

/* Chooses. The index among the candidates, or -1: nobody is left, and the last sifting is of the
 * rule that left nobody. The same input gives the same choice, in whatever order offices with
 * equal ids would come: so hand them in sorted by id. */
int lead_assign(const struct lead_rule *rules, int rule_count, struct lead_candidate *candidates,
                int count, uint64_t seed, struct lead_reason *ret_reason);

enum { LEAD_REASON_BYTES_MAX = 2048, LEAD_REASON_WORDS_MAX = 2000 };
/* As JSON, for the store; and back. False: it is no such text. */
void lead_reason_write(const struct lead_reason *reason, struct buffer *buffer);
bool lead_reason_read(const char *json, size_t length, struct lead_reason *ret_reason);
/* In words: one sentence a rule. Whom it says is the office's name (NULL: it is left out). */
void lead_reason_words(const struct lead_reason *reason, enum language language,
                       const char *partner_name, struct buffer *buffer);

#endif
