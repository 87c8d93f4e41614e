/* Finding people and things by the words that they are called by: a table of words, each in small
 * letters without accents, by which whatever is searched is looked up with the beginnings of words.
 * Whose a thing is stands beside each word, so that a search sees no further than its caller.
 *
 * Functions with a db_tx are for bodies of db_read and db_write. */
#ifndef KOPPEL_DOMAIN_SEARCH_TERM_H
#define KOPPEL_DOMAIN_SEARCH_TERM_H

#include <stddef.h>

#include "db/db.h"

enum {
    SEARCH_TERM_MAX = 64,  /* bytes of a word, with the NUL; longer ones are cut */
    SEARCH_TERMS_MAX = 48, /* words of a subject; more are not found by */
    SEARCH_WORDS_MAX = 4   /* words of a query that count */
};

struct search_words {
    int count;
    char words[SEARCH_TERMS_MAX][SEARCH_TERM_MAX];
};
static inline void search_words_init(struct search_words *words) { words->count = 0; }
/* Adds the words of a text, each once; NULL has none. ERROR_NO_MEMORY. */
int search_words_add(struct search_words *words, const char *text, struct error *error);

/* Makes these the words of the subject, in place of those that it had. `kind` is of the subject:
 * "partner", "lead"; `partner_id` whose it is, NULL: the organisation's. */
int search_term_write(struct db_tx *tx, const char *kind, const char *subject_id,
                      const char *partner_id, const struct search_words *words,
                      struct error *error);

/* What was typed, as bounds of terms: a subject is found when each word begins one of its own. */
struct search_query {
    int count; /* of words; 0: nothing to search for */
    char low[SEARCH_WORDS_MAX][SEARCH_TERM_MAX];
    char high[SEARCH_WORDS_MAX][SEARCH_TERM_MAX + 4]; /* word and the last code point */
};
int search_query_read(const char *text, struct search_query *ret_query, struct error *error);
/* The bounds of word i as parameters: NULL where there is none. */
struct db_value search_low(const struct search_query *query, int i);
struct db_value search_high(const struct search_query *query, int i);

/* A condition for one word of a query: `subject_` is the column with the id of what is sought,
 * `low_` and `high_` its parameters ("$3", "$4"). True where the word is not there. A list names
 * it SEARCH_WORDS_MAX times. */
#define SEARCH_CONDITION(subject_, kind_, low_, high_)                                            \
    " and (cast(" low_ " as text) is null or " subject_ " in (select t.subject_id"                \
    " from search_term t where t.kind = '" kind_ "' and t.term >= " low_                          \
    " and t.term < " high_ " and $scope(t)))"

#endif
