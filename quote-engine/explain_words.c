/* The sentences of an explanation, in Dutch (formal) and English, such that a reader can compute
 * each line again by hand: exact amounts stand in full, rounded ones are said to be rounded. */
#include <stdio.h>
#include <string.h>

#include "explain.h"

enum { AMOUNT_DIGITS_MAX = 12 /* behind the mark; tariffs say cents, factors a few digits more */ };

/* ---- writing ------------------------------------------------------------------------------- */

void words_add_part(struct words *words, const char *text, size_t length) {
    static const char ellipsis[] = "…";
    size_t room = sizeof words->text - words->length - sizeof ellipsis;
    if (words->full) return;
    if (length <= room) {
        memcpy(words->text + words->length, text, length);
        words->length += length;
        return;
    }
    while (room && ((unsigned char)text[room] & 0xC0) == 0x80) room--;
    memcpy(words->text + words->length, text, room);
    memcpy(words->text + words->length + room, ellipsis, sizeof ellipsis - 1);
    words->length += room + sizeof ellipsis - 1;
    words->full = true;
}

void words_add(struct words *words, const char *text) {
    words_add_part(words, text, strlen(text));
}

bool words_done(const struct words *words, struct scratch *scratch, struct value *ret_text) {
    char *copy = scratch_take(scratch, words->length + 1);
    if (!copy) return false;
    memcpy(copy, words->text, words->length);
    copy[words->length] = 0;
    *ret_text = value_text(copy, words->length);
    return true;
}

void words_add_line(struct words *words, const char *text) {
    while (*text) {
        size_t length = strcspn(text, " \t\r\n"), blanks = strspn(text + length, " \t\r\n");
        words_add_part(words, text, length);
        text += length + blanks;
        if (blanks && *text) words_add(words, " ");
    }
}

const char *explain_in(const struct explaining *explaining, const char *nl, const char *en) {
    return explaining->language == LANGUAGE_EN ? en : nl;
}

/* Plain digits with the language's marks; `digits_min` behind the decimal mark. */
static void number_add(struct words *words, enum language language, const char *plain,
                       size_t length, size_t digits_min, bool grouped) {
    const char *point = memchr(plain, '.', length), *end = plain + length;
    const char *whole_end = point ? point : end;
    if (length && *plain == '-') {
        words_add(words, "-");
        plain++;
    }
    while (plain < whole_end) {
        words_add_part(words, plain, 1);
        size_t left = (size_t)(whole_end - ++plain);
        if (grouped && left && left % 3 == 0)
            words_add(words, language == LANGUAGE_EN ? "," : ".");
    }
    size_t digits = point ? (size_t)(end - point - 1) : 0;
    if (digits || digits_min) words_add(words, language == LANGUAGE_EN ? "." : ",");
    if (digits) words_add_part(words, point + 1, digits);
    for (; digits < digits_min; digits++) words_add(words, "0");
}

void words_add_number(struct words *words, enum language language, struct decimal number) {
    char plain[DECIMAL_TEXT_MAX];
    size_t length = decimal_format(number, false, plain);
    if (length > EXPLAIN_VALUE_MAX_BYTES) length = EXPLAIN_VALUE_MAX_BYTES;
    number_add(words, language, plain, length, 0, false);
}

void words_add_money(struct words *words, const struct explaining *explaining,
                     struct decimal amount) {
    char plain[DECIMAL_TEXT_MAX];
    decimal_round(amount, AMOUNT_DIGITS_MAX, DECIMAL_HALF_UP, &amount);
    size_t length = decimal_format(amount, false, plain);
    if (length > EXPLAIN_VALUE_MAX_BYTES) length = EXPLAIN_VALUE_MAX_BYTES;
    const char *currency = explaining->product->info.currency;
    if (strcmp(currency, "EUR") == 0) {
        words_add(words, explain_in(explaining, "€ ", "€"));
    } else {
        words_add(words, currency);
        words_add(words, " ");
    }
    number_add(words, explaining->language, plain, length, 2, true);
}

