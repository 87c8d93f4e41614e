/* Partners: the firms of intermediaries, how they hang together in chains, what is known of each,
 * and whether one may sell a product. What they may sell is said by agreements (agreement.h); their
 * licences, people and papers by partner_file.h; what happened to them by partner_event.h.
 *
 * Functions with a db_tx are for bodies of db_read and db_write. */
#ifndef KOPPEL_DOMAIN_PARTNER_H
#define KOPPEL_DOMAIN_PARTNER_H

#include "base/id.h"
#include "db/db.h"
#include "message/field.h"

enum { PARTNER_DEPTH_MAX = 8, SELL_REASON_MAX = 64 };
enum { PARTNER_COUNT_MAX = 10000 }; /* counts stop there */

/* ---- codes ---- */
enum { PARTNER_KINDS = 3, PARTNER_STAGES = 6, PARTNER_GRADES = 4, PARTNER_LEGAL_FORMS = 9 };
extern const struct field_choice partner_kinds[PARTNER_KINDS];
extern const struct field_choice partner_stages[PARTNER_STAGES];
extern const struct field_choice partner_grades[PARTNER_GRADES];
extern const struct field_choice partner_legal_forms[PARTNER_LEGAL_FORMS];
/* Groups of products by which licences and diplomas go; product.xsd has the same without "basic",
 * which only a diploma can be for. */
enum { PARTNER_COMPETENCES = 9 };
extern const struct field_choice partner_competences[PARTNER_COMPETENCES];

/* ---- rows ---- */
/* A partner, or a new one. Texts that are NULL are not known. */
struct partner {
    const char *id;        /* of one that was read */
    const char *parent_id; /* its chain or head office */
    const char *kind;      /* "chain", "office", "branch" */
    const char *name, *legal_name;
    const char *legal_form; /* a code of partner_legal_forms */
    const char *trade_register_number, *trade_register_branch, *rsin, *vat_number, *iban;
    const char *licence_number;
    const char *street, *postcode, *city;
    const char *country; /* of a new one NULL: "NL" */
    const char *website, *email, *telephone;
    const char *grade; /* "a" to "d" */
    const char *stage; /* of a new one NULL: "active" */
    const char *account_manager_id;
    const char *last_review_date, *next_review_date;
    int64_t employees; /* 0: not known */
    bool suspended, no_advertising;
    int64_t revision, created_us, changed_us; /* of one that was read, and these: */
    const char *parent_name, *account_manager; /* names */
};
/* ERROR_NOT_FOUND when there is none in scope. */
int partner_present(struct db_tx *tx, const char *id, struct error *error);
/* The id is made by the caller (prefix ptr), since a body may run again. Fills the tenant wall's
 * closure and the words that it is found by. ERROR_TOO_LARGE: the chain is PARTNER_DEPTH_MAX deep
 * already. ERROR_NOT_FOUND: there is no such parent. */
int partner_create(struct db_tx *tx, const char *id, const struct partner *partner,
                   int64_t now_us, struct error *error);
/* Texts in scratch. ERROR_NOT_FOUND: none in scope; ERROR_TOO_LARGE: scratch is used up. */
int partner_read(struct db_tx *tx, const char *id, struct scratch *scratch, struct error *error,
                 struct partner *ret_partner);
/* Keeps all but its parent. `partner->revision` is the one that follows. ERROR_CONFLICT: another
 * was first. */
int partner_update(struct db_tx *tx, const struct partner *partner, int64_t now_us,
                   struct error *error);
/* Makes it belong to another, or to none (NULL), with all that belongs to it. ERROR_INVALID: it
 * would belong to itself; ERROR_TOO_LARGE: the chain would be too deep; ERROR_CONFLICT: another
 * changed it first. `revision` is the one that follows. */
int partner_move(struct db_tx *tx, const char *id, const char *parent_id, int64_t revision,
                 int64_t now_us, struct error *error);

/* ---- lists ---- */
enum partner_sort { PARTNER_BY_NAME, PARTNER_BY_NAME_DOWN, PARTNER_NEWEST, PARTNER_BY_REVIEW };
struct partner_filter { /* NULL: not asked */
    const char *kind, *stage, *grade, *account_manager_id;
    const char *chain_id;     /* it, and all that belongs to it */
    const char *product;      /* which it has an agreement for `today` */
    const char *review_until; /* due for review on that day or before */
    const char *search;       /* beginnings of words of its name, city, numbers, addresses */
    const char *today;        /* always said */
    enum partner_sort sort;
    const char *cursor; /* id of the last one of the page before */
    int limit;
};
/* In scope, at most `limit`, texts in scratch. */
int partner_list(struct db_tx *tx, const struct partner_filter *filter, struct scratch *scratch,
                 struct error *error, struct partner *ret_partners, int *ret_count);
/* How many there are on all pages; no more than PARTNER_COUNT_MAX are counted. */
int partner_count(struct db_tx *tx, const struct partner_filter *filter, struct error *error,
                  int64_t *ret_count);

/* ---- the gate ---- */
struct selling {
    const char *partner_id, *product;
    const char *date;             /* the day that counts */
    const char *licence, *diploma; /* that the product asks for, as codes; NULL: none */
};
/* May the partner sell the product on that date? Writes "" or why not: "partner_not_active",
 * "no_agreement", "agreement_not_started", "agreement_ended", "licence_missing", "licence_expired",
 * "diploma_missing", "diploma_expired". */
int partner_may_sell(struct db *db, const struct db_scope *scope, const struct selling *selling,
                     struct error *error, char ret_reason[SELL_REASON_MAX]);

#endif
