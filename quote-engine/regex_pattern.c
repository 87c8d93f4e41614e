/* From XPath's regular expressions to PCRE2's. Most of a pattern is the same in both and copied;
 * what differs:
 *
 *   \i \I \c \C   characters of XML names
 *   [a-z-[aeiou]] a class without another: a look-ahead that refuses the second
 *   ^ [ in a class, which PCRE2 might take for the beginning of [:name:]
 *   flag x        leaves out white space, but knows no comments as PCRE2's does */
#include "regex_pattern.h"

#include <string.h>

enum { CLASS_DEPTH_MAX = 8 }; /* of classes subtracted from classes */

#define NAME_START "\\p{L}\\p{Nl}_:"
#define NAME_REST "\\p{L}\\p{Nl}\\p{Nd}\\p{M}\\-_:.\xC2\xB7"

struct pattern {
    const char *at, *end;
    char *to, *room_end;
    bool spaced;
};

/* White space that flag x leaves out. */
static bool at_ignored(const struct pattern *pattern) {
    return pattern->spaced && pattern->at < pattern->end &&
           (*pattern->at == ' ' || *pattern->at == '\t' || *pattern->at == '\n' ||
            *pattern->at == '\r');
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

/* An escape; `at` stands behind the backslash. */
static bool put_escape(struct pattern *pattern, bool in_class) {
    static const char same[] = "nrtdDsSwW\\|.?*+(){}-[]^$";
    while (!in_class && at_ignored(pattern))
        pattern->at++;
    if (pattern->at == pattern->end)
        return false;
    char letter = *pattern->at;
    if (letter == 'p' || letter == 'P')
        return put_property(pattern);
    pattern->at++;
    if (letter == 'i' || letter == 'c') {
        const char *name = letter == 'i' ? NAME_START : NAME_REST;
        if (in_class)
            return put_literal(pattern, name);
        return put_literal(pattern, "[") && put_literal(pattern, name) && put_literal(pattern, "]");
    }
    if (letter == 'I' || letter == 'C')
        return !in_class && put_literal(pattern, "[^") &&
               put_literal(pattern, letter == 'I' ? NAME_START : NAME_REST) &&
               put_literal(pattern, "]");
    bool back_reference = !in_class && letter >= '1' && letter <= '9';
    if (!back_reference && (letter == '\0' || !strchr(same, letter)))
        return false;
    return put_literal(pattern, "\\") && put(pattern, &letter, 1);
}

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

/* A class; `at` stands on its bracket. With a subtraction the members are written first, to know
 * where they end, and then moved behind the look-ahead. */
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
        /* members end at `middle`; (?:[members](?<!subtracted)) refuses by looking behind, which
         * works for one character and keeps the order of the text. */
        if (!put_literal(pattern, "(?<!"))
            return false;
        if (!put_class(pattern, depth + 1) || !put_literal(pattern, ")"))
            return false;
        size_t length = (size_t)(pattern->to - start);
        if ((size_t)(pattern->room_end - pattern->to) < 4)
            return false;
        memmove(start + 3, start, length);
        memcpy(start, "(?:", 3);
        pattern->to += 3;
        if (!put_literal(pattern, ")"))
            return false;
        if (pattern->at == pattern->end || *pattern->at != ']')
            return false;
    }
    pattern->at++;
    return true;
}

bool regex_pattern_write(const char *pattern_text, size_t length, bool spaced, char *ret_text,
                         size_t room, size_t *ret_length) {
    struct pattern pattern = {pattern_text, pattern_text + length, ret_text, ret_text + room,
                              spaced};
    while (pattern.at < pattern.end) {
        bool done;
        if (at_ignored(&pattern)) {
            pattern.at++;
            continue;
        }
        if (*pattern.at == '\\') {
            pattern.at++;
            done = put_escape(&pattern, false);
        } else if (*pattern.at == '[') {
            done = put_class(&pattern, 0);
        } else {
            /* PCRE2's verbs and call-outs have no place in an expression of XPath. */
            bool more = pattern.at + 1 < pattern.end;
            if (*pattern.at == '(' && more && pattern.at[1] == '*')
                return false;
            done = put(&pattern, pattern.at++, 1);
        }
        if (!done)
            return false;
    }
    *ret_length = (size_t)(pattern.to - ret_text);
    return true;
}
