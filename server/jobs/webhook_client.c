/* Transfers are libcurl's, all of one multi handle; this sets their limits and says what became of
 * them. */
#include "jobs/webhook_client.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"

/* Of Retry-After: a date is shorter, and a number of seconds that is longer is no number. */
enum { RETRY_AFTER_MAX_BYTES = 64 };

struct webhook_client {
    CURLM *multi;
    const struct webhook_rules *rules;
    struct transfer *transfers; /* a list: those that are freed with the client */
};

struct transfer {
    struct transfer *next, **link; /* `link` is what points here */
    struct webhook_client *client;
    CURL *easy;
    struct curl_slist *headers;
    void *tag;
    int64_t at_us, began_ms;
    size_t head_bytes, body_bytes, kept;
    bool refused; /* an address that may not be connected to */
    bool cut;     /* the body went on: its status is known */
    bool flooded; /* the headers went on */
    char answer[WEBHOOK_ANSWER_KEPT_MAX_BYTES];
    char retry_after[RETRY_AFTER_MAX_BYTES]; /* "": none */
};

/* ---- what libcurl asks ---------------------------------------------------------------------- */
/* Asked for each address that it would connect to, after the name was looked up. */
static curl_socket_t socket_open(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *address) {
    struct transfer *transfer = context;
    (void)purpose;
    if (!webhook_address_allowed(transfer->client->rules, &address->addr)) {
        transfer->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A line of an answer's head, or of one that came before it (100). */
static void head_look(struct transfer *transfer, const char *line, size_t length) {
    static const char name[] = "retry-after:";
    size_t at = sizeof name - 1;
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) transfer->retry_after[0] = '\0';
    if (length <= at || strncasecmp(line, name, at) != 0) return;
    while (at < length && (line[at] == ' ' || line[at] == '\t')) at++;
    while (length > at && (unsigned char)line[length - 1] <= ' ') length--;
    if (length - at >= sizeof transfer->retry_after) return;
    memcpy(transfer->retry_after, line + at, length - at);
    transfer->retry_after[length - at] = '\0';
}

static size_t head_take(char *bytes, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    head_look(transfer, bytes, size * count);
    transfer->head_bytes += size * count;
    transfer->flooded = transfer->head_bytes > WEBHOOK_ANSWER_HEAD_MAX_BYTES;
    return transfer->flooded ? 0 : size * count;
}

static size_t body_take(char *bytes, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    size_t length = size * count, room = sizeof transfer->answer - transfer->kept;
    size_t keep = length < room ? length : room;
    memcpy(transfer->answer + transfer->kept, bytes, keep);
    transfer->kept += keep;
    transfer->body_bytes += length;
    transfer->cut = transfer->body_bytes > WEBHOOK_ANSWER_MAX_BYTES;
    return transfer->cut ? 0 : length;
}

/* ---- beginning ------------------------------------------------------------------------------ */
static void transfer_free(struct transfer *transfer) {
    if (transfer->link) {
        *transfer->link = transfer->next;
        if (transfer->next) transfer->next->link = transfer->link;
    }
    if (transfer->easy) {
        curl_multi_remove_handle(transfer->client->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    curl_slist_free_all(transfer->headers);
    free(transfer);
}

static bool header_add(struct transfer *transfer, const char *text) {
    struct curl_slist *headers = curl_slist_append(transfer->headers, text);
    if (headers) transfer->headers = headers;
    return headers != NULL;
}

static bool headers_make(struct transfer *transfer, const struct webhook_post *post) {
    char id[ID_MAX + 16], timestamp[64], signature[256];
    snprintf(id, sizeof id, "webhook-id: %s", post->id);
    snprintf(timestamp, sizeof timestamp, "webhook-timestamp: %" PRId64, post->timestamp_s);
    int length = snprintf(signature, sizeof signature, "webhook-signature: %s", post->signature);
    return length < (int)sizeof signature && header_add(transfer, id) &&
           header_add(transfer, timestamp) && header_add(transfer, signature) &&
           header_add(transfer, "Content-Type: application/json") &&
           header_add(transfer, "Expect:");
}

#define SET(option, value) (failed |= curl_easy_setopt(easy, option, value) != CURLE_OK)

static bool limits_set(const struct webhook_client *client, CURL *easy) {
    bool failed = false;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, client->rules->plain_http ? "http,https" : "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, ""); /* and no proxy of the environment */
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (client->rules->authorities) {
        SET(CURLOPT_CAINFO, client->rules->authorities);
        SET(CURLOPT_CAPATH, NULL);
    }
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)WEBHOOK_CONNECT_TIMEOUT_MS);
    SET(CURLOPT_TIMEOUT_MS, (long)WEBHOOK_TOTAL_TIMEOUT_MS);
    /* A name that nobody answers for is given up without waiting for its lookup to end. */
    SET(CURLOPT_QUICK_EXIT, 1L);
    return !failed;
}

static bool transfer_set(struct transfer *transfer, const struct webhook_post *post) {
    CURL *easy = transfer->easy;
    bool failed = false;
    SET(CURLOPT_URL, post->url);
    SET(CURLOPT_POSTFIELDS, post->body);
    SET(CURLOPT_POSTFIELDSIZE, (long)strlen(post->body));
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    SET(CURLOPT_USERAGENT, "Koppel-Webhook/1");
    SET(CURLOPT_OPENSOCKETFUNCTION, socket_open);
    SET(CURLOPT_OPENSOCKETDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, head_take);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_WRITEFUNCTION, body_take);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_PRIVATE, transfer);
    return !failed && limits_set(transfer->client, easy);
}

