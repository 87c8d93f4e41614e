/* What another answer would lead to, as data and in sentences. What nobody can change is told for
 * the information of whoever advises, and said to be so. */
#include <stdio.h>
#include <string.h>

#include "explain.h"

static const char *const outcome_codes[] = {[OUTCOME_OFFERED] = "offered",
                                            [OUTCOME_REFERRED] = "referred",
                                            [OUTCOME_DECLINED] = "declined"};

static struct decimal cents(int64_t amount) {
    return decimal_from_scaled(amount, STATEMENT_DIGITS_BEHIND_POINT);
}

/* ---- words ---------------------------------------------------------------------------------- */

static void item_add(struct words *words, const struct explaining *explaining,
                     const struct what_if_change *change) {
    char number[32];
    if (!change->records) return;
    snprintf(number, sizeof number, "%d", change->item + 1);
    words_add(words, explain_in(explaining, " (nummer ", " (number "));
    words_add(words, number);
    words_add(words, explain_in(explaining, " bij ", " of "));
    words_add_quoted(words, text_in(&change->records->label, explaining->language));
    words_add(words, ")");
}

/* Answers that the change takes away, or that were filled in for it. */
static void others_add(struct words *words, const struct explaining *explaining,
                       const struct product_question *questions, int count,
                       const struct value *before, const struct value *after,
                       const struct product_question *changed) {
    for (int i = 0; i < count; i++) {
        const struct product_question *question = &questions[i];
        size_t length = strlen(question->name);
        const struct value *was = value_entry_find(before, question->name, length);
        const struct value *is = value_entry_find(after, question->name, length);
        const char *label = text_in(&question->label, explaining->language);
        if (question == changed || (was == NULL) == (is == NULL)) continue;
        if (!is) {
            words_add(words, explain_in(explaining, " De vraag ", " The question "));
            words_add_quoted(words, label);
            words_add(words, explain_in(explaining, " vervalt dan.",
                                        " then no longer applies."));
            continue;
        }
        words_add(words, explain_in(explaining, " Gerekend is dan met ",
                                    " This assumes the answer "));
        words_add_answer(words, explaining, question, is);
        words_add(words, explain_in(explaining, " als antwoord op ", " to "));
        words_add_quoted(words, label);
        words_add(words, ".");
    }
}

static void covers_add(struct words *words, const struct explaining *explaining, uint64_t covers,
                       const char *before, const char *behind) {
    const struct product_info *info = &explaining->product->info;
    bool first = true;
    for (int i = 0; i < info->cover_count; i++) {
        if (!(covers >> i & 1)) continue;
        words_add(words, first ? before : ", ");
        words_add(words, text_in(&info->covers[i].label, explaining->language));
        first = false;
    }
    if (!first) words_add(words, behind);
}

static void result_add(struct words *words, const struct explaining *explaining,
                       const struct what_if *what_if, const struct what_if_change *change) {
    bool better = change->outcome < what_if->outcome;
    if (better && change->outcome == OUTCOME_OFFERED)
        words_add(words, explain_in(explaining, " kunnen wij deze verzekering aanbieden",
                                    " we can offer this insurance"));
    else if (better)
        words_add(words, explain_in(explaining, " beoordelen wij de aanvraag persoonlijk",
                                    " we assess the application personally"));
    else
        words_add(words, explain_in(explaining, " is de premie", " the premium is"));
    if (!change->has_premium) {
        words_add(words, ".");
        return;
    }
    if (better)
        words_add(words, explain_in(explaining, ", voor een premie van ", ", at a premium of "));
    else words_add(words, " ");
    words_add_money(words, explaining, cents(change->total_cents));
    words_add(words, explain_in(explaining, " per jaar", " a year"));
    if (what_if->has_premium && change->change_cents) {
        words_add(words, explain_in(explaining, ", dat is ", ", which is "));
        words_add_money(words, explaining,
                        decimal_absolute(cents(change->change_cents)));
        words_add(words, change->change_cents < 0 ? explain_in(explaining, " minder", " less")
                                                  : explain_in(explaining, " meer", " more"));
    }
    words_add(words, ".");
}

