/* A call of many: every item that comes is checked, done and answered as a call of its own. Items
 * are taken in blocks: first their inputs, so that their keys are looked for at once; then they are
 * done. What the handlers want to write waits, and is then written in one transaction; only then
 * are the items answered. So a thousand deeds cost a few flushes of the disk, and what was answered
 * is durable.
 *
 * Memory is that of one block, however many items there are. A block whose items need more of it
 * than others is written and answered in parts.
 *
 * A call's Idempotency-Key stands for each item by its index ("KEY 17": no key holds a blank), in
 * the same table as all others. Sent again, what was done is answered again, and what was not, is
 * done: a call that broke off goes on where it was. An item's own idempotency_key is the same key
 * as that of a call for this item alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "dispatcher.h"

static const char own_key_name[] = "idempotency_key";

/* A deed that waits for its block. */
struct item_deed {
    bool held, was_first;
    const char *subject_id;
    db_body body;
    void *context;
    void (*release)(void *context);
    struct buffer answer; /* to keep with the key */
};

struct item_call {
    struct call *call;
    struct in_flight_name flight;
    bool in_flight;
    bool twin; /* an item before it in this block has the same key */
    bool looked; /* for its stored answer */
    struct stored_answer stored;
    struct item_deed deed;
    int rc; /* of the call so far */
};

struct block {
    struct call *whole;
    const struct request *request;
    const struct operation *each;
    struct scratch inputs, work;
    int64_t first; /* index of its first item */
    int64_t now_us;
    int count;
    bool refusal_audited;
    struct item_call items[ITEMS_BLOCK_MAX];
    struct call *keyed[ITEMS_BLOCK_MAX]; /* those whose keys are looked for */
    struct stored_answer stored[ITEMS_BLOCK_MAX];
};

/* ---- how many at a time --------------------------------------------------------------------- */

struct item_slots {
    pthread_mutex_t lock;
    char partners[ITEMS_CALLS_MAX][ID_MAX]; /* "": free */
};

int item_slots_new(struct error *error, struct item_slots **ret_slots) {
    struct item_slots *slots = calloc(1, sizeof *slots);
    if (!slots) return error_set(error, ERROR_NO_MEMORY, "no memory for calls of many");
    (void)pthread_mutex_init(&slots->lock, NULL);
    *ret_slots = slots;
    return 0;
}

void item_slots_free(struct item_slots *slots) {
    if (!slots) return;
    (void)pthread_mutex_destroy(&slots->lock);
    free(slots);
}

/* The place taken, or -1. */
static int slot_take(struct item_slots *slots, const char *partner_id) {
    int free_slot = -1, own = 0;
    (void)pthread_mutex_lock(&slots->lock);
    for (int at = 0; at < ITEMS_CALLS_MAX; at++) {
        if (!slots->partners[at][0]) free_slot = at;
        else if (strcmp(slots->partners[at], partner_id) == 0) own++;
    }
    if (own >= ITEMS_CALLS_PER_PARTNER_MAX) free_slot = -1;
    if (free_slot >= 0) {
        (void)snprintf(slots->partners[free_slot], ID_MAX, "%s", *partner_id ? partner_id : "-");
    }
    (void)pthread_mutex_unlock(&slots->lock);
    return free_slot;
}

int items_enter(struct call *call, int *ret_slot) {
    int slot = slot_take(call->dispatcher->item_slots, call->caller.partner_id);
    if (slot < 0) {
        (void)call_refuse(call, 503, "busy",
                          "Er lopen al zo veel grote aanvragen als er tegelijk kunnen: probeer het "
                          "zo opnieuw.",
                          "As many large requests are in progress as can be at a time: try again "
                          "shortly.");
        call->refusal.retry_after_s = 1;
        return ERROR_DENIED;
    }
    *ret_slot = slot;
    return 0;
}

void items_leave(struct call *call, int slot) {
    struct item_slots *slots = call->dispatcher->item_slots;
    (void)pthread_mutex_lock(&slots->lock);
    slots->partners[slot][0] = '\0';
    (void)pthread_mutex_unlock(&slots->lock);
}

