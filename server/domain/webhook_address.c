/* URLs are read by libcurl, which also sends: there are no two readings of one. */
#include "domain/webhook_address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- classes of addresses ------------------------------------------------------------------- */
struct network4 {
    uint32_t network;
    int bits;
};
#define NETWORK4(a, b, c, d, bits_)                                                               \
    {(uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d), bits_}

static const struct network4 special4[] = {
    NETWORK4(0, 0, 0, 0, 8),       /* this network */
    NETWORK4(10, 0, 0, 0, 8),      /* private */
    NETWORK4(100, 64, 0, 0, 10),   /* shared by customers of a provider */
    NETWORK4(127, 0, 0, 0, 8),     /* loopback */
    NETWORK4(169, 254, 0, 0, 16),  /* link-local */
    NETWORK4(172, 16, 0, 0, 12),   /* private */
    NETWORK4(192, 0, 0, 0, 24),    /* protocol assignments */
    NETWORK4(192, 0, 2, 0, 24),    /* documentation */
    NETWORK4(192, 31, 196, 0, 24), /* AS112 */
    NETWORK4(192, 52, 193, 0, 24), /* AMT */
    NETWORK4(192, 88, 99, 0, 24),  /* 6to4 relays */
    NETWORK4(192, 168, 0, 0, 16),  /* private */
    NETWORK4(192, 175, 48, 0, 24), /* AS112 */
    NETWORK4(198, 18, 0, 0, 15),   /* benchmarking */
    NETWORK4(198, 51, 100, 0, 24), /* documentation */
    NETWORK4(203, 0, 113, 0, 24),  /* documentation */
    NETWORK4(224, 0, 0, 0, 4),     /* multicast */
    NETWORK4(240, 0, 0, 0, 4)};    /* reserved, broadcast */

struct network6 {
    uint8_t network[16];
    int bits;
};

/* Only 2000::/3 is handed out as public. This is what is not, within it; loopback, link-local,
 * unique local, mapped, compatible, NAT64 and multicast addresses are outside of it. */
static const struct network6 special6[] = {
    {{0x20, 0x01, 0x00}, 23},             /* protocol assignments: Teredo, ORCHID, benchmarking */
    {{0x20, 0x01, 0x0d, 0xb8}, 32},       /* documentation */
    {{0x20, 0x02}, 16},                   /* 6to4: any IPv4 address within */
    {{0x26, 0x20, 0x00, 0x4f, 0x80}, 48}, /* AS112 */
    {{0x3f, 0xff}, 20}};                  /* documentation */

static bool within(const uint8_t *address, const uint8_t *network, int bits) {
    int bytes = bits / 8, rest = bits % 8;
    if (memcmp(address, network, (size_t)bytes) != 0) return false;
    return !rest || (address[bytes] ^ network[bytes]) >> (8 - rest) == 0;
}

static bool public4(uint32_t address) {
    for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++)
        if ((address ^ special4[i].network) >> (32 - special4[i].bits) == 0) return false;
    return true;
}

static bool public6(const uint8_t address[16]) {
    if (address[0] >> 5 != 1) return false;
    for (size_t i = 0; i < sizeof special6 / sizeof *special6; i++)
        if (within(address, special6[i].network, special6[i].bits)) return false;
    return true;
}

static uint32_t address4(const struct sockaddr *address) {
    struct sockaddr_in internet;
    memcpy(&internet, address, sizeof internet);
    return ntohl(internet.sin_addr.s_addr);
}

static void address6(const struct sockaddr *address, uint8_t ret_bytes[16]) {
    struct sockaddr_in6 internet;
    memcpy(&internet, address, sizeof internet);
    memcpy(ret_bytes, internet.sin6_addr.s6_addr, 16);
}

bool webhook_address_public(const struct sockaddr *address) {
    uint8_t bytes[16];
    if (address->sa_family == AF_INET) return public4(address4(address));
    if (address->sa_family != AF_INET6) return false;
    address6(address, bytes);
    return public6(bytes);
}

