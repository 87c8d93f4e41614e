/* Looking for a person by blind indexes, telling what is found, and erasing it. */
#include "domain/person_data.h"

#include <stdlib.h>
#include <string.h>

#include "domain/lead_person.h"
#include "domain/transaction_store.h"
#include "message/json.h"

enum { SCRATCH_BYTES = 1024 * 1024 };

int person_indexes_of(const struct encryption *encryption, const struct person_key *key,
                      struct error *error, struct person_indexes *ret_indexes) {
    struct person_indexes indexes = {"", ""};
    if (!encryption)
        return error_set(error, ERROR_INTERNAL,
                         "koppel.conf names no encryption_keys: nobody can be found by them");
    if (key->email && *key->email) lead_email_index(encryption, key->email, indexes.email);
    if (key->telephone &&
        !lead_telephone_index(encryption, key->telephone, indexes.telephone))
        return error_set(error, ERROR_INVALID, "a telephone number has digits");
    if (!*indexes.email && !*indexes.telephone)
        return error_set(error, ERROR_INVALID, "name an e-mail address or a telephone number");
    *ret_indexes = indexes;
    return 0;
}

/* ---- finding -------------------------------------------------------------------------------- */
struct found {
    const struct person_indexes *indexes;
    struct scratch scratch;
    int lead_count, application_count, at;
    char lead_ids[PERSON_ROWS_MAX][ID_MAX], application_ids[PERSON_ROWS_MAX][ID_MAX];
    bool tests[PERSON_ROWS_MAX], application_tests[PERSON_ROWS_MAX];
    struct lead lead;
    struct lead_event events[LEAD_EVENTS_MAX];
    int event_count;
    struct application application;
    char memory[SCRATCH_BYTES];
};

static int ids_take(struct db_rows *rows, struct error *error, char ids[][ID_MAX], bool *tests,
                    int *ret_count) {
    int count = 0, status;
    while (count < PERSON_ROWS_MAX && (status = db_next(rows, error)) > 0) {
        tests[count] = db_column_integer(rows, 1) != 0;
        db_column_copy(rows, 0, ids[count++], ID_MAX);
    }
    if (count >= PERSON_ROWS_MAX) status = db_next(rows, error);
    db_rows_close(rows);
    *ret_count = count;
    if (status > 0)
        return error_set(error, ERROR_TOO_LARGE, "there are more than %d rows of one person",
                         PERSON_ROWS_MAX);
    return status;
}

static int ids_read(struct db_tx *tx, struct found *found, struct error *error) {
    const struct person_indexes *indexes = found->indexes;
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select l.id, l.test from lead l where $scope(l/user_id) and l.id in"
                          " (select e.id from lead e where e.email_index = $1"
                          " and $scope(e/user_id) union select t.id from lead t"
                          " where t.telephone_index = $2 and $scope(t/user_id)) order by l.id",
                          db_text(indexes->email), db_text(indexes->telephone));
    if (!status)
        status = ids_take(rows, error, found->lead_ids, found->tests, &found->lead_count);
    if (!status)
        status = db_query(tx, error, &rows,
                          "select a.id, a.test from application a where a.email_index = $1"
                          " and $scope(a) order by a.id",
                          db_text(indexes->email));
    if (!status)
        status = ids_take(rows, error, found->application_ids, found->application_tests,
                          &found->application_count);
    return status;
}

static int found_body(struct db_tx *tx, void *context, struct error *error) {
    return ids_read(tx, context, error);
}

/* ---- telling -------------------------------------------------------------------------------- */
static void text_write(struct buffer *buffer, const char *name, const char *text) {
    if (!text) return;
    buffer_format(buffer, ",\"%s\":", name);
    json_write_text(text, strlen(text), buffer);
}

static void instant_write(struct buffer *buffer, const char *name, int64_t instant_us) {
    char text[CLOCK_INSTANT_MAX];
    if (!instant_us) return;
    clock_write_instant(instant_us, text);
    buffer_format(buffer, ",\"%s\":\"%s\"", name, text);
}

static int lead_body(struct db_tx *tx, void *context, struct error *error) {
    struct found *found = context;
    int at = found->at;
    scratch_init(&found->scratch, found->memory, sizeof found->memory);
    int status = lead_read(tx, found->lead_ids[at], found->tests[at], &found->scratch, error,
                           &found->lead);
    if (status || !found->lead.id) return status;
    return lead_events_read(tx, found->lead_ids[at], &found->scratch, error, found->events,
                            &found->event_count);
}

