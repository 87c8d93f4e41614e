/* Built-in functions with regular expressions: matches, replace, split (DMN 1.5, table 74).
 *
 * FEEL's patterns are those of XPath 3.1. PCRE2 runs them, as regex_pattern.c writes them for it.
 * Everything PCRE2 needs is taken from the evaluation's scratch memory, and given back before the
 * result is kept; its effort is bounded, so that no pattern can hold up an evaluation. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "builtin.h"
#include "regex_pattern.h"

#include <string.h>

enum {
    REGEX_EFFORT_MAX = 1000 * 1000, /* PCRE2's count of match() calls, for one call of a function */
    REGEX_EFFORT_FIRST = 20,
    REGEX_EFFORT_PER_STEP = 2,
    REGEX_HEAP_MAX_KIBIBYTES = 4096,
    REGEX_PARENTHESES_MAX = 100
};

/* ---- PCRE2 in scratch memory --------------------------------------------------------------- */

/* A pattern ready to match; lives until its scratch memory is rewound. */
struct regex {
    struct evaluation *evaluation;
    pcre2_code *code;
    pcre2_match_data *found;
    pcre2_match_context *limits;
    uint32_t effort_left;
    char *mark; /* where the scratch memory stood before */
};

static void *regex_allocate(size_t size, void *context) {
    return scratch_take(context, size);
}

/* Scratch memory is given back as a whole. */
static void regex_free(void *memory, void *context) {
    (void)memory;
    (void)context;
}

/* Flags of XPath; false when there is another letter. */
static bool read_flags(const struct value *flags, uint32_t *ret_options, bool *ret_spaced,
                       bool *ret_literal) {
    uint32_t options = 0;
    bool spaced = false, literal = false;
    for (uint32_t index = 0; flags->kind == VALUE_TEXT && index < flags->length; index++) {
        switch (flags->text[index]) {
        case 's': options |= PCRE2_DOTALL; break;
        case 'm': options |= PCRE2_MULTILINE; break;
        case 'i': options |= PCRE2_CASELESS; break;
        case 'x': spaced = true; break;
        case 'q': literal = true; break;
        default: return false;
        }
    }
    *ret_options = options;
    *ret_spaced = spaced;
    *ret_literal = literal;
    return true;
}

static bool regex_compile(struct regex *regex, const char *pattern, size_t length,
                          uint32_t options, struct value *ret_value, const char *name) {
    struct evaluation *evaluation = regex->evaluation;
    pcre2_general_context *memory =
        pcre2_general_context_create(regex_allocate, regex_free, evaluation->scratch);
    pcre2_compile_context *rules = memory ? pcre2_compile_context_create(memory) : NULL;
    regex->limits = memory ? pcre2_match_context_create(memory) : NULL;
    if (!rules || !regex->limits) {
        evaluation->status = QUOTE_TOO_LARGE;
        return false;
    }
    (void)pcre2_set_parens_nest_limit(rules, REGEX_PARENTHESES_MAX);
    (void)pcre2_set_heap_limit(regex->limits, REGEX_HEAP_MAX_KIBIBYTES);
    int error;
    PCRE2_SIZE place;
    regex->code = pcre2_compile((PCRE2_SPTR)pattern, length, options, &error, &place, rules);
    if (!regex->code && error == PCRE2_ERROR_HEAP_FAILED) {
        evaluation->status = QUOTE_TOO_LARGE;
        return false;
    }
    if (!regex->code) {
        PCRE2_UCHAR reason[120] = "";
        (void)pcre2_get_error_message(error, reason, sizeof reason);
        value_fail(evaluation, ret_value, "%s: the pattern is wrong: %s", name,
                   (const char *)reason);
        return false;
    }
    regex->found = pcre2_match_data_create_from_pattern(regex->code, memory);
    if (!regex->found)
        evaluation->status = QUOTE_TOO_LARGE;
    return regex->found != NULL;
}