static void change_words(const struct explaining *explaining, const struct what_if *what_if,
                         const struct what_if_change *change, struct words *words) {
    const struct product_info *info = &explaining->product->info;
    const struct product_question *question = change->question;
    words_add(words, explain_in(explaining, "Met ", "With "));
    words_add_answer(words, explaining, question, &change->to);
    words_add(words, explain_in(explaining, " in plaats van ", " instead of "));
    words_add_answer(words, explaining, question, &change->from);
    words_add(words, explain_in(explaining, " als antwoord op ", " as the answer to "));
    words_add_quoted(words, text_in(&question->label, explaining->language));
    item_add(words, explaining, change);
    if (explaining->language == LANGUAGE_EN) words_add(words, ",");
    result_add(words, explaining, what_if, change);
    if (what_if->has_premium && change->has_premium) {
        covers_add(words, explaining, what_if->covers & ~change->covers,
                   explain_in(explaining, " Niet meer verzekerd is dan: ",
                              " No longer insured is then: "), ".");
        covers_add(words, explaining, change->covers & ~what_if->covers,
                   explain_in(explaining, " Extra verzekerd is dan: ",
                              " Insured in addition is then: "), ".");
    }
    others_add(words, explaining, info->questions, info->question_count,
               &explaining->result->answers, &change->answers, question);
    if (change->records) {
        size_t length = strlen(change->records->name);
        const struct value *before = value_entry_find(&explaining->result->answers,
                                                      change->records->name, length);
        const struct value *after =
            value_entry_find(&change->answers, change->records->name, length);
        if (before && after)
            others_add(words, explaining, change->records->questions,
                       change->records->question_count, &before->items[change->item],
                       &after->items[change->item], question);
    }
    if (!question->changeable)
        words_add(words, explain_in(explaining,
                                    " Dit is een feit dat niet te kiezen is: het staat hier "
                                    "ter informatie.",
                                    " This is a fact that cannot be chosen: it stands here "
                                    "for information."));
}

/* ---- data ----------------------------------------------------------------------------------- */

static bool put_answer(struct building *building, const struct explaining *explaining,
                       const char *name, const char *label_name,
                       const struct product_question *question, const struct value *answer) {
    if (question->type == QUESTION_MONEY && answer->kind == VALUE_NUMBER) {
        if (!building_put_amount(building, explaining, name, answer->number)) return false;
    } else {
        building_put(building, name, *answer);
    }
    building_put_text(building, label_name, explain_option(explaining, question, answer));
    return true;
}

/* Where the answer stands among the answers: "/travellers/0/birth_date". */
static bool put_pointer(struct building *building, const struct explaining *explaining,
                        const struct what_if_change *change) {
    enum { POINTER_MAX = 2 * PRODUCT_CODE_MAX + 32 };
    char *pointer = scratch_take(explaining->scratch, POINTER_MAX);
    if (!pointer) return false;
    if (change->records)
        snprintf(pointer, POINTER_MAX, "/%s/%d/%s", change->records->name, change->item,
                 change->question->name);
    else
        snprintf(pointer, POINTER_MAX, "/%s", change->question->name);
    building_put_text(building, "pointer", pointer);
    return true;
}

static bool put_amount(struct building *building, const struct explaining *explaining,
                       const char *name, bool present, int64_t amount_cents) {
    if (present) return building_put_amount(building, explaining, name, cents(amount_cents));
    building_put(building, name, value_null());
    return true;
}

static bool put_covers(struct building *building, const struct explaining *explaining,
                       const char *name, uint64_t covers) {
    const struct product_info *info = &explaining->product->info;
    struct value *codes = explain_values(explaining, (size_t)info->cover_count);
    size_t count = 0;
    if (!codes) return false;
    for (int i = 0; i < info->cover_count; i++)
        if (covers >> i & 1)
            codes[count++] = value_text(info->covers[i].code, strlen(info->covers[i].code));
    building_put(building, name, value_list(codes, count));
    return true;
}

