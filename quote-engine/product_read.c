/* product.xml's elements to structs: everything but questions (product_question.c) and examples
 * (product_answer.c). The schema has accepted the document, so that what is required is there;
 * whether it fits together and fits the model is product_check.c's. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proof.h"

void product_fail(struct product_reader *reader, int line, const char *place, const char *format,
                  ...) {
    char text[PROBLEM_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    problems_add(reader->problems, false, reader->product->file, line, 0, place, "%s", text);
    if (reader->status == QUOTE_OK) reader->status = QUOTE_INVALID;
}

void *product_take(struct product_reader *reader, size_t count, size_t size) {
    void *memory = arena_take_array(&reader->product->arena, count ? count : 1, size);
    if (!memory) reader->status = QUOTE_NO_MEMORY;
    return memory;
}

const char *product_words(struct product_reader *reader, const char *text) {
    char *words = product_take(reader, strlen(text) + 1, 1);
    if (!words) return "";
    size_t length = 0;
    for (; *text; text++) {
        if (!strchr(" \t\r\n", *text)) {
            words[length++] = *text;
        } else if (length && words[length - 1] != ' ') {
            words[length++] = ' ';
        }
    }
    if (length && words[length - 1] == ' ') length--;
    words[length] = 0;
    return words;
}

static struct text text_read(struct product_reader *reader, const struct xml_element *parent) {
    struct text text = {0};
    const struct xml_element *nl = parent ? xml_child(parent, "nl") : NULL;
    const struct xml_element *en = parent ? xml_child(parent, "en") : NULL;
    if (nl) text.nl = product_words(reader, nl->text);
    if (en) text.en = product_words(reader, en->text);
    return text;
}

struct text product_text(struct product_reader *reader, const struct xml_element *parent) {
    struct text text = text_read(reader, parent);
    if (reader->proving && text.nl && !text.en)
        product_fail(reader, parent->line, parent->name,
                     "\"%.60s\" stands here in Dutch only: give the English too, as <en>…</en>",
                     text.nl);
    return text;
}

const char *product_attribute(const struct xml_element *element, const char *name,
                              const char *otherwise) {
    const char *value = xml_attribute(element, name);
    return value ? value : otherwise;
}

/* A number that the schema accepted. */
static struct decimal number_attribute(const struct xml_element *element, const char *name,
                                       const char *otherwise) {
    const char *text = element ? product_attribute(element, name, otherwise) : otherwise;
    struct decimal number = decimal_from_int64(0);
    size_t length = strlen(text);
    while (length && strchr(" \t\r\n", *text)) text++, length--;
    while (length && strchr(" \t\r\n", text[length - 1])) length--;
    if (length && text[length - 1] == '.') length--; /* XML Schema's decimals may end so */
    decimal_parse(text, length, &number);
    return number;
}

static int int_attribute(const struct xml_element *element, const char *name,
                         const char *otherwise) {
    return (int)strtol(element ? product_attribute(element, name, otherwise) : otherwise, NULL, 10);
}

static enum decimal_rounding rounding_read(const char *text) {
    return strcmp(text, "half_even") == 0   ? DECIMAL_HALF_EVEN
           : strcmp(text, "half_down") == 0 ? DECIMAL_HALF_DOWN
           : strcmp(text, "up") == 0        ? DECIMAL_UP
           : strcmp(text, "down") == 0      ? DECIMAL_DOWN
                                            : DECIMAL_HALF_UP;
}

static enum decimal_rounding rounding_attribute(const struct xml_element *element,
                                                const char *name, const char *otherwise) {
    return rounding_read(element ? product_attribute(element, name, otherwise) : otherwise);
}

