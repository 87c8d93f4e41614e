/* What the resources about partners share: their fields, reading the one that a path names, and a
 * deed that leaves its mark in the partner's timeline. */
#ifndef KOPPEL_API_PARTNER_COMMON_H
#define KOPPEL_API_PARTNER_COMMON_H

#include "domain/partner.h"
#include "domain/partner_event.h"
#include "domain/partner_file.h"
#include "domain/service.h"
#include "message/record.h"
#include "operation/operation.h"
#include "operation/page.h"

/* Who of the organisation looks after partners. */
#define ROLES_PARTNERS_WRITING ((unsigned)(ROLE_ADMINISTRATOR | ROLE_ACCOUNT_MANAGER))

/* ---- fields ---- */
#define PARTNER_ID_FIELD                                                                          \
    {.name = "id", .type = FIELD_TEXT, .required = true,                                          \
     .label = {"id van de partner", "id of the partner"}}
#define PARTNER_SUB_FIELD(name_, nl_, en_)                                                        \
    {.name = name_, .type = FIELD_TEXT, .required = true, .label = {nl_, en_}}
#define PARTNER_DATE_FIELD(name_, required_, nl_, en_)                                            \
    {.name = name_, .type = FIELD_DATE, .required = required_, .label = {nl_, en_}}
/* Of answers: a text that is always there, or null. */
#define PARTNER_SAID(name_, nl_, en_)                                                             \
    {.name = name_, .type = FIELD_TEXT, .required = true, .label = {nl_, en_}}
#define PARTNER_MAYBE(name_, nl_, en_)                                                            \
    {.name = name_, .type = FIELD_TEXT, .required = true, .nullable = true, .label = {nl_, en_}}
#define PARTNER_SAID_DATE(name_, nl_, en_)                                                        \
    {.name = name_, .type = FIELD_TEXT, .required = true, .format = "date", .label = {nl_, en_}}
#define PARTNER_MAYBE_DATE(name_, nl_, en_)                                                       \
    {.name = name_, .type = FIELD_TEXT, .required = true, .nullable = true, .format = "date",     \
     .label = {nl_, en_}}
#define PARTNER_SAID_INSTANT(name_, nl_, en_)                                                     \
    {.name = name_, .type = FIELD_TEXT, .required = true, .format = "date-time",                  \
     .label = {nl_, en_}}
#define PARTNER_REVISION_FIELD                                                                    \
    {.name = "revision", .type = FIELD_INTEGER, .required = true,                                 \
     .label = {"volgnummer van de wijziging", "revision"},                                        \
     .help = {"Gaat bij elke wijziging omhoog; de ETag volgt eruit.",                             \
              "Rises with each change; the ETag follows from it."}}
#define PARTNER_REMOVED_ROWS                                                                      \
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"}},                  \
    {.name = "deleted", .type = FIELD_BOOLEAN, .required = true,                                  \
     .label = {"is verwijderd", "is deleted"}}
enum { PARTNER_REMOVED_FIELDS = 2 };
extern const struct field partner_removed_fields[PARTNER_REMOVED_FIELDS];

enum { PARTNER_FIELDS = 32 };
extern const struct field partner_fields[PARTNER_FIELDS];
/* Sets them. Account numbers are whole for the organisation and for the partner's administrators,
 * and masked for others. The partner need not outlive it. */
void partner_set(const struct call *call, struct record *record, const struct partner *partner);

/* ---- reading ---- */
int partner_no_scratch(struct call *call);
/* A copy of an input text in scratch; untouched when none is given. False: scratch is used up, and
 * the call's error says so. */
bool partner_text(struct call *call, const char *name, const char **ret_text);
/* The same of a date, as text. */
bool partner_date(struct call *call, const char *name, const char **ret_date);
/* The id of that prefix in the input's field, in scratch. 404 when it is none. */
int partner_id_of(struct call *call, const char *name, const char *prefix, const char **ret_id);
/* The partner that the input's `id` names, within the caller's scope; else 404. */
int partner_of_input(struct call *call, struct partner *ret_partner);
/* Runs a body that reads what is of a partner, in one snapshot with whether that partner is in
 * scope: else 404. */