static int refuse_count(struct call *call, int64_t most) {
    char nl[200], en[200];
    (void)snprintf(nl, sizeof nl,
                   "Dit zijn te veel aanvragen in één keer: hoogstens %lld met deze sleutel. Er is "
                   "niets gedaan; verdeel ze.", (long long)most);
    (void)snprintf(en, sizeof en,
                   "These are too many requests at once: %lld at most with this key. Nothing was "
                   "done; divide them.", (long long)most);
    return call_refuse(call, 413, "too_many_items", nl, en);
}

int items_admit(struct call *call, const struct items *items, struct rate_state *rate) {
    int64_t limit = call->caller.rate_limit_per_minute;
    int64_t cost = (items->count + ITEMS_PER_REQUEST - 1) / ITEMS_PER_REQUEST;
    if (items->count > ITEMS_MAX) return refuse_count(call, ITEMS_MAX);
    if (limit > 0 && cost > limit) return refuse_count(call, limit * ITEMS_PER_REQUEST);
    /* One request was counted before the input was read. */
    return cost > 1 ? call_check_rate(call, cost - 1, rate) : 0;
}

/* ---- one item ------------------------------------------------------------------------------- */

/* Takes the item's own key out of its input: it is the call's, not the operation's. */
static int take_own_key(struct call *call, struct value *input) {
    if (input->kind != VALUE_CONTEXT || !call->operation->idempotent_key) return 0;
    const struct value *own = value_entry_find(input, own_key_name, sizeof own_key_name - 1);
    if (!own) return 0;
    struct value_entry *entries = scratch_take(call->scratch, input->length * sizeof *entries);
    char *text = own->kind == VALUE_TEXT ? scratch_take(call->scratch, own->length + 1u) : NULL;
    if (!entries || (own->kind == VALUE_TEXT && !text)) {
        return error_set(&call->error, ERROR_TOO_LARGE, "an item needs more scratch memory");
    }
    if (text) {
        memcpy(text, own->text, own->length);
        text[own->length] = '\0';
        if (strlen(text) == own->length &&
            idempotency_read_key(text, call->scratch, &call->idempotency_key) == ERROR_TOO_LARGE) {
            return error_set(&call->error, ERROR_TOO_LARGE, "an item needs more scratch memory");
        }
    }
    if (!call->idempotency_key && own->kind != VALUE_NULL) {
        field_fault_add(&call->faults, "/idempotency_key", "pattern",
                        call->language == LANGUAGE_EN
                            ? "The key must be a text of 1 to 255 visible ASCII characters, such "
                              "as a UUID."
                            : "De sleutel moet een tekst zijn van 1 tot en met 255 zichtbare "
                              "ASCII-tekens, bijvoorbeeld een UUID.");
    }
    uint32_t kept = 0;
    for (uint32_t at = 0; at < input->length; at++) {
        if (&input->entries[at].value != own) entries[kept++] = input->entries[at];
    }
    *input = value_context(entries, kept);
    return 0;
}

/* The key by which this item is done once; NULL: none. */
static int choose_key(struct block *block, struct call *call) {
    const char *whole = block->whole->idempotency_key;
    if (call->idempotency_key || !whole || !call->operation->idempotent_key) return 0;
    size_t size = strlen(whole) + 24;
    char *key = scratch_take(call->scratch, size);
    if (!key) return error_set(&call->error, ERROR_TOO_LARGE, "an item needs more scratch memory");
    (void)snprintf(key, size, "%s %lld", whole, (long long)(block->first + block->count));
    call->idempotency_key = key;
    return 0;
}

static bool has_twin(const struct block *block, const struct in_flight_name *name) {
    for (int at = 0; at < block->count; at++) {
        const struct item_call *other = &block->items[at];
        if (other->in_flight && memcmp(&other->flight, name, sizeof *name) == 0) return true;
    }
    return false;
}

