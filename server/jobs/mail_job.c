/* Rounds of claiming, putting together, delivering and keeping what became of it. */
#include "jobs/mail_job.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "jobs/mail_compose.h"
#include "jobs/ticker.h"

enum { HOST_MAX = 256, FROM_MAX = 300, REASON_MAX = 600, ROUNDS_MAX = 50 };

struct mail_job {
    struct service *service;
    struct mail_options options;
    struct ticker *ticker; /* the starter's, to stop it by */
    struct ticker *rounds; /* the same for the rounds: the first begins before the start is done */
    char host[HOST_MAX], from[FROM_MAX], outbox[CONFIG_VALUE_MAX];
    char *memory; /* scratch */
    bool told;    /* that the store cannot be asked */
    struct mail_due due[MAIL_DUE_MAX];
};

int mail_options_check(const struct mail_options *options, struct error *error) {
    const char *from = options->from, *tls = options->tls;
    if (options->smtp && strncmp(options->smtp, "smtp://", 7) != 0 &&
        strncmp(options->smtp, "smtps://", 8) != 0)
        return error_set(error, ERROR_INVALID, "--smtp begins with smtp:// or smtps://");
    if (options->smtp && strchr(options->smtp, '@'))
        return error_set(error, ERROR_INVALID,
                         "leave name and password out of --smtp: they stand in koppel.conf, as "
                         "smtp_user and smtp_password");
    if (from && (!strchr(from, '@') || strpbrk(from, " <>\r\n\"") || strlen(from) > 254))
        return error_set(error, ERROR_INVALID, "--mail-from takes an address such as "
                                               "extranet@example.nl");
    if (tls && strcmp(tls, "required") != 0 && strcmp(tls, "try") != 0 && strcmp(tls, "none") != 0)
        return error_set(error, ERROR_INVALID, "--smtp-tls takes required, try or none");
    return 0;
}

/* ---- by SMTP -------------------------------------------------------------------------------- */
struct sending {
    struct mail_job *job;
    const struct buffer *wire;
    size_t sent;
};

static size_t wire_read(char *buffer, size_t size, size_t count, void *context) {
    struct sending *sending = context;
    size_t left = sending->wire->length - sending->sent, room = size * count;
    size_t length = left < room ? left : room;
    memcpy(buffer, sending->wire->data + sending->sent, length);
    sending->sent += length;
    return length;
}

static int progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const struct sending *sending = context;
    (void)a, (void)b, (void)c, (void)d;
    return ticker_is_stopping(sending->job->rounds);
}

static bool set_up(CURL *curl, struct mail_job *job, struct sending *sending,
                   struct curl_slist *recipients, char *reason) {
    const struct config *config = job->service->config;
    const char *tls = job->options.tls ? job->options.tls : "required";
    long use = strcmp(tls, "none") == 0  ? CURLUSESSL_NONE
               : strcmp(tls, "try") == 0 ? CURLUSESSL_TRY
                                         : CURLUSESSL_ALL;
    char from[FROM_MAX + 2], url[CONFIG_VALUE_MAX + HOST_MAX + 2];
    size_t length = strlen(job->options.smtp);
    while (length && job->options.smtp[length - 1] == '/') length--;
    snprintf(from, sizeof from, "<%s>", job->from);
    snprintf(url, sizeof url, "%.*s/%s", (int)length, job->options.smtp, job->host);
    bool good = curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_USE_SSL, use) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_READFUNCTION, wire_read) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_READDATA, sending) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_XFERINFODATA, sending) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                                 (long)MAIL_CONNECT_TIMEOUT_MS) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)MAIL_TIMEOUT_MS) == CURLE_OK;
    if (good && job->options.authorities)
        good = curl_easy_setopt(curl, CURLOPT_CAINFO, job->options.authorities) == CURLE_OK;
    if (good && *config->smtp_user)
        good = curl_easy_setopt(curl, CURLOPT_USERNAME, config->smtp_user) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_PASSWORD, config->smtp_password) == CURLE_OK;
    return good;
}

/* What the server said of the message itself for good; of who sends it, it may say otherwise
 * later. */
static enum mail_outcome outcome_of(CURL *curl, CURLcode code) {
    long answer = 0;
    if (code == CURLE_OK) return MAIL_SENT;
    if (code == CURLE_ABORTED_BY_CALLBACK) return MAIL_RETURNED;
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    bool about_it = code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY ||
                    code == CURLE_UPLOAD_FAILED || code == CURLE_RECV_ERROR;
    return about_it && answer >= 550 && answer <= 559 ? MAIL_REFUSED : MAIL_LATER;
}

static enum mail_outcome smtp_send(struct mail_job *job, const struct buffer *wire,
                                   const char *to, char reason[REASON_MAX]) {
    char address[MAIL_ADDRESS_MAX + 2], text[CURL_ERROR_SIZE] = "";
    struct sending sending = {.job = job, .wire = wire};
    enum mail_outcome outcome = MAIL_LATER;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    snprintf(address, sizeof address, "<%s>", to);
    CURL *curl = curl_easy_init();
    struct curl_slist *recipients = curl_slist_append(NULL, address);
    if (curl && recipients && set_up(curl, job, &sending, recipients, text)) {
        code = curl_easy_perform(curl);
        outcome = outcome_of(curl, code);
    }
    snprintf(reason, REASON_MAX, "%s", *text ? text : curl_easy_strerror(code));
    curl_slist_free_all(recipients);
    curl_easy_cleanup(curl);
    return outcome;
}