int webhook_client_post(struct webhook_client *client, const struct webhook_post *post, void *tag,
                        struct error *error) {
    struct transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer) return error_set(error, ERROR_NO_MEMORY, "no memory to send a message");
    transfer->client = client;
    transfer->tag = tag;
    transfer->at_us = clock_now_us();
    transfer->began_ms = clock_monotonic_ms();
    transfer->easy = curl_easy_init();
    if (!transfer->easy || !headers_make(transfer, post) || !transfer_set(transfer, post) ||
        curl_multi_add_handle(client->multi, transfer->easy) != CURLM_OK) {
        transfer_free(transfer);
        return error_set(error, ERROR_NO_MEMORY, "a message cannot be sent");
    }
    transfer->next = client->transfers;
    if (transfer->next) transfer->next->link = &transfer->next;
    transfer->link = &client->transfers;
    client->transfers = transfer;
    return 0;
}

/* ---- going on ------------------------------------------------------------------------------- */
void webhook_client_run(struct webhook_client *client, int wait_ms) {
    int running = 0, ready = 0;
    curl_multi_perform(client->multi, &running);
    curl_multi_poll(client->multi, NULL, 0, wait_ms, &ready);
    curl_multi_perform(client->multi, &running);
}

void webhook_client_wake(struct webhook_client *client) {
    curl_multi_wakeup(client->multi);
}

/* ---- ends ----------------------------------------------------------------------------------- */
static const char *outcome_of_failure(const struct transfer *transfer, CURLcode code) {
    if (transfer->flooded) return "answer_too_large";
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return "timed_out";
    case CURLE_COULDNT_RESOLVE_HOST: return "unknown_host";
    case CURLE_COULDNT_CONNECT: return transfer->refused ? "address_refused" : "no_connection";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return "certificate";
    default: return "dropped";
    }
}

static const char *outcome_of_status(long status, enum webhook_end *ret_end) {
    *ret_end = status >= 200 && status < 300 ? WEBHOOK_END_DELIVERED
               : status == 410               ? WEBHOOK_END_GONE
                                             : WEBHOOK_END_FAILED;
    if (*ret_end == WEBHOOK_END_DELIVERED) return "delivered";
    if (*ret_end == WEBHOOK_END_GONE) return "gone";
    return status >= 300 && status < 400 ? "redirect" : "status";
}