/* False, with null and its reason in `ret_value` (or the evaluation's status set). */
static bool regex_init(struct regex *regex, struct evaluation *evaluation, const char *name,
                       const struct value *pattern, const struct value *flags,
                       bool *ret_literal, struct value *ret_value) {
    uint32_t options;
    bool spaced;
    *ret_value = value_null();
    *regex = (struct regex){.evaluation = evaluation,
                            .effort_left = REGEX_EFFORT_MAX,
                            .mark = evaluation->scratch->at};
    if (!read_flags(flags, &options, &spaced, ret_literal)) {
        value_fail(evaluation, ret_value, "%s: flags must be of s, m, i, x, q", name);
        return false;
    }
    options |= PCRE2_UTF;
    if (*ret_literal)
        return regex_compile(regex, pattern->text, pattern->length,
                             (options & (PCRE2_CASELESS | PCRE2_UTF)) | PCRE2_LITERAL, ret_value,
                             name);
    size_t room = REGEX_PATTERN_ROOM(pattern->length), length;
    char *written = evaluation_take(evaluation, room);
    if (!written)
        return false;
    if (!regex_pattern_write(pattern->text, pattern->length, spaced,
                             (options & PCRE2_DOTALL) != 0, written, room, &length)) {
        value_fail(evaluation, ret_value, "%s: the pattern is wrong", name);
        return false;
    }
    options |= PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    return regex_compile(regex, written, length, options, ret_value, name);
}

static void regex_done(struct regex *regex) {
    regex->evaluation->scratch->at = regex->mark;
}

/* 1 found, 0 not found, -1 failed with null and its reason in `ret_value`. */
static int regex_match(struct regex *regex, const char *name, const struct value *text,
                       size_t start, uint32_t options, struct value *ret_value) {
    int result = PCRE2_ERROR_MATCHLIMIT;
    /* How much effort a match took PCRE2 does not tell: so it is tried with little, then with ten
     * times as much, and every try counts as steps. */
    for (uint32_t effort = REGEX_EFFORT_FIRST; result == PCRE2_ERROR_MATCHLIMIT; effort *= 10) {
        if (!evaluation_steps(regex->evaluation, effort / REGEX_EFFORT_PER_STEP)) return -1;
        if (effort > regex->effort_left) effort = regex->effort_left;
        (void)pcre2_set_match_limit(regex->limits, effort);
        result = pcre2_match(regex->code, (PCRE2_SPTR)(text->length > 0 ? text->text : ""),
                             text->length, start, options, regex->found, regex->limits);
        if (effort == regex->effort_left) break;
    }
    if (result == PCRE2_ERROR_NOMATCH || result >= 0) {
        /* A found match has cost at least a little: what is left shrinks with every one. */
        regex->effort_left -= regex->effort_left > 1 ? 1 : 0;
        return result >= 0;
    }
    if (result < PCRE2_ERROR_PARTIAL && result >= PCRE2_ERROR_UTF8_ERR21)
        value_fail(regex->evaluation, ret_value, "%s: the text is not UTF-8", name);
    else
        value_fail(regex->evaluation, ret_value,
                   "%s: the pattern takes too much effort on this text", name);
    return -1;
}

/* A pattern that matches the empty text would match everywhere between two characters: XPath
 * refuses it where matches are cut out. */
static bool refuses_empty(struct regex *regex, const char *name, struct value *ret_value) {
    struct value empty = value_text("", 0);
    int found = regex_match(regex, name, &empty, 0, 0, ret_value);
    if (found == 1)
        value_fail(regex->evaluation, ret_value, "%s: the pattern must not match an empty text",
                   name);
    return found == 0;
}

/* ---- matches ------------------------------------------------------------------------------- */

static void run_matches(struct evaluation *evaluation, const struct value *arguments, int count,
                        struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    struct regex regex;
    bool literal;
    if (!builtin_check(evaluation, "matches", "tt|T", arguments, count, checked, ret_value))
        return;
    if (regex_init(&regex, evaluation, "matches", &checked[1], &checked[2], &literal, ret_value)) {
        int found = regex_match(&regex, "matches", &checked[0], 0, 0, ret_value);
        if (found >= 0)
            *ret_value = value_boolean(found == 1);
    }
    regex_done(&regex);
}

/* ---- results in the making ----------------------------------------------------------------- */