/* Makes ready to be done once; a twin waits for the one before it. */
static int enter_item(struct block *block, struct item_call *item, bool own_key) {
    struct call *call = item->call;
    if (!call->idempotency_key) return 0;
    int rc = idempotency_digest(call);
    if (rc != 0 || !own_key) return rc;
    struct in_flight_name name = in_flight_name(call);
    item->twin = has_twin(block, &name);
    if (item->twin) return 0;
    rc = call_enter_key(call, &item->flight);
    item->in_flight = rc == 0;
    return rc;
}

static int begin_item(struct block *block, struct item_call *item, const struct item *came) {
    struct call *call = item->call;
    struct value input = came->value;
    if (came->refusal.status) {
        call->refusal = came->refusal;
        if (!came->faults) return ERROR_INVALID;
        call->older_faults = call->faults.count = came->faults->count;
        call->faults.more = came->faults->more;
        memcpy(call->faults.items, came->faults->items,
               (size_t)came->faults->count * sizeof came->faults->items[0]);
        return ERROR_INVALID;
    }
    int rc = take_own_key(call, &input);
    bool own_key = call->idempotency_key != NULL;
    if (rc == 0) rc = call_check_input(call, &input);
    if (rc == 0 && call->faults.count > 0) rc = ERROR_INVALID;
    if (rc == 0) rc = choose_key(block, call);
    return rc == 0 ? enter_item(block, item, own_key) : rc;
}

int item_hold(struct call *call, const char *subject_id, db_body body, void *context,
              void (*release)(void *context)) {
    struct item_deed *deed = &call->item->deed;
    int rc = call_encode_kept(call, &deed->answer);
    if (rc != 0) {
        if (release) release(context);
        return rc;
    }
    deed->held = true;
    deed->subject_id = subject_id;
    deed->body = body;
    deed->context = context;
    deed->release = release;
    return 0;
}

/* 1: an item more is in the block; 0: there are no more. The call is made before the item is read,
 * which may leave nothing of the memory that the block still had: has_room sees to the call. */
static int take_item(struct block *block) {
    struct items *items = block->request->items;
    struct item_call *item = &block->items[block->count];
    struct item came = {.value = value_null()};
    struct call *call =
        call_new(block->whole->dispatcher, block->each, block->request, &block->inputs);
    if (items->next(items->context, &block->inputs, &came) <= 0) return 0;
    *item = (struct item_call){.call = call};
    if (block->count == 0) block->now_us = call->now_us;
    call->now_us = block->now_us; /* a block has one moment, as a call has */
    call->caller = block->whole->caller;
    call->entrance = block->whole->entrance;
    call->lexical = items->lexical;
    call_set_version(call, block->whole->version);
    call->item = item;
    item->rc = begin_item(block, item, &came);
    block->count++;
    return 1;
}
_Static_assert(sizeof(struct call) <= OPERATION_SCRATCH_BYTES / 2, "an item's call has room");

/* Which keys have been used: one look for the block. Where it fails, each is looked for alone. */
static void look_for_keys(struct block *block) {
    struct error error = {0};
    for (int at = 0; at < block->count; at++) {
        const struct item_call *item = &block->items[at];
        bool sought = item->rc == 0 && item->call->idempotency_key && !item->twin;
        block->keyed[at] = sought ? item->call : NULL;
        block->stored[at] = (struct stored_answer){.found = false};
    }
    bool looked = idempotency_look(block->keyed, block->count, &error, block->stored) == 0;
    for (int at = 0; at < block->count; at++) {
        struct item_call *item = &block->items[at];
        item->stored = block->stored[at];
        item->looked = looked || !block->keyed[at];
    }
}

static void do_item(struct block *block, struct item_call *item) {
    struct call *call = item->call;
    call->scratch = &block->work;
    if (item->rc != 0 || item->twin) return;
    int found = !item->looked        ? idempotency_replay(call)
                : item->stored.found ? idempotency_take(call, &item->stored)
                                     : 0;
    item->rc = found != 0 ? found : call->operation->run(call);
    if (found > 0) item->rc = 0;
    if (item->rc == 0 && (call->faults.count > 0 || call->refusal.status)) item->rc = ERROR_INVALID;
}

