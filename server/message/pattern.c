/* Patterns of texts (PCRE2). Compiling takes far longer than matching, so compiled patterns are
 * kept in a table by their text: descriptors made at run time come and go, and their addresses with
 * them. The table only fills and is bounded; what no longer fits is compiled per use. Matching is
 * bounded in steps, so that no text can make a pattern run on. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "field_rules.h"

enum { SLOTS = 4096, PATTERN_STEPS_MAX = 200000 };
_Static_assert((int)SLOTS > (int)FIELD_PATTERNS_MAX, "a free slot ends every search");

struct pattern {
    char *text;
    pcre2_code *code;
};

static struct pattern slots[SLOTS];
static int slot_count;
static pthread_rwlock_t slots_lock = PTHREAD_RWLOCK_INITIALIZER;

static pcre2_code *compile(const char *pattern, bool *ret_starved) {
    int code = 0;
    PCRE2_SIZE place;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
                          PCRE2_NEVER_BACKSLASH_C,
                      &code, &place, NULL);
    *ret_starved = !compiled && code == PCRE2_ERROR_HEAP_FAILED;
    return compiled;
}

static uint32_t hash_of(const char *text) {
    uint32_t hash = 2166136261u;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

/* The slot that holds the pattern, or the free one where it belongs. Needs the lock. */
static struct pattern *find_slot(const char *pattern) {
    uint32_t at = hash_of(pattern) % SLOTS;
    while (slots[at].text && strcmp(slots[at].text, pattern) != 0) at = (at + 1) % SLOTS;
    return &slots[at];
}

/* The compiled pattern; `ret_kept` says whether it stays in the table. NULL: it is none, or, with
 * `ret_starved`, there was no memory. */
static pcre2_code *find_code(const char *pattern, bool *ret_kept, bool *ret_starved) {
    *ret_kept = true;
    *ret_starved = false;
    (void)pthread_rwlock_rdlock(&slots_lock);
    pcre2_code *code = find_slot(pattern)->code;
    (void)pthread_rwlock_unlock(&slots_lock);
    if (code) return code;
    code = compile(pattern, ret_starved);
    if (!code) return NULL;
    char *text = strdup(pattern);
    (void)pthread_rwlock_wrlock(&slots_lock);
    struct pattern *slot = find_slot(pattern);
    if (slot->code) { /* another thread was first */
        pcre2_code_free(code);
        free(text);
        code = slot->code;
    } else if (text && slot_count < FIELD_PATTERNS_MAX) {
        *slot = (struct pattern){.text = text, .code = code};
        slot_count++;
    } else {
        free(text);
        *ret_kept = false;
    }
    (void)pthread_rwlock_unlock(&slots_lock);
    return code;
}

int pattern_matches(const char *pattern, const char *text, size_t length) {
    bool kept, starved;
    pcre2_code *code = find_code(pattern, &kept, &starved);
    if (!code) return starved ? ERROR_NO_MEMORY : 0;
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int matched = PCRE2_ERROR_NOMEMORY;
    if (context && data) {
        (void)pcre2_set_match_limit(context, PATTERN_STEPS_MAX);
        (void)pcre2_set_depth_limit(context, PATTERN_STEPS_MAX / 100);
        matched = pcre2_match(code, (PCRE2_SPTR)text, length, 0, 0, data, context);
    }
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    if (!kept) pcre2_code_free(code);
    return matched == PCRE2_ERROR_NOMEMORY ? ERROR_NO_MEMORY : matched >= 0;
}
