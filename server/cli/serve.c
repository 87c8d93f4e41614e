/* `koppel serve`: serves HTTPS until SIGTERM or SIGINT; SIGHUP reads the certificate again. Every
 * limit of the server is an option here. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "auth/access_token.h"
#include "auth/signing.h"
#include "base/config.h"
#include "base/log.h"
#include "base/option.h"
#include "command.h"
#include "domain/service.h"
#include "http/server.h"
#include "jobs/housekeeping.h"
#include "jobs/impact_job.h"
#include "jobs/lead_job.h"
#include "jobs/mail_job.h"
#include "jobs/renewal_job.h"
#include "jobs/webhook_job.h"
#include "operation/operation.h"
#include "soap/soap.h"

enum { DESCRIPTORS_WANTED = 65536, OPTIONS_MAX = 30 /* of a kind */ };

struct arguments {
    const char *data, *public_url, *listen, *certificate, *private_key, *certificate_url;
    char certificate_address[CONFIG_VALUE_MAX]; /* as a URL, without '/' at its end */
    struct http_options http;
    int64_t rating_steps, token_lifetime_s;
    struct webhook_rules webhooks;
    struct mail_options mail;
    int64_t session_idle_s, session_lifetime_s;
    struct lead_keeping leads;
};

#define LIMIT(option_name, unit, default_text_, low, high, text, field)                           \
    {.name = option_name, .kind = OPTION_INTEGER, .argument = unit, .default_text = default_text_, \
     .minimum = low, .maximum = high, .help = text, .ret_value = &(field)}
#define TEXT(option_name, unit, text, field)                                                      \
    {.name = option_name, .kind = OPTION_TEXT, .argument = unit, .help = text,                    \
     .ret_value = &(field)}
#define FLAG(option_name, text, field)                                                            \
    {.name = option_name, .kind = OPTION_FLAG, .help = text, .ret_value = &(field)}

static int check_arguments(const struct arguments *arguments,
                           const struct option_operands *operands, struct error *error) {
    const char *second = arguments->http.certificate_listen;
    int result = 0;
    if (operands->count > 0)
        result = error_set(error, ERROR_INVALID, "what is \"%s\"? See koppel serve --help",
                           operands->items[0]);
    if (result == 0 && arguments->listen) result = http_address_check(arguments->listen, error);
    if (result == 0 && second) result = http_address_check(second, error);
    if (result == 0 && arguments->certificate_url && !second)
        result = error_set(error, ERROR_INVALID,
                           "--certificate-url goes with --certificate-listen");
    if (result == 0) result = mail_options_check(&arguments->mail, error);
    if (result == 0 && !*arguments->data)
        result = error_set(error, ERROR_INVALID, "--data is empty: name the data folder");
    return result;
}

/* Where it serves, and with what. Returns how many there are. */
static int place_options(struct arguments *arguments, struct option ret_options[OPTIONS_MAX]) {
    struct http_options *http = &arguments->http;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the data folder made by koppel init", .ret_value = &arguments->data},
        TEXT("listen", "ADDR:PORT", "where to serve HTTPS (default: as koppel.conf says)",
             arguments->listen),
        TEXT("public-url", "URL", "how callers reach it (default: as koppel.conf says)",
             arguments->public_url),
        TEXT("certificate", "FILE", "PEM certificate with its chain (default: koppel.conf's)",
             arguments->certificate),
        TEXT("private-key", "FILE", "PEM private key (default: koppel.conf's)",
             arguments->private_key),
        TEXT("certificate-listen", "ADDR:PORT",
             "serve partners' systems with client certificates there (see koppel certificate)",
             http->certificate_listen),
        TEXT("certificate-url", "URL", "how they reach it (default: as --public-url)",
             arguments->certificate_url),
        TEXT("metrics", "ADDR:PORT", "serve Prometheus metrics there, over plain HTTP",
             http->metrics),
    };
    memcpy(ret_options, options, sizeof options);
    return sizeof options / sizeof *options;
}

