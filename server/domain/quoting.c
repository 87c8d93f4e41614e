/* From a request to a rated result. Two ways lead to the same rating: a caller's answers, and those
 * of a kept quote, which must come out the same to the byte. */
#include "domain/quoting.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/answers.h"
#include "domain/calendar_day.h"
#include "domain/receipt.h"
#include "domain/sell_gate.h"

const struct text quoting_no_product = {
    "Dit product bestaat niet of is op die datum niet te krijgen: kies er een uit GET /products.",
    "There is no such product, or not on that date: choose one from GET /products."};

void quoting_done(struct service *service, struct quoting *quoting) {
    catalogue_release(service->catalogue, quoting->version);
    quoting->version = NULL;
}

/* ---- rating --------------------------------------------------------------------------------- */
/* A tariff that fails on sound answers is an error of the product: it stops the quote, and the log
 * says where. Answers stay out of the log. */
static int rating_failed(const struct product_version *version, int status,
                         const struct problems *problems, bool logged, struct error *error) {
    if (status == QUOTE_TOO_LARGE)
        return error_set(error, ERROR_TOO_LARGE,
                         "rating %s needs more memory or steps than a call has", version->name);
    const struct problem *first = problems->count ? &problems->items[0] : NULL;
    for (int i = 0; i < problems->count && first->warning; i++) first = &problems->items[i];
    if (first && first->warning) first = NULL; /* it may repeat an answer */
    if (logged)
        log_event(LOG_ERROR, "tariff_failed", "product", version->name, "version_id", version->id,
                  "place", first ? first->place : "", "error", first ? first->text : "", NULL);
    return error_set(error, ERROR_INTERNAL, "the tariff of %s, version %d, fails: %.200s",
                     version->name, version->number, first ? first->text : "no reason given");
}

static enum quoting_outcome rate(struct quoting *quoting, const struct moment *moment,
                                 bool logged, struct scratch *scratch, struct error *error) {
    struct problems *problems = scratch_take(scratch, sizeof *problems);
    quoting->result = scratch_take(scratch, sizeof *quoting->result);
    quoting->trace = (struct trace){
        .events = scratch_take(scratch, QUOTING_TRACE_EVENTS_MAX * sizeof(struct trace_event)),
        .capacity = QUOTING_TRACE_EVENTS_MAX};
    if (!problems || !quoting->result || !quoting->trace.events) {
        error_set(error, ERROR_TOO_LARGE, "a quote needs more memory than a call has");
        return QUOTING_FAILED;
    }
    problems->count = problems->errors = 0;
    int status = product_rate(quoting->version->product, &quoting->answers,
                              &quoting->effective_date, moment, scratch, &quoting->trace,
                              problems, quoting->result);
    if (!status && receipt_make(quoting, scratch, &quoting->kept)) return QUOTING_RATED;
    rating_failed(quoting->version, status ? status : QUOTE_TOO_LARGE, problems, logged, error);
    return QUOTING_FAILED;
}

static void valid_until_set(const struct moment *known_at, struct quoting *quoting) {
    int valid_days = product_info(quoting->version->product)->valid_days;
    struct value_date last = day_add(&known_at->now.date, valid_days);
    day_write(&last, quoting->valid_until);
}

/* ---- a caller's request --------------------------------------------------------------------- */
/* Cover starts today or later, and not further ahead than the product says: said as any other
 * field's range. */
static void check_effective_date(const struct quoting_request *request,
                                 const struct product_info *info,
                                 const struct value_date *today,
                                 const struct value_date *effective_date) {
    const struct quoting_running *running = request->running;
    const struct value_date first = running ? running->earliest : *today;
    struct value_date last =
        running ? running->latest : day_add(today, info->effective_days_ahead);
    if (day_compare(&first, effective_date) <= 0 && day_compare(effective_date, &last) <= 0) return;
    char text[CLOCK_DATE_MAX], minimum[CLOCK_DATE_MAX], maximum[CLOCK_DATE_MAX];
    day_write(effective_date, text);
    day_write(&first, minimum);
    day_write(&last, maximum);
    struct field field = {.name = "effective_date",
                          .type = FIELD_DATE,
                          .label = {"ingangsdatum", "effective date"},
                          .minimum = minimum,
                          .maximum = maximum};
    struct value given = value_text(text, strlen(text)), unused;
    field_check_value(&(struct field_check){.language = request->language,
                                            .pointer = "/effective_date",
                                            .scratch = request->scratch,
                                            .faults = request->faults},
                      &field, &given, &unused);
}

