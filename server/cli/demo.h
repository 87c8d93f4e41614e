/* Believable invented data for a new installation: partners, agreements, keys, the products that
 * the program carries, and quotes of past weeks. */
#ifndef KOPPEL_CLI_DEMO_H
#define KOPPEL_CLI_DEMO_H

#include "auth/login.h"
#include "base/config.h"
#include "domain/service.h"

enum {
    DEMO_PARTNERS = 4,
    DEMO_FIRMS = DEMO_PARTNERS + 2, /* with the head of the chain, and one that has ended */
    DEMO_SCALE_MAX = 100000,
    DEMO_PARTNER_USERS = 3,      /* at each partner, one for each role there */
    DEMO_ORGANISATION_USERS = 6, /* likewise */
    DEMO_USERS = DEMO_PARTNERS * DEMO_PARTNER_USERS + DEMO_ORGANISATION_USERS
};

struct demo_user { /* as demo.json tells of them */
    char email[USER_EMAIL_MAX], role[32], totp_secret[TOTP_SECRET_TEXT_MAX];
};
struct demo_users {
    char password[32]; /* everybody's */
    struct demo_user organisation[DEMO_ORGANISATION_USERS];
    struct demo_user partners[DEMO_PARTNERS][DEMO_PARTNER_USERS];
};

struct partner;

struct demo_partner { /* a row of demo.json */
    const char *name, *origin;
    char id[ID_MAX];
    char secret_key[KEY_TEXT_MAX], publishable_key[KEY_TEXT_MAX];
    char secret_key_id[ID_MAX];
};

/* Fills an empty store that is at the last migration, and writes DIR/demo.json. `scale` multiplies
 * the quotes. `ret_quotes` counts them. */
int demo_make(const struct config *config, int64_t scale, struct error *error,
              int64_t *ret_quotes);

/* People who can log in, at the organisation and at these partners. */
int demo_users_make(struct service *service, const struct demo_partner partners[DEMO_PARTNERS],
                    int64_t now_us, struct error *error, struct demo_users *ret_users);

/* Quotes of the past six weeks by these partners, rated as real ones. */
int demo_quotes_make(struct service *service, const struct demo_partner partners[DEMO_PARTNERS],
                     int64_t scale, struct error *error, int64_t *ret_quotes);

/* What a firm of the demo has beside its name, by its place in the list: on its row, and in what is
 * kept beside that. In a body, once its row is there. */
void demo_partner_details(int firm, struct partner *partner);
int64_t demo_partner_review_days(int firm); /* from today, may be past; 0: none is planned */
int demo_partner_fill(struct db_tx *tx, int firm, const char *id, int64_t now_us,
                      struct error *error);

/* Once there are users: the organisation's account manager looks after all firms. */
int demo_account_managers_set(struct db *db, struct error *error);

/* Leads of the past four weeks, some in each state. */
int demo_leads_make(struct service *service, const struct demo_partner partners[DEMO_PARTNERS],
                    int64_t now_us, struct error *error);

/* Gives them, and the organisation, a brand. */
int demo_brands_make(struct db *db, const struct demo_partner partners[DEMO_PARTNERS],
                     int64_t now_us, struct error *error);

#endif