static int lead_write(struct service *service, struct found *found, struct error *error,
                      struct buffer *buffer) {
    const struct lead *lead = &found->lead;
    int status = db_read(service->db, &db_scope_all, lead_body, found, error);
    if (status || !lead->id) return status;
    if (buffer->data[buffer->length - 1] == '}') buffer_char(buffer, ',');
    buffer_format(buffer, "{\"id\":\"%s\"", lead->id);
    text_write(buffer, "status", lead_state_text(lead->state));
    text_write(buffer, "partner", lead->partner_name);
    text_write(buffer, "product", lead->product);
    text_write(buffer, "source", lead->source);
    text_write(buffer, "source_detail", lead->source_detail);
    text_write(buffer, "consent", lead->consent_text);
    text_write(buffer, "consent_source", lead->consent_source);
    instant_write(buffer, "consent_at", lead->consent_us);
    text_write(buffer, "next_step", lead->next_step);
    instant_write(buffer, "created_at", lead->created_us);
    buffer_text(buffer, ",\"person\":");
    if (*lead->sealed)
        status = encryption_unseal(service->encryption, lead->id, lead->sealed, error, buffer);
    else buffer_text(buffer, "{}");
    buffer_text(buffer, ",\"events\":[");
    for (int i = 0; i < found->event_count; i++) {
        const struct lead_event *event = &found->events[i];
        buffer_format(buffer, "%s{\"step\":\"%s\"", i ? "," : "", event->step);
        text_write(buffer, "reason", event->reason);
        text_write(buffer, "note", event->note);
        instant_write(buffer, "at", event->at_us);
        buffer_char(buffer, '}');
    }
    buffer_text(buffer, "]}");
    return status;
}

static int application_body(struct db_tx *tx, void *context, struct error *error) {
    struct found *found = context;
    scratch_init(&found->scratch, found->memory, sizeof found->memory);
    return application_read(tx, found->application_ids[found->at],
                            found->application_tests[found->at], &found->scratch, error,
                            &found->application);
}

static int application_write(struct service *service, struct found *found, struct error *error,
                             struct buffer *buffer) {
    const struct application *application = &found->application;
    int status = db_read(service->db, &db_scope_all, application_body, found, error);
    if (status || !application->id) return status;
    if (buffer->data[buffer->length - 1] == '}') buffer_char(buffer, ',');
    buffer_format(buffer, "{\"id\":\"%s\"", application->id);
    text_write(buffer, "status", transaction_state_text(application->state));
    text_write(buffer, "product", application->product);
    text_write(buffer, "quote_id", application->quote_id);
    text_write(buffer, "policy_number", application->policy_number);
    text_write(buffer, "effective_date", application->effective_date);
    instant_write(buffer, "created_at", application->created_us);
    buffer_text(buffer, ",\"person\":");
    status = encryption_unseal(service->encryption, application->id, application->sealed, error,
                               buffer);
    buffer_char(buffer, '}');
    return status;
}

int person_export(struct service *service, const struct person_key *key, struct error *error,
                  struct buffer *buffer) {
    struct person_indexes indexes;
    struct found *found = calloc(1, sizeof *found);
    if (!found) return error_set(error, ERROR_NO_MEMORY, "no memory to look for a person");
    found->indexes = &indexes;
    int status = person_indexes_of(service->encryption, key, error, &indexes);
    if (!status) status = db_read(service->db, &db_scope_all, found_body, found, error);
    buffer_text(buffer, "{\"leads\":[");
    for (found->at = 0; !status && !buffer->failed && found->at < found->lead_count; found->at++)
        status = lead_write(service, found, error, buffer);
    buffer_text(buffer, "],\"applications\":[");
    for (found->at = 0;
         !status && !buffer->failed && found->at < found->application_count; found->at++)
        status = application_write(service, found, error, buffer);
    buffer_text(buffer, "]}");
    if (!status && buffer->failed)
        status = error_set(error, buffer_failure(buffer), "what is known does not fit");
    explicit_bzero(found, sizeof *found);
    free(found);
    return status;
}

