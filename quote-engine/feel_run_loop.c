/* FEEL's loops: for, some, every, and filters. Every turn counts towards the limit of steps; what
 * they make lies in scratch memory, which bounds it. */
#include "calendar.h"
#include "feel_code.h"

#include <string.h>

/* ---- what is walked along -------------------------------------------------------------------- */

enum walk_kind { WALK_LIST, WALK_NUMBERS, WALK_DATES };
struct walk {
    enum walk_kind kind;
    const struct value *items;
    int64_t first, step; /* WALK_NUMBERS, WALK_DATES (days) */
    uint64_t count;
};

static bool walk_item(const struct walk *walk, uint64_t index, struct value *ret_value) {
    if (walk->kind == WALK_LIST) {
        *ret_value = walk->items[index];
        return true;
    }
    int64_t number = walk->first + walk->step * (int64_t)index;
    struct value_date date;
    if (walk->kind == WALK_NUMBERS) *ret_value = value_int64(number);
    else if (calendar_date_from_days(number, &date))
        *ret_value = (struct value){.kind = VALUE_DATE, .date = date};
    else return false;
    return true;
}

/* A whole number, or a date as days. */
static bool walk_end(const struct value *value, int64_t *ret_number) {
    if (value->kind == VALUE_DATE) {
        *ret_number = calendar_days(value->date);
        return true;
    }
    int64_t number;
    if (value->kind != VALUE_NUMBER || !decimal_to_int64(value->number, &number) ||
        number > INT64_MAX / 4 || number < INT64_MIN / 4)
        return false;
    *ret_number = number;
    return true;
}

static bool walk_between(struct evaluation *evaluation, const struct value *low,
                         const struct value *high, struct walk *ret_walk) {
    int64_t first, last;
    struct value ignored;
    if (low->kind != high->kind || !walk_end(low, &first) || !walk_end(high, &last)) {
        value_fail(evaluation, &ignored, "a loop counts whole numbers or dates, not from %s to %s",
                   value_kind_name(low), value_kind_name(high));
        return false;
    }
    *ret_walk = (struct walk){
        .kind = low->kind == VALUE_DATE ? WALK_DATES : WALK_NUMBERS,
        .first = first,
        .step = first <= last ? 1 : -1,
        .count = (uint64_t)(first <= last ? last - first : first - last) + 1};
    return true;
}

/* A range as a source runs upwards, without the ends that do not belong to it. */
static bool walk_range(struct evaluation *evaluation, const struct value_range *range,
                       struct walk *ret_walk) {
    struct walk walk;
    struct value ignored;
    if (!walk_between(evaluation, &range->low, &range->high, &walk)) return false;
    if (walk.step < 0 || range->low_bound > RANGE_CLOSED || range->high_bound > RANGE_CLOSED) {
        value_fail(evaluation, &ignored, "this range cannot be walked along: it has no beginning "
                                         "below its end");
        return false;
    }
    if (range->low_bound == RANGE_OPEN) {
        walk.first++;
        walk.count--;
    }
    if (range->high_bound == RANGE_OPEN && walk.count) walk.count--;
    *ret_walk = walk;
    return true;
}

static bool walk_open(const struct code_source *source, struct evaluation *evaluation,
                      const struct frame *frame, struct walk *ret_walk) {
    struct value low, high, room, ignored;
    low = *operand_value(&source->a, evaluation, frame, &room);
    if (source->is_counted) {
        high = *operand_value(&source->b, evaluation, frame, &room);
        return walk_between(evaluation, &low, &high, ret_walk);
    }
    if (low.kind == VALUE_RANGE) return walk_range(evaluation, low.range, ret_walk);
    if (low.kind == VALUE_NULL) {
        value_fail(evaluation, &ignored, "a loop over null has no result");
        return false;
    }
    if (low.kind == VALUE_LIST) {
        *ret_walk = (struct walk){.kind = WALK_LIST, .items = low.items, .count = low.length};
        return true;
    }
    struct value *item = evaluation_take(evaluation, sizeof *item);
    if (!item) return false;
    *item = low;
    *ret_walk = (struct walk){.kind = WALK_LIST, .items = item, .count = 1};
    return true;
}