static enum quoting_outcome find_version(struct service *service,
                                         const struct quoting_request *request,
                                         const struct value_date *date, struct error *error,
                                         struct quoting *quoting) {
    char text[CLOCK_DATE_MAX];
    struct error cause = {0};
    day_write(date, text);
    int status = catalogue_find(service->catalogue, request->product, text, request->now_us,
                                &cause, &quoting->version);
    if (!status) return QUOTING_RATED;
    if (status == ERROR_NOT_FOUND) return QUOTING_NO_PRODUCT;
    error_set(error, cause.code, "%s", cause.text);
    return QUOTING_FAILED;
}

static enum quoting_outcome pass_gate(struct service *service,
                                      const struct quoting_request *request,
                                      const struct value_date *today, struct error *error,
                                      struct quoting *quoting) {
    char text[CLOCK_DATE_MAX];
    if (request->running) return QUOTING_RATED;
    day_write(today, text);
    struct selling selling = selling_of(product_info(quoting->version->product),
                               request->caller->partner_id, text);
    if (sell_gate_ask(service->sell_gate, &request->caller->scope, &selling, error,
                      quoting->reason))
        return QUOTING_FAILED;
    return quoting->reason[0] ? QUOTING_NOT_ALLOWED : QUOTING_RATED;
}

static bool check_answers(const struct quoting_request *request, const struct moment *moment,
                          struct quoting *quoting) {
    const struct value_date *today = &moment->now.date;
    struct field_faults *faults = request->faults;
    int before = faults->count;
    check_effective_date(request, product_info(quoting->version->product), today,
                         &quoting->effective_date);
    if (!request->answers) return false;
    /* Answers are not blamed for a start of cover that is itself wrong. */
    bool wrong_date = faults->count > before || faults->more;
    struct answers_check check = {.version = quoting->version,
                                  .answers = request->answers,
                                  .effective_date = wrong_date ? today : &quoting->effective_date,
                                  .effective_date_unsure = wrong_date,
                                  .moment = moment,
                                  .language = request->language,
                                  .lexical = request->lexical,
                                  .scratch = request->scratch,
                                  .faults = faults};
    struct value merged;
    if (request->running) {
        if (!answers_merge(&check, request->running->answers, request->running->dropped, &merged))
            return false;
        check.answers = &merged;
    }
    return answers_check(&check, &quoting->answers) && !wrong_date;
}

/* The version that a request is for, if its partner may sell it. */
static enum quoting_outcome begin(struct service *service, const struct quoting_request *request,
                                  const struct value_date *today, struct error *error,
                                  struct quoting *quoting) {
    *quoting = (struct quoting){
        .effective_date = request->effective_date ? *request->effective_date : *today,
        .known_at_us = request->now_us};
    /* A date in the past is a fault; until it is said the product of today serves the checks. */
    struct value_date date = quoting->effective_date;
    const struct value_date *earliest = request->running ? &request->running->earliest : today;
    if (day_compare(&date, earliest) < 0) date = *earliest;
    enum quoting_outcome outcome = find_version(service, request, &date, error, quoting);
    return outcome == QUOTING_RATED ? pass_gate(service, request, today, error, quoting) : outcome;
}

enum quoting_outcome quoting_make(struct service *service, const struct quoting_request *request,
                                  struct error *error, struct quoting *ret_quoting) {
    struct quoting *quoting = ret_quoting;
    struct moment moment;
    moment_at(request->now_us, &moment);
    enum quoting_outcome outcome = begin(service, request, &moment.now.date, error, quoting);
    if (outcome != QUOTING_RATED) return outcome;
    request->scratch->steps_max = service->rating_steps;
    bool sound = check_answers(request, &moment, quoting);
    if (request->faults->count) return QUOTING_FAULTY;
    if (!sound) {
        if (request->faults->starved)
            error_set(error, ERROR_NO_MEMORY, "no memory to check answers");
        else error_set(error, ERROR_TOO_LARGE, "the answers need more memory than a call has");
        return QUOTING_FAILED;
    }
    valid_until_set(&moment, quoting);
    return rate(quoting, &moment, true, request->scratch, error);
}