/* ---- writing and answering ------------------------------------------------------------------ */

struct block_write {
    struct block *block;
    int from, to;
};

static int write_items(struct db_tx *tx, void *context, struct error *error) {
    const struct block_write *write = context;
    int rc = 0;
    for (int at = write->from; at < write->to && rc == 0; at++) {
        struct item_call *item = &write->block->items[at];
        struct item_deed *deed = &item->deed;
        struct error own = {0};
        if (!deed->held || item->rc != 0) continue;
        rc = call_write_in(tx, item->call, deed->subject_id, &deed->answer, deed->body,
                           deed->context, &own, &deed->was_first);
        if (rc == ERROR_CONFLICT && !deed->was_first) rc = 0;
        if (rc != 0) error_set(error, own.code, "%s", own.text);
    }
    return rc;
}

static int write_part(struct block *block, int from, int to) {
    struct block_write write = {.block = block, .from = from, .to = to};
    struct error error = {0};
    bool any = false;
    for (int at = from; at < to; at++) {
        any = any || (block->items[at].deed.held && block->items[at].rc == 0);
    }
    if (!any) return 0;
    int rc = db_write(block->whole->dispatcher->db, &block->whole->caller.scope, write_items,
                      &write, &error);
    bool together = to - from > 1;
    bool alone_may_do = rc != ERROR_BUSY && rc != ERROR_FULL && rc != ERROR_IO;
    if (rc == 0 || (together && alone_may_do)) return rc;
    for (int at = from; at < to; at++) {
        struct item_call *item = &block->items[at];
        if (!item->deed.held || item->rc != 0) continue;
        item->call->error = error;
        item->rc = rc;
    }
    return 0;
}

/* Where one deed spoils the transaction of all, each is written by itself. */
static void write_deeds(struct block *block, int from, int to) {
    if (write_part(block, from, to) == 0) return;
    for (int at = from; at < to; at++) (void)write_part(block, at, at + 1);
}

/* Another call was first with its key: its answer is this item's. */
static void take_kept_answer(struct item_call *item) {
    struct call *call = item->call;
    int found = idempotency_replay(call);
    item->rc = found > 0 ? 0 : found;
    if (found != 0) return;
    item->rc = call_refuse(call, 409, "idempotency_in_progress",
                           "Een aanvraag met deze idempotency_key is net mislukt of nog bezig: "
                           "probeer het zo opnieuw.",
                           "A request with this idempotency_key has just failed or is still in "
                           "progress: try again shortly.");
}

static void end_deeds(struct block *block, int from, int to) {
    for (int at = from; at < to; at++) {
        struct item_call *item = &block->items[at];
        if (item->deed.held) {
            if (item->rc == 0 && !item->deed.was_first) take_kept_answer(item);
            if (item->deed.release) item->deed.release(item->deed.context);
            buffer_done(&item->deed.answer);
        }
        if (item->twin && item->rc == 0) take_kept_answer(item);
    }
}

static void answer_item(struct block *block, struct item_call *item, int64_t index) {
    struct items *items = block->request->items;
    struct call *call = item->call;
    if (item->rc == 0 && block->each->finish) item->rc = block->each->finish(call);
    item->rc = call_speak_version(call, item->rc);
    struct item_answer answer = {.index = index, .status = block->each->status,
                                 .each = block->each, .output = &call->output,
                                 .output_fields = call->output_fields,
                                 .output_count = call->output_count,
                                 .replayed = call->replayed};
    if (item->rc != 0) {
        call_conclude_failure(call);
        call_log_failure(call);
        answer.status = call->refusal.status;
        answer.output = NULL;
        answer.refusal = &call->refusal;
        answer.faults = &call->faults;
        if (block->each->audited && call->refusal.status == 403 && !block->refusal_audited) {
            audit_refused(call->dispatcher, call);
            block->refusal_audited = true; /* once: all are of one caller, for one cause */
        }
    }
    items->answer(items->context, &answer);
}