static void scalar_answer_add(struct words *words, const struct explaining *explaining,
                              const struct product_question *question,
                              const struct value *answer) {
    const char *option = explain_option(explaining, question, answer);
    if (option) words_add_quoted(words, option);
    else if (answer->kind == VALUE_NULL)
        words_add(words, explain_in(explaining, "niet ingevuld", "not filled in"));
    else if (question->type == QUESTION_MONEY && answer->kind == VALUE_NUMBER)
        words_add_money(words, explaining, answer->number);
    else words_add_value(words, explaining, answer);
}

/* "(Wie is dit?: “Uw partner”; Wat is de geboortedatum?: 03-09-1986)" */
static void record_add(struct words *words, const struct explaining *explaining,
                       const struct product_question *records, const struct value *record) {
    bool any = false;
    words_add(words, "(");
    for (int i = 0; i < records->question_count && !words->full; i++) {
        const struct product_question *question = &records->questions[i];
        const struct value *answer =
            value_entry_find(record, question->name, strlen(question->name));
        if (!answer || question->sensitive) continue;
        if (any) words_add(words, "; ");
        any = true;
        words_add(words, text_in(&question->label, explaining->language));
        words_add(words, ": ");
        words_add_answer(words, explaining, question, answer);
    }
    words_add(words, ")");
}

void words_add_answer(struct words *words, const struct explaining *explaining,
                      const struct product_question *question, const struct value *answer) {
    bool records = question->type == QUESTION_RECORDS;
    if (answer->kind != VALUE_LIST || (!records && question->type != QUESTION_CHOICES)) {
        scalar_answer_add(words, explaining, question, answer);
        return;
    }
    if (!answer->length) words_add(words, explain_in(explaining, "geen", "none"));
    for (uint32_t i = 0; i < answer->length && !words->full; i++) {
        if (i) words_add(words, ", ");
        if (records) record_add(words, explaining, question, &answer->items[i]);
        else scalar_answer_add(words, explaining, question, &answer->items[i]);
    }
}

void words_add_input(struct words *words, const struct explaining *explaining,
                     const char *expression, const struct value *value) {
    const struct product_question *question = explain_question(explaining, expression);
    if (question) words_add_answer(words, explaining, question, value);
    else words_add_value(words, explaining, value);
}

void words_add_quoted(struct words *words, const char *text) {
    words_add(words, "“");
    words_add(words, text);
    words_add(words, "”");
}

static void date_add(struct words *words, const struct explaining *explaining,
                     struct value_date date) {
    static const char *const months[] = {"January", "February", "March",     "April",
                                         "May",     "June",     "July",      "August",
                                         "September", "October", "November", "December"};
    char text[64];
    if (explaining->language == LANGUAGE_EN && date.month >= 1 && date.month <= 12)
        snprintf(text, sizeof text, "%d %s %d", date.day, months[date.month - 1], date.year);
    else
        snprintf(text, sizeof text, "%02d-%02d-%04d", date.day, date.month, date.year);
    words_add(words, text);
}

static void items_add(struct words *words, const struct explaining *explaining,
                      const struct value *value);

void words_add_value(struct words *words, const struct explaining *explaining,
                     const struct value *value) {
    struct scratch scratch = *explaining->scratch; /* nothing of it is kept */
    struct value text;
    switch (value->kind) {
    case VALUE_NULL: words_add(words, explain_in(explaining, "leeg", "empty")); break;
    case VALUE_BOOLEAN:
        words_add(words, value->boolean ? explain_in(explaining, "ja", "yes")
                                        : explain_in(explaining, "nee", "no"));
        break;
    case VALUE_NUMBER: words_add_number(words, explaining->language, value->number); break;
    case VALUE_DATE: date_add(words, explaining, value->date); break;
    case VALUE_LIST:
    case VALUE_CONTEXT: items_add(words, explaining, value); break;
    default:
        if (value_to_text(value, &scratch, &text) && text.kind == VALUE_TEXT) {
            size_t length = text.length;
            if (length > EXPLAIN_VALUE_MAX_BYTES) {
                length = EXPLAIN_VALUE_MAX_BYTES;
                while (length && ((unsigned char)text.text[length] & 0xC0) == 0x80) length--;
            }
            words_add_part(words, text.text, length);
        }
    }
}

