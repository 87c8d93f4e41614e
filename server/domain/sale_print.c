/* Puts a sale into words for people. Sentences are short and say what follows from them. */
#include "domain/sale_print.h"

#include <stdio.h>
#include <string.h>

#include "domain/document.h"
#include "message/record.h"
#include "print/words.h"

enum { SENTENCE_MAX = 600 };

const char *sale_say(const struct sale *sale, const char *nl, const char *en) {
    return sale->language == LANGUAGE_EN ? en : nl;
}

static const char *in(const struct sale *sale, const struct text *text) {
    return text_in(text, sale->language);
}

/* ---- the head -------------------------------------------------------------------------------- */

/* Within a Dutch title the product's name has no capital, unless it is one of several. */
static void title_write(const struct sale *sale, const char *kind_nl, const char *kind_en,
                        char *title, size_t size) {
    const char *product = in(sale, &product_info(sale->version->product)->title);
    if (sale->language == LANGUAGE_EN) {
        snprintf(title, size, "%s %s", product, kind_en);
        return;
    }
    int length = snprintf(title, size, "%s ", kind_nl);
    snprintf(title + length, size - (size_t)length, "%s", product);
    bool capital = product[0] >= 'A' && product[0] <= 'Z' && product[1] >= 'a';
    if (capital) title[length] = (char)(product[0] - 'A' + 'a');
}

bool sale_begin(const struct sale *sale, const char *kind_nl, const char *kind_en,
                const char *number, int64_t made_us, struct scratch *scratch,
                struct print *print) {
    enum { TITLE_MAX = 400 };
    char *title = scratch_take(scratch, TITLE_MAX), *footer = scratch_take(scratch, TITLE_MAX);
    struct print_head head = {.title = title,
                              .footer = footer,
                              .language = sale->language,
                              .made_us = made_us};
    if (!title || !footer ||
        !brand_letterhead(&sale->adviser, sale->language, scratch, &head.sender))
        return false;
    title_write(sale, kind_nl, kind_en, title, TITLE_MAX);
    snprintf(footer, TITLE_MAX, "%s · %s%s%s", title, number, *head.sender.name ? " · " : "",
             head.sender.name);
    print_init(print, &head, scratch);
    if (sale->test)
        print_notice(print, sale_say(sale,
                                     "Dit is een proef: aan dit document kunt u geen rechten "
                                     "ontlenen.",
                                     "This is a test: no rights follow from this document."));
    return true;
}

void sale_fact_date(const struct sale *sale, const char *nl, const char *en, const char *date,
                    struct print *print) {
    char words[WORDS_MAX];
    words_date(date, sale->language, words);
    print_fact(print, sale_say(sale, nl, en), words);
}

static void party(const struct sale *sale, const char *nl, const char *en,
                  const struct brand *brand, struct print *print) {
    char text[SENTENCE_MAX];
    int length = snprintf(text, sizeof text, "%.400s", brand->display_name);
    if (brand->licence_number && length > 0 && (size_t)length < sizeof text)
        snprintf(text + length, sizeof text - (size_t)length, "\n%s\u00a0%.20s",
                 sale_say(sale, "AFM-vergunning", "AFM licence"), brand->licence_number);
    print_fact(print, sale_say(sale, nl, en), text);
}

void sale_parties(const struct sale *sale, const char *effective_date, struct print *print) {
    sale_fact_date(sale, "Eerste dag van de dekking", "First day of cover", effective_date, print);
    if (sale->adviser.display_name)
        party(sale, "Uw adviseur", "Your adviser", &sale->adviser, print);
    if (sale->insurer.display_name)
        party(sale, "Verzekeraar", "Insurer", &sale->insurer, print);
}

/* ---- the premium ----------------------------------------------------------------------------- */

static const struct value *premium_of(const struct sale *sale) {
    const struct value *premium = record_get(&sale->result, "premium");
    return premium && premium->kind == VALUE_CONTEXT ? premium : NULL;
}

void sale_amount(const struct sale *sale, int64_t cents, char ret_words[WORDS_MAX]) {
    words_amount(cents, product_info(sale->version->product)->currency, sale->language, ret_words);
}

/* A record with a code: by the label that the product gives it. */
static const char *cover_label(const struct sale *sale, const struct value *code) {
    const struct product_info *info = product_info(sale->version->product);
    for (int i = 0; code && code->kind == VALUE_TEXT && i < info->cover_count; i++)
        if (strlen(info->covers[i].code) == code->length &&
            memcmp(info->covers[i].code, code->text, code->length) == 0)
            return in(sale, &info->covers[i].label);
    return "";
}

static void amounts_row(const struct sale *sale, enum print_row kind, const char *name,
                        const struct value *amounts, struct print *print) {
    char net[WORDS_MAX], tax[WORDS_MAX], total[WORDS_MAX];
    sale_amount(sale, record_get_integer(amounts, "net", 0), net);
    sale_amount(sale, record_get_integer(amounts, "tax", 0), tax);
    sale_amount(sale, record_get_integer(amounts, "total", 0), total);
    print_table_row(print, kind, (const char *const[]){name, net, tax, total});
}