/* Each code stands once among its siblings. */
static void code_once(struct product_reader *reader, const struct xml_element *parent,
                      const struct xml_element *xml) {
    const char *code = xml_attribute(xml, "code");
    for (const struct xml_element *other = xml_child(parent, xml->name); other != xml;
         other = xml_next(other)) {
        if (strcmp(xml_attribute(other, "code"), code) != 0) continue;
        char place[PROBLEM_PLACE_MAX];
        snprintf(place, sizeof place, "%s %s", xml->name, code);
        product_fail(reader, xml->line, place, "this code stands in line %d too: give each its own",
                     other->line);
        return;
    }
}

static void covers_read(struct product_reader *reader, const struct xml_element *covers,
                        const char *rounding) {
    struct product *product = reader->product;
    size_t count = (size_t)xml_count(covers, "cover");
    struct product_cover *items = product_take(reader, count, sizeof *items);
    struct product_cover_rule *rules = product_take(reader, count, sizeof *rules);
    struct statement_cover_rule *amounts = product_take(reader, count, sizeof *amounts);
    if (!items || !rules || !amounts) return;
    int at = 0;
    for (const struct xml_element *cover = xml_child(covers, "cover"); cover;
         cover = xml_next(cover), at++) {
        code_once(reader, covers, cover);
        const struct xml_element *tax = xml_child(cover, "tax");
        items[at].code = xml_attribute(cover, "code");
        items[at].label = product_text(reader, xml_child(cover, "label"));
        items[at].commission_percent = number_attribute(cover, "commission", "0");
        rules[at].decision_name = product_words(reader, xml_attribute(cover, "decision"));
        rules[at].taken_when_text = xml_attribute(cover, "taken_when");
        rules[at].line = cover->line;
        amounts[at].tax_percent = number_attribute(tax, "rate", "0");
        amounts[at].taxed_share_percent = number_attribute(tax, "taxed_share", "100");
        if (!tax) amounts[at].taxed_share_percent = decimal_from_int64(0);
        amounts[at].rounding = rounding_attribute(cover, "rounding", rounding);
    }
    product->info.covers = product->rules.covers = items;
    product->info.cover_count = product->rules.cover_count = at;
    product->cover_rules = rules;
    product->rules.cover_rules = amounts;
}

static void adjustments_read(struct product_reader *reader,
                             const struct xml_element *adjustments) {
    struct product *product = reader->product;
    size_t count = (size_t)xml_count(adjustments, "adjustment");
    struct product_adjustment *items = product_take(reader, count, sizeof *items);
    struct statement_adjustment_rule *rules = product_take(reader, count, sizeof *rules);
    if (!items || !rules) return;
    int at = 0;
    for (const struct xml_element *adjustment = xml_child(adjustments, "adjustment"); adjustment;
         adjustment = xml_next(adjustment), at++) {
        code_once(reader, adjustments, adjustment);
        items[at].label = product_text(reader, xml_child(adjustment, "label"));
        items[at].decision_name = product_words(reader, xml_attribute(adjustment, "decision"));
        items[at].covers = xml_attribute(adjustment, "covers");
        items[at].line = adjustment->line;
        rules[at].code = xml_attribute(adjustment, "code");
        rules[at].percent = strcmp(xml_attribute(adjustment, "unit"), "percent") == 0;
        rules[at].covers = UINT64_MAX; /* those it names are looked up when covers are known */
    }
    product->adjustments = items;
    product->rules.adjustments = rules;
    product->rules.adjustment_count = at;
}

static void terms_read(struct product_reader *reader, const struct xml_element *terms) {
    size_t count = (size_t)xml_count(terms, "term");
    struct product_term *items = product_take(reader, count, sizeof *items);
    if (!items) return;
    int at = 0;
    for (const struct xml_element *term = xml_child(terms, "term"); term;
         term = xml_next(term), at++) {
        code_once(reader, terms, term);
        items[at].code = xml_attribute(term, "code");
        items[at].instalments = int_attribute(term, "instalments", "1");
        items[at].label = product_text(reader, xml_child(term, "label"));
        items[at].surcharge_percent = number_attribute(term, "surcharge", "0");
    }
    reader->product->info.terms = reader->product->rules.terms = items;
    reader->product->info.term_count = reader->product->rules.term_count = at;
}