/* Text that grows at the end of the scratch memory. PCRE2 may take memory meanwhile, so it is
 * built in the half at the far end, and moved down once the pattern is done with. */
struct growing {
    char *start, *at, *end;
};

static bool growing_init(struct growing *growing, struct scratch *scratch) {
    size_t half = (size_t)(scratch->end - scratch->at) / 2;
    growing->start = scratch->end - half;
    growing->at = growing->start;
    growing->end = scratch->end;
    return half > 0;
}

static bool growing_add(struct growing *growing, const char *bytes, size_t length) {
    if ((size_t)(growing->end - growing->at) < length)
        return false;
    if (length > 0)
        memcpy(growing->at, bytes, length);
    growing->at += length;
    return true;
}

/* ---- replace ------------------------------------------------------------------------------- */

/* A group's number behind a `$`: as many digits as name a group that exists. */
static size_t group_number(const char *at, const char *end, uint32_t groups, uint32_t *ret_group) {
    uint32_t group = (uint32_t)(*at - '0');
    size_t length = 1;
    while (at + length < end && at[length] >= '0' && at[length] <= '9' &&
           group * 10 + (uint32_t)(at[length] - '0') <= groups)
        group = group * 10 + (uint32_t)(at[length++] - '0');
    *ret_group = group;
    return length;
}

/* Is every `$` followed by a digit and every backslash by a backslash or `$`? */
static bool replacement_valid(const struct value *replacement) {
    for (uint32_t index = 0; index < replacement->length; index++) {
        char byte = replacement->text[index];
        char next = index + 1 < replacement->length ? replacement->text[index + 1] : '\0';
        if (byte == '$' && (next < '0' || next > '9'))
            return false;
        if (byte == '\\' && next != '\\' && next != '$')
            return false;
        index += byte == '\\';
    }
    return true;
}

static bool add_group(struct growing *growing, const struct regex *regex, const char *text,
                      uint32_t group) {
    PCRE2_SIZE *places = pcre2_get_ovector_pointer(regex->found);
    uint32_t groups = pcre2_get_ovector_count(regex->found);
    if (group >= groups || places[2 * group] == PCRE2_UNSET)
        return true;
    return growing_add(growing, text + places[2 * group],
                       places[2 * group + 1] - places[2 * group]);
}

static bool add_replacement(struct growing *growing, const struct regex *regex, const char *text,
                            const struct value *replacement, bool literal) {
    const char *at = replacement->text, *end = at + replacement->length;
    uint32_t groups = pcre2_get_ovector_count(regex->found) - 1, group;
    if (literal)
        return growing_add(growing, at, replacement->length);
    while (at < end) {
        if (*at == '$') {
            at += 1 + group_number(at + 1, end, groups, &group);
            if (!add_group(growing, regex, text, group))
                return false;
            continue;
        }
        at += *at == '\\';
        if (!growing_add(growing, at++, 1))
            return false;
    }
    return true;
}

/* Puts `text` with all its matches replaced into `growing`: true, or false with the evaluation's
 * status set or a reason in `ret_value`. */
static bool replace_all(struct regex *regex, struct growing *growing, const struct value *text,
                        const struct value *replacement, bool literal, struct value *ret_value) {
    struct evaluation *evaluation = regex->evaluation;
    PCRE2_SIZE *places = pcre2_get_ovector_pointer(regex->found);
    size_t at = 0;
    int found;
    if (!refuses_empty(regex, "replace", ret_value))
        return false;
    /* The text is known to be UTF-8 once it was matched first. */
    for (uint32_t options = 0;; options = PCRE2_NO_UTF_CHECK) {
        found = regex_match(regex, "replace", text, at, options | PCRE2_NOTEMPTY, ret_value);
        if (found != 1)
            break;
        bool added = growing_add(growing, text->text + at, places[0] - at) &&
                     add_replacement(growing, regex, text->text, replacement, literal);
        if (!added || !evaluation_steps(evaluation, 1)) {
            evaluation->status = QUOTE_TOO_LARGE;
            return false;
        }
        at = places[1];
    }
    if (found < 0)
        return false;
    if (!growing_add(growing, text->text + at, text->length - at))
        evaluation->status = QUOTE_TOO_LARGE;
    return evaluation->status == QUOTE_OK;
}