/* Addresses that no single machine has; an IPv4 one within an IPv6 one counts as itself. */
static bool nobody(const struct sockaddr *address) {
    static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff}, none[16];
    uint8_t bytes[16];
    uint32_t number;
    if (address->sa_family == AF_INET) {
        number = address4(address);
    } else {
        address6(address, bytes);
        if (bytes[0] == 0xff || memcmp(bytes, none, 16) == 0) return true;
        if (!within(bytes, mapped, 96)) return false;
        number = (uint32_t)bytes[12] << 24 | (uint32_t)bytes[13] << 16 |
                 (uint32_t)bytes[14] << 8 | bytes[15];
    }
    return number >> 24 == 0 || number >> 28 >= 14;
}

bool webhook_address_allowed(const struct webhook_rules *rules, const struct sockaddr *address) {
    if (webhook_address_public(address)) return true;
    return rules->private_addresses &&
           (address->sa_family == AF_INET || address->sa_family == AF_INET6) && !nobody(address);
}

/* ---- names ---------------------------------------------------------------------------------- */
static atomic_int lookups;

int webhook_lookup_system(void *context, const char *host,
                          struct sockaddr_storage ret_addresses[WEBHOOK_ADDRESSES_MAX],
                          int *ret_count) {
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int count = 0;
    (void)context;
    if (atomic_fetch_add(&lookups, 1) >= WEBHOOK_LOOKUPS_MAX) {
        atomic_fetch_sub(&lookups, 1);
        return -1;
    }
    int result = getaddrinfo(host, NULL, &hints, &found);
    atomic_fetch_sub(&lookups, 1);
    if (result == EAI_AGAIN || result == EAI_MEMORY || result == EAI_SYSTEM) return -1;
    if (result) return 0;
    for (const struct addrinfo *at = found; at; at = at->ai_next) {
        if (at->ai_addrlen > sizeof *ret_addresses) continue;
        /* One more than is looked at tells that there are too many. */
        if (count < WEBHOOK_ADDRESSES_MAX)
            memcpy(&ret_addresses[count], at->ai_addr, at->ai_addrlen);
        count++;
    }
    freeaddrinfo(found);
    *ret_count = count;
    return count ? 1 : 0;
}

/* ---- URLs ----------------------------------------------------------------------------------- */
struct parts {
    char *scheme, *host, *port, *fragment;
};

static void parts_done(struct parts *parts) {
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->port);
    curl_free(parts->fragment);
}

/* Host names beyond ASCII are written in their own form (xn--) by those who mean them; of three
 * slashes libcurl would overlook one. */
static bool plain(const char *url) {
    const char *slashes = strstr(url, "://");
    size_t length = 0;
    if (slashes && slashes[3] == '/') return false;
    for (; url[length]; length++)
        if (url[length] <= ' ' || url[length] > '~' || url[length] == '\\' ||
            length == WEBHOOK_URL_MAX)
            return false;
    return length > 0;
}

static enum webhook_url_answer url_split(const char *url, struct parts *parts) {
    CURLU *handle = curl_url();
    if (!handle) return WEBHOOK_URL_LOOKUP_FAILED;
    CURLUcode code =
        curl_url_set(handle, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER);
    if (!code) code = curl_url_get(handle, CURLUPART_SCHEME, &parts->scheme, 0);
    if (!code) code = curl_url_get(handle, CURLUPART_HOST, &parts->host, 0);
    if (!code) code = curl_url_get(handle, CURLUPART_PORT, &parts->port, CURLU_DEFAULT_PORT);
    CURLUcode none =
        code ? code : curl_url_get(handle, CURLUPART_FRAGMENT, &parts->fragment, 0);
    curl_url_cleanup(handle);
    if (code == CURLUE_USER_NOT_ALLOWED) return WEBHOOK_URL_CREDENTIALS;
    if (code == CURLUE_OUT_OF_MEMORY || none == CURLUE_OUT_OF_MEMORY)
        return WEBHOOK_URL_LOOKUP_FAILED;
    if (code || !parts->scheme || !parts->host || !parts->port) return WEBHOOK_URL_MALFORMED;
    return parts->fragment ? WEBHOOK_URL_FRAGMENT : WEBHOOK_URL_FINE;
}