static void acceptance_read(struct product_reader *reader, const struct xml_element *acceptance) {
    struct product *product = reader->product;
    size_t count = (size_t)xml_count(acceptance, "reason");
    struct product_reason *items = product_take(reader, count, sizeof *items);
    if (!items) return;
    int at = 0;
    for (const struct xml_element *reason = xml_child(acceptance, "reason"); reason;
         reason = xml_next(reason), at++) {
        code_once(reader, acceptance, reason);
        items[at].code = xml_attribute(reason, "code");
        items[at].text = product_text(reader, reason);
        items[at].line = reason->line;
    }
    product->reasons = items;
    product->reason_count = at;
    product->acceptance_name = product_words(reader, xml_attribute(acceptance, "decision"));
    product->acceptance_line = acceptance->line;
}

/* The texts of a kind inside <names>: what parts of the model are called, or what they are for. */
static struct product_name *names_of(struct product_reader *reader,
                                     const struct xml_element *names, const char *kind,
                                     int *ret_count) {
    size_t count = (size_t)xml_count(names, kind);
    struct product_name *items = product_take(reader, count, sizeof *items);
    int at = 0;
    for (const struct xml_element *name = items ? xml_child(names, kind) : NULL; name;
         name = xml_next(name), at++) {
        items[at].of = product_words(reader, xml_attribute(name, "of"));
        items[at].text = product_text(reader, name);
        items[at].line = name->line;
    }
    *ret_count = at;
    return items;
}

static void names_read(struct product_reader *reader, const struct xml_element *names) {
    struct product *product = reader->product;
    product->names = names_of(reader, names, "name", &product->name_count);
    product->explains = names_of(reader, names, "explain", &product->explain_count);
    product->model_language = xml_attribute(names, "model_language");
}

static void documents_read(struct product_reader *reader, const struct xml_element *documents) {
    size_t count = (size_t)xml_count(documents, "document");
    struct product_document *items = product_take(reader, count, sizeof *items);
    if (!items) return;
    int at = 0;
    for (const struct xml_element *document = xml_child(documents, "document"); document;
         document = xml_next(document), at++) {
        code_once(reader, documents, document);
        items[at].code = xml_attribute(document, "code");
        items[at].line = document->line;
        items[at].title = text_read(reader, xml_child(document, "title"));
        if (reader->proving && !items[at].title.en)
            problems_add(reader->problems, true, reader->product->file, document->line, 0,
                         items[at].code,
                         "this document is in Dutch only: English readers get that");
        items[at].url = text_read(reader, xml_child(document, "url"));
    }
    reader->product->info.documents = items;
    reader->product->info.document_count = at;
}

/* What acceptance asks beyond the quote is asked of everybody, once: without conditions, records,
 * or names that the quote asks already. */
static void policy_questions_check(struct product_reader *reader,
                                   const struct product_policy *policy, const int *lines) {
    const struct product_info *info = &reader->product->info;
    for (int i = 0; i < policy->question_count; i++) {
        const struct product_question *question = &policy->questions[i];
        char place[PROBLEM_PLACE_MAX];
        snprintf(place, sizeof place, "policy, question %s", question->name);
        if (question->shown_when)
            product_fail(reader, lines[i], place,
                         "acceptance asks its questions of everybody: leave shown_when out");
        if (question->type == QUESTION_RECORDS)
            product_fail(reader, lines[i], place,
                         "acceptance asks for no records: ask its questions one by one");
        if (product_question_find(info->questions, info->question_count, question->name,
                                  strlen(question->name)))
            product_fail(reader, lines[i], place,
                         "the quote asks this already: give it another name, or leave it out");
    }
}

