/* Words of texts, and their rows. Words are runs of letters and digits; accents are taken off and
 * letters made small as Unicode has it, so that "Ångström" is found by "angs". */
#include "domain/search_term.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"

/* The text folded; freed by the caller. */
static int fold(const char *text, struct error *error, char **ret_folded) {
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t length =
        utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded,
                     UTF8PROC_NULLTERM | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
                         UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    if (length == UTF8PROC_ERROR_NOMEM)
        return error_set(error, ERROR_NO_MEMORY, "no memory for the words of a text");
    if (length < 0) return error_set(error, ERROR_INVALID, "a text to search by is no UTF-8");
    *ret_folded = (char *)folded;
    return 0;
}

static bool in_word(uint32_t point) {
    switch (utf8proc_category((utf8proc_int32_t)point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return true;
    default: return false;
    }
}

/* The next word of a folded text, cut to what a term holds; false: there is none. */
static bool next_word(const char **at, char ret_word[SEARCH_TERM_MAX]) {
    size_t length = 0, step;
    const char *start = NULL;
    for (; **at; *at += step) {
        uint32_t point = 0;
        step = utf8_read(*at, strlen(*at), &point);
        if (!step) return false;
        if (!in_word(point)) {
            if (start) break;
            continue;
        }
        if (!start) start = *at;
        length += step;
    }
    if (!start) return false;
    length = utf8_fit(start, length, SEARCH_TERM_MAX - 1);
    memcpy(ret_word, start, length);
    ret_word[length] = '\0';
    return true;
}

int search_words_add(struct search_words *words, const char *text, struct error *error) {
    char *folded = NULL, word[SEARCH_TERM_MAX];
    if (!text) return 0;
    int status = fold(text, error, &folded);
    if (status) return status;
    for (const char *at = folded; words->count < SEARCH_TERMS_MAX && next_word(&at, word);) {
        bool known = false;
        for (int i = 0; i < words->count; i++) known |= strcmp(words->words[i], word) == 0;
        if (!known) memcpy(words->words[words->count++], word, sizeof word);
    }
    free(folded);
    return 0;
}

int search_term_write(struct db_tx *tx, const char *kind, const char *subject_id,
                      const char *partner_id, const struct search_words *words,
                      struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "delete from search_term as t where t.subject_id = $1 and $scope(t)",
                        db_text(subject_id));
    for (int i = 0; !status && i < words->count; i++)
        status = db_run(tx, error, NULL,
                        "insert into search_term (subject_id, term, kind, partner_id)"
                        " values ($1, $2, $3, $4)",
                        db_text(subject_id), db_text(words->words[i]), db_text(kind),
                        db_text(partner_id));
    return status;
}

/* Above all words that begin so: the last code point comes behind every other. */
static void bounds_set(struct search_query *query, const char *word) {
    size_t length = strlen(word);
    memcpy(query->low[query->count], word, length + 1);
    memcpy(query->high[query->count], word, length);
    memcpy(query->high[query->count] + length, "\xF4\x8F\xBF\xBF", 5);
    query->count++;
}

int search_query_read(const char *text, struct search_query *ret_query, struct error *error) {
    char *folded = NULL, word[SEARCH_TERM_MAX];
    ret_query->count = 0;
    if (!text) return 0;
    int status = fold(text, error, &folded);
    if (status) return status;
    for (const char *at = folded; ret_query->count < SEARCH_WORDS_MAX && next_word(&at, word);)
        bounds_set(ret_query, word);
    free(folded);
    return 0;
}

struct db_value search_low(const struct search_query *query, int i) {
    return db_text(i < query->count ? query->low[i] : NULL);
}

struct db_value search_high(const struct search_query *query, int i) {
    return db_text(i < query->count ? query->high[i] : NULL);
}
