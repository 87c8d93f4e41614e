/* What a customer reads of a quote, in the order in which it matters: until when, what it costs,
 * how it is paid, on which answers it rests, and what the law has them told before they agree. */
#include "domain/quote_print.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "message/record.h"
#include "print/words.h"

enum { SENTENCE_MAX = 600 };

static void facts(const struct quote_print *quote, struct print *print) {
    const struct sale *sale = &quote->sale;
    char made_on[CLOCK_DATE_MAX];
    clock_amsterdam_date_text(quote->known_at_us, made_on);
    print_fact(print, sale_say(sale, "Offertenummer", "Quote number"), quote->id);
    sale_fact_date(sale, "Opgesteld op", "Made on", made_on, print);
    sale_fact_date(sale, "Geldig tot en met", "Valid until", quote->valid_until, print);
    sale_parties(sale, quote->effective_date, print);
    if (quote->reference)
        print_fact(print, sale_say(sale, "Kenmerk van uw adviseur", "Your adviser's reference"),
                   quote->reference);
}

/* Why it is no offer yet, or what is to be known of one. */
static void reasons(const struct quote_print *quote, struct print *print) {
    const struct sale *sale = &quote->sale;
    const struct value *codes = record_get(&sale->result, "reasons");
    if (quote->referred)
        print_notice(print,
                     sale_say(sale,
                              "Dit is nog geen aanbod. De verzekeraar beoordeelt uw aanvraag "
                              "eerst, en kan de premie en de voorwaarden dan nog wijzigen.",
                              "This is not an offer yet. The insurer reviews your application "
                              "first, and may then still change the premium and the terms."));
    if (!codes || codes->kind != VALUE_LIST || !codes->length) return;
    print_heading(print, 2,
                  quote->referred ? sale_say(sale, "Waarom er een beoordeling volgt",
                                             "Why there is a review")
                                  : sale_say(sale, "Let op", "Please note"));
    for (uint32_t i = 0; i < codes->length; i++) {
        char code[PRODUCT_CODE_MAX];
        const struct value *item = &codes->items[i];
        if (item->kind != VALUE_TEXT || item->length >= sizeof code) continue;
        memcpy(code, item->text, item->length);
        code[item->length] = '\0';
        const struct text *text = product_reason_text(sale->version->product, code);
        print_item(print, text ? text_in(text, sale->language) : code, NULL);
    }
}

static const char *term_label(const struct sale *sale, const struct value *code) {
    const struct product_info *info = product_info(sale->version->product);
    for (int i = 0; code && code->kind == VALUE_TEXT && i < info->term_count; i++)
        if (strlen(info->terms[i].code) == code->length &&
            memcmp(info->terms[i].code, code->text, code->length) == 0)
            return text_in(&info->terms[i].label, sale->language);
    return "";
}

static void terms(const struct quote_print *quote, struct print *print) {
    static const struct print_column columns[] = {
        {.share = 1}, {.amounts = true}, {.amounts = true}, {.amounts = true}};
    const struct sale *sale = &quote->sale;
    const struct value *premium = record_get(&sale->result, "premium");
    const struct value *items = premium && premium->kind == VALUE_CONTEXT
                                    ? record_get(premium, "terms")
                                    : NULL;
    if (!items || items->kind != VALUE_LIST || !items->length) return;
    print_heading(print, 2, sale_say(sale, "Hoe u kunt betalen", "How you can pay"));
    print_table(print, columns, 4);
    print_table_row(print, PRINT_ROW_HEAD,
                    (const char *const[]){
                        sale_say(sale, "Betaaltermijn", "Payment term"),
                        sale_say(sale, "Termijnen per jaar", "Instalments a year"),
                        sale_say(sale, "Per termijn", "Each instalment"),
                        sale_say(sale, "Totaal per jaar", "Total for a year")});
    for (uint32_t i = 0; i < items->length; i++) {
        const struct value *term = &items->items[i];
        char count[24], instalment[WORDS_MAX], total[WORDS_MAX];
        snprintf(count, sizeof count, "%lld",
                 (long long)record_get_integer(term, "instalments", 1));
        sale_amount(sale, record_get_integer(term, "instalment", 0), instalment);
        sale_amount(sale, record_get_integer(term, "total", 0), total);
        print_table_row(print, PRINT_ROW,
                        (const char *const[]){term_label(sale, record_get(term, "code")), count,
                                              instalment, total});
    }
}

static void withdrawal(const struct sale *sale, struct print *print) {
    const struct product_policy *policy = product_info(sale->version->product)->policy;
    char text[SENTENCE_MAX];
    if (!policy || !policy->withdrawal_days) return;
    snprintf(text, sizeof text,
             sale->language == LANGUAGE_EN
                 ? "Right of withdrawal: as a consumer you can withdraw from this insurance "
                   "within %d days after the policy was issued, without giving a reason. You then "
                   "pay nothing."
                 : "Bedenktijd: als consument kunt u deze verzekering herroepen binnen %d dagen "
                   "nadat de polis is afgegeven, zonder te zeggen waarom. U betaalt dan niets.",
             policy->withdrawal_days);
    print_paragraph(print, text);
}

static void told(const struct quote_print *quote, struct print *print) {
    const struct sale *sale = &quote->sale;
    print_heading(print, 2, sale_say(sale, "Wat u moet weten", "What you should know"));
    print_paragraph(print, sale_say(sale,
                                    "Deze offerte berust op de antwoorden hierboven. Klopt er "
                                    "iets niet, zeg het dan voordat u de verzekering afsluit.",
                                    "This quote rests on the answers above. If anything is not "
                                    "right, say so before you take out the insurance."));
    sale_commission(sale, print);
    withdrawal(sale, print);
}

bool quote_print(const struct quote_print *quote, struct scratch *scratch,
                 struct print *ret_print) {
    const struct sale *sale = &quote->sale;
    const struct product_info *info = product_info(sale->version->product);
    if (!sale_begin(sale, "Offerte", "quote", quote->id, quote->known_at_us, scratch, ret_print))
        return false;
    facts(quote, ret_print);
    reasons(quote, ret_print);
    sale_premium(sale, ret_print);
    terms(quote, ret_print);
    print_heading(ret_print, 2, sale_say(sale, "Uw antwoorden", "Your answers"));
    sale_answers(sale, info->questions, info->question_count, &sale->answers, ret_print);
    told(quote, ret_print);
    sale_documents(sale, ret_print);
    sale_version(sale, ret_print);
    return true;
}
