/* Rates every quote under the draft and adds up what changes. Ratings need no trace here: only the
 * amounts and the outcome are compared. */
#include "domain/impact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/answers.h"
#include "domain/calendar_day.h"
#include "domain/catalogue_store.h"
#include "domain/impact_inside.h"
#include "message/json.h"

/* ---- drafts --------------------------------------------------------------------------------- */
int impact_draft_make(const struct product_files *files, struct problems *problems,
                      struct error *error, struct impact_draft *ret_draft) {
    struct version_files sources = {.count = files->count};
    struct impact_draft draft = {.version = {.number = 0}};
    struct product *product = NULL;
    memcpy(sources.items, files->items, sizeof sources.items);
    int status = version_compile(&sources, problems, &product);
    if (status == QUOTE_NO_MEMORY)
        return error_set(error, ERROR_NO_MEMORY, "no memory to compile the draft");
    if (status) return error_set(error, ERROR_INVALID, "the draft does not compile");
    const struct product_info *info = product_info(product);
    snprintf(draft.version.name, sizeof draft.version.name, "%s", info->name);
    memcpy(draft.version.hash, files->hash, sizeof draft.version.hash);
    draft.version.interface = info->interface;
    draft.version.product = product;
    if (!question_fields_make(info, &draft.version.fields)) {
        product_free(product);
        return error_set(error, ERROR_NO_MEMORY, "no memory to describe the draft");
    }
    *ret_draft = draft;
    return 0;
}

void impact_draft_done(struct impact_draft *draft) {
    question_fields_done(&draft->version.fields);
    product_free((struct product *)draft->version.product);
    *draft = (struct impact_draft){.version = {.number = 0}};
}

/* ---- making --------------------------------------------------------------------------------- */
static int base_find(struct impact *impact, const char *product, int number, struct error *error,
                     const struct product_version **ret_base) {
    struct catalogue *catalogue = impact->service->catalogue;
    char today[CLOCK_DATE_MAX];
    if (number) return catalogue_numbered(catalogue, product, number, error, ret_base);
    clock_amsterdam_date_text(impact->now_us, today);
    return catalogue_find(catalogue, product, today, impact->now_us, error, ret_base);
}

static int match_make(struct impact *impact, const struct impact_options *options, int at,
                      struct error *error) {
    struct impact_match *match = &impact->matches[impact->match_count];
    const struct product_version *draft = &options->drafts[at].version;
    for (int i = 0; i < impact->match_count; i++)
        if (strcmp(impact->matches[i].base->name, draft->name) == 0)
            return error_set(error, ERROR_INVALID, "two drafts are of the product %s: take one",
                             draft->name);
    int number = options->against ? options->against[at] : 0;
    int status = base_find(impact, draft->name, number, error, &match->base);
    if (status) return status;
    impact->match_count++;
    if (strcmp(product_info(draft->product)->currency,
               product_info(match->base->product)->currency) != 0)
        return error_set(error, ERROR_INVALID,
                         "the draft of %s is in %.8s, version %d in %.8s: they cannot be compared",
                         draft->name, product_info(draft->product)->currency, match->base->number,
                         product_info(match->base->product)->currency);
    match->draft = &options->drafts[at];
    match->same_questions = impact_questions_same(product_info(draft->product),
                                                  product_info(match->base->product));
    return impact_region_make(match->base, options->region, error, &match->region);
}

static bool worker_init(struct impact *impact, struct impact_worker *worker) {
    worker->impact = impact;
    worker->sums = impact_sums_new();
    worker->faults = calloc(1, sizeof *worker->faults);
    worker->problems = calloc(1, sizeof *worker->problems);
    return worker->sums && worker->faults && worker->problems;
}