/* False: nobody is there any more. */
static bool end_part(struct block *block, int from, int to) {
    struct items *items = block->request->items;
    write_deeds(block, from, to);
    end_deeds(block, from, to);
    for (int at = from; at < to; at++) {
        answer_item(block, &block->items[at], block->first + at);
    }
    block->work.at = block->work.start;
    return items->flush(items->context);
}

static bool has_room(const struct scratch *scratch) {
    return scratch->end - scratch->at >= OPERATION_SCRATCH_BYTES;
}

/* Fills a block, does it, answers it. False: that was the last. */
static bool run_block(struct block *block) {
    bool more = true, there = true;
    int from = 0;
    block->count = 0;
    block->inputs.at = block->inputs.start;
    block->work.at = block->work.start;
    while (more && block->count < ITEMS_BLOCK_MAX && has_room(&block->inputs)) {
        more = take_item(block) > 0;
    }
    look_for_keys(block);
    for (int at = 0; at < block->count && there; at++) {
        if (!has_room(&block->work)) {
            there = end_part(block, from, at);
            from = at;
        }
        if (there) do_item(block, &block->items[at]);
    }
    if (there) there = end_part(block, from, block->count);
    for (int at = 0; at < block->count; at++) {
        const struct item_call *item = &block->items[at];
        if (item->in_flight) in_flight_leave(item->call->dispatcher->in_flight, &item->flight);
    }
    block->first += block->count;
    return there && more;
}

/* ---- all of them ---------------------------------------------------------------------------- */

/* One answer for all that is left. */
static void answer_late(struct block *block) {
    struct items *items = block->request->items;
    struct refusal refusal = {.status = 503, .code = "out_of_time"};
    (void)snprintf(refusal.detail, sizeof refusal.detail,
                   block->whole->language == LANGUAGE_EN
                       ? "This took over %d seconds: this item and those behind it were not "
                         "touched. Send the same again with the same Idempotency-Key."
                       : "Dit duurde langer dan %d seconden: dit item en wat erachter staat zijn "
                         "niet behandeld. Stuur hetzelfde nog eens met dezelfde Idempotency-Key.",
                   ITEMS_TIME_MAX_S);
    items->answer(items->context, &(struct item_answer){.index = block->first,
                                                        .status = refusal.status,
                                                        .each = block->each,
                                                        .refusal = &refusal});
    (void)items->flush(items->context);
}

static int run_blocks(struct call *call, const struct request *request) {
    struct block *block = calloc(1, sizeof *block);
    const size_t size = ITEMS_INPUT_BYTES + ITEMS_WORK_BYTES;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!block || memory == MAP_FAILED) {
        free(block);
        if (memory != MAP_FAILED) (void)munmap(memory, size);
        return error_set(&call->error, ERROR_NO_MEMORY, "no memory for a block of items");
    }
    block->whole = call;
    block->request = request;
    block->each = operation_find_named(call->operation->each);
    scratch_init(&block->inputs, memory, ITEMS_INPUT_BYTES);
    scratch_init(&block->work, memory + ITEMS_INPUT_BYTES, ITEMS_WORK_BYTES);
    int64_t until_ms = clock_monotonic_ms() + (int64_t)ITEMS_TIME_MAX_S * 1000;
    while (run_block(block)) {
        if (clock_monotonic_ms() < until_ms) continue;
        if (block->first < request->items->count) answer_late(block);
        break;
    }
    (void)munmap(memory, size);
    free(block);
    return 0;
}

int items_run(struct call *call, const struct request *request) {
    struct in_flight_name name;
    if (!call->idempotency_key) return run_blocks(call, request);
    int rc = call_enter_key(call, &name);
    if (rc != 0) return rc;
    rc = run_blocks(call, request);
    in_flight_leave(call->dispatcher->in_flight, &name);
    return rc;
}
