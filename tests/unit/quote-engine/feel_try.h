/* For tests: compiles and runs one FEEL expression, and gives its result as FEEL's string() would
 * write it inside a list: texts in quotes, dates behind @, null as null. */
#ifndef KOPPEL_TEST_FEEL_TRY_H
#define KOPPEL_TEST_FEEL_TRY_H

#include <stdio.h>
#include <string.h>

#include "quote-engine/feel.h"

enum { FEEL_TRY_SCRATCH_BYTES = 4 * 1024 * 1024, FEEL_TRY_TEXT_MAX = 20000 };

/* A zone that is known to the tests: one hour east, two from April to September. */
static inline bool feel_try_zone(void *context, const char *name, size_t length,
                                 int64_t local_seconds, int32_t *ret_offset_seconds) {
    (void)context;
    if (length != 12 || memcmp(name, "Europe/Paris", 12) != 0)
        return false;
    int64_t day = (local_seconds % 31557600 + 31557600) % 31557600 / 86400;
    *ret_offset_seconds = day >= 90 && day < 273 ? 7200 : 3600;
    return true;
}

static inline struct moment feel_try_moment(void) {
    struct moment moment = {
        .now = {{2026, 2, 3}, {36000 * 1000000000LL, {ZONE_OFFSET, 3600, 0, NULL}}},
        .zone_offset = feel_try_zone};
    return moment;
}

/* The result's text; "<wrong>" when the expression does not compile, "<too large>" when a limit
 * stopped it. The text is valid until the next call. `reason` (may be NULL) gets the last problem
 * of PROBLEM_TEXT_MAX bytes. */
static inline const char *feel_try(const char *expression, char *reason) {
    static char memory[FEEL_TRY_SCRATCH_BYTES], text[FEEL_TRY_TEXT_MAX];
    static struct problems problems;
    struct arena arena;
    struct scratch scratch;
    struct moment moment = feel_try_moment();
    struct value result = value_null(), list, written;
    const char *answer = "<wrong>";
    memset(&problems, 0, sizeof problems);
    arena_init(&arena, 64 * 1024 * 1024);
    scratch_init(&scratch, memory, sizeof memory);
    struct compiler compiler = {.arena = &arena, .problems = &problems, .file = "test",
                                .place = expression};
    struct node *node = feel_parse(&compiler, NULL, expression, strlen(expression), 1);
    const struct code *code = node ? feel_compile(&compiler, NULL, node) : NULL;
    if (code) {
        struct evaluation evaluation = {.steps_left = EVALUATION_STEPS_DEFAULT,
                                    .scratch = &scratch, .moment = &moment,
                                        .problems = &problems};
        struct frame frame = {NULL, NULL};
        code_run(code, &evaluation, &frame, &result);
        list = value_list(&result, 1);
        if (evaluation.status != QUOTE_OK) {
            answer = "<too large>";
        } else if (value_to_text(&list, &scratch, &written) &&
                   written.length - 1 < FEEL_TRY_TEXT_MAX) {
            memcpy(text, written.text + 1, written.length - 2);
            text[written.length - 2] = '\0';
            answer = text;
        }
    }
    if (reason)
        snprintf(reason, PROBLEM_TEXT_MAX, "%s",
                 problems.count > 0 ? problems.items[problems.count - 1].text : "");
    arena_done(&arena);
    return answer;
}

#endif