static void run_replace(struct evaluation *evaluation, const struct value *arguments, int count,
                        struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    struct regex regex;
    struct growing growing;
    bool literal;
    if (!builtin_check(evaluation, "replace", "ttt|T", arguments, count, checked, ret_value))
        return;
    if (!growing_init(&growing, evaluation->scratch)) {
        evaluation->status = QUOTE_TOO_LARGE;
        return;
    }
    struct scratch whole = *evaluation->scratch;
    evaluation->scratch->end = growing.start;
    bool ready = regex_init(&regex, evaluation, "replace", &checked[1], &checked[3], &literal,
                            ret_value);
    if (ready && !literal && !replacement_valid(&checked[2])) {
        value_fail(evaluation, ret_value,
                   "replace: in the replacement, write $ with a digit, \\$ or \\\\");
        ready = false;
    }
    ready = ready &&
            replace_all(&regex, &growing, &checked[0], &checked[2], literal, ret_value);
    *evaluation->scratch = whole;
    if (!ready)
        return;
    size_t length = (size_t)(growing.at - growing.start);
    char *text = evaluation_take(evaluation, length);
    if (!text)
        return;
    memmove(text, growing.start, length);
    *ret_value = value_text(text, length);
}

/* ---- split --------------------------------------------------------------------------------- */

/* Puts the parts between matches into `parts`; their number, or -1 with `ret_value` set. */
static int64_t split_all(struct regex *regex, struct growing *parts, const struct value *text,
                         struct value *ret_value) {
    PCRE2_SIZE *places = pcre2_get_ovector_pointer(regex->found);
    struct value part;
    size_t at = 0;
    int64_t count = 0;
    if (!refuses_empty(regex, "split", ret_value))
        return -1;
    for (uint32_t options = 0;; options = PCRE2_NO_UTF_CHECK) {
        int found = regex_match(regex, "split", text, at, options | PCRE2_NOTEMPTY, ret_value);
        if (found < 0)
            return -1;
        size_t from = found ? places[0] : text->length;
        part = value_text(text->text + at, from - at);
        if (!growing_add(parts, (const char *)&part, sizeof part) ||
            !evaluation_steps(regex->evaluation, 1)) {
            regex->evaluation->status = QUOTE_TOO_LARGE;
            return -1;
        }
        count++;
        if (!found)
            return count;
        at = places[1];
    }
}

static void run_split(struct evaluation *evaluation, const struct value *arguments, int count,
                      struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX], none = value_null();
    struct regex regex;
    struct growing parts;
    bool literal;
    int64_t part_count = -1;
    if (!builtin_check(evaluation, "split", "tt", arguments, count, checked, ret_value))
        return;
    if (!growing_init(&parts, evaluation->scratch)) {
        evaluation->status = QUOTE_TOO_LARGE;
        return;
    }
    struct scratch whole = *evaluation->scratch;
    evaluation->scratch->end = parts.start;
    if (regex_init(&regex, evaluation, "split", &checked[1], &none, &literal, ret_value))
        part_count = split_all(&regex, &parts, &checked[0], ret_value);
    *evaluation->scratch = whole;
    if (part_count < 0)
        return;
    *ret_value = value_null();
    struct value *items = builtin_take_items(evaluation, (size_t)part_count);
    if (!items)
        return;
    memmove(items, parts.start, (size_t)part_count * sizeof *items);
    *ret_value = value_list(items, (size_t)part_count);
}

const struct builtin builtin_regex_rows[] = {
    {"matches", {"input", "pattern", "flags"}, 2, 3, run_matches, TYPE_BOOLEAN, false},
    {"replace", {"input", "pattern", "replacement", "flags"}, 3, 4, run_replace, TYPE_TEXT, false},
    {"split", {"string", "delimiter"}, 2, 2, run_split, TYPE_LIST, false},
    {NULL, {NULL}, 0, 0, NULL, TYPE_ANY, false}};