int impact_new(const struct impact_options *options, struct error *error,
               struct impact **ret_impact) {
    struct impact *impact = calloc(1, sizeof *impact);
    int status = 0;
    if (!impact) return error_set(error, ERROR_NO_MEMORY, "no memory for an impact");
    impact->service = options->service;
    impact->now_us = options->now_us;
    impact->sums = impact_sums_new();
    bool made = impact->sums != NULL;
    for (int i = 0; made && i < BOOK_WORKERS_MAX; i++) {
        /* The first is there for cases as well; others when a walk takes as many. */
        if (i < book_workers()) made = worker_init(impact, &impact->workers[i]);
        impact->contexts[i] = &impact->workers[i];
    }
    if (!made) status = error_set(error, ERROR_NO_MEMORY, "no memory for an impact");
    if (!status && (options->draft_count < 1 || options->draft_count > IMPACT_DRAFTS_MAX))
        status = error_set(error, ERROR_INVALID, "an impact takes 1 to %d drafts",
                           IMPACT_DRAFTS_MAX);
    for (int i = 0; !status && i < options->draft_count; i++)
        status = match_make(impact, options, i, error);
    if (status) {
        impact_free(impact);
        return status;
    }
    *ret_impact = impact;
    return 0;
}

void impact_free(struct impact *impact) {
    if (!impact) return;
    for (int i = 0; i < impact->match_count; i++) {
        impact_region_done(&impact->matches[i].region);
        catalogue_release(impact->service->catalogue, impact->matches[i].base);
    }
    for (int i = 0; i < BOOK_WORKERS_MAX; i++) {
        impact_sums_free(impact->workers[i].sums);
        free(impact->workers[i].faults);
        free(impact->workers[i].problems);
    }
    impact_sums_free(impact->sums);
    free(impact);
}

/* ---- rating one ----------------------------------------------------------------------------- */
struct subject { /* a quote or a set of answers */
    const struct impact_match *match;
    const char *id, *partner_id;
    struct value answers; /* as given */
    bool lexical;
    struct value_date date;
    struct moment moment;
    const struct book_row *row; /* its own result; NULL: there is none */
};

/* A question by the pointer of a fault: items of lists lose their number. */
static void question_name(const char *pointer, char ret_name[IMPACT_KEY_MAX]) {
    static const char start[] = "/answers/";
    size_t length = 0;
    if (strncmp(pointer, start, sizeof start - 1) == 0) pointer += sizeof start - 1;
    while (*pointer && length < IMPACT_KEY_MAX - 1) {
        size_t digits = *pointer == '/' ? strspn(pointer + 1, "0123456789") : 0;
        if (digits && (!pointer[1 + digits] || pointer[1 + digits] == '/')) {
            pointer += 1 + digits;
            continue;
        }
        ret_name[length++] = *pointer == '/' ? '.' : *pointer;
        pointer++;
    }
    ret_name[length] = '\0';
}

/* A quote counts once for each of its questions that is refused. */
static void refuse(struct impact_worker *worker, const struct subject *subject) {
    const char *product = subject->match->base->name;
    const struct field_faults *faults = worker->faults;
    worker->sums->refused++;
    for (int i = 0; i < faults->count; i++) {
        char name[IMPACT_KEY_MAX], before[IMPACT_KEY_MAX];
        bool repeated = false;
        question_name(faults->items[i].pointer, name);
        for (int j = 0; j < i && !repeated; j++) {
            question_name(faults->items[j].pointer, before);
            repeated = strcmp(before, name) == 0;
        }
        if (!repeated)
            impact_sums_refuse(worker->sums, subject->id, product, name, faults->items[i].code);
    }
}

static bool answers_take(struct impact_worker *worker, const struct subject *subject,
                         const struct product_version *version, struct scratch *scratch,
                         struct value *ret_answers) {
    field_faults_clear(worker->faults);
    struct answers_check check = {.version = version,
                                  .answers = &subject->answers,
                                  .effective_date = &subject->date,
                                  .moment = &subject->moment,
                                  .lexical = subject->lexical,
                                  .scratch = scratch,
                                  .faults = worker->faults};
    bool sound = answers_check(&check, ret_answers);
    worker->starved |= worker->faults->starved;
    return sound;
}