/* Items and entries, of contexts in a list too; what lies deeper stands in the data. */
static void items_add(struct words *words, const struct explaining *explaining,
                      const struct value *value) {
    bool is_list = value->kind == VALUE_LIST;
    if (!value->length) words_add(words, explain_in(explaining, "leeg", "empty"));
    if (!is_list && value->length) words_add(words, "(");
    for (uint32_t i = 0; i < value->length && !words->full; i++) {
        const struct value *item = is_list ? &value->items[i] : &value->entries[i].value;
        if (i) words_add(words, is_list ? ", " : "; ");
        if (!is_list) {
            words_add_part(words, value->entries[i].name, value->entries[i].name_length);
            words_add(words, " ");
        }
        if (item->kind == VALUE_CONTEXT && is_list)
            items_add(words, explaining, item);
        else if (item->kind == VALUE_CONTEXT || item->kind == VALUE_LIST)
            words_add(words, "…");
        else
            words_add_value(words, explaining, item);
    }
    if (!is_list && value->length) words_add(words, ")");
}

/* ---- the statement ------------------------------------------------------------------------- */

static int cover_find(const struct explaining *explaining, const char *code) {
    const struct product_info *info = &explaining->product->info;
    for (int i = 0; i < info->cover_count; i++)
        if (strcmp(info->covers[i].code, code) == 0) return i;
    return -1;
}

static void cover_add(struct words *words, const struct explaining *explaining, const char *code) {
    int cover = cover_find(explaining, code);
    words_add(words, cover < 0 ? code
                               : text_in(&explaining->product->info.covers[cover].label,
                                         explaining->language));
}

static void percent_add(struct words *words, const struct explaining *explaining,
                        struct decimal percent) {
    words_add_number(words, explaining->language, percent);
    words_add(words, "%");
}

static void adjustment_add(struct words *words, const struct explaining *explaining,
                           const struct statement_step *step) {
    const struct product *product = explaining->product;
    const char *label = step->code;
    bool percent = false, negative = decimal_sign(step->after) < 0;
    for (int i = 0; i < product->rules.adjustment_count; i++) {
        if (strcmp(product->rules.adjustments[i].code, step->code) != 0) continue;
        label = text_in(&product->adjustments[i].label, explaining->language);
        percent = product->rules.adjustments[i].percent;
    }
    words_add(words, label);
    words_add(words, ": ");
    if (percent) {
        percent_add(words, explaining, decimal_absolute(step->rate));
        words_add(words, explain_in(explaining, " van ", " of "));
        words_add_money(words, explaining, step->before);
        words_add(words, explain_in(explaining, " is ", " is "));
        words_add_money(words, explaining, decimal_absolute(step->after));
        words_add(words, negative ? explain_in(explaining, " korting op ", " discount on ")
                                  : explain_in(explaining, " toeslag op ", " surcharge on "));
    } else {
        if (decimal_compare(step->rate, step->after) != 0) {
            words_add(words, explain_in(explaining, "van ", "of "));
            words_add_money(words, explaining, decimal_absolute(step->rate));
            words_add(words, explain_in(explaining, negative ? " gaat " : " komt ", ", "));
        } else {
            words_add(words, explain_in(explaining, negative ? "er gaat " : "er komt ", ""));
        }
        words_add_money(words, explaining, decimal_absolute(step->after));
        words_add(words, negative ? explain_in(explaining, " af van ", " is taken off ")
                                  : explain_in(explaining, " bij ", " is added to "));
    }
    cover_add(words, explaining, step->cover);
    words_add(words, ".");
}