/* What is text of the answer's beginning: what is none becomes question marks. */
static void answer_copy(const struct transfer *transfer, char *ret_answer) {
    size_t at = 0, length = 0;
    while (at < transfer->kept) {
        uint32_t code_point = 0;
        size_t bytes = utf8_read(transfer->answer + at, transfer->kept - at, &code_point);
        bool plain = bytes > 0 && (code_point >= ' ' || code_point == '\n' || code_point == '\t') &&
                     (code_point < 0x7f || code_point > 0x9f);
        if (plain) memcpy(ret_answer + length, transfer->answer + at, bytes);
        else ret_answer[length] = '?';
        length += plain ? bytes : 1;
        at += bytes ? bytes : 1;
    }
    ret_answer[length] = '\0';
}

/* Seconds, or a date (RFC 9110); more than fits a year of them is as much as a year. */
static int64_t wait_asked_ms(const char *retry_after, int64_t now_us) {
    const int64_t year_s = 365 * 86400;
    size_t digits = strspn(retry_after, "0123456789");
    int64_t wait_s = 0;
    if (digits && !retry_after[digits]) {
        for (size_t i = 0; i < digits && wait_s <= year_s; i++)
            wait_s = wait_s * 10 + (retry_after[i] - '0');
    } else if (*retry_after) {
        time_t date = curl_getdate(retry_after, NULL);
        if (date != -1) wait_s = (int64_t)date - now_us / 1000000;
    }
    if (wait_s < 0) wait_s = 0;
    return (wait_s < year_s ? wait_s : year_s) * 1000;
}

static void end_tell(struct transfer *transfer, CURLcode code, struct webhook_answer *ret_answer) {
    long status = 0;
    struct webhook_try *try = &ret_answer->try;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    *ret_answer = (struct webhook_answer){
        .tag = transfer->tag,
        .end = WEBHOOK_END_FAILED,
        .try = {.at_us = transfer->at_us,
                .duration_ms = clock_monotonic_ms() - transfer->began_ms,
                .http_status = status >= 100 && status <= 999 ? (int)status : 0}};
    const char *outcome = code == CURLE_OK || (transfer->cut && !transfer->flooded)
                              ? outcome_of_status(status, &ret_answer->end)
                              : outcome_of_failure(transfer, code);
    if (status == 429 || status == 503)
        ret_answer->asked_wait_ms = wait_asked_ms(transfer->retry_after, clock_now_us());
    snprintf(try->outcome, sizeof try->outcome, "%s", outcome);
    answer_copy(transfer, try->answer);
}

bool webhook_client_take(struct webhook_client *client, struct webhook_answer *ret_answer) {
    int left = 0;
    CURLMsg *message;
    do message = curl_multi_info_read(client->multi, &left);
    while (message && message->msg != CURLMSG_DONE);
    if (!message) return false;
    char *private = NULL;
    CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
    struct transfer *transfer = (struct transfer *)private;
    end_tell(transfer, code, ret_answer);
    transfer_free(transfer);
    return true;
}

/* ---- the client ----------------------------------------------------------------------------- */
int webhook_client_new(const struct webhook_rules *rules, struct error *error,
                       struct webhook_client **ret_client) {
    if (rules->authorities && access(rules->authorities, R_OK) != 0)
        return error_set(error, ERROR_INVALID, "cannot read %s: see --webhook-authorities",
                         rules->authorities);
    struct webhook_client *client = calloc(1, sizeof *client);
    if (!client || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        !(client->multi = curl_multi_init())) {
        free(client);
        return error_set(error, ERROR_NO_MEMORY, "no memory to send webhooks");
    }
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)WEBHOOK_CONNECTIONS_KEPT_MAX);
    client->rules = rules;
    *ret_client = client;
    return 0;
}

void webhook_client_free(struct webhook_client *client) {
    if (!client) return;
    while (client->transfers) transfer_free(client->transfers);
    curl_multi_cleanup(client->multi);
    free(client);
}
