/* People of the demo data: one for each role at the organisation, and an administrator, an adviser
 * and an assistant at each partner of demo.json. All are invented. They share a password made for
 * this installation, since hashing one takes its time, and have a second factor each. */
#include <stdio.h>
#include <string.h>

#include "auth/login.h"
#include "base/random.h"
#include "cli/demo.h"

enum { DEMO_PASSWORD_LENGTH = 20 };

static const char *const organisation_names[DEMO_ORGANISATION_USERS] = {
    "Marijke Terwindt", "Joost van Haaften", "Sylvia Oudekerk", "Ruben Zandstra",
    "Ingrid Kloosterboer", "Farid Benali"};
static const char *const partner_names[DEMO_PARTNERS][DEMO_PARTNER_USERS] = {
    {"Annelies Veldkamp", "Bart Rietveld", "Chantal de Wilde"},
    {"Dirk Veldkamp", "Esra Yilmaz", "Floor Hoogendijk"},
    {"Geert Lindeboom", "Hilde Postma", "Iris Dijkema"},
    {"Karel van der Meulen", "Lotte Havinga", "Mees Poortvliet"}};

struct making {
    const char *hash;
    int count;
    struct user users[DEMO_USERS];
    int64_t now_us;
};

/* "Bart Rietveld" to "b.rietveld"; the last word is the last name. */
static void email_make(const char *name, const char *domain, char ret_email[USER_EMAIL_MAX]) {
    const char *last = strrchr(name, ' ');
    snprintf(ret_email, USER_EMAIL_MAX, "%c.%s@%s", *name, last ? last + 1 : name, domain);
    for (char *at = ret_email; *at; at++)
        if (*at >= 'A' && *at <= 'Z') *at = (char)(*at + 32);
}

static int user_add(struct people *people, struct making *making, const char *partner_id,
                    const char *domain, const char *name, enum role role, struct error *error,
                    struct demo_user *ret_user) {
    struct user *user = &making->users[making->count++];
    uint8_t secret[TOTP_SECRET_BYTES];
    *user = (struct user){.role = role, .status = USER_ACTIVE, .created_us = making->now_us};
    id_make("usr", user->id);
    snprintf(user->partner_id, sizeof user->partner_id, "%s", partner_id);
    snprintf(user->name, sizeof user->name, "%s", name);
    email_make(name, domain, user->email);
    totp_secret_make(secret);
    int status = factor_seal(people, user->id, secret, error, user->totp_sealed);
    snprintf(ret_user->email, sizeof ret_user->email, "%s", user->email);
    snprintf(ret_user->role, sizeof ret_user->role, "%s", role_text(role));
    totp_secret_write(secret, ret_user->totp_secret);
    explicit_bzero(secret, sizeof secret);
    return status;
}

static int users_body(struct db_tx *tx, void *context, struct error *error) {
    const struct making *making = context;
    int status = 0;
    for (int i = 0; i < making->count && !status; i++) {
        const struct user *user = &making->users[i];
        char key_id[ENCRYPTION_KEY_ID_MAX] = "";
        (void)encryption_key_of(user->totp_sealed, key_id);
        status = user_insert(tx, user, error);
        if (!status)
            status = db_run(tx, error, NULL,
                            "update app_user as u set password_hash = $2, totp_sealed = $3,"
                            " totp_sealed_key_id = $4, totp_on = 1 where u.id = $1"
                            " and $scope(u)",
                            db_text(user->id), db_text(making->hash), db_text(user->totp_sealed),
                            db_text(key_id));
    }
    return status;
}

int demo_users_make(struct service *service, const struct demo_partner partners[DEMO_PARTNERS],
                    int64_t now_us, struct error *error, struct demo_users *ret_users) {
    char hash[PASSWORD_HASH_MAX];
    struct making making = {.hash = hash, .now_us = now_us};
    struct people *people = service->people;
    random_text(DEMO_PASSWORD_LENGTH, ret_users->password);
    int status = passwords_hash(people_passwords(people), ret_users->password, error, hash);
    for (int i = 0; i < DEMO_ORGANISATION_USERS && !status; i++)
        status = user_add(people, &making, "", "koppel.example", organisation_names[i],
                          role_at(DEMO_PARTNER_USERS + i), error, &ret_users->organisation[i]);
    for (int i = 0; i < DEMO_PARTNERS * DEMO_PARTNER_USERS && !status; i++) {
        const struct demo_partner *partner = &partners[i / DEMO_PARTNER_USERS];
        int at = i % DEMO_PARTNER_USERS;
        status = user_add(people, &making, partner->id, strstr(partner->origin, "www.") + 4,
                          partner_names[i / DEMO_PARTNER_USERS][at], role_at(at), error,
                          &ret_users->partners[i / DEMO_PARTNER_USERS][at]);
    }
    return status ? status : db_write(service->db, &db_scope_all, users_body, &making, error);
}