void sale_premium(const struct sale *sale, struct print *print) {
    static const struct print_column columns[] = {
        {.share = 1}, {.amounts = true}, {.amounts = true}, {.amounts = true}};
    const struct value *premium = premium_of(sale);
    const struct value *covers = premium ? record_get(premium, "covers") : NULL;
    if (!covers || covers->kind != VALUE_LIST) return;
    print_heading(print, 2, sale_say(sale, "Premie per jaar", "Premium for a year"));
    print_table(print, columns, 4);
    print_table_row(print, PRINT_ROW_HEAD,
                    (const char *const[]){sale_say(sale, "Dekking", "Cover"),
                                          sale_say(sale, "Premie", "Premium"),
                                          sale_say(sale, "Assurantiebelasting", "Insurance tax"),
                                          sale_say(sale, "Totaal", "Total")});
    for (uint32_t i = 0; i < covers->length; i++) {
        const struct value *cover = &covers->items[i];
        amounts_row(sale, PRINT_ROW, cover_label(sale, record_get(cover, "code")), cover, print);
    }
    amounts_row(sale, PRINT_ROW_TOTAL, sale_say(sale, "Totaal", "Total"), premium, print);
}

void sale_commission(const struct sale *sale, struct print *print) {
    const struct value *premium = premium_of(sale);
    char amount[WORDS_MAX], text[SENTENCE_MAX];
    if (!premium || !record_get(premium, "commission")) return;
    int64_t cents = record_get_integer(premium, "commission", 0);
    sale_amount(sale, cents, amount);
    if (cents)
        snprintf(text, sizeof text,
                 sale->language == LANGUAGE_EN
                     ? "Commission: for this insurance your adviser receives %s a year from the "
                       "insurer. This amount is part of the premium."
                     : "Provisie: uw adviseur ontvangt voor deze verzekering %s per jaar van de "
                       "verzekeraar. Dit bedrag zit in de premie.",
                 amount);
    else
        snprintf(text, sizeof text, "%s",
                 sale_say(sale,
                          "Provisie: uw adviseur ontvangt voor deze verzekering geen provisie van "
                          "de verzekeraar.",
                          "Commission: your adviser receives none from the insurer for this "
                          "insurance."));
    print_paragraph(print, text);
}

/* ---- answers --------------------------------------------------------------------------------- */

static const char *choice_label(const struct sale *sale, const struct product_question *question,
                                const struct value *code) {
    for (int i = 0; code->kind == VALUE_TEXT && i < question->choice_count; i++)
        if (strlen(question->choices[i].code) == code->length &&
            memcmp(question->choices[i].code, code->text, code->length) == 0)
            return in(sale, &question->choices[i].label);
    return "";
}

/* Digits of a number, be it kept as a number or as a text. Years and the like have no signs of
 * group. */
static void number_write(const struct sale *sale, const struct product_question *question,
                         const struct value *answer, char ret_words[WORDS_MAX]) {
    enum { YEAR_DIGITS = 4 };
    char digits[DECIMAL_TEXT_MAX];
    const char *text = answer->text;
    size_t length = answer->length;
    if (answer->kind == VALUE_NUMBER) {
        length = decimal_format(answer->number, false, digits);
        text = digits;
    }
    if (question->type == QUESTION_INTEGER && length <= YEAR_DIGITS)
        snprintf(ret_words, WORDS_MAX, "%.*s", (int)length, text);
    else words_number(text, length, sale->language, ret_words);
}

static void choices_print(const struct sale *sale, const struct product_question *question,
                          const struct value *answer, struct print *print) {
    struct buffer text;
    buffer_init(&text, PRINT_TEXT_MAX_BYTES);
    for (uint32_t i = 0; i < answer->length; i++) {
        if (i) buffer_text(&text, "\n");
        buffer_text(&text, choice_label(sale, question, &answer->items[i]));
    }
    if (text.failed) print->failed = true;
    print_fact(print, in(sale, &question->label),
               text.data ? text.data : sale_say(sale, "geen", "none"));
    buffer_done(&text);
}

/* A text of the answers, NUL-terminated; NULL (and the document has failed): no scratch. */
static const char *text_copy(const struct value *answer, struct print *print) {
    size_t length = answer->kind == VALUE_TEXT ? answer->length : 0;
    char *text = scratch_take(print->scratch, length + 1);
    if (!text) {
        print->failed = true;
        return NULL;
    }
    if (length) memcpy(text, answer->text, length);
    text[length] = '\0';
    return text;
}

