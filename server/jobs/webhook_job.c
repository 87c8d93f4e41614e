/* Takes messages that are due, signs and sends them, and keeps what became of them. Results that
 * the store does not take are offered again until it does, and nothing new is begun meanwhile. */
#include "jobs/webhook_job.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "domain/service.h"
#include "jobs/webhook_client.h"
#include "jobs/webhook_payload.h"

struct flight {
    struct webhook_due due;
    struct buffer signature;
    bool busy;
};

struct webhook_job {
    struct service *service;
    struct webhook_client *client;
    pthread_t thread;
    atomic_bool stopping;
    bool told; /* a store that cannot be asked is told once, not every half second */
    bool more; /* the last look found something: look again without waiting */
    int64_t looked_ms;
    char above[ID_MAX];
    int flight_count, result_count;
    struct flight flights[WEBHOOK_FLIGHTS_MAX];
    struct webhook_due due[WEBHOOK_FLIGHTS_MAX];
    struct webhook_result results[WEBHOOK_FLIGHTS_MAX]; /* not kept yet */
};

/* ---- taking messages ------------------------------------------------------------------------ */
static int room_for(void *context, const char *endpoint_id, const char *partner_id) {
    const struct webhook_job *job = context;
    int endpoint = WEBHOOK_FLIGHTS_PER_ENDPOINT_MAX, partner = WEBHOOK_FLIGHTS_PER_PARTNER_MAX;
    for (int i = 0; i < WEBHOOK_FLIGHTS_MAX; i++) {
        const struct flight *flight = &job->flights[i];
        if (!flight->busy) continue;
        endpoint -= strcmp(flight->due.message.endpoint_id, endpoint_id) == 0;
        partner -= strcmp(flight->due.message.partner_id, partner_id) == 0;
    }
    return endpoint < partner ? endpoint : partner;
}

static void failure_tell(struct webhook_job *job, const char *event, const struct error *error) {
    if (!job->told) log_event(LOG_WARNING, event, "error", error->text, NULL);
    job->told = true;
}

/* One that cannot be put together is left for the next look, and holds up no other. */
static void bodies_make(struct webhook_job *job, int *count) {
    int kept = 0;
    for (int i = 0; i < *count; i++) {
        struct webhook_due *due = &job->due[i];
        struct error error = {0};
        struct buffer body;
        int status = 0;
        if (!due->body) {
            buffer_init(&body, WEBHOOK_BODY_MAX_BYTES);
            status = webhook_payload_write(job->service, &due->message, clock_now_us(), &error,
                                           &body);
            if (status) buffer_done(&body);
            else due->body = body.data;
        }
        if (status) failure_tell(job, "webhook_not_made", &error);
        else if (kept++ != i) job->due[kept - 1] = *due;
    }
    *count = kept;
}

static void flight_end(struct webhook_job *job, struct flight *flight) {
    free(flight->due.body);
    buffer_done(&flight->signature);
    flight->due.body = NULL;
    flight->busy = false;
    job->flight_count--;
}

/* Signs it as of now, by the secrets that hold now. */
static int sign(struct webhook_job *job, struct flight *flight, int64_t timestamp_s,
                struct error *error) {
    const struct webhook_due *due = &flight->due;
    struct buffer secrets;
    int limit = due->overlap_until_us > timestamp_s * 1000000 ? WEBHOOK_SECRETS_MAX : 1;
    if (!job->service->encryption)
        return error_set(error, ERROR_INVALID, "koppel.conf names no encryption_keys");
    buffer_init(&secrets, WEBHOOK_SEALED_MAX);
    int status = encryption_unseal(job->service->encryption, due->message.endpoint_id, due->sealed,
                                   error, &secrets);
    if (!status)
        status = webhook_sign(secrets.data, limit, due->message.id, timestamp_s, due->body,
                              strlen(due->body), error, &flight->signature);
    if (secrets.data) explicit_bzero(secrets.data, secrets.length);
    buffer_done(&secrets);
    return status;
}

static struct flight *flight_free(struct webhook_job *job) {
    for (int i = 0; i < WEBHOOK_FLIGHTS_MAX; i++)
        if (!job->flights[i].busy) return &job->flights[i];
    return NULL;
}

/* What cannot be signed or sent for a reason of this node's own is due again when its lease ends,
 * and is not held against the endpoint. */
static void flight_begin(struct webhook_job *job, struct webhook_due *due) {
    struct flight *flight = flight_free(job);
    struct error error = {0};
    int64_t timestamp_s = clock_now_us() / 1000000;
    flight->due = *due;
    flight->busy = true;
    job->flight_count++;
    buffer_init(&flight->signature, 256);
    int status = sign(job, flight, timestamp_s, &error);
    if (!status) {
        const struct webhook_post post = {.url = flight->due.url,
                                          .id = flight->due.message.id,
                                          .signature = flight->signature.data,
                                          .body = flight->due.body,
                                          .timestamp_s = timestamp_s};
        status = webhook_client_post(job->client, &post, flight, &error);
    }
    if (!status) return;
    log_event(LOG_ERROR, "webhook_not_sent", "webhook", due->message.endpoint_id, "message",
              due->message.id, "error", error.text, NULL);
    flight_end(job, flight);
}

