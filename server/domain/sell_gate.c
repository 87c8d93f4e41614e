/* A table of fixed size: an answer has one place, and the newer of two that share it stays. A
 * lookup that began before the table was cleared must not put an old answer back: `generation`
 * counts the clearings. An answer that ages is refreshed beside those who use it. */
#include "domain/sell_gate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/refresher.h"
#include "domain/catalogue.h"

enum { REFRESH_AGAIN_MS = 100 }; /* before a refresh that was asked for is asked for again */

struct question {
    char partner_id[ID_MAX], product[PRODUCT_CODE_MAX], date[CLOCK_DATE_MAX];
    char licence[PRODUCT_CODE_MAX], diploma[PRODUCT_CODE_MAX]; /* "": none is asked */
    enum db_scope_kind scope_kind;
};

struct place {
    bool used;
    struct question question;
    int64_t asked_ms, due_ms; /* when it was read, and when a refresh was last asked for */
    char reason[SELL_REASON_MAX];
};

struct sell_gate {
    struct db *db;
    struct refresher *refresher;
    pthread_mutex_t lock; /* guards all below */
    uint64_t generation;
    struct place places[SELL_GATE_PLACES];
};

static void refresh(void *context, const void *item);

struct sell_gate *sell_gate_new(struct db *db) {
    struct sell_gate *gate = calloc(1, sizeof *gate);
    if (!gate) return NULL;
    gate->db = db;
    gate->refresher = refresher_new(sizeof(struct question), refresh, gate);
    if (!gate->refresher) {
        free(gate);
        return NULL;
    }
    pthread_mutex_init(&gate->lock, NULL);
    return gate;
}

void sell_gate_free(struct sell_gate *gate) {
    if (!gate) return;
    refresher_free(gate->refresher);
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

void sell_gate_clear(struct sell_gate *gate) {
    pthread_mutex_lock(&gate->lock);
    gate->generation++;
    for (int i = 0; i < SELL_GATE_PLACES; i++) gate->places[i].used = false;
    pthread_mutex_unlock(&gate->lock);
}

/* False: it is too long for any row. */
static bool keep(const char *text, size_t size, char *ret_text) {
    size_t length = text ? strlen(text) : 0;
    if (length >= size) return false;
    if (length) memcpy(ret_text, text, length);
    ret_text[length] = '\0';
    return true;
}

/* False when it is not one to remember: of another partner's scope, or too long for any row. */
static bool question_make(const struct db_scope *scope, const struct selling *selling,
                          struct question *ret_question) {
    /* What may be sold is the office's, whoever asks. */
    struct question question = {
        .scope_kind = scope->kind == DB_SCOPE_PERSON ? DB_SCOPE_OWN : scope->kind};
    if (!scope->partner_id || strcmp(scope->partner_id, selling->partner_id) != 0 ||
        !keep(selling->partner_id, sizeof question.partner_id, question.partner_id) ||
        !keep(selling->product, sizeof question.product, question.product) ||
        !keep(selling->date, sizeof question.date, question.date) ||
        !keep(selling->licence, sizeof question.licence, question.licence) ||
        !keep(selling->diploma, sizeof question.diploma, question.diploma))
        return false;
    *ret_question = question;
    return true;
}

static struct selling selling_asked(const struct question *question) {
    return (struct selling){.partner_id = question->partner_id,
                         .product = question->product,
                         .date = question->date,
                         .licence = *question->licence ? question->licence : NULL,
                         .diploma = *question->diploma ? question->diploma : NULL};
}

static bool question_equal(const struct question *a, const struct question *b) {
    return strcmp(a->partner_id, b->partner_id) == 0 && strcmp(a->product, b->product) == 0 &&
           strcmp(a->date, b->date) == 0 && strcmp(a->licence, b->licence) == 0 &&
           strcmp(a->diploma, b->diploma) == 0 && a->scope_kind == b->scope_kind;
}

static struct place *place_of(struct sell_gate *gate, const struct question *question) {
    uint32_t hash = 2166136261u;
    for (const char *at = question->partner_id; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    for (const char *at = question->product; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    return &gate->places[hash % SELL_GATE_PLACES];
}

/* Reads the answer and remembers it. Its age counts from before the rows were read. */
static int look_up(struct sell_gate *gate, const struct question *question, struct error *error,
                   char ret_reason[SELL_REASON_MAX]) {
    struct db_scope scope = {.kind = question->scope_kind, .partner_id = question->partner_id};
    int64_t now_ms = clock_monotonic_ms();
    struct place fresh = {
        .used = true, .question = *question, .asked_ms = now_ms, .due_ms = now_ms};
    pthread_mutex_lock(&gate->lock);
    uint64_t generation = gate->generation;
    pthread_mutex_unlock(&gate->lock);
    struct selling selling = selling_asked(question);
    int status = partner_may_sell(gate->db, &scope, &selling, error, fresh.reason);
    if (status) return status;
    memcpy(ret_reason, fresh.reason, SELL_REASON_MAX);
    pthread_mutex_lock(&gate->lock);
    if (generation == gate->generation) *place_of(gate, question) = fresh;
    pthread_mutex_unlock(&gate->lock);
    return 0;
}

/* The store's failure is told to those who ask when the answer is too old, not here. */
static void refresh(void *context, const void *item) {
    char unused[SELL_REASON_MAX];
    (void)look_up(context, item, NULL, unused);
}

int sell_gate_ask(struct sell_gate *gate, const struct db_scope *scope,
                  const struct selling *selling, struct error *error,
                  char ret_reason[SELL_REASON_MAX]) {
    struct question question;
    if (!question_make(scope, selling, &question))
        return partner_may_sell(gate->db, scope, selling, error, ret_reason);
    struct place *place = place_of(gate, &question);
    int64_t now_ms = clock_monotonic_ms();

    pthread_mutex_lock(&gate->lock);
    bool known = place->used && now_ms - place->asked_ms < SELL_GATE_AGE_MS &&
                 question_equal(&place->question, &question);
    bool due = known && now_ms - place->asked_ms >= SELL_GATE_REFRESH_MS &&
               now_ms - place->due_ms >= REFRESH_AGAIN_MS;
    if (known) memcpy(ret_reason, place->reason, SELL_REASON_MAX);
    if (due) place->due_ms = now_ms;
    pthread_mutex_unlock(&gate->lock);
    if (due) (void)refresher_ask(gate->refresher, &question);
    return known ? 0 : look_up(gate, &question, error, ret_reason);
}