/* ---- for, some, every ------------------------------------------------------------------------ */

struct building { /* a list that grows */
    struct value *items;
    size_t count, room;
};

static bool building_add(struct building *building, struct evaluation *evaluation,
                         const struct value *value) {
    enum { FIRST_ROOM = 16 };
    if (building->count == building->room) {
        size_t room = building->room ? building->room * 2 : FIRST_ROOM;
        if (room > UINT32_MAX) evaluation->status = QUOTE_TOO_LARGE;
        struct value *items =
            evaluation->status ? NULL : evaluation_take(evaluation, room * sizeof *items);
        if (!items) return false;
        if (building->count) memcpy(items, building->items, building->count * sizeof *items);
        building->items = items;
        building->room = room;
    }
    building->items[building->count++] = *value;
    return true;
}

struct turn { /* the loop's state: one walk a variable, the outermost first */
    const struct code_loop *loop;
    struct evaluation *evaluation;
    struct frame *frame;
    struct walk walks[FUNCTION_PARAMETERS_MAX];
    uint64_t at[FUNCTION_PARAMETERS_MAX];
    struct building results; /* of a for */
    int truth;               /* of some and every */
};

/* A for has one slot more: `partial`. */
static struct frame *frame_take(struct evaluation *evaluation, const struct frame *outer,
                                int slot_count) {
    struct frame *frame = evaluation_take(
        evaluation, sizeof *frame + (size_t)slot_count * sizeof *frame->slots);
    if (!frame) return NULL;
    frame->outer = outer;
    frame->slots = (struct value *)(frame + 1);
    for (int i = 0; i < slot_count; i++) frame->slots[i] = value_null();
    return frame;
}

/* One result. False ends the loop. */
static bool turn_result(struct turn *turn) {
    const struct code_loop *loop = turn->loop;
    struct evaluation *evaluation = turn->evaluation;
    struct value value;
    if (!evaluation_step(evaluation)) return false;
    if (loop->kind == NODE_FOR) {
        turn->frame->slots[loop->source_count] =
            value_list(turn->results.items, turn->results.count);
        code_run(loop->result, evaluation, turn->frame, &value);
        if (evaluation->status || !building_add(&turn->results, evaluation, &value)) return false;
        if (!loop->makes_functions) return true;
        /* A function made in this turn keeps the frame: the next turn gets another. */
        struct frame *next = frame_take(evaluation, turn->frame->outer, loop->source_count + 1);
        if (!next) return false;
        for (int i = 0; i < loop->source_count; i++) next->slots[i] = turn->frame->slots[i];
        turn->frame = next;
        return true;
    }
    code_run(loop->result, evaluation, turn->frame, &value);
    int holds = truth(&value);
    int decisive = loop->kind == NODE_SOME;
    if (holds == decisive) {
        turn->truth = holds;
        return false;
    }
    if (holds < 0) turn->truth = -1;
    return !evaluation->status;
}

/* Goes through all combinations like an odometer. False: a source gave no list. */
static bool turn_all(struct turn *turn) {
    const struct code_loop *loop = turn->loop;
    struct evaluation *evaluation = turn->evaluation;
    int level = 0;
    bool opening = true;
    while (level >= 0) {
        struct walk *walk = &turn->walks[level];
        if (opening) {
            if (!walk_open(&loop->sources[level], evaluation, turn->frame, walk)) return false;
            turn->at[level] = 0;
        }
        if (turn->at[level] >= walk->count || !evaluation_step(evaluation)) {
            if (evaluation->status) return true;
            level--;
            opening = false;
            continue;
        }
        if (!walk_item(walk, turn->at[level]++, &turn->frame->slots[level])) return false;
        opening = level + 1 < loop->source_count;
        if (opening) level++;
        else if (!turn_result(turn)) return true;
    }
    return true;
}