static void round_add(struct words *words, const struct explaining *explaining,
                      const struct statement_step *step) {
    if (step->code && decimal_compare(step->before, step->after) == 0) {
        cover_add(words, explaining, step->code);
        words_add(words, explain_in(explaining, ": na toeslagen en kortingen is de nettopremie ",
                                    ": after surcharges and discounts the net premium is "));
    } else if (step->code) {
        cover_add(words, explaining, step->code);
        words_add(words, ": ");
        words_add_money(words, explaining, step->before);
        words_add(words, explain_in(explaining, " is afgerond op ", " is rounded to "));
    } else {
        words_add(words, explain_in(explaining, "De nettopremies zijn samen ",
                                    "The net premiums together are "));
        words_add_money(words, explaining, step->before);
        words_add(words, explain_in(explaining, ", afgerond ", ", rounded "));
    }
    words_add_money(words, explaining, step->after);
    words_add(words, ".");
}

static void residue_add(struct words *words, const struct explaining *explaining,
                        const struct statement_step *step) {
    words_add(words, explain_in(explaining, "De afgeronde premies zijn samen ",
                                "The rounded premiums together are "));
    words_add_money(words, explaining, decimal_absolute(step->rate));
    words_add(words, decimal_sign(step->rate) < 0
                         ? explain_in(explaining, " hoger dan het afgeronde totaal; dat gaat af "
                                      "van ",
                                      " above the rounded total, which is taken off ")
                         : explain_in(explaining, " lager dan het afgeronde totaal; dat komt bij ",
                                      " below the rounded total, which is added to "));
    cover_add(words, explaining, step->code);
    words_add(words, explain_in(explaining, ": van ", ": from "));
    words_add_money(words, explaining, step->before);
    words_add(words, explain_in(explaining, " naar ", " to "));
    words_add_money(words, explaining, step->after);
    words_add(words, ".");
}

static void tax_add(struct words *words, const struct explaining *explaining,
                    const struct statement_step *step) {
    int cover = cover_find(explaining, step->code);
    struct decimal share = decimal_from_int64(100);
    if (cover >= 0) share = explaining->product->rules.cover_rules[cover].taxed_share_percent;
    cover_add(words, explaining, step->code);
    if (decimal_sign(step->rate) == 0 || decimal_sign(share) == 0) {
        words_add(words, explain_in(explaining, " is vrij van belasting.",
                                    " is exempt of tax."));
        return;
    }
    words_add(words, ": ");
    if (decimal_compare(share, decimal_from_int64(100)) != 0) {
        words_add(words, explain_in(explaining, "belast is ", "taxed is "));
        percent_add(words, explaining, share);
        words_add(words, explain_in(explaining, " van de nettopremie, dat is ",
                                    " of the net premium, which is "));
        words_add_money(words, explaining, step->before);
        words_add(words, "; ");
    }
    percent_add(words, explaining, step->rate);
    words_add(words, explain_in(explaining, " belasting over ", " tax on "));
    words_add_money(words, explaining, step->before);
    words_add(words, explain_in(explaining, " is afgerond ", " is, rounded, "));
    words_add_money(words, explaining, step->after);
    words_add(words, ".");
}

static void term_add(struct words *words, const struct explaining *explaining,
                     const struct statement_step *step) {
    const struct statement_term *term = NULL;
    char count[32];
    for (int i = 0; i < explaining->result->term_count; i++)
        if (strcmp(explaining->result->terms[i].term->code, step->code) == 0)
            term = &explaining->result->terms[i];
    if (!term) return;
    bool surcharged = decimal_sign(step->rate) != 0;
    words_add(words, text_in(&term->term->label, explaining->language));
    words_add(words, ": ");
    words_add_money(words, explaining, step->before);
    if (surcharged) {
        words_add(words, explain_in(explaining, " met ", " with a surcharge of "));
        percent_add(words, explaining, step->rate);
        words_add(words, explain_in(explaining, " toeslag", ""));
    }
    if (term->term->instalments > 1) {
        snprintf(count, sizeof count, "%d", term->term->instalments);
        words_add(words, explain_in(explaining, ", gedeeld door ", ", divided by "));
        words_add(words, count);
    }
    if (surcharged || term->term->instalments > 1) {
        words_add(words, explain_in(explaining, ", is afgerond ", ", is, rounded, "));
        words_add_money(words, explaining, step->after);
    }
    words_add(words, explain_in(explaining,
                                term->term->instalments > 1 ? " per keer" : " in één keer",
                                term->term->instalments > 1 ? " each time" : " in one payment"));
    if (term->term->instalments > 1) {
        words_add(words, explain_in(explaining, "; in een jaar is dat ", "; in a year that is "));
        words_add_money(words, explaining,
                        decimal_from_scaled(term->total_cents, STATEMENT_DIGITS_BEHIND_POINT));
    }
    words_add(words, ".");
}