/* Do the draft's questions take whatever those of the row's own version took? */
static bool is_trusted(struct impact_worker *worker, const struct impact_match *match,
                       const struct book_row *row) {
    const struct product_version *version = NULL;
    struct impact_origin *origin = worker->origins;
    if (!row) return false;
    for (int i = 0; i < worker->origin_count; i++, origin++)
        if (origin->match == match && strcmp(origin->version_id, row->version_id) == 0)
            return origin->same_questions;
    origin = &worker->origins[worker->origin_next];
    worker->origin_next = (worker->origin_next + 1) % IMPACT_ORIGINS_MAX;
    if (worker->origin_count < IMPACT_ORIGINS_MAX) worker->origin_count++;
    *origin = (struct impact_origin){.match = match};
    snprintf(origin->version_id, sizeof origin->version_id, "%s", row->version_id);
    struct catalogue *catalogue = worker->impact->service->catalogue;
    if (!catalogue_version(catalogue, row->version_id, NULL, &version))
        origin->same_questions = impact_questions_same(
            product_info(version->product), product_info(match->draft->version.product));
    catalogue_release(catalogue, version);
    return origin->same_questions;
}

/* The answers as the draft takes them. What was kept is read back in a fraction of the time that a
 * check takes, where the check could find nothing. */
static bool drafts_answers_take(struct impact_worker *worker, const struct subject *subject,
                                struct scratch *scratch, struct value *ret_answers) {
    const struct product_version *draft = &subject->match->draft->version;
    return (is_trusted(worker, subject->match, subject->row) &&
            answers_read_kept(product_info(draft->product), &subject->answers, scratch,
                              ret_answers)) ||
           answers_take(worker, subject, draft, scratch, ret_answers);
}

/* What went wrong is found out by rating again: nearly all go well, and need no record of it. */
static void fail(struct impact_worker *worker, const struct subject *subject,
                 const struct value *answers, int status, struct scratch *scratch) {
    struct quote_result result;
    struct problems *problems = worker->problems;
    char text[IMPACT_TEXT_MAX];
    problems->count = problems->errors = 0;
    if (status == QUOTE_INVALID)
        product_rate(subject->match->draft->version.product, answers, &subject->date,
                     &subject->moment, scratch, NULL, problems, &result);
    const struct problem *first = problems->count ? &problems->items[0] : NULL;
    for (int i = 0; i < problems->count && first->warning; i++) first = &problems->items[i];
    if (first && !first->warning) /* a warning may repeat an answer */
        snprintf(text, sizeof text, "%.60s%s%.120s", first->place, *first->place ? ": " : "",
                 first->text);
    else
        snprintf(text, sizeof text, "it needs more memory than a rating has");
    worker->sums->failed++;
    impact_sums_fail(worker->sums, subject->id, text);
}

static bool status_read(const char *text, enum quote_outcome *ret_outcome) {
    static const char *const texts[] = {
        [OUTCOME_OFFERED] = "offered", [OUTCOME_REFERRED] = "referred",
        [OUTCOME_DECLINED] = "declined"};
    for (int i = 0; i < IMPACT_OUTCOMES; i++) {
        if (strcmp(texts[i], text) != 0) continue;
        *ret_outcome = (enum quote_outcome)i;
        return true;
    }
    return false;
}

static bool before_from_row(const struct book_row *row, struct impact_pair *pair) {
    if (!row || !status_read(row->status, &pair->before)) return false;
    pair->has_before = row->has_total;
    pair->before_cents = row->total_cents;
    return true;
}

static bool before_rated(struct impact_worker *worker, const struct subject *subject,
                         const struct value *drafts_answers, struct scratch *scratch,
                         struct impact_pair *pair) {
    const struct impact_match *match = subject->match;
    struct quote_result result;
    struct value answers = *drafts_answers;
    if (!match->same_questions && !answers_take(worker, subject, match->base, scratch, &answers))
        return false;
    int status = product_rate(match->base->product, &answers, &subject->date, &subject->moment,
                              scratch, NULL, NULL, &result);
    worker->starved |= status == QUOTE_NO_MEMORY;
    if (status) return false;
    pair->before = result.outcome;
    pair->has_before = result.has_premium;
    pair->before_cents = result.total_cents;
    return true;
}

