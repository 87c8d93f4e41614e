/* From XPath's regular expressions to PCRE2's. What differs between the two is written anew:
 *
 *   \i \I \c \C    characters of XML names
 *   \w \W \s \S .  other sets of characters
 *   \1 to \99      PCRE2 takes \11 for a character's number where there are fewer groups
 *   [a-z-[aeiou]]  a class without another: a look behind that refuses the second
 *   flag x         leaves out white space, but knows no comments
 *
 * What PCRE2 has beyond XPath is refused: possessive and doubled quantifiers, verbs, call-outs,
 * recursion, options inside. Only look-around is let through, for other engines have it too. */
#include "regex_pattern.h"

#include <stdint.h>
#include <string.h>

enum { CLASS_DEPTH_MAX = 8, GROUPS_MAX = 1000 };

#define NAME_START "\\p{L}\\p{Nl}_:"
#define NAME_REST "\\p{L}\\p{Nl}\\p{Nd}\\p{M}\\-_:.\xC2\xB7"
#define WORD "\\p{L}\\p{M}\\p{N}\\p{S}"
#define NO_WORD "\\p{P}\\p{Z}\\p{C}"
#define SPACE "\\x20\\t\\n\\r"

struct pattern {
    const char *at, *end;
    char *to, *room_end;
    bool spaced, dot_all;
    uint32_t groups; /* opened so far */
};

/* White space that flag x leaves out. */
static bool at_ignored(const struct pattern *pattern) {
    return pattern->spaced && pattern->at < pattern->end &&
           (*pattern->at == ' ' || *pattern->at == '\t' || *pattern->at == '\n' ||
            *pattern->at == '\r');
}

static bool at_digit(const struct pattern *pattern) {
    return pattern->at < pattern->end && *pattern->at >= '0' && *pattern->at <= '9';
}

static bool put(struct pattern *pattern, const char *bytes, size_t length) {
    if ((size_t)(pattern->room_end - pattern->to) < length)
        return false;
    memcpy(pattern->to, bytes, length);
    pattern->to += length;
    return true;
}

static bool put_literal(struct pattern *pattern, const char *literal) {
    return put(pattern, literal, strlen(literal));
}

/* ---- escapes ------------------------------------------------------------------------------- */

/* Sets of characters behind a letter: what they hold, or (`outside`) what they do not hold. */
struct letter_set {
    char letter;
    bool outside;
    const char *members;
};

static const struct letter_set letter_sets[] = {
    {'i', false, NAME_START}, {'I', true, NAME_START}, {'c', false, NAME_REST},
    {'C', true, NAME_REST},   {'w', false, WORD},      {'W', false, NO_WORD},
    {'s', false, SPACE},      {'S', true, SPACE}};

/* Text of `\p{…}`, up to its brace; `at` stands on the letter p. */
static bool put_property(struct pattern *pattern) {
    const char *close = memchr(pattern->at, '}', (size_t)(pattern->end - pattern->at));
    if (pattern->at + 1 == pattern->end || pattern->at[1] != '{' || !close)
        return false;
    bool done = put_literal(pattern, "\\") &&
                put(pattern, pattern->at, (size_t)(close + 1 - pattern->at));
    pattern->at = close + 1;
    return done;
}

/* As many digits as name a group that was opened before; `at` stands on the first. */
static bool put_back_reference(struct pattern *pattern) {
    const char *start = pattern->at;
    uint32_t group = (uint32_t)(*pattern->at++ - '0');
    while (at_digit(pattern) &&
           group * 10 + (uint32_t)(*pattern->at - '0') <= pattern->groups)
        group = group * 10 + (uint32_t)(*pattern->at++ - '0');
    return group > 0 && group <= pattern->groups && put_literal(pattern, "\\g{") &&
           put(pattern, start, (size_t)(pattern->at - start)) && put_literal(pattern, "}");
}

/* An escape; `at` stands behind the backslash. */
static bool put_escape(struct pattern *pattern, bool in_class) {
    static const char same[] = "nrtdD\\|.?*+(){}-[]^$";
    while (!in_class && at_ignored(pattern))
        pattern->at++;
    if (pattern->at == pattern->end)
        return false;
    char letter = *pattern->at;
    if (letter == 'p' || letter == 'P')
        return put_property(pattern);
    if (at_digit(pattern))
        return !in_class && put_back_reference(pattern);
    pattern->at++;
    for (size_t index = 0; index < sizeof letter_sets / sizeof letter_sets[0]; index++) {
        const struct letter_set *set = &letter_sets[index];
        if (set->letter != letter)
            continue;
        if (in_class) /* the outside of a set cannot be written among other members */
            return !set->outside && put_literal(pattern, set->members);
        return put_literal(pattern, set->outside ? "[^" : "[") &&
               put_literal(pattern, set->members) && put_literal(pattern, "]");
    }
    return memchr(same, letter, sizeof same - 1) && put_literal(pattern, "\\") &&
           put(pattern, &letter, 1);
}

/* ---- classes ------------------------------------------------------------------------------- */