static bool change_value(const struct explaining *explaining, const struct what_if *what_if,
                         const struct what_if_change *change, struct value *ret_value) {
    struct building building = {0};
    struct words words = {.length = 0};
    bool both = what_if->has_premium && change->has_premium;
    const struct product_question *question = change->question;
    building_put_text(&building, "question", question->name);
    if (!put_pointer(&building, explaining, change)) return false;
    building_put_text(&building, "label", text_in(&question->label, explaining->language));
    if (!put_answer(&building, explaining, "from", "from_label", question, &change->from) ||
        !put_answer(&building, explaining, "to", "to_label", question, &change->to))
        return false;
    building_put(&building, "changeable", value_boolean(question->changeable));
    building_put(&building, "steps", value_int64(change->steps));
    building_put_text(&building, "outcome", outcome_codes[change->outcome]);
    if (!put_amount(&building, explaining, "premium", change->has_premium, change->total_cents) ||
        !put_amount(&building, explaining, "premium_change", both, change->change_cents))
        return false;
    uint64_t before = both ? what_if->covers : 0, after = both ? change->covers : 0;
    if (!put_covers(&building, explaining, "covers_removed", before & ~after) ||
        !put_covers(&building, explaining, "covers_added", after & ~before))
        return false;
    change_words(explaining, what_if, change, &words);
    return building_put_words(&building, explaining, &words) &&
           building_done(explaining, &building, ret_value);
}

static bool changes_value(const struct explaining *explaining, const struct what_if *what_if,
                          const struct what_if_change *changes, int count,
                          struct value *ret_value) {
    struct value *items = explain_values(explaining, (size_t)count);
    if (!items) return false;
    for (int i = 0; i < count; i++)
        if (!change_value(explaining, what_if, &changes[i], &items[i])) return false;
    *ret_value = value_list(items, (size_t)count);
    return true;
}

/* What the lists say together, for where they are empty or a limit cut the search: what was not
 * tried is not denied. */
static void summary_add(struct words *words, const struct explaining *explaining,
                        const struct what_if *what_if) {
    bool offered = what_if->outcome == OUTCOME_OFFERED;
    if (!offered && !what_if->offered_count && !what_if->cut)
        words_add(words, explain_in(explaining,
                                    "Geen ander antwoord op één enkele vraag leidt ertoe dat "
                                    "wij deze verzekering direct kunnen aanbieden.",
                                    "No other answer to a single question makes us offer this "
                                    "insurance at once."));
    else if (!offered && what_if->offered_count)
        words_add(words, explain_in(explaining,
                                    "Met een ander antwoord op één van deze vragen kunnen wij "
                                    "deze verzekering wel direct aanbieden.",
                                    "With another answer to one of these questions we can "
                                    "offer this insurance at once."));
    if (what_if->has_premium && (what_if->cheaper_count || !what_if->cut)) {
        if (words->length) words_add(words, " ");
        words_add(words, what_if->cheaper_count
                             ? explain_in(explaining,
                                          "Een ander antwoord op één van deze vragen verlaagt "
                                          "de premie.",
                                          "Another answer to one of these questions lowers "
                                          "the premium.")
                             : explain_in(explaining,
                                          "Geen andere keuze bij één enkele vraag verlaagt de "
                                          "premie.",
                                          "No other choice at a single question lowers the "
                                          "premium."));
    }
    if (!what_if->cut) return;
    if (words->length) words_add(words, " ");
    words_add(words, explain_in(explaining,
                                "Niet alles kon worden geprobeerd: er kan meer mogelijk zijn.",
                                "Not everything could be tried: more may be possible."));
}

int product_explain_what_if(const struct product *product, const struct quote_result *result,
                            const struct what_if *what_if, enum language language,
                            struct scratch *scratch, struct value *ret_explanation) {
    struct explaining explaining = {
        .product = product, .result = result, .language = language, .scratch = scratch};
    struct building building = {0};
    struct words summary = {.length = 0};
    struct value offered, referred, cheaper, explanation;
    if (!changes_value(&explaining, what_if, what_if->offered, what_if->offered_count,
                       &offered) ||
        !changes_value(&explaining, what_if, what_if->referred, what_if->referred_count,
                       &referred) ||
        !changes_value(&explaining, what_if, what_if->cheaper, what_if->cheaper_count, &cheaper))
        return QUOTE_TOO_LARGE;
    summary_add(&summary, &explaining, what_if);
    building_put(&building, "complete", value_boolean(!what_if->cut));
    building_put(&building, "ratings", value_int64(what_if->ratings));
    building_put(&building, "offered", offered);
    building_put(&building, "referred", referred);
    building_put(&building, "cheaper", cheaper);
    if (!building_put_words(&building, &explaining, &summary) ||
        !building_done(&explaining, &building, &explanation))
        return QUOTE_TOO_LARGE;
    *ret_explanation = explanation;
    return QUOTE_OK;
}