static int limit_options(struct arguments *arguments, struct option ret_options[OPTIONS_MAX]) {
    struct http_options *http = &arguments->http;
    const struct option options[] = {
        LIMIT("threads", "N", "1024", 2, 16000, "worker threads: one per connection at a time",
              http->threads),
        LIMIT("queue", "N", "1024", 1, 60000, "connections that may wait for a worker",
              http->queue),
        LIMIT("connections-per-address", "N", "0", 0, 60000,
              "most connections of one address (an IPv6 /64); 0: no cap",
              http->connections_per_address),
        LIMIT("handshake-timeout-ms", "MS", "10000", 100, 600000, "for a TLS handshake",
              http->handshake_timeout_ms),
        LIMIT("request-timeout-ms", "MS", "10000", 100, 600000,
              "from a request's first byte to the end of its headers", http->head_timeout_ms),
        LIMIT("body-timeout-ms", "MS", "30000", 100, 600000,
              "from the headers to the end of the body", http->body_timeout_ms),
        LIMIT("write-timeout-ms", "MS", "30000", 100, 600000, "for a caller to take an answer",
              http->write_timeout_ms),
        LIMIT("idle-timeout-ms", "MS", "15000", 100, 600000,
              "for which a connection stays open between requests", http->idle_timeout_ms),
        LIMIT("stop-delay-ms", "MS", "0", 0, 600000,
              "after SIGTERM: serve on, with /readyz saying 503, for so long",
              http->stop_delay_ms),
        LIMIT("stop-timeout-ms", "MS", "30000", 0, 600000,
              "after that: time for requests in flight", http->stop_timeout_ms),
        LIMIT("body-max-bytes", "BYTES", "1048576", 1024, 64 * 1024 * 1024,
              "most of any request body, unpacked; an operation may take less",
              http->body_max_bytes),
        LIMIT("items-max-bytes", "BYTES", "16777216", 1024, 64 * 1024 * 1024,
              "the same for a body of many requests (up to eight are held at a time)",
              http->items_max_bytes),
        LIMIT("inflate-ratio-max", "N", "100", 2, 1000,
              "most bytes out of one byte of gzip, beyond the first 64 KiB",
              http->inflate_ratio_max),
        LIMIT("rating-steps", "N", "10000000", 1, INT64_C(1000000000000),
              "most turns of loops, calls and rows scanned in rating one quote",
              arguments->rating_steps),
        LIMIT("won-lead-days", "DAYS", "2555", 0, 36500,
              "for which a won lead tells who it was of; then that is erased; 0: for good",
              arguments->leads.won_days),
        LIMIT("lost-lead-days", "DAYS", "365", 0, 36500, "the same of a lost lead",
              arguments->leads.lost_days),
        LIMIT("spam-lead-days", "DAYS", "30", 0, 36500, "the same of one that was spam",
              arguments->leads.spam_days),
        LIMIT("token-lifetime", "SECONDS", "900", ACCESS_TOKEN_LIFETIME_MIN_S,
              ACCESS_TOKEN_LIFETIME_MAX_S, "for which an access token (OAuth 2) holds",
              arguments->token_lifetime_s),
    };
    memcpy(ret_options, options, sizeof options);
    return sizeof options / sizeof *options;
}

static int people_options(struct arguments *arguments, struct option ret_options[OPTIONS_MAX]) {
    const struct option options[] = {
        LIMIT("session-idle", "SECONDS", "1800", 60, 7 * 24 * 3600,
              "after which a session that is not used ends", arguments->session_idle_s),
        LIMIT("session-lifetime", "SECONDS", "43200", 60, 30 * 24 * 3600,
              "after which a session ends, however much it is used",
              arguments->session_lifetime_s),
        TEXT("smtp", "URL", "send mail by that server: smtp://HOST:PORT or smtps://HOST:PORT "
             "(default: into DIR/outbox)", arguments->mail.smtp),
        TEXT("smtp-tls", "WHEN", "with smtp://: required (default), try or none",
             arguments->mail.tls),
        TEXT("smtp-authorities", "FILE",
             "PEM file of who vouches for its certificate (default: the system's)",
             arguments->mail.authorities),
        TEXT("mail-from", "ADDRESS", "who mail is from (default: koppel@ and the public URL's "
             "host)", arguments->mail.from),
    };
    memcpy(ret_options, options, sizeof options);
    return sizeof options / sizeof *options;
}