/* What it is under the active version. False: nothing can be said, or memory ran out. */
static bool before(struct impact_worker *worker, const struct subject *subject,
                   const struct value *answers, struct scratch *scratch,
                   struct impact_pair *pair) {
    const struct book_row *row = subject->row;
    bool own = row && strcmp(row->version_id, subject->match->base->id) == 0;
    if (!own && before_rated(worker, subject, answers, scratch, pair)) return true;
    if (worker->starved || !before_from_row(row, pair)) return false;
    worker->sums->before_kept++;
    worker->sums->before_unratable += !own;
    return true;
}

static void rate_and_add(struct impact_worker *worker, const struct subject *subject,
                         struct scratch *scratch) {
    const struct impact_match *match = subject->match;
    struct quote_result result;
    struct value answers;
    struct impact_pair pair = {
        .id = subject->id, .partner_id = subject->partner_id, .product = match->base->name};
    int status = QUOTE_TOO_LARGE;
    if (!drafts_answers_take(worker, subject, scratch, &answers)) {
        if (worker->starved) return;
        if (worker->faults->count) refuse(worker, subject);
        else fail(worker, subject, &answers, status, scratch);
        return;
    }
    status = product_rate(match->draft->version.product, &answers, &subject->date,
                              &subject->moment, scratch, NULL, NULL, &result);
    worker->starved |= status == QUOTE_NO_MEMORY;
    if (worker->starved) return;
    if (status) {
        fail(worker, subject, &answers, status, scratch);
        return;
    }
    pair.after = result.outcome;
    pair.has_after = result.has_premium;
    pair.after_cents = result.total_cents;
    if (!before(worker, subject, &answers, scratch, &pair)) {
        if (worker->starved) return;
        worker->sums->failed++;
        impact_sums_fail(worker->sums, subject->id, "the active version cannot rate it either");
        return;
    }
    if (pair.has_before && pair.has_after)
        pair.region = impact_region_of(&match->region, &answers, &subject->date,
                                       &subject->moment, scratch);
    impact_sums_add(worker->sums, &pair);
}

/* Memory that runs out says nothing of the quote: it ends the walk. */
static int rate(struct impact_worker *worker, const struct subject *subject,
                struct scratch *scratch, struct error *error) {
    worker->starved = false;
    rate_and_add(worker, subject, scratch);
    if (!worker->starved) return 0;
    return error_set(error, ERROR_NO_MEMORY, "no memory to rate a quote under the draft");
}

/* ---- the book ------------------------------------------------------------------------------- */
static const struct impact_match *match_find(const struct impact *impact, const char *product) {
    for (int i = 0; i < impact->match_count; i++)
        if (strcmp(impact->matches[i].base->name, product) == 0) return &impact->matches[i];
    return NULL;
}

static bool date_take(struct impact_worker *worker, const char *text) {
    if (strcmp(worker->date_text, text) == 0) return true;
    if (!day_read(text, &worker->date)) return false;
    snprintf(worker->date_text, sizeof worker->date_text, "%s", text);
    return true;
}

static int visit(void *context, const struct book_row *row, struct scratch *scratch,
                 struct error *error) {
    struct impact_worker *worker = context;
    struct subject subject = {.match = match_find(worker->impact, row->product),
                              .id = row->id,
                              .partner_id = row->partner_id,
                              .row = row};
    if (!subject.match) return 0;
    const struct quote_answers kept = book_row_answers(row);
    int status = ERROR_INVALID;
    if (row->answers && date_take(worker, row->effective_date))
        status = quote_answers_read(worker->impact->service->encryption, &kept, scratch, NULL,
                                    &subject.answers);
    if (status == ERROR_NO_MEMORY)
        return error_set(error, status, "no memory to read the answers of a quote");
    worker->sums->quotes++;
    if (status) {
        worker->sums->unreadable++;
        return 0;
    }
    subject.date = worker->date;
    moment_at(row->known_at_us, &subject.moment);
    return rate(worker, &subject, scratch, error);
}

