/* What a policyholder reads of a policy: whose it is, from when to when, what is covered, what it
 * costs, and how it ends. */
#include "domain/policy_print.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "domain/calendar_day.h"
#include "domain/iban.h"
#include "message/record.h"
#include "print/words.h"

enum { SENTENCE_MAX = 600 };

static const struct value *part_of(const struct value *record, const char *name,
                                   enum value_kind kind) {
    static const struct value none = {.kind = VALUE_CONTEXT};
    const struct value *part = record->kind == VALUE_CONTEXT ? record_get(record, name) : NULL;
    return part && part->kind == kind ? part : &none;
}

/* A text of a record; "" when there is none, or no scratch for it. */
static const char *text_of(const struct value *record, const char *name, struct scratch *scratch) {
    const char *text = part_of(record, name, VALUE_TEXT)->kind == VALUE_TEXT
                           ? record_get_text(record, name, scratch)
                           : NULL;
    return text ? text : "";
}

static const char *number_of(const struct policy *policy) {
    return policy->number ? policy->number : policy->id;
}

/* ---- the facts ------------------------------------------------------------------------------- */

static void status_print(const struct policy_print *printed, struct print *print) {
    const struct sale *sale = &printed->sale;
    const struct policy *policy = printed->policy;
    char date[WORDS_MAX], refund[WORDS_MAX], text[SENTENCE_MAX];
    if (policy->state == POLICY_ACTIVE) return;
    words_date(policy->end_date ? policy->end_date : "", sale->language, date);
    if (policy->state == POLICY_WITHDRAWN)
        snprintf(text, sizeof text, "%s",
                 sale_say(sale, "Deze polis is herroepen: er is nooit dekking geweest.",
                          "This policy was withdrawn from: there has never been cover."));
    else
        snprintf(text, sizeof text,
                 sale->language == LANGUAGE_EN
                     ? "This policy was cancelled: there is no cover from %s on."
                     : "Deze polis is opgezegd: vanaf %s is er geen dekking meer.",
                 date);
    if (policy->has_refund && policy->refund_cents) {
        size_t length = strlen(text);
        sale_amount(sale, policy->refund_cents, refund);
        snprintf(text + length, sizeof text - length,
                 sale->language == LANGUAGE_EN ? " You get %s back." : " U krijgt %s terug.",
                 refund);
    }
    print_notice(print, text);
}

/* What gave the policy these terms. */
static const char *cause_of(const struct sale *sale, const struct policy_terms *terms) {
    if (!terms->change_id) return sale_say(sale, "de aanvraag", "the application");
    return strncmp(terms->change_id, "rnw_", 4) == 0 ? sale_say(sale, "verlenging", "renewal")
                                                     : sale_say(sale, "wijziging", "change");
}

/* Since when the terms hold, where there are others before or after them. */
static void valid_from(const struct policy_print *printed, struct print *print) {
    const struct sale *sale = &printed->sale;
    char date[WORDS_MAX], text[SENTENCE_MAX];
    if (printed->terms->number == 1 && !printed->later_count) return;
    words_date(printed->terms->from_date, sale->language, date);
    snprintf(text, sizeof text, "%s (%s)", date, cause_of(sale, printed->terms));
    print_fact(print, sale_say(sale, "Geldt vanaf", "Valid from"), text);
}

/* The first day without cover by the term of the contract, and what comes behind it. */
static void term_print(const struct policy_print *printed, struct print *print) {
    const struct sale *sale = &printed->sale;
    const struct product_policy *rules = product_info(sale->version->product)->policy;
    struct value_date first, end;
    char bound[16], day[CLOCK_DATE_MAX], date[WORDS_MAX], text[SENTENCE_MAX];
    int months = rules ? rules->first_term_months : 0;
    snprintf(bound, sizeof bound, "P%dM", months);
    if (!months || !day_read(printed->policy->application.effective_date, &first) ||
        !day_bound(bound, &first, &end))
        return;
    day_write(&end, day);
    words_date(day, sale->language, date);
    snprintf(text, sizeof text,
             sale->language == LANGUAGE_EN
                 ? "until %s, and then on until it is cancelled"
                 : "tot %s, en daarna door totdat de verzekering wordt opgezegd",
             date);
    print_fact(print, sale_say(sale, "Looptijd", "Term"), text);
}

static void facts(const struct policy_print *printed, struct print *print) {
    const struct sale *sale = &printed->sale;
    const struct policy *policy = printed->policy;
    const struct text *state = transaction_state_label(policy->state);
    char issued_on[CLOCK_DATE_MAX];
    clock_amsterdam_date_text(policy->issued_us, issued_on);
    print_fact(print, sale_say(sale, "Polisnummer", "Policy number"), number_of(policy));
    print_fact(print, sale_say(sale, "Status", "Status"), text_in(state, sale->language));
    sale_fact_date(sale, "Afgegeven op", "Issued on", issued_on, print);
    sale_parties(sale, policy->application.effective_date, print);
    valid_from(printed, print);
    term_print(printed, print);
    if (policy->end_date)
        sale_fact_date(sale, "Eerste dag zonder dekking", "First day without cover",
                       policy->end_date, print);
    if (policy->application.reference)
        print_fact(print, sale_say(sale, "Kenmerk van uw adviseur", "Your adviser's reference"),
                   policy->application.reference);
}