static int webhook_options(struct webhook_rules *rules, struct option ret_options[OPTIONS_MAX]) {
    const struct option options[] = {
        FLAG("webhook-private-addresses",
             "let webhooks go to addresses that are not public, such as your own network's",
             rules->private_addresses),
        FLAG("webhook-plain-http", "let webhooks go over http:// too, which anybody can read",
             rules->plain_http),
        TEXT("webhook-authorities", "FILE",
             "PEM file of who vouches for webhooks' certificates (default: the system's)",
             rules->authorities),
    };
    memcpy(ret_options, options, sizeof options);
    return sizeof options / sizeof *options;
}

/* 0: go on; else an exit status in ret_status. */
static bool read_arguments(int argc, char **argv, struct arguments *arguments, int *ret_status) {
    struct option options[4 * OPTIONS_MAX];
    int count = place_options(arguments, options);
    count += limit_options(arguments, options + count);
    count += people_options(arguments, options + count);
    count += webhook_options(&arguments->webhooks, options + count);
    struct error error = {0};
    struct option_operands operands = {.count = 0};
    bool help = false;
    int result = options_read(options, count, argc, argv, &error, &operands, &help);
    if (result == 0 && help) {
        printf("koppel serve: serves HTTPS until SIGTERM; SIGHUP reads the certificate again\n\n");
        options_help(options, count);
        *ret_status = EXIT_DONE;
        return false;
    }
    if (result == 0) result = check_arguments(arguments, &operands, &error);
    if (result != 0) *ret_status = command_misused("serve", &error);
    return result == 0;
}

/* A connection takes a descriptor: as many as the system lets this process have. */
static void raise_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    rlim_t wanted = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int override_text(char *value, const char *given, const char *name, struct error *error) {
    if (!given) return 0;
    size_t length = strlen(given);
    bool address = !strcmp(name, "public-url") || !strcmp(name, "certificate-url");
    while (address && length > 0 && given[length - 1] == '/') length--;
    if (length == 0 || length >= CONFIG_VALUE_MAX)
        return error_set(error, ERROR_INVALID, "--%s is empty or too long", name);
    memcpy(value, given, length);
    value[length] = '\0';
    return 0;
}

static int read_config(struct arguments *arguments, struct error *error,
                       struct config *ret_config) {
    int result = config_read(arguments->data, error, ret_config);
    if (result == 0)
        result = override_text(ret_config->listen, arguments->listen, "listen", error);
    if (result == 0)
        result = override_text(ret_config->public_url, arguments->public_url, "public-url", error);
    if (result == 0)
        result = override_text(ret_config->certificate, arguments->certificate, "certificate",
                               error);
    if (result == 0)
        result = override_text(ret_config->private_key, arguments->private_key, "private-key",
                               error);
    if (result == 0)
        memcpy(arguments->certificate_address, ret_config->public_url, CONFIG_VALUE_MAX);
    if (result == 0)
        result = override_text(arguments->certificate_address, arguments->certificate_url,
                               "certificate-url", error);
    return result;
}

/* Before anything reads the tables: is the store at this program's migrations? */
static int check_store(const struct config *config, struct error *error) {
    struct db *db = NULL;
    const struct db_options options = {.url = config->database, .reader_count = 1};
    int result = db_open(&options, error, &db);
    if (result != 0) return result;
    result = db_migrated(db, migrations, migration_count, error);
    db_close(db);
    return result;
}

static int read_again(struct http_server *server, struct service *service, struct error *error) {
    int result = http_server_reload(server, error);
    if (result == 0 && service->signing) result = signing_reload(service->signing, error);
    return result;
}