/* The class's own part, between the brackets, up to `]` or the `-[` of a subtraction. */
static bool put_class_members(struct pattern *pattern, bool *ret_subtracts) {
    bool first = true;
    *ret_subtracts = false;
    for (; pattern->at < pattern->end && (*pattern->at != ']' || first); first = false) {
        bool more = pattern->at + 1 < pattern->end;
        if (*pattern->at == '-' && more && pattern->at[1] == '[' && !first) {
            *ret_subtracts = true;
            pattern->at++;
            break;
        }
        if (*pattern->at == '[' || *pattern->at == ']')
            return false;
        if (*pattern->at == '\\') {
            pattern->at++;
            if (!put_escape(pattern, true))
                return false;
        } else if (!put(pattern, pattern->at++, 1)) {
            return false;
        }
    }
    return pattern->at < pattern->end;
}

/* A class; `at` stands on its bracket. What is subtracted is looked for behind the character that
 * matched: (?:[a-z](?<![aeiou])). */
static bool put_class(struct pattern *pattern, int depth) {
    bool subtracts;
    char *start = pattern->to;
    if (depth > CLASS_DEPTH_MAX)
        return false;
    pattern->at++;
    if (!put_literal(pattern, "["))
        return false;
    if (pattern->at < pattern->end && *pattern->at == '^') {
        pattern->at++;
        if (!put_literal(pattern, "^"))
            return false;
    }
    if (!put_class_members(pattern, &subtracts) || !put_literal(pattern, "]"))
        return false;
    if (subtracts) {
        if (!put_literal(pattern, "(?<!") || !put_class(pattern, depth + 1) ||
            !put_literal(pattern, "))") || pattern->at == pattern->end || *pattern->at != ']' ||
            pattern->room_end - pattern->to < 3)
            return false;
        memmove(start + 3, start, (size_t)(pattern->to - start));
        memcpy(start, "(?:", 3);
        pattern->to += 3;
    }
    pattern->at++;
    return true;
}

/* ---- groups and quantifiers ---------------------------------------------------------------- */

/* What opens a group; `at` stands on the parenthesis. */
static bool put_opening(struct pattern *pattern) {
    static const char *const openings[] = {"(?:", "(?=", "(?!", "(?<=", "(?<!"};
    size_t left = (size_t)(pattern->end - pattern->at);
    if (left > 1 && pattern->at[1] == '*')
        return false;
    if (left < 2 || pattern->at[1] != '?') {
        pattern->at++;
        return ++pattern->groups <= GROUPS_MAX && put_literal(pattern, "(");
    }
    for (size_t index = 0; index < sizeof openings / sizeof openings[0]; index++) {
        size_t length = strlen(openings[index]);
        if (length <= left && memcmp(pattern->at, openings[index], length) == 0) {
            pattern->at += length;
            return put(pattern, openings[index], length);
        }
    }
    return false;
}

/* * + ? {2} {2,} {2,5}, each with a ? behind it or not; `at` stands on its first character. */
static bool put_quantifier(struct pattern *pattern) {
    const char *start = pattern->at++;
    if (*start == '{') {
        if (!at_digit(pattern))
            return false;
        while (at_digit(pattern))
            pattern->at++;
        if (pattern->at < pattern->end && *pattern->at == ',')
            pattern->at++;
        while (at_digit(pattern))
            pattern->at++;
        if (pattern->at == pattern->end || *pattern->at++ != '}')
            return false;
    }
    if (!put(pattern, start, (size_t)(pattern->at - start)))
        return false;
    while (at_ignored(pattern))
        pattern->at++;
    if (pattern->at == pattern->end || *pattern->at != '?')
        return true;
    pattern->at++;
    return put_literal(pattern, "?");
}

/* One piece of the pattern; `repeatable` says whether a quantifier may stand here, and is set to
 * whether one may follow. */
static bool put_piece(struct pattern *pattern, bool *repeatable) {
    bool before = *repeatable;
    *repeatable = true;
    switch (*pattern->at) {
    case '\\': pattern->at++; return put_escape(pattern, false);
    case '[': return put_class(pattern, 0);
    case '.':
        pattern->at++;
        return put_literal(pattern, pattern->dot_all ? "." : "[^\\n\\r]");
    case '(': *repeatable = false; return put_opening(pattern);
    case '|': *repeatable = false; return put(pattern, pattern->at++, 1);
    case '*':
    case '+':
    case '?':
    case '{': *repeatable = false; return before && put_quantifier(pattern);
    case ']':
    case '}': return false;
    default: return put(pattern, pattern->at++, 1);
    }
}

bool regex_pattern_write(const char *pattern_text, size_t length, bool spaced, bool dot_all,
                         char *ret_text, size_t room, size_t *ret_length) {
    struct pattern pattern = {pattern_text, pattern_text + length, ret_text, ret_text + room,
                              spaced, dot_all, 0};
    bool repeatable = false;
    while (pattern.at < pattern.end) {
        if (at_ignored(&pattern))
            pattern.at++;
        else if (!put_piece(&pattern, &repeatable))
            return false;
    }
    *ret_length = (size_t)(pattern.to - ret_text);
    return true;
}