static void amount_print(const struct sale *sale, const struct product_question *question,
                         const struct value *answer, struct print *print) {
    char words[WORDS_MAX], amount[WORDS_MAX + 8];
    number_write(sale, question, answer, words);
    snprintf(amount, sizeof amount, "\u20ac%s%s", sale_say(sale, "\u00a0", ""), words);
    print_fact(print, in(sale, &question->label), amount);
}

static void answer_print(const struct sale *sale, const struct product_question *question,
                         const struct value *answer, struct print *print) {
    const char *label = in(sale, &question->label), *text;
    char words[WORDS_MAX];
    switch (question->type) {
    case QUESTION_TEXT:
        text = text_copy(answer, print);
        if (text) print_fact(print, label, text);
        return;
    case QUESTION_INTEGER:
    case QUESTION_DECIMAL:
        number_write(sale, question, answer, words);
        print_fact(print, label, words);
        return;
    case QUESTION_MONEY: amount_print(sale, question, answer, print); return;
    case QUESTION_DATE:
        text = text_copy(answer, print);
        if (!text) return;
        words_date(text, sale->language, words);
        print_fact(print, label, words);
        return;
    case QUESTION_BOOLEAN:
        print_fact(print, label,
                   answer->kind == VALUE_BOOLEAN && answer->boolean ? sale_say(sale, "Ja", "Yes")
                                                                    : sale_say(sale, "Nee", "No"));
        return;
    case QUESTION_CHOICE:
        print_fact(print, label, choice_label(sale, question, answer));
        return;
    case QUESTION_CHOICES:
        if (answer->kind == VALUE_LIST) choices_print(sale, question, answer, print);
        return;
    case QUESTION_RECORDS: return;
    }
}

static void answers_print(const struct sale *sale, const struct product_question *questions,
                          int count, const struct value *answers, struct print *print);

/* Each record under a heading of its own: "Reiziger 2". */
static void records_print(const struct sale *sale, const struct product_question *question,
                          const struct value *answer, struct print *print) {
    char heading[SENTENCE_MAX];
    for (uint32_t i = 0; answer->kind == VALUE_LIST && i < answer->length; i++) {
        if (answer->items[i].kind != VALUE_CONTEXT) continue;
        snprintf(heading, sizeof heading, "%.500s (%u %s %u)", in(sale, &question->label), i + 1,
                 sale_say(sale, "van", "of"), answer->length);
        print_heading(print, 3, heading);
        answers_print(sale, question->questions, question->question_count, &answer->items[i],
                      print);
    }
}

static void answers_print(const struct sale *sale, const struct product_question *questions,
                          int count, const struct value *answers, struct print *print) {
    for (int i = 0; i < count; i++) {
        const struct product_question *question = &questions[i];
        const struct value *answer = record_get(answers, question->name);
        if (!answer || answer->kind == VALUE_NULL || question->type == QUESTION_RECORDS) continue;
        if (question->sensitive)
            print_fact(print, in(sale, &question->label),
                       sale_say(sale, "(gevoelig: niet afgedrukt)", "(sensitive: not printed)"));
        else answer_print(sale, question, answer, print);
    }
    for (int i = 0; i < count; i++) {
        const struct value *answer = record_get(answers, questions[i].name);
        if (answer && questions[i].type == QUESTION_RECORDS && !questions[i].sensitive)
            records_print(sale, &questions[i], answer, print);
    }
}

void sale_answers(const struct sale *sale, const struct product_question *questions, int count,
                  const struct value *answers, struct print *print) {
    if (answers->kind == VALUE_CONTEXT) answers_print(sale, questions, count, answers, print);
}

/* ---- documents ------------------------------------------------------------------------------- */

void sale_documents(const struct sale *sale, struct print *print) {
    const struct product_info *info = product_info(sale->version->product);
    char address[DOCUMENT_ADDRESS_MAX];
    if (!info->document_count) return;
    print_heading(print, 2, sale_say(sale, "Documenten", "Documents"));
    print_paragraph(print,
                    sale_say(sale,
                             "Deze documenten horen bij deze verzekering. Lees in elk geval het "
                             "informatiedocument: daarin staat wat wel en wat niet verzekerd is.",
                             "These documents belong to this insurance. Read at least the "
                             "information document: it tells what is insured and what is not."));
    for (int i = 0; i < info->document_count; i++) {
        char text[SENTENCE_MAX + DOCUMENT_ADDRESS_MAX];
        document_address(sale->public_url, sale->version, &info->documents[i], sale->language,
                         address, sizeof address);
        snprintf(text, sizeof text, "%.500s\n%s", in(sale, &info->documents[i].title), address);
        print_item(print, text, address);
    }
}

void sale_version(const struct sale *sale, struct print *print) {
    char text[SENTENCE_MAX];
    snprintf(text, sizeof text, "%s %s, %s %d, %s %s.",
             sale_say(sale, "Product", "Product"), sale->version->name,
             sale_say(sale, "versie", "version"), sale->version->number,
             sale_say(sale, "kenmerk", "mark"), sale->version->hash);
    print_small(print, text);
}