static enum webhook_url_answer parts_check(const struct webhook_rules *rules,
                                           const struct parts *parts) {
    bool https = strcmp(parts->scheme, "https") == 0, http = strcmp(parts->scheme, "http") == 0;
    long port = strtol(parts->port, NULL, 10);
    if (!https && !(http && rules->plain_http)) return WEBHOOK_URL_NOT_HTTPS;
    if (!*parts->host || strchr(parts->host, '%')) return WEBHOOK_URL_MALFORMED;
    if (port < WEBHOOK_PORT_FREE_MIN && !(https && port == 443) && !(http && port == 80))
        return WEBHOOK_URL_PORT;
    return WEBHOOK_URL_FINE;
}

/* An IPv6 address stands in brackets in a URL, and without for who looks it up. */
static enum webhook_url_answer host_check(const struct webhook_rules *rules, char *host,
                                          webhook_lookup lookup, void *context) {
    struct sockaddr_storage addresses[WEBHOOK_ADDRESSES_MAX];
    size_t length = strlen(host);
    int count = 0;
    if (host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        host++;
    }
    int found = lookup(context, host, addresses, &count);
    if (found < 0) return WEBHOOK_URL_LOOKUP_FAILED;
    if (found == 0 || count > WEBHOOK_ADDRESSES_MAX) return WEBHOOK_URL_UNKNOWN_HOST;
    for (int i = 0; i < count; i++)
        if (!webhook_address_allowed(rules, (const struct sockaddr *)&addresses[i]))
            return WEBHOOK_URL_PRIVATE;
    return WEBHOOK_URL_FINE;
}

enum webhook_url_answer webhook_url_check(const struct webhook_rules *rules, const char *url,
                                          webhook_lookup lookup, void *context) {
    struct parts parts = {NULL, NULL, NULL, NULL};
    if (!plain(url)) return WEBHOOK_URL_MALFORMED;
    enum webhook_url_answer answer = url_split(url, &parts);
    if (answer == WEBHOOK_URL_FINE) answer = parts_check(rules, &parts);
    if (answer == WEBHOOK_URL_FINE) answer = host_check(rules, parts.host, lookup, context);
    parts_done(&parts);
    return answer;
}

static const struct {
    const char *code;
    struct text text;
} answers[WEBHOOK_URL_ANSWERS] = {
    [WEBHOOK_URL_MALFORMED] = {"wrong_format",
                               {"Geef een volledig webadres, zoals "
                                "https://systeem.example.nl/koppel.",
                                "Give a complete web address, such as "
                                "https://system.example.com/koppel."}},
    [WEBHOOK_URL_NOT_HTTPS] = {"not_https",
                               {"Gebruik een adres dat met https:// begint: berichten gaan alleen "
                                "over een beveiligde verbinding.",
                                "Use an address that begins with https://: messages go over a "
                                "secured connection only."}},
    [WEBHOOK_URL_CREDENTIALS] = {"credentials",
                                 {"Laat naam en wachtwoord weg uit het adres: de handtekening "
                                  "bewijst van wie een bericht komt.",
                                  "Leave name and password out of the address: the signature "
                                  "proves whose a message is."}},
    [WEBHOOK_URL_FRAGMENT] = {"fragment",
                              {"Laat het deel vanaf # weg: dat wordt nooit verstuurd.",
                               "Leave out the part from # on: it is never sent."}},
    [WEBHOOK_URL_PORT] = {"port",
                          {"Gebruik poort 443 of een poort vanaf 1024.",
                           "Use port 443, or a port from 1024 on."}},
    [WEBHOOK_URL_UNKNOWN_HOST] = {"unknown_host",
                                  {"Deze servernaam is op internet niet te vinden: controleer de "
                                   "naam.",
                                   "This server's name cannot be found on the internet: check "
                                   "the name."}},
    [WEBHOOK_URL_LOOKUP_FAILED] = {"lookup_failed",
                                   {"De servernaam kan nu niet worden opgezocht: probeer het over "
                                    "een minuut opnieuw.",
                                    "The server's name cannot be looked up now: try again in a "
                                    "minute."}},
    [WEBHOOK_URL_PRIVATE] = {"private_address",
                             {"Dit adres is niet openbaar: gebruik een server die vanaf internet "
                              "te bereiken is.",
                              "This address is not public: use a server that can be reached from "
                              "the internet."}}};

const struct text *webhook_url_text(enum webhook_url_answer answer) {
    return answer == WEBHOOK_URL_FINE ? NULL : &answers[answer].text;
}

const char *webhook_url_code(enum webhook_url_answer answer) {
    return answers[answer].code;
}
