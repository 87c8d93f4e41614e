/* A table of fixed size: an answer has one place, and the newer of two that share it stays. A
 * lookup that began before the table was cleared must not put an old answer back: `generation`
 * counts the clearings. */
#include "domain/sell_gate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/catalogue.h"

struct question {
    char partner_id[ID_MAX], product[PRODUCT_CODE_MAX], date[CLOCK_DATE_MAX];
    enum db_scope_kind scope_kind;
};

struct place {
    bool used;
    struct question question;
    int64_t asked_ms;
    char reason[SELL_REASON_MAX];
};

struct sell_gate {
    pthread_mutex_t lock; /* guards all else */
    uint64_t generation;
    struct place places[SELL_GATE_PLACES];
};

struct sell_gate *sell_gate_new(void) {
    struct sell_gate *gate = calloc(1, sizeof *gate);
    if (gate) pthread_mutex_init(&gate->lock, NULL);
    return gate;
}

void sell_gate_free(struct sell_gate *gate) {
    if (!gate) return;
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

void sell_gate_clear(struct sell_gate *gate) {
    pthread_mutex_lock(&gate->lock);
    gate->generation++;
    for (int i = 0; i < SELL_GATE_PLACES; i++) gate->places[i].used = false;
    pthread_mutex_unlock(&gate->lock);
}

/* False when it is not one to remember: of another partner's scope, or too long for any row. */
static bool question_make(const struct db_scope *scope, const char *partner_id,
                          const char *product, const char *date, struct question *ret_question) {
    struct question question = {.scope_kind = scope->kind};
    if (!scope->partner_id || strcmp(scope->partner_id, partner_id) != 0 ||
        strlen(partner_id) >= sizeof question.partner_id ||
        strlen(product) >= sizeof question.product || strlen(date) >= sizeof question.date)
        return false;
    memcpy(question.partner_id, partner_id, strlen(partner_id));
    memcpy(question.product, product, strlen(product));
    memcpy(question.date, date, strlen(date));
    *ret_question = question;
    return true;
}

static bool question_equal(const struct question *a, const struct question *b) {
    return strcmp(a->partner_id, b->partner_id) == 0 && strcmp(a->product, b->product) == 0 &&
           strcmp(a->date, b->date) == 0 && a->scope_kind == b->scope_kind;
}

static struct place *place_of(struct sell_gate *gate, const struct question *question) {
    uint32_t hash = 2166136261u;
    for (const char *at = question->partner_id; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    for (const char *at = question->product; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    return &gate->places[hash % SELL_GATE_PLACES];
}

int sell_gate_ask(struct sell_gate *gate, struct db *db, const struct db_scope *scope,
                  const char *partner_id, const char *product, const char *date,
                  struct error *error, char ret_reason[SELL_REASON_MAX]) {
    struct place fresh = {.used = true, .asked_ms = clock_monotonic_ms()};
    if (!question_make(scope, partner_id, product, date, &fresh.question))
        return partner_may_sell(db, scope, partner_id, product, date, error, ret_reason);
    struct place *place = place_of(gate, &fresh.question);

    pthread_mutex_lock(&gate->lock);
    bool known = place->used && fresh.asked_ms - place->asked_ms < SELL_GATE_AGE_MS &&
                 question_equal(&place->question, &fresh.question);
    if (known) memcpy(ret_reason, place->reason, SELL_REASON_MAX);
    uint64_t generation = gate->generation;
    pthread_mutex_unlock(&gate->lock);
    if (known) return 0;

    int status = partner_may_sell(db, scope, partner_id, product, date, error, fresh.reason);
    if (status) return status;
    memcpy(ret_reason, fresh.reason, SELL_REASON_MAX);
    pthread_mutex_lock(&gate->lock);
    /* Its age counts from before the rows were read. */
    if (generation == gate->generation) *place = fresh;
    pthread_mutex_unlock(&gate->lock);
    return 0;
}
