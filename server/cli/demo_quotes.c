/* Quotes of past weeks for the demo data: answers are drawn at random around a product's own
 * example, then rated like any caller's. What the draw makes of a question depends on its kind
 * alone, so that every product that ships gets a history. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "cli/demo.h"
#include "domain/answers.h"
#include "domain/calendar_day.h"
#include "domain/quote_store.h"
#include "message/json.h"
#include "message/record.h"

enum {
    QUOTES_PER_PARTNER = 12, /* at scale 1 */
    HISTORY_DAYS = 42,
    BATCH = 128, /* quotes of one transaction */
    TRIES = 4,   /* draws before the example itself is used */
    SCRATCH_BYTES = 4 * 1024 * 1024
};

/* Evenly 0 … limit - 1. The bias of the remainder does not matter here. */
static int64_t draw(int64_t limit) {
    uint64_t number;
    random_bytes(&number, sizeof number);
    return (int64_t)(number % (uint64_t)limit);
}

/* ---- answers -------------------------------------------------------------------------------- */
/* Near the example, since a range's ends are rarely believable: ages of 110, cars of half a
 * million. */
static struct value vary_number(const struct value *example, const struct product_question *asked) {
    int scale = asked->type == QUESTION_INTEGER ? 0 : 2;
    int64_t number, step = asked->type == QUESTION_MONEY ? 25000 : 1;
    if (!decimal_to_scaled(example->number, scale, &number)) return *example;
    int64_t spread = number < 0 ? -number : number;
    spread = spread / 2 > 6 * step ? spread / 2 : 6 * step;
    int64_t drawn = number - spread + draw(2 * spread + 1);
    drawn -= drawn % step;
    return value_number(decimal_from_scaled(drawn < 0 ? 0 : drawn, scale));
}

static struct value vary_date(const struct value *example) {
    struct value_date date = day_add(&example->date, draw(6000) - 3000);
    return value_date(date.year, date.month, date.day);
}

/* Texts of one pattern differ in their digits: postcodes, registration numbers. */
static struct value vary_text(const struct value *example, struct scratch *scratch) {
    char *text = scratch_take(scratch, example->length + 1u);
    if (!text) return *example;
    memcpy(text, example->text, example->length);
    for (uint32_t i = 0; i < example->length; i++)
        if (text[i] >= '1' && text[i] <= '9') text[i] = (char)('1' + draw(9));
    return value_text(text, example->length);
}

static struct value vary(const struct product_question *asked, const struct value *example,
                         struct scratch *scratch) {
    const struct product_choice *choice;
    switch (asked->type) {
    case QUESTION_INTEGER:
    case QUESTION_DECIMAL:
    case QUESTION_MONEY: return vary_number(example, asked);
    case QUESTION_DATE: return vary_date(example);
    case QUESTION_BOOLEAN: return value_boolean(draw(3) == 0);
    case QUESTION_TEXT: return vary_text(example, scratch);
    case QUESTION_CHOICE:
        /* Early choices are the common ones: the smaller of two draws. */
        choice = &asked->choices[0];
        {
            int64_t first = draw(asked->choice_count), second = draw(asked->choice_count);
            choice += first < second ? first : second;
        }
        return value_text(choice->code, strlen(choice->code));
    case QUESTION_CHOICES:
    case QUESTION_RECORDS: break;
    }
    return *example;
}

/* A draw of answers, as a caller would send them; sometimes the example unchanged. */
static bool answers_draw(const struct product_version *version, bool varied,
                         struct scratch *scratch, struct value *ret_answers) {
    const struct product_info *info = product_info(version->product);
    struct json_fault fault;
    struct buffer text;
    struct record record;
    if (!info->example_count) return false;
    const struct value *example = &info->examples[draw(info->example_count)];
    record_init(&record, scratch);
    for (int i = 0; i < info->question_count; i++) {
        const struct product_question *asked = &info->questions[i];
        const struct value *given = record_get(example, asked->name);
        if (!given) continue;
        bool changed = varied && draw(4) != 0;
        record_set(&record, asked->name, changed ? vary(asked, given, scratch) : *given);
    }
    struct value answers = record_value(&record);
    buffer_init(&text, ANSWERS_JSON_MAX_BYTES);
    answers_write(version, &answers, &text);
    bool made = !record.failed && !text.failed &&
                json_read(text.data, text.length, NULL, scratch, &fault, ret_answers) == 0;
    buffer_done(&text);
    return made;
}

/* ---- quotes --------------------------------------------------------------------------------- */
struct batch {
    struct quote_draft drafts[BATCH];
    struct quoting quotings[BATCH]; /* held until their drafts are written */
    char references[BATCH][24];
    struct caller caller;
    int count;
};

static int batch_body(struct db_tx *tx, void *context, struct error *error) {
    const struct batch *batch = context;
    int status = 0;
    for (int i = 0; !status && i < batch->count; i++)
        status = quote_insert(tx, &batch->drafts[i], error);
    return status;
}

static void batch_clear(struct service *service, struct batch *batch) {
    for (int i = 0; i < batch->count; i++) {
        quote_draft_done(&batch->drafts[i]);
        quoting_done(service, &batch->quotings[i]);
    }
    batch->count = 0;
}

static int batch_write(struct service *service, struct batch *batch, struct error *error) {
    int status = 0;
    if (batch->count)
        status = db_write(service->db, &batch->caller.scope, batch_body, batch, error);
    batch_clear(service, batch);
    return status;
}

