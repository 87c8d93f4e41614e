/* What handlers work with: made once by `koppel serve`, shared by all threads. */
#ifndef KOPPEL_DOMAIN_SERVICE_H
#define KOPPEL_DOMAIN_SERVICE_H

#include "auth/people.h"
#include "base/config.h"
#include "db/db.h"
#include "domain/webhook_address.h"

struct catalogue;
struct encryption;
struct printer;
struct sell_gate;
struct signing;
struct usernames;

/* For how many days closed leads tell who they were of; 0: for good. */
struct lead_keeping {
    int64_t won_days, lost_days, spam_days;
};

struct service {
    const struct config *config;
    struct db *db;
    struct keys *keys;
    struct people *people; /* who can log in: auth/people.h */
    bool demo;             /* the installation holds invented people alone */
    bool mail_by_smtp;     /* else it goes into DIR/outbox */
    struct usernames *usernames; /* of messages with a header of their own: auth/username.h */
    struct signing *signing;     /* of answers to signed messages: auth/signing.h; NULL: none */
    struct catalogue *catalogue; /* published products, compiled: domain/catalogue.h */
    int64_t rating_steps;        /* most steps of one rating: quote-engine/value.h */
    int64_t token_lifetime_s;    /* of access tokens: auth/access_token.h */
    struct encryption *encryption; /* of what people tell of themselves: base/encryption.h; NULL
                                      when the configuration names no key file */
    struct lead_keeping lead_keeping; /* as the operator said */
    struct webhook_rules webhook_rules; /* where webhooks may go, as the operator said */
    struct printer *printer; /* of documents for customers: print/print.h */
    struct sell_gate *sell_gate; /* what partners may sell, as of late: domain/sell_gate.h */
};

int service_new(const struct config *config, struct error *error, struct service **ret_service);
void service_free(struct service *service);

#endif