/* ---- the policyholder ------------------------------------------------------------------------ */

static void fact_given(const char *name, const char *text, struct print *print) {
    if (*text) print_fact(print, name, text);
}

static void address_print(const struct sale *sale, const struct value *applicant,
                          struct print *print) {
    struct scratch *scratch = print->scratch;
    const char *addition = text_of(applicant, "house_number_addition", scratch);
    const char *country = text_of(applicant, "country", scratch);
    char text[SENTENCE_MAX];
    snprintf(text, sizeof text, "%s\u00a0%s%s%s\n%s\u00a0 %s%s%s",
             text_of(applicant, "street", scratch), text_of(applicant, "house_number", scratch),
             *addition ? " " : "", addition, text_of(applicant, "postcode", scratch),
             text_of(applicant, "city", scratch), strcmp(country, "NL") != 0 ? "\n" : "",
             strcmp(country, "NL") != 0 ? country : "");
    print_fact(print, sale_say(sale, "Adres", "Address"), text);
}

static void account_print(const struct policy_print *printed, struct print *print) {
    const char *iban = text_of(printed->personal, "iban", print->scratch);
    char masked[IBAN_MASKED_MAX];
    if (!*iban) return;
    iban_mask(iban, masked);
    print_fact(print, sale_say(&printed->sale, "Rekening", "Account"), masked);
}

static void policyholder(const struct policy_print *printed, struct print *print) {
    const struct sale *sale = &printed->sale;
    const struct value *applicant = part_of(printed->personal, "applicant", VALUE_CONTEXT);
    struct scratch *scratch = print->scratch;
    const char *prefix = text_of(applicant, "name_prefix", scratch);
    const char *born_on = text_of(applicant, "birth_date", scratch);
    char name[SENTENCE_MAX];
    snprintf(name, sizeof name, "%s %s%s%s", text_of(applicant, "initials", scratch), prefix,
             *prefix ? " " : "", text_of(applicant, "last_name", scratch));
    print_heading(print, 2, sale_say(sale, "Verzekeringnemer", "Policyholder"));
    fact_given(sale_say(sale, "Bedrijf", "Company"), text_of(applicant, "company_name", scratch),
               print);
    fact_given(sale_say(sale, "KvK-nummer", "Trade register number"),
               text_of(applicant, "trade_register_number", scratch), print);
    print_fact(print, sale_say(sale, "Naam", "Name"), name);
    if (*born_on) sale_fact_date(sale, "Geboortedatum", "Date of birth", born_on, print);
    address_print(sale, applicant, print);
    fact_given(sale_say(sale, "E-mailadres", "Email address"),
               text_of(applicant, "email", scratch), print);
    fact_given(sale_say(sale, "Telefoonnummer", "Telephone number"),
               text_of(applicant, "telephone", scratch), print);
    account_print(printed, print);
}

/* ---- paying and ending ----------------------------------------------------------------------- */

static void payment(const struct policy_print *printed, struct print *print) {
    const struct sale *sale = &printed->sale;
    const struct application *application = &printed->policy->application;
    const struct product_info *info = product_info(sale->version->product);
    char instalment[WORDS_MAX], text[SENTENCE_MAX];
    const char *label = application->term;
    for (int i = 0; i < info->term_count; i++)
        if (strcmp(info->terms[i].code, application->term) == 0)
            label = text_in(&info->terms[i].label, sale->language);
    sale_amount(sale, printed->terms->instalment_cents, instalment);
    snprintf(text, sizeof text,
             sale->language == LANGUAGE_EN ? "%.200s: %s, %d times a year"
                                           : "%.200s: %s, %d keer per jaar",
             label, instalment, application->instalments);
    if (application->instalments == 1)
        snprintf(text, sizeof text, "%.200s: %s", label, instalment);
    print_fact(print, sale_say(sale, "Betaling", "Payment"), text);
}

