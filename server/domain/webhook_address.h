/* Where webhooks may go. What partners name is reached from within this machine's own network, so
 * an address is looked at twice: when it is registered, by what its name stands for then, and at
 * each connection, by the very address that is connected to. */
#ifndef KOPPEL_DOMAIN_WEBHOOK_ADDRESS_H
#define KOPPEL_DOMAIN_WEBHOOK_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "quote-engine/text.h"

enum {
    WEBHOOK_URL_MAX = 500,       /* bytes, without the NUL */
    WEBHOOK_PORT_FREE_MIN = 1024, /* from here any port; below it that of HTTPS, and of HTTP where
                                     that is allowed: mail and the like are not to be spoken to */
    WEBHOOK_ADDRESSES_MAX = 16, /* of a name that are looked at; one with more is refused */
    WEBHOOK_LOOKUPS_MAX = 8     /* names that are looked up at a time: each waits for strangers */
};

/* What the operator allows. */
struct webhook_rules {
    bool private_addresses; /* also those that are not public: of one's own network, loopback */
    bool plain_http;        /* http:// as well */
    const char *authorities; /* PEM file of who vouches for certificates; NULL: the system's */
};

/* Is it an address that everybody reaches as the same one? False for private, shared, loopback,
 * link-local, documentation, benchmarking, multicast and reserved ones (the registries of special
 * addresses: RFC 6890 and its updates), and for forms that carry another address within: mapped,
 * compatible, NAT64, 6to4, Teredo. */
bool webhook_address_public(const struct sockaddr *address);
/* May it be connected to? With private_addresses all but multicast, broadcast and unspecified. */
bool webhook_address_allowed(const struct webhook_rules *rules, const struct sockaddr *address);

/* Finds a name's addresses: 1 found, 0 there are none, -1 not now. */
typedef int (*webhook_lookup)(void *context, const char *host,
                              struct sockaddr_storage ret_addresses[WEBHOOK_ADDRESSES_MAX],
                              int *ret_count);
/* By the system. -1 also when WEBHOOK_LOOKUPS_MAX are under way. */
int webhook_lookup_system(void *context, const char *host,
                          struct sockaddr_storage ret_addresses[WEBHOOK_ADDRESSES_MAX],
                          int *ret_count);

enum webhook_url_answer {
    WEBHOOK_URL_FINE,
    WEBHOOK_URL_MALFORMED,
    WEBHOOK_URL_NOT_HTTPS,
    WEBHOOK_URL_CREDENTIALS,
    WEBHOOK_URL_FRAGMENT,
    WEBHOOK_URL_PORT,
    WEBHOOK_URL_UNKNOWN_HOST,
    WEBHOOK_URL_LOOKUP_FAILED, /* try again */
    WEBHOOK_URL_PRIVATE,       /* at least one of its addresses */
    WEBHOOK_URL_ANSWERS
};
enum webhook_url_answer webhook_url_check(const struct webhook_rules *rules, const char *url,
                                          webhook_lookup lookup, void *context);
/* What is wrong, for people; NULL for WEBHOOK_URL_FINE. And as a code: "private_address". */
const struct text *webhook_url_text(enum webhook_url_answer answer);
const char *webhook_url_code(enum webhook_url_answer answer);

#endif