void words_add_step(struct words *words, const struct explaining *explaining,
                    const struct statement_step *step) {
    switch (step->kind) {
    case STEP_COVER_NET:
        cover_add(words, explaining, step->code);
        words_add(words, explain_in(explaining, ": de nettopremie per jaar volgens het tarief is ",
                                    ": the tariff's net premium for a year is "));
        words_add_money(words, explaining, step->after);
        words_add(words, ".");
        break;
    case STEP_ADJUSTMENT: adjustment_add(words, explaining, step); break;
    case STEP_ROUND: round_add(words, explaining, step); break;
    case STEP_RESIDUE: residue_add(words, explaining, step); break;
    case STEP_TAX: tax_add(words, explaining, step); break;
    case STEP_TERM: term_add(words, explaining, step); break;
    }
}

void words_add_total(struct words *words, const struct explaining *explaining) {
    const struct quote_result *result = explaining->result;
    int scale = STATEMENT_DIGITS_BEHIND_POINT;
    words_add(words, explain_in(explaining, "De nettopremie is ", "The net premium is "));
    words_add_money(words, explaining, decimal_from_scaled(result->net_cents, scale));
    words_add(words, explain_in(explaining, " en de belasting ", " and the tax "));
    words_add_money(words, explaining, decimal_from_scaled(result->tax_cents, scale));
    words_add(words, explain_in(explaining, "; samen betaalt u ", "; together you pay "));
    words_add_money(words, explaining, decimal_from_scaled(result->total_cents, scale));
    words_add(words, explain_in(explaining, " per jaar.", " a year."));
}

static const char *rounding_words(const struct explaining *explaining,
                                  enum decimal_rounding rounding) {
    switch (rounding) {
    case DECIMAL_HALF_EVEN:
        return explain_in(explaining, "de helft naar het even getal",
                          "halves to the even neighbour");
    case DECIMAL_HALF_DOWN: return explain_in(explaining, "de helft omlaag", "halves down");
    case DECIMAL_UP: return explain_in(explaining, "altijd omhoog", "always up");
    case DECIMAL_DOWN: return explain_in(explaining, "altijd omlaag", "always down");
    default: return explain_in(explaining, "de helft omhoog", "halves up");
    }
}

void words_add_rounding(struct words *words, const struct explaining *explaining) {
    const struct statement_rules *rules = &explaining->product->rules;
    words_add(words, explain_in(explaining, "Nettopremies zijn afgerond op ",
                                "Net premiums are rounded to multiples of "));
    if (explaining->language != LANGUAGE_EN) words_add(words, "veelvouden van ");
    words_add_money(words, explaining,
                    decimal_from_scaled(rules->unit_cents, STATEMENT_DIGITS_BEHIND_POINT));
    words_add(words, " (");
    words_add(words, rounding_words(explaining, rules->total_rounding));
    words_add(words, explain_in(explaining, "), belasting op centen (", "), tax to cents ("));
    words_add(words, rounding_words(explaining, rules->tax_rounding));
    words_add(words, explain_in(explaining, ") en termijnen op centen (",
                                ") and instalments to cents ("));
    words_add(words, rounding_words(explaining, rules->term_rounding));
    words_add(words, ").");
}