/* ---- erasing -------------------------------------------------------------------------------- */
/* The lead stays, for what is counted; who it was of does not. */
static int lead_erase(struct db_tx *tx, const char *id, bool test, const struct lead_by *by,
                      struct scratch *scratch, struct error *error, int *erased) {
    struct lead lead;
    int status = lead_outline_read(tx, id, test, scratch, error, &lead);
    if (status || !lead.id || lead.erased_us) return status;
    struct lead_deed deed = {.before = lead, .after = lead, .step = LEAD_ERASE, .by = *by,
                             .outcome = LEAD_OFFER_WITHDRAWN, .contacted = -1};
    static const char nothing[] = "";
    deed.before.sealed = "erased"; /* another text than `nothing`: it is written */
    deed.after.sealed = deed.after.sealed_key_id = nothing;
    deed.after.email_index = deed.after.telephone_index = NULL;
    deed.closes = lead.state == LEAD_OFFERED;
    if (lead_state_open(lead.state)) {
        lead_settle(&deed.after, LEAD_LOST, by->at_us);
        deed.after.reason = LEAD_REASON_ERASED;
    }
    deed.after.next_step = deed.after.next_on = NULL;
    status = db_run(tx, error, NULL,
                    "update lead_event as e set note = null where e.lead_id = $1 and $scope(e)",
                    db_text(id));
    if (!status) status = lead_deed_do(tx, &deed, error);
    if (!status)
        status = db_run(tx, error, NULL,
                        "update lead as l set erased_us = $1 where l.id = $2"
                        " and $scope(l/user_id)",
                        db_integer(by->at_us), db_text(id));
    *erased += !status;
    return status;
}

int person_erase(struct db_tx *tx, const struct person_indexes *indexes, const struct lead_by *by,
                 struct error *error, struct person_erased *ret_erased) {
    struct found *found = calloc(1, sizeof *found);
    struct person_erased erased = {0, 0};
    if (!found) return error_set(error, ERROR_NO_MEMORY, "no memory to erase a person");
    found->indexes = indexes;
    int status = ids_read(tx, found, error);
    for (int i = 0; !status && i < found->lead_count; i++) {
        scratch_init(&found->scratch, found->memory, sizeof found->memory);
        status = lead_erase(tx, found->lead_ids[i], found->tests[i], by, &found->scratch, error,
                            &erased.leads);
    }
    erased.applications_kept = found->application_count;
    free(found);
    if (!status) *ret_erased = erased;
    return status;
}

/* ---- for their age -------------------------------------------------------------------------- */
struct ageing {
    const struct lead_retention *retention;
    int64_t now_us;
    int erased;
};

static int old_read(struct db_tx *tx, const struct lead_retention *retention, struct found *found,
                    struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select l.id, l.test from lead l where l.erased_us is null"
                          " and l.closed_us is not null and ((l.status = 'won'"
                          " and l.closed_us < $1) or (l.status = 'lost' and l.closed_us < $2)"
                          " or (l.status = 'spam' and l.closed_us < $3)) and $scope(l/user_id)"
                          " limit $4",
                          db_integer(retention->won_before_us),
                          db_integer(retention->lost_before_us),
                          db_integer(retention->spam_before_us), db_integer(LEAD_RETENTION_MAX));
    return status ? status
                  : ids_take(rows, error, found->lead_ids, found->tests, &found->lead_count);
}

static int old_body(struct db_tx *tx, void *context, struct error *error) {
    struct ageing *ageing = context;
    struct lead_by by = {.actor = LEAD_BY_SYSTEM, .reason = "retention", .at_us = ageing->now_us};
    struct found *found = calloc(1, sizeof *found);
    if (!found) return error_set(error, ERROR_NO_MEMORY, "no memory to erase old leads");
    ageing->erased = 0;
    int status = old_read(tx, ageing->retention, found, error);
    for (int i = 0; !status && i < found->lead_count; i++) {
        scratch_init(&found->scratch, found->memory, sizeof found->memory);
        status = lead_erase(tx, found->lead_ids[i], found->tests[i], &by, &found->scratch, error,
                            &ageing->erased);
    }
    free(found);
    return status;
}

int leads_erase_old(struct db *db, const struct lead_retention *retention, int64_t now_us,
                    struct error *error, int *ret_erased) {
    struct ageing ageing = {.retention = retention, .now_us = now_us};
    int status = db_write(db, &db_scope_all, old_body, &ageing, error);
    if (!status) *ret_erased = ageing.erased;
    return status;
}