int impact_walk_book(struct impact *impact, const struct impact_walk *walk, struct error *error,
                     struct book_progress *ret_progress) {
    struct book_walk book = {.db = impact->service->db,
                             .scope = db_scope_all,
                             .filter = walk->filter,
                             .background = walk->background,
                             .worker_count = walk->worker_count,
                             .visit = visit,
                             .contexts = impact->contexts,
                             .tell = walk->tell,
                             .tell_context = walk->tell_context};
    int workers = book_workers();
    if (!book.worker_count || book.worker_count > workers) book.worker_count = workers;
    if (!book.filter.product && impact->match_count == 1)
        book.filter.product = impact->matches[0].base->name;
    return book_walk(&book, error, ret_progress);
}

int impact_add_case(struct impact *impact, const struct impact_case *one, struct scratch *scratch,
                    struct error *error) {
    struct impact_worker *worker = &impact->workers[0];
    struct subject subject = {.match = match_find(impact, one->product),
                              .id = one->id,
                              .partner_id = "",
                              .answers = *one->answers,
                              .lexical = one->lexical,
                              .date = one->effective_date ? *one->effective_date
                                                          : day_at(impact->now_us)};
    worker->sums->quotes++;
    if (!subject.match) {
        worker->sums->unreadable++;
        return 0;
    }
    moment_at(impact->now_us, &subject.moment);
    return rate(worker, &subject, scratch, error);
}

void impact_add_unreadable(struct impact *impact) {
    impact->workers[0].sums->quotes++;
    impact->workers[0].sums->unreadable++;
}

/* ---- the end -------------------------------------------------------------------------------- */
static int names_body(struct db_tx *tx, void *context, struct error *error) {
    struct impact_sums *sums = context;
    int status = 0;
    for (int i = 0; !status && i < sums->partners.count; i++) {
        struct impact_group *group = &sums->partners.items[i];
        struct db_rows *rows = NULL;
        status = db_query(tx, error, &rows, "select p.name from partner p where p.id = $1",
                          db_text(group->key));
        if (status) break;
        status = db_next(rows, error);
        const char *name = status > 0 ? db_column_text(rows, 0, NULL) : NULL;
        snprintf(group->label, sizeof group->label, "%s", name ? name : "");
        db_rows_close(rows);
        status = status < 0 ? status : 0;
    }
    return status;
}

int impact_finish(struct impact *impact, struct error *error, const struct impact_sums **ret_sums) {
    for (int i = 0; i < BOOK_WORKERS_MAX; i++) {
        if (!impact->workers[i].sums) continue;
        impact_sums_merge(impact->sums, impact->workers[i].sums);
        impact_sums_free(impact->workers[i].sums);
        impact->workers[i].sums = NULL;
    }
    const struct impact_sums *sums = impact->sums;
    if (sums->partners.starved || sums->regions.starved || sums->products.starved)
        return error_set(error, ERROR_NO_MEMORY, "no memory to add up an impact");
    impact_sums_sort(impact->sums);
    int status =
        db_read(impact->service->db, &db_scope_all, names_body, impact->sums, error);
    if (!status) *ret_sums = impact->sums;
    return status;
}

int impact_sides(const struct impact *impact, struct impact_side ret_sides[IMPACT_DRAFTS_MAX]) {
    for (int i = 0; i < impact->match_count; i++) {
        const struct impact_match *match = &impact->matches[i];
        ret_sides[i] = (struct impact_side){
            .product = match->base->name,
            .interface = match->draft->version.interface,
            .against_number = match->base->number,
            .region = match->region.place[0] ? match->region.place : NULL};
        memcpy(ret_sides[i].hash, match->draft->version.hash, SHA256_HEX_MAX);
        memcpy(ret_sides[i].against_hash, match->base->hash, SHA256_HEX_MAX);
    }
    return impact->match_count;
}
