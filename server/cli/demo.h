/* Believable invented data for a new installation: partners, agreements, keys, the products that
 * the program carries, and quotes of past weeks. */
#ifndef KOPPEL_CLI_DEMO_H
#define KOPPEL_CLI_DEMO_H

#include "auth/login.h"
#include "base/config.h"
#include "domain/service.h"

enum {
    DEMO_PARTNERS = 4,
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

/* Gives them, and the organisation, a brand. */
int demo_brands_make(struct db *db, const struct demo_partner partners[DEMO_PARTNERS],
                     int64_t now_us, struct error *error);

#endif