static void policy_read(struct product_reader *reader, const struct xml_element *xml) {
    struct product_policy *policy = product_take(reader, 1, sizeof *policy);
    const struct xml_element *consent = xml_child(xml, "consent");
    const struct xml_element *questions = xml_child(xml, "questions");
    if (!policy) return;
    *policy = (struct product_policy){
        .number_prefix = xml_attribute(xml, "number_prefix"),
        .straight_through = strcmp(product_attribute(xml, "issue", "straight_through"),
                                   "straight_through") == 0,
        .withdrawal_days = int_attribute(xml, "withdrawal_days", "14"),
        .notice_months = int_attribute(xml, "notice_months", "1"),
        .first_term_months = int_attribute(xml, "first_term_months", "12"),
        .contract_months = int_attribute(xml, "contract_months", "12"),
        .renewal_as_is =
            strcmp(product_attribute(xml, "renewal", "new_premium"), "as_is") == 0,
        .renewal_days = int_attribute(xml, "renewal_days", "42"),
        .consent_version = xml_attribute(consent, "version"),
        .consent = product_text(reader, consent)};
    if (questions) {
        int *lines = NULL;
        policy->questions =
            product_questions_read(reader, questions, &policy->question_count, &lines);
        if (policy->questions && lines) policy_questions_check(reader, policy, lines);
    }
    reader->product->info.policy = policy;
}

static void rounding_rules_read(struct product *product, const struct xml_element *rounding) {
    product->rules.total_rounding = rounding_attribute(rounding, "mode", "half_up");
    product->rules.tax_rounding = rounding_attribute(rounding, "tax", "half_up");
    product->rules.term_rounding = rounding_attribute(rounding, "term", "half_up");
    product->rules.unit_cents = int_attribute(rounding, "unit_cents", "1");
    product->rules.residue_cover = -1;
    product->residue_code = rounding ? xml_attribute(rounding, "residue") : NULL;
    product->rounding_line = rounding ? rounding->line : 0;
}

void product_read(struct product_reader *reader, const struct xml_element *root) {
    struct product *product = reader->product;
    struct product_info *info = &product->info;
    const struct xml_element *validity = xml_child(root, "validity");
    const struct xml_element *rounding = xml_child(root, "rounding"), *optional;
    info->name = xml_attribute(root, "name");
    info->interface = int_attribute(root, "interface", "1");
    info->currency = product_attribute(root, "currency", "EUR");
    info->title = product_text(reader, xml_child(root, "title"));
    info->description = product_text(reader, xml_child(root, "description"));
    info->valid_days = int_attribute(validity, "days", "0");
    info->effective_days_ahead = int_attribute(validity, "effective_days_ahead", "0");
    for (const struct xml_element *model = xml_child(root, "model"); model;
         model = xml_next(model)) {
        if (!product->model_count) product->model_line = model->line;
        if (product->model_count < PRODUCT_MODELS_MAX)
            product->models[product->model_count++] = xml_attribute(model, "file");
    }
    info->questions = product_questions_read(reader, xml_child(root, "questions"),
                                             &info->question_count, &product->question_lines);
    rounding_rules_read(product, rounding);
    covers_read(reader, xml_child(root, "covers"),
                rounding ? product_attribute(rounding, "mode", "half_up") : "half_up");
    if ((optional = xml_child(root, "adjustments"))) adjustments_read(reader, optional);
    terms_read(reader, xml_child(root, "terms"));
    acceptance_read(reader, xml_child(root, "acceptance"));
    if ((optional = xml_child(root, "names"))) names_read(reader, optional);
    if ((optional = xml_child(root, "documents"))) documents_read(reader, optional);
    if ((optional = xml_child(root, "policy"))) policy_read(reader, optional);
    product_sell_read(reader, xml_child(root, "sell"));
    if (reader->proving && (optional = xml_child(root, "proof"))) proof_read(reader, optional);
    if (reader->status == QUOTE_OK) product_examples_read(reader, xml_child(root, "examples"));
}
