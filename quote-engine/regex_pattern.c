/* From XPath's regular expressions to PCRE2's. What differs between the two is written anew:
 *
 *   \i \I \c \C    characters of XML names
 *   \p{IsGreek}    a block of Unicode (regex_block.c)
 *   \w \W \s \S .  other sets of characters
 *   \1 to \99      PCRE2 takes \11 for a character's number where there are fewer groups
 *   [a-z-[aeiou]]  a class without another: a look behind that refuses the second
 *   flag x         leaves out white space, but knows no comments
 *
 * What PCRE2 has beyond XPath is refused: possessive and doubled quantifiers, verbs, call-outs,
 * recursion, options inside. Only look-around is let through, for other engines have it too. */
#include "regex_pattern.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "regex_block.h"

enum { CLASS_DEPTH_MAX = 8, GROUPS_MAX = 1000, CODE_POINT_MAX = 0x10FFFF };

#define NAME_START "\\p{L}\\p{Nl}_:"
#define NAME_REST "\\p{L}\\p{Nl}\\p{Nd}\\p{M}\\-_:.\xC2\xB7"
#define WORD "\\p{L}\\p{M}\\p{N}\\p{S}"
#define NO_WORD "\\p{P}\\p{Z}\\p{C}"
#define SPACE "\\x20\\t\\n\\r"
#define NO_SPACE "\\x{0}-\\x{8}\\x{B}\\x{C}\\x{E}-\\x{1F}\\x{21}-\\x{10FFFF}"
#define ANY_CHARACTER "[\\x{0}-\\x{10FFFF}]"

struct pattern {
    const char *at, *end;
    char *to, *room_end;
    bool spaced, dot_all;
    uint32_t groups; /* opened so far */
    bool no_name_start, no_name_rest; /* the class being read holds \I, \C */
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
    {'s', false, SPACE},      {'S', false, NO_SPACE}};

/* A block's characters, or (`outside`) all others, as members of a class. */
static bool put_block(struct pattern *pattern, const char *name, size_t length, bool outside,
                      bool in_class) {
    uint32_t first, last;
    char members[64] = "";
    int written;
    if (!regex_block_find(name, length, &first, &last))
        return false;
    if (!outside)
        written = snprintf(members, sizeof members, "\\x{%X}-\\x{%X}", first, last);
    else if (first == 0)
        written = snprintf(members, sizeof members, "\\x{%X}-\\x{10FFFF}", last + 1);
    else if (last == CODE_POINT_MAX)
        written = snprintf(members, sizeof members, "\\x{0}-\\x{%X}", first - 1);
    else
        written = snprintf(members, sizeof members, "\\x{0}-\\x{%X}\\x{%X}-\\x{10FFFF}",
                           first - 1, last + 1);
    return (in_class || put_literal(pattern, "[")) && put(pattern, members, (size_t)written) &&
           (in_class || put_literal(pattern, "]"));
}

/* `\p{…}` up to its brace; `at` stands on the letter p. */
static bool put_property(struct pattern *pattern, bool in_class) {
    const char *close = memchr(pattern->at, '}', (size_t)(pattern->end - pattern->at));
    if (pattern->at + 1 == pattern->end || pattern->at[1] != '{' || !close)
        return false;
    const char *name = pattern->at + 2;
    if (close - name > 2 && name[0] == 'I' && name[1] == 's') {
        bool outside = *pattern->at == 'P';
        pattern->at = close + 1;
        return put_block(pattern, name + 2, (size_t)(close - name - 2), outside, in_class);
    }
    /* XPath has categories, of one letter or two, and no scripts. */
    for (const char *at = name; at < close; at++)
        if (at - name == 2 || !((*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z')))
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
        return put_property(pattern, in_class);
    if (at_digit(pattern))
        return !in_class && put_back_reference(pattern);
    pattern->at++;
    for (size_t index = 0; index < sizeof letter_sets / sizeof letter_sets[0]; index++) {
        const struct letter_set *set = &letter_sets[index];
        if (set->letter != letter)
            continue;
        if (in_class && set->outside) { /* cannot be written among other members */
            *(letter == 'I' ? &pattern->no_name_start : &pattern->no_name_rest) = true;
            return true;
        }
        if (in_class)
            return put_literal(pattern, set->members);
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

/* Puts `prefix` before what was written from `start` on. */
static bool put_before(struct pattern *pattern, char *start, const char *prefix) {
    size_t length = strlen(prefix);
    if ((size_t)(pattern->room_end - pattern->to) < length)
        return false;
    memmove(start + length, start, (size_t)(pattern->to - start));
    memcpy(start, prefix, length);
    pattern->to += length;
    return true;
}

/* Brackets round the members from `start` on. A class with \I or \C becomes a choice, for their
 * outsides cannot stand among members: (?:[a-z]|[^\p{L}…]). */
static bool put_brackets(struct pattern *pattern, char *start, bool negated) {
    bool choice = pattern->no_name_start || pattern->no_name_rest;
    if (!choice)
        return put_before(pattern, start, negated ? "[^" : "[") && put_literal(pattern, "]");
    bool empty = pattern->to == start;
    return put_before(pattern, start, negated ? (empty ? "(?!(?:(?!)" : "(?!(?:[")
                                              : (empty ? "(?:(?!)" : "(?:[")) &&
           (empty || put_literal(pattern, "]")) &&
           (!pattern->no_name_start || put_literal(pattern, "|[^" NAME_START "]")) &&
           (!pattern->no_name_rest || put_literal(pattern, "|[^" NAME_REST "]")) &&
           put_literal(pattern, negated ? "))" ANY_CHARACTER : ")");
}

/* A class; `at` stands on its bracket. What is subtracted is looked for behind the character that
 * matched: (?:[a-z](?<![aeiou])). */
static bool put_class(struct pattern *pattern, int depth) {
    bool subtracts, negated;
    char *start = pattern->to;
    if (depth > CLASS_DEPTH_MAX)
        return false;
    pattern->at++;
    pattern->no_name_start = pattern->no_name_rest = false;
    negated = pattern->at < pattern->end && *pattern->at == '^';
    pattern->at += negated;
    if (!put_class_members(pattern, &subtracts) || !put_brackets(pattern, start, negated))
        return false;
    if (subtracts && (!put_literal(pattern, "(?<!") || !put_class(pattern, depth + 1) ||
                      !put_literal(pattern, "))") || pattern->at == pattern->end ||
                      *pattern->at != ']' || !put_before(pattern, start, "(?:")))
        return false;
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
                              spaced, dot_all, 0, false, false};
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