void run_for(RUN_ARGUMENTS) {
    struct turn turn;
    turn.loop = (const struct code_loop *)code;
    turn.evaluation = evaluation;
    turn.results = (struct building){0};
    turn.frame = frame_take(evaluation, frame, turn.loop->source_count + 1);
    *ret_value = value_null();
    if (!turn.frame || !turn_all(&turn) || evaluation->status) return;
    *ret_value = value_list(turn.results.items, turn.results.count);
}

void run_quantified(RUN_ARGUMENTS) {
    struct turn turn;
    turn.loop = (const struct code_loop *)code;
    turn.evaluation = evaluation;
    turn.truth = turn.loop->kind == NODE_EVERY;
    turn.frame = frame_take(evaluation, frame, turn.loop->source_count);
    *ret_value = value_null();
    if (!turn.frame || !turn_all(&turn) || evaluation->status) return;
    set_truth(ret_value, turn.truth);
}

/* ---- filters --------------------------------------------------------------------------------- */

static void filter_index(const struct value *list, const struct value *index,
                         struct evaluation *evaluation, struct value *ret_value) {
    int64_t number;
    bool whole = decimal_to_int64(index->number, &number);
    if (whole && number < 0) number += (int64_t)list->length + 1;
    if (whole && number >= 1 && number <= (int64_t)list->length)
        *ret_value = list->items[number - 1];
    else
        value_fail(evaluation, ret_value, "this list of %u has no such item: count from 1, or "
                                          "from -1 backwards", list->length);
}

/* Without items to ask it cannot be seen whether the filter is a number or a condition: ask it
 * about null, quietly. */
static void filter_empty(const struct code_filter *filter, struct evaluation *evaluation,
                         const struct frame *frame, struct value *ret_value) {
    struct value slot = value_null(), answer;
    struct frame own = {.outer = frame, .slots = &slot};
    struct problems *problems = evaluation->problems;
    evaluation->problems = NULL;
    code_run(filter->filter, evaluation, &own, &answer);
    evaluation->problems = problems;
    *ret_value = answer.kind == VALUE_NUMBER ? value_null() : value_list(NULL, 0);
}

static void filter_list(const struct code_filter *filter, struct evaluation *evaluation,
                        const struct frame *frame, const struct value *list,
                        struct value *ret_value) {
    struct value slot = list->items[0], answer;
    struct frame own = {.outer = frame, .slots = &slot};
    struct building kept = {0};
    *ret_value = value_null();
    for (uint32_t i = 0; i < list->length; i++) {
        if (!evaluation_step(evaluation)) return;
        slot = list->items[i];
        code_run(filter->filter, evaluation, &own, &answer);
        if (evaluation->status) return;
        if (answer.kind == VALUE_NUMBER && i == 0) {
            filter_index(list, &answer, evaluation, ret_value);
            return;
        }
        if (answer.kind != VALUE_BOOLEAN && answer.kind != VALUE_NULL) {
            value_fail(evaluation, ret_value, "a filter is a condition or a number, not %s",
                       value_kind_name(&answer));
            return;
        }
        if (truth(&answer) == 1 && !building_add(&kept, evaluation, &slot)) return;
    }
    *ret_value = value_list(kept.items, kept.count);
}

void run_filter(RUN_ARGUMENTS) {
    const struct code_filter *filter = (const struct code_filter *)code;
    struct value list, item, room, answer;
    list = *operand_value(&filter->a, evaluation, frame, &room);
    if (list.kind != VALUE_LIST) {
        item = list;
        list = list.kind == VALUE_NULL ? value_list(NULL, 0) : value_list(&item, 1);
    }
    if (filter->is_index) {
        struct value slot = list.length ? list.items[0] : value_null();
        struct frame own = {.outer = frame, .slots = &slot};
        code_run(filter->filter, evaluation, &own, &answer);
        if (answer.kind == VALUE_NUMBER) {
            filter_index(&list, &answer, evaluation, ret_value);
            return;
        }
        /* Null, at least for the first item, is as a condition that it does not meet. */
    }
    if (!list.length) filter_empty(filter, evaluation, frame, ret_value);
    else filter_list(filter, evaluation, frame, &list, ret_value);
}