/* An id such as that moment would have made (RFC 9562, version 7). */
static void id_at(int64_t instant_us, char ret_id[ID_MAX]) {
    unsigned char uuid[16];
    int64_t ms = instant_us / 1000;
    random_bytes(uuid, sizeof uuid);
    for (int i = 0; i < 6; i++) uuid[i] = (unsigned char)(ms >> (8 * (5 - i)));
    uuid[6] = (unsigned char)(0x70 | (uuid[6] & 0x0f));
    uuid[8] = (unsigned char)(0x80 | (uuid[8] & 0x3f));
    id_from_uuid("qte", uuid, ret_id);
}

/* Within office hours of a past day. */
static int64_t moment_draw(int64_t now_us) {
    enum { HOUR_S = 3600 };
    struct value_date today = day_at(now_us), day = day_add(&today, -1 - draw(HISTORY_DAYS));
    int64_t midnight_us = clock_amsterdam_midnight_us(day.year, day.month, day.day);
    return midnight_us + (9 * HOUR_S + draw(9 * HOUR_S)) * 1000000 + draw(1000000);
}

static int quote_add(struct service *service, const char *product, struct scratch *scratch,
                     int64_t instant_us, struct batch *batch, struct error *error) {
    char date[CLOCK_DATE_MAX];
    clock_amsterdam_date_text(instant_us, date);
    struct quoting *quoting = &batch->quotings[batch->count];
    for (int tried = 0; tried <= TRIES; tried++) {
        const struct product_version *version = NULL;
        struct value answers;
        scratch->at = scratch->start;
        struct field_faults *faults = scratch_take(scratch, sizeof *faults);
        int status =
            catalogue_find(service->catalogue, product, date, instant_us, error, &version);
        if (status) return status;
        bool drawn = faults && answers_draw(version, tried < TRIES, scratch, &answers);
        catalogue_release(service->catalogue, version);
        if (!drawn) return error_set(error, ERROR_INTERNAL, "%s has no usable example", product);
        field_faults_clear(faults);
        struct quoting_request request = {.product = product,
                                          .answers = &answers,
                                          .caller = &batch->caller,
                                          .now_us = instant_us,
                                          .scratch = scratch,
                                          .faults = faults};
        enum quoting_outcome outcome = quoting_make(service, &request, error, quoting);
        if (outcome == QUOTING_RATED) {
            struct quote_draft *draft = &batch->drafts[batch->count];
            status = quote_draft_make(quoting, &batch->caller, error, draft);
            id_at(instant_us, draft->id);
            if (!status)
                status = quote_draft_seal(draft, service->config->key_pepper,
                                          service->encryption, error);
            draft->reference = batch->references[batch->count++];
            return status;
        }
        quoting_done(service, quoting);
        if (outcome == QUOTING_FAILED) return error->code;
        if (outcome != QUOTING_FAULTY) return 0; /* not sold at that moment */
    }
    return 0;
}

static int compare_moments(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int partner_quotes(struct service *service, const struct demo_partner *partner,
                          char (*products)[PRODUCT_CODE_MAX], int product_count, int64_t wanted,
                          struct scratch *scratch, struct batch *batch, struct error *error,
                          int64_t *quotes) {
    int64_t now_us = clock_now_us(), *moments = calloc((size_t)wanted, sizeof *moments);
    if (!moments) return error_set(error, ERROR_NO_MEMORY, "no memory for demo quotes");
    for (int64_t i = 0; i < wanted; i++) moments[i] = moment_draw(now_us);
    qsort(moments, (size_t)wanted, sizeof *moments, compare_moments);
    batch->caller = (struct caller){.kind = CALLER_SECRET_KEY};
    memcpy(batch->caller.partner_id, partner->id, ID_MAX);
    memcpy(batch->caller.key_id, partner->secret_key_id, ID_MAX);
    batch->caller.scope =
        (struct db_scope){.kind = DB_SCOPE_OWN, .partner_id = batch->caller.partner_id};
    int status = 0;
    for (int64_t i = 0; !status && i < wanted; i++) {
        snprintf(batch->references[batch->count], sizeof batch->references[0], "R-%06" PRId64,
                 i + 1);
        int before = batch->count;
        status = quote_add(service, products[draw(product_count)], scratch, moments[i], batch,
                           error);
        *quotes += batch->count - before;
        if (!status && batch->count == BATCH) status = batch_write(service, batch, error);
    }
    free(moments);
    if (!status) return batch_write(service, batch, error);
    batch_clear(service, batch);
    return status;
}

int demo_quotes_make(struct service *service, const struct demo_partner partners[DEMO_PARTNERS],
                     int64_t scale, struct error *error, int64_t *ret_quotes) {
    char(*products)[PRODUCT_CODE_MAX] = calloc(CATALOGUE_PRODUCTS_MAX, sizeof *products);
    struct batch *batch = calloc(1, sizeof *batch);
    void *memory = malloc(SCRATCH_BYTES);
    int64_t quotes = 0;
    int status = 0;
    if (!products || !batch || !memory)
        status = error_set(error, ERROR_NO_MEMORY, "no memory for demo quotes");
    int count = products ? catalogue_names(service->catalogue, clock_now_us(), products,
                                           CATALOGUE_PRODUCTS_MAX)
                         : 0;
    struct scratch scratch;
    if (memory) scratch_init(&scratch, memory, SCRATCH_BYTES);
    for (int i = 0; !status && count && i < DEMO_PARTNERS; i++)
        status = partner_quotes(service, &partners[i], products, count,
                                scale * QUOTES_PER_PARTNER, &scratch, batch, error, &quotes);
    free(products);
    free(batch);
    free(memory);
    if (!status) *ret_quotes = quotes;
    return status;
}