int partner_read_of(struct call *call, const char *partner_id, db_body body, void *context);

/* The answer of a list: `items` and `next`. */
int partner_list_answer(struct call *call, const struct list *items, const char *next);

/* A page of what a partner has: rows whose first member is their id (const char *), in memory of
 * the call with room for one more, which tells of a next page. */
struct partner_page {
    const char *partner_id, *cursor;
    int limit; /* to be shown: read one more */
    bool internal; /* what the partner does not see, too */
    struct scratch *scratch;
    void *rows;
    size_t row_size;
    int count; /* read */
};
/* Of the input's `id`, `cursor` (an id of that prefix) and `limit`. */
int partner_page_begin(struct call *call, const char *prefix, size_t row_size,
                       struct partner_page *ret_page);
/* Reads it by the body, whose context is the page, within scope (else 404), and answers it: `tell`
 * makes the value of a row. */
int partner_page_answer(struct call *call, struct partner_page *page, db_body body,
                        struct value (*tell)(struct call *call, const void *row, bool *failed));

/* The answer of what was removed: PARTNER_REMOVED_FIELDS. */
int partner_removed_answer(struct call *call, const char *id);

/* Rows of operations below a partner: who reads, and what is done. The latter name their roles. */
#define PARTNER_READING(name_, path_, nl_, en_, input_, output_, count_, run_)                    \
    .name = name_, .method = "GET", .path = path_, .summary = {nl_, en_},                         \
    .callers = CALLER_ORGANISATION | CALLER_USER, .roles = ROLES_ALL, .input = input_,            \
    .input_count = sizeof input_ / sizeof *input_, .output = output_, .output_count = count_,     \
    .status = 200, .rate = RATE_READ, .run = run_
#define PARTNER_DOING(name_, method_, path_, nl_, en_, input_, output_, count_, status_, run_)    \
    .name = name_, .method = method_, .path = path_, .summary = {nl_, en_},                       \
    .callers = CALLER_ORGANISATION | CALLER_USER, .input = input_,                                \
    .input_count = sizeof input_ / sizeof *input_, .output = output_, .output_count = count_,     \
    .status = status_, .idempotent_key = true, .audited = true, .rate = RATE_READ, .run = run_

/* ---- doing ---- */
struct partner_by partner_by_of(const struct call *call);

/* A deed to a partner, and the event that tells of it. */
struct partner_deed {
    db_body body;
    void *context;
    struct partner_event event; /* `by` is set by partner_do */
};
/* Writes both in one transaction, for the organisation or within scope. What partners may sell is
 * asked anew from then on. A row that is gone is 404, one that another changed first 412, one too
 * many 409 `too_many`. */
int partner_do(struct call *call, const char *subject_id, struct partner_deed *deed);
/* The same, with failures as the body gave them. */
int partner_do_raw(struct call *call, const char *subject_id, struct partner_deed *deed);
/* JSON of a context in scratch, as an event's detail; NULL: there is no room, for which the caller
 * returns partner_no_scratch. */
const char *partner_detail(struct call *call, const struct value_entry *entries, size_t count);

/* A fault at a field of the input. */
void partner_fault(struct call *call, const char *pointer, const char *code, const char *nl,
                   const char *en);
/* Is `to` behind or on `from`? Else a fault at `pointer`. Either may be NULL. */
void partner_dates_check(struct call *call, const char *pointer, const char *from,
                         const char *to);
/* Reads an input text as an identifier: `*ret_text` in scratch, or a fault; NULL when it is not
 * given. False: scratch is used up. */
bool partner_identifier(struct call *call, const char *name, int identifier,
                        const char **ret_text);

#endif