static void wait_for_signals(struct http_server *server, struct service *service,
                             const sigset_t *signals) {
    for (;;) {
        int received = 0;
        if (sigwait(signals, &received) != 0) continue;
        if (received != SIGHUP) {
            log_event(LOG_INFO, "server_stopping", "signal", strsignal(received), NULL);
            return;
        }
        struct error error = {0};
        if (read_again(server, service, &error) == 0)
            log_event(LOG_INFO, "certificate_read", NULL);
        else
            log_event(LOG_ERROR, "certificate_refused", "error", error.text, NULL);
    }
}

static int serve(const struct config *config, struct arguments *arguments,
                 const sigset_t *signals, struct error *error) {
    struct http_options *http = &arguments->http;
    struct service *service = NULL;
    struct dispatcher *dispatcher = NULL;
    struct http_server *server = NULL;
    struct housekeeping *housekeeping = NULL;
    struct impact_job *impacts = NULL;
    struct webhook_job *webhooks = NULL;
    struct renewal_job *renewals = NULL;
    struct lead_job *leads = NULL;
    struct mail_job *mail = NULL;
    http->listen = config->listen;
    http->public_url = config->public_url;
    http->certificate_url = arguments->certificate_address;
    http->entrance = &soap_entrance;
    http->certificate = config->certificate;
    http->private_key = config->private_key;
    int result = check_store(config, error);
    if (result == 0) result = service_new(config, error, &service);
    if (result == 0) {
        service->rating_steps = arguments->rating_steps;
        service->token_lifetime_s = arguments->token_lifetime_s;
        service->webhook_rules = arguments->webhooks;
        service->mail_by_smtp = arguments->mail.smtp != NULL;
        people_set_limits(service->people, arguments->session_idle_s,
                          arguments->session_lifetime_s);
        service->lead_keeping = arguments->leads;
    }
    if (result == 0)
        result = dispatcher_new(service->db, service->keys, service, error, &dispatcher);
    if (result == 0) dispatcher_set_people(dispatcher, service->people);
    if (result == 0) result = http_server_start(http, service, dispatcher, error, &server);
    if (result == 0)
        result = housekeeping_start(service, HOUSEKEEPING_INTERVAL_MS, error, &housekeeping);
    if (result == 0) result = impact_job_start(service, error, &impacts);
    if (result == 0) result = webhook_job_start(service, error, &webhooks);
    if (result == 0) result = renewal_job_start(service, error, &renewals);
    if (result == 0) result = lead_job_start(service, error, &leads);
    if (result == 0) result = mail_job_start(service, &arguments->mail, error, &mail);
    if (result == 0) {
        const char *metrics = http_server_metrics_address(server);
        if (*metrics) log_event(LOG_INFO, "metrics_started", "address", metrics, NULL);
        const char *certificates = http_server_certificate_address(server);
        if (*certificates)
            log_event(LOG_INFO, "certificates_started", "address", certificates, NULL);
        log_event(LOG_INFO, "server_started", "address", http_server_address(server), NULL);
        wait_for_signals(server, service, signals);
    }
    if (server) http_server_stop(server);
    webhook_job_stop(webhooks);
    mail_job_stop(mail);
    renewal_job_stop(renewals);
    lead_job_stop(leads);
    impact_job_stop(impacts);
    housekeeping_stop(housekeeping);
    if (dispatcher) dispatcher_free(dispatcher);
    if (service) service_free(service);
    return result;
}

static int run(int argc, char **argv) {
    struct arguments arguments = {.data = NULL};
    struct config config;
    struct error error = {0};
    int status = EXIT_DONE;
    sigset_t signals;
    if (!read_arguments(argc, argv, &arguments, &status)) return status;
    /* Before any thread is made, so that all of them leave these signals to wait_for_signals. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    raise_descriptors();
    if (read_config(&arguments, &error, &config) != 0 ||
        serve(&config, &arguments, &signals, &error) != 0)
        return command_fail("serve", &error);
    return EXIT_DONE;
}

const struct command command_serve = {"serve", "serves HTTPS until SIGTERM", run};