/* What is agreed on but does not hold yet. */
static void yet_to_begin(const struct policy_print *printed, struct print *print) {
    const struct sale *sale = &printed->sale;
    char date[WORDS_MAX], total[WORDS_MAX], instalment[WORDS_MAX], text[SENTENCE_MAX];
    if (!printed->later_count) return;
    print_heading(print, 2, sale_say(sale, "Wat nog ingaat", "What is yet to begin"));
    for (int i = 0; i < printed->later_count && i < POLICY_PRINT_LATER_MAX; i++) {
        const struct policy_terms *later = &printed->later[i];
        words_date(later->from_date, sale->language, date);
        sale_amount(sale, later->total_cents, total);
        sale_amount(sale, later->instalment_cents, instalment);
        snprintf(text, sizeof text,
                 sale->language == LANGUAGE_EN
                     ? "Valid from %s (%s): the premium is then %s for a year, which is %s an "
                       "instalment."
                     : "Geldt vanaf %s (%s): de premie is dan %s per jaar, dat is %s per termijn.",
                 date, cause_of(sale, later), total, instalment);
        print_paragraph(print, text);
    }
    if (printed->later_count > POLICY_PRINT_LATER_MAX)
        print_paragraph(print, sale_say(sale, "Daarna gaat er nog meer in: vraag uw adviseur.",
                                        "More begins after that: ask your adviser."));
}

static void withdrawal(const struct policy_print *printed, struct print *print) {
    const struct sale *sale = &printed->sale;
    char date[WORDS_MAX], text[SENTENCE_MAX];
    if (!printed->policy->withdraw_until) return;
    words_date(printed->policy->withdraw_until, sale->language, date);
    snprintf(text, sizeof text,
             sale->language == LANGUAGE_EN
                 ? "Right of withdrawal: until %s you can withdraw from this insurance without "
                   "giving a reason. You then get back what you have paid."
                 : "Bedenktijd: tot en met %s kunt u deze verzekering herroepen, zonder te zeggen "
                   "waarom. U krijgt dan terug wat u hebt betaald.",
             date);
    print_paragraph(print, text);
}

/* "1 maand", "3 maanden". */
static void months_write(const struct sale *sale, int months, char *text, size_t size) {
    snprintf(text, size, "%d\u00a0%s", months,
             months == 1 ? sale_say(sale, "maand", "month") : sale_say(sale, "maanden", "months"));
}

static void notice(const struct policy_print *printed, struct print *print) {
    const struct sale *sale = &printed->sale;
    const struct product_policy *rules = product_info(sale->version->product)->policy;
    char first[32], ahead[32], text[SENTENCE_MAX];
    if (!rules) return;
    months_write(sale, rules->first_term_months, first, sizeof first);
    months_write(sale, rules->notice_months, ahead, sizeof ahead);
    size_t length = (size_t)snprintf(text, sizeof text, "%s",
                                     sale_say(sale, "Opzeggen: ", "Cancelling: "));
    if (rules->first_term_months)
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   sale->language == LANGUAGE_EN
                                       ? "the insurance runs for at least %s; after that "
                                       : "de verzekering loopt ten minste %s; daarna ",
                                   first);
    length += (size_t)snprintf(
        text + length, sizeof text - length, "%s",
        rules->first_term_months
            ? sale_say(sale, "kunt u haar elke dag opzeggen", "you can cancel it on any day")
            : sale_say(sale, "u kunt de verzekering elke dag opzeggen",
                       "you can cancel the insurance on any day"));
    if (rules->notice_months)
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   sale->language == LANGUAGE_EN ? ", with %s of notice"
                                                                 : ", met een opzegtermijn van %s",
                                   ahead);
    snprintf(text + length, sizeof text - length, ".");
    print_paragraph(print, text);
}

static void ending(const struct policy_print *printed, struct print *print) {
    const struct sale *sale = &printed->sale;
    if (printed->policy->state != POLICY_ACTIVE) return;
    print_heading(print, 2,
                  sale_say(sale, "Herroepen en opzeggen", "Withdrawing and cancelling"));
    withdrawal(printed, print);
    notice(printed, print);
}

bool policy_print(const struct policy_print *printed, struct scratch *scratch,
                  struct print *ret_print) {
    const struct sale *sale = &printed->sale;
    const struct product_info *info = product_info(sale->version->product);
    const struct product_policy *rules = product_info(printed->accepted->product)->policy;
    if (!sale_begin(sale, "Polis", "policy", number_of(printed->policy),
                    printed->policy->changed_us, scratch, ret_print))
        return false;
    status_print(printed, ret_print);
    facts(printed, ret_print);
    policyholder(printed, ret_print);
    sale_premium(sale, ret_print);
    payment(printed, ret_print);
    yet_to_begin(printed, ret_print);
    print_heading(ret_print, 2, sale_say(sale, "Wat u hebt opgegeven", "What you have told us"));
    sale_answers(sale, info->questions, info->question_count, &sale->answers, ret_print);
    if (rules)
        sale_answers(sale, rules->questions, rules->question_count,
                     part_of(printed->personal, "answers", VALUE_CONTEXT), ret_print);
    ending(printed, ret_print);
    sale_documents(sale, ret_print);
    sale_version(sale, ret_print);
    return true;
}
