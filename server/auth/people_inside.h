/* What the parts of logging in share. Not used outside this folder. */
#ifndef KOPPEL_AUTH_PEOPLE_INSIDE_H
#define KOPPEL_AUTH_PEOPLE_INSIDE_H

#include "auth/people.h"

struct session_cache;

struct people {
    struct db *db;
    struct keys *keys;
    struct encryption *encryption;
    struct people_options options;
    struct passwords *passwords;
    struct session_cache *sessions; /* session.c */
};

int session_cache_new(struct people *people, struct error *error,
                      struct session_cache **ret_cache);
void session_cache_free(struct session_cache *cache);

#endif