static void look(struct webhook_job *job) {
    struct error error = {0};
    int count = 0;
    int64_t now_us = clock_now_us();
    int status = webhook_due_read(job->service->db, now_us, room_for, job,
                                  WEBHOOK_FLIGHTS_MAX - job->flight_count, &error, job->above,
                                  job->due, &count);
    if (!status && count) bodies_make(job, &count);
    if (!status && count)
        status = webhook_due_claim(job->service->db, now_us, job->due, count, &error);
    if (status) failure_tell(job, "webhook_claim_failed", &error);
    else if (count) job->told = false;
    for (int i = 0; i < count; i++) {
        if (!status && job->due[i].claimed) flight_begin(job, &job->due[i]);
        else free(job->due[i].body);
    }
    job->more = !status && (count > 0 || *job->above);
    job->looked_ms = clock_monotonic_ms();
}

/* ---- what became of them -------------------------------------------------------------------- */
static void result_add(struct webhook_job *job, struct flight *flight,
                       const struct webhook_answer *answer) {
    struct webhook_result *result = &job->results[job->result_count++];
    *result = (struct webhook_result){.message = flight->due.message,
                                      .end = answer->end,
                                      .asked_wait_ms = answer->asked_wait_ms,
                                      .try = answer->try};
    random_bytes(&result->random, sizeof result->random);
    flight_end(job, flight);
}

static void result_tell(const struct webhook_result *result) {
    const struct webhook_message *message = &result->message;
    if (result->given_up)
        log_event(LOG_WARNING, "webhook_given_up", "webhook", message->endpoint_id, "message",
                  message->id, "outcome", result->try.outcome, NULL);
    if (result->warned)
        log_event(LOG_WARNING, "webhook_failing", "webhook", message->endpoint_id, "partner",
                  message->partner_id, "outcome", result->try.outcome, NULL);
    if (result->disabled)
        log_event(LOG_WARNING, "webhook_disabled", "webhook", message->endpoint_id, "partner",
                  message->partner_id, "outcome", result->try.outcome, NULL);
}

/* A flight has one result, and none begins while there are results: there is room. */
static void results_take(struct webhook_job *job) {
    struct webhook_answer answer;
    while (webhook_client_take(job->client, &answer)) result_add(job, answer.tag, &answer);
}

static void results_keep(struct webhook_job *job) {
    struct error error = {0};
    if (!job->result_count) return;
    if (webhook_results_keep(job->service->db, clock_now_us(), job->results, job->result_count,
                             &error)) {
        failure_tell(job, "webhook_results_not_kept", &error);
        return;
    }
    job->told = false;
    job->more = true;
    for (int i = 0; i < job->result_count; i++) result_tell(&job->results[i]);
    job->result_count = 0;
}

/* What did not come to an end is due again at once, for whoever looks next. */
static void flights_return(struct webhook_job *job) {
    for (int i = 0; i < WEBHOOK_FLIGHTS_MAX; i++) {
        struct flight *flight = &job->flights[i];
        const struct webhook_answer answer = {.end = WEBHOOK_END_RETURNED};
        if (flight->busy) result_add(job, flight, &answer);
    }
    results_keep(job);
}

/* ---- the thread ----------------------------------------------------------------------------- */
static int64_t wait_of(const struct webhook_job *job) {
    if (job->result_count || job->flight_count == WEBHOOK_FLIGHTS_MAX) return WEBHOOK_JOB_POLL_MS;
    if (job->more) return 0;
    int64_t wait_ms = job->looked_ms + WEBHOOK_JOB_POLL_MS - clock_monotonic_ms();
    return wait_ms < 0 ? 0 : wait_ms;
}

static void *work(void *context) {
    struct webhook_job *job = context;
    int64_t stop_ms = 0;
    while (!stop_ms || (job->flight_count && clock_monotonic_ms() < stop_ms)) {
        webhook_client_run(job->client, (int)wait_of(job));
        results_take(job);
        results_keep(job);
        if (!stop_ms && atomic_load(&job->stopping))
            stop_ms = clock_monotonic_ms() + WEBHOOK_STOP_MS;
        if (!stop_ms && wait_of(job) == 0) look(job);
    }
    return NULL;
}

int webhook_job_start(struct service *service, struct error *error, struct webhook_job **ret_job) {
    struct webhook_job *job = calloc(1, sizeof *job);
    if (!job) return error_set(error, ERROR_NO_MEMORY, "no memory for the job of webhooks");
    job->service = service;
    atomic_init(&job->stopping, false);
    int status = webhook_client_new(&service->webhook_rules, error, &job->client);
    if (!status && pthread_create(&job->thread, NULL, work, job) != 0) {
        webhook_client_free(job->client);
        status = error_set(error, ERROR_NO_MEMORY,
                           "the thread of webhooks cannot be started: allow more threads");
    }
    if (status) {
        free(job);
        return status;
    }
    *ret_job = job;
    return 0;
}

void webhook_job_stop(struct webhook_job *job) {
    if (!job) return;
    atomic_store(&job->stopping, true);
    webhook_client_wake(job->client);
    pthread_join(job->thread, NULL);
    webhook_client_free(job->client); /* first: it reads what flights hold */
    flights_return(job);
    free(job);
}