void quoting_check(struct service *service, const struct quoting_request *request) {
    struct quoting quoting;
    struct error error = {0};
    struct moment moment;
    if (!request->product) return;
    moment_at(request->now_us, &moment);
    enum quoting_outcome outcome = begin(service, request, &moment.now.date, &error, &quoting);
    if (outcome == QUOTING_RATED) {
        (void)check_answers(request, &moment, &quoting);
    } else if (outcome == QUOTING_NO_PRODUCT) {
        const struct text *text = &quoting_no_product;
        field_fault_add(request->faults, "/product", "unknown_product", "%s",
                        text_in(text, request->language));
    }
    quoting_done(service, &quoting);
}

/* ---- a kept quote --------------------------------------------------------------------------- */
static int kept_answers(const struct quoting_kept *kept, const struct moment *moment,
                        struct scratch *scratch, struct error *error, struct quoting *quoting) {
    struct value answers;
    struct field_faults *faults = scratch_take(scratch, sizeof *faults);
    if (!faults) return error_set(error, ERROR_TOO_LARGE, "a quote needs more scratch memory");
    field_faults_clear(faults);
    int status = quote_answers_read(kept->encryption, &kept->answers, scratch, error, &answers);
    if (status) return status;
    struct answers_check check = {.version = quoting->version,
                                  .answers = &answers,
                                  .effective_date = &quoting->effective_date,
                                  .moment = moment,
                                  .scratch = scratch,
                                  .faults = faults};
    if (answers_check(&check, &quoting->answers)) return 0;
    if (faults->starved)
        return error_set(error, ERROR_NO_MEMORY, "no memory to check the answers of a kept quote");
    if (faults->count == 0)
        return error_set(error, ERROR_TOO_LARGE,
                         "the answers of a kept quote need more memory than a call has");
    /* The message may repeat what was answered, and this is logged. */
    return error_set(error, ERROR_INTERNAL,
                     "the answers of a kept quote no longer pass: %.160s, %.40s",
                     faults->items[0].pointer, faults->items[0].code);
}

static enum quoting_outcome repeat(const struct product_version *version,
                                   const struct quoting_kept *kept, bool logged,
                                   struct scratch *scratch, struct error *error,
                                   struct quoting *quoting) {
    struct moment moment;
    *quoting = (struct quoting){.version = version, .known_at_us = kept->known_at_us};
    moment_at(kept->known_at_us, &moment);
    if (!day_read(kept->effective_date, &quoting->effective_date)) {
        error_set(error, ERROR_INTERNAL, "a kept quote has no effective date");
        return QUOTING_FAILED;
    }
    if (kept_answers(kept, &moment, scratch, error, quoting)) return QUOTING_FAILED;
    valid_until_set(&moment, quoting);
    return rate(quoting, &moment, logged, scratch, error);
}

enum quoting_outcome quoting_repeat_under(const struct product_version *version,
                                          const struct quoting_kept *kept,
                                          struct scratch *scratch, struct error *error,
                                          struct quoting *ret_quoting) {
    return repeat(version, kept, false, scratch, error, ret_quoting);
}

enum quoting_outcome quoting_repeat(struct service *service, const struct quoting_kept *kept,
                                    struct scratch *scratch, struct error *error,
                                    struct quoting *ret_quoting) {
    const struct product_version *version = NULL;
    if (catalogue_version(service->catalogue, kept->version_id, error, &version)) {
        *ret_quoting = (struct quoting){.known_at_us = kept->known_at_us};
        return QUOTING_FAILED;
    }
    scratch->steps_max = service->rating_steps;
    return repeat(version, kept, true, scratch, error, ret_quoting);
}