/* ---- into the outbox ------------------------------------------------------------------------ */
static enum mail_outcome outbox_write(struct mail_job *job, const char *id,
                                      const struct buffer *wire, char reason[REASON_MAX]) {
    char name[ID_MAX + 8], path[CONFIG_VALUE_MAX];
    struct error error = {0};
    snprintf(name, sizeof name, "%s.eml", id);
    int status = file_make_folder(job->outbox, &error);
    if (!status) status = file_path(job->outbox, name, sizeof path, &error, path);
    if (!status) status = file_write(path, wire->data, wire->length, 0600, &error);
    snprintf(reason, REASON_MAX, "%s", error.text);
    return status ? MAIL_LATER : MAIL_SENT;
}

/* ---- rounds --------------------------------------------------------------------------------- */
static void tell(const struct mail_due *due, enum mail_outcome outcome, const char *reason,
                 bool given_up) {
    if (outcome == MAIL_SENT) log_event(LOG_INFO, "mail_sent", "mail", due->id, NULL);
    else if (outcome != MAIL_RETURNED)
        log_event(LOG_WARNING, given_up ? "mail_given_up" : "mail_not_sent", "mail", due->id,
                  "reason", reason, NULL);
}

static void deliver(struct mail_job *job, struct mail_due *due) {
    char to[MAIL_ADDRESS_MAX], reason[REASON_MAX] = "";
    struct scratch scratch;
    struct buffer wire;
    struct error error = {0};
    bool given_up = false;
    enum mail_outcome outcome = MAIL_LATER;
    scratch_init(&scratch, job->memory, MAIL_COMPOSE_SCRATCH_BYTES);
    buffer_init(&wire, MAIL_WIRE_MAX_BYTES);
    if (ticker_is_stopping(job->rounds))
        outcome = MAIL_RETURNED;
    else if (mail_compose(due, job->from, job->host, due->created_us, &scratch, &error, &wire, to))
        snprintf(reason, sizeof reason, "%s", error.text);
    else if (job->options.smtp) outcome = smtp_send(job, &wire, to, reason);
    else outcome = outbox_write(job, due->id, &wire, reason);
    if (mail_result_keep(job->service->db, due, outcome, reason, clock_now_us(), &error,
                         &given_up))
        log_event(LOG_WARNING, "mail_result_not_kept", "mail", due->id, "error", error.text, NULL);
    else tell(due, outcome, reason, given_up);
    if (wire.data) explicit_bzero(wire.data, wire.length);
    buffer_done(&wire);
    mail_due_done(due);
}

static int round_do(struct mail_job *job, struct ticker *ticker, struct error *error) {
    for (int i = 0; i < ROUNDS_MAX && !ticker_is_stopping(ticker); i++) {
        bool any = false;
        int count = 0;
        int status = mail_due_any(job->service->db, clock_now_us(), error, &any);
        if (status || !any) return status;
        status = mail_due_claim(job->service->db, job->service->encryption, clock_now_us(), error,
                                job->due, &count);
        if (status || !count) return status;
        for (int at = 0; at < count; at++) deliver(job, &job->due[at]);
    }
    return 0;
}

static void run_round(struct ticker *ticker, void *context) {
    struct mail_job *job = context;
    struct error error = {0};
    job->rounds = ticker;
    int status = round_do(job, ticker, &error);
    if (status && !job->told)
        log_event(LOG_WARNING, "mail_failed", "error", error.text, NULL);
    job->told = status != 0;
}

static void host_of(const char *url, char ret_host[HOST_MAX]) {
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    size_t length = strcspn(host, ":/");
    snprintf(ret_host, HOST_MAX, "%.*s", length && length < HOST_MAX ? (int)length : 9,
             length && length < HOST_MAX && *host != '[' ? host : "localhost");
}

int mail_job_start(struct service *service, const struct mail_options *options,
                   struct error *error, struct mail_job **ret_job) {
    struct mail_job *job = calloc(1, sizeof *job);
    char *memory = malloc(MAIL_COMPOSE_SCRATCH_BYTES);
    int status = job && memory ? 0 : error_set(error, ERROR_NO_MEMORY, "no memory for mail");
    if (!status)
        status = file_path(service->config->folder, "outbox", sizeof job->outbox, error,
                           job->outbox);
    if (!status) {
        job->service = service;
        job->options = *options;
        job->memory = memory;
        host_of(service->config->public_url, job->host);
        if (options->from) snprintf(job->from, sizeof job->from, "%s", options->from);
        else snprintf(job->from, sizeof job->from, "koppel@%s", job->host);
        status = ticker_start("mail", run_round, job, MAIL_JOB_INTERVAL_MS, error, &job->ticker);
    }
    if (status) {
        free(memory);
        free(job);
        return status;
    }
    *ret_job = job;
    return 0;
}

void mail_job_stop(struct mail_job *job) {
    if (!job) return;
    ticker_stop(job->ticker);
    free(job->memory);
    free(job);
}
