/* Rows of partners: making, reading and changing them, with the words that they are found by.
 * How they hang together is partner_chain.c's, lists are partner_list.c's, the gate
 * partner_sell.c's. */
#include "domain/partner.h"

#include <string.h>

#include "domain/partner_chain.h"
#include "domain/partner_inside.h"
#include "domain/search_term.h"

/* ---- codes ---------------------------------------------------------------------------------- */
const struct field_choice partner_kinds[PARTNER_KINDS] = {
    {"chain", {"keten", "chain"}},
    {"office", {"kantoor", "office"}},
    {"branch", {"nevenvestiging", "branch"}}};

const struct field_choice partner_stages[PARTNER_STAGES] = {
    {"applied", {"aangemeld", "applied"}},
    {"approved", {"goedgekeurd", "approved"}},
    {"ramp_up", {"in opstart", "ramping up"}},
    {"active", {"actief", "active"}},
    {"dormant", {"slapend", "dormant"}},
    {"ended", {"beëindigd", "ended"}}};

const struct field_choice partner_grades[PARTNER_GRADES] = {
    {"a", {"A", "A"}}, {"b", {"B", "B"}}, {"c", {"C", "C"}}, {"d", {"D", "D"}}};

const struct field_choice partner_legal_forms[PARTNER_LEGAL_FORMS] = {
    {"sole_trader", {"eenmanszaak", "sole trader"}},
    {"general_partnership", {"vennootschap onder firma", "general partnership"}},
    {"limited_partnership", {"commanditaire vennootschap", "limited partnership"}},
    {"professional_partnership", {"maatschap", "professional partnership"}},
    {"private_company", {"besloten vennootschap", "private limited company"}},
    {"public_company", {"naamloze vennootschap", "public limited company"}},
    {"cooperative", {"coöperatie", "cooperative"}},
    {"foundation", {"stichting", "foundation"}},
    {"association", {"vereniging", "association"}}};

/* As the supervisor's register and the diplomas under the Wft group products. */
const struct field_choice partner_competences[PARTNER_COMPETENCES] = {
    {"basic", {"basis", "basic"}},
    {"non_life_private", {"schadeverzekeringen particulier", "non-life insurance, private"}},
    {"non_life_business", {"schadeverzekeringen zakelijk", "non-life insurance, business"}},
    {"income", {"inkomensverzekeringen", "income insurance"}},
    {"health", {"zorgverzekeringen", "health insurance"}},
    {"wealth", {"vermogen", "life insurance and investments"}},
    {"mortgage", {"hypothecair krediet", "mortgages"}},
    {"consumer_credit", {"consumptief krediet", "consumer credit"}},
    {"pension", {"pensioenverzekeringen", "pension insurance"}}};

/* ---- what it is found by -------------------------------------------------------------------- */
static int words_write(struct db_tx *tx, const char *id, const struct partner *partner,
                       struct error *error) {
    const char *const texts[] = {partner->name,
                                 partner->legal_name,
                                 partner->city,
                                 partner->trade_register_number,
                                 partner->licence_number,
                                 partner->postcode,
                                 partner->email,
                                 partner->street};
    struct search_words words;
    search_words_init(&words);
    int status = 0;
    for (size_t i = 0; !status && i < sizeof texts / sizeof *texts; i++)
        status = search_words_add(&words, texts[i], error);
    return status ? status : search_term_write(tx, "partner", id, id, &words, error);
}

/* ---- making --------------------------------------------------------------------------------- */
static const char *status_of(const struct partner *partner) {
    if (partner->stage && strcmp(partner->stage, "ended") == 0) return "ended";
    return partner->suspended ? "suspended" : "active";
}

static struct db_value known(int64_t integer) {
    return integer ? db_integer(integer) : db_null();
}

int partner_create(struct db_tx *tx, const char *id, const struct partner *partner,
                   int64_t now_us, struct error *error) {
    int status = partner_chain_lock(tx, partner->parent_id, error);
    if (!status) status = partner_chain_check(tx, partner->parent_id, error);
    if (status) return status;
    status = db_run(
        tx, error, NULL,
        "insert into partner (id, parent_id, kind, name, legal_name, legal_form,"
        " trade_register_number, trade_register_branch, rsin, vat_number, iban, licence_number,"
        " street, postcode, city, country, website, email, telephone, grade, stage,"
        " account_manager_id, last_review_date, next_review_date, employees, status,"
        " no_advertising, revision, created_us, changed_us) values ($1, $2, $3, $4, $5, $6, $7,"
        " $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,"
        " $26, $27, 1, $28, $28)",
        db_text(id), db_text(partner->parent_id), db_text(partner->kind), db_text(partner->name),
        db_text(partner->legal_name), db_text(partner->legal_form),
        db_text(partner->trade_register_number), db_text(partner->trade_register_branch),
        db_text(partner->rsin), db_text(partner->vat_number), db_text(partner->iban),
        db_text(partner->licence_number), db_text(partner->street), db_text(partner->postcode),
        db_text(partner->city), db_text(partner->country ? partner->country : "NL"),
        db_text(partner->website), db_text(partner->email), db_text(partner->telephone),
        db_text(partner->grade), db_text(partner->stage ? partner->stage : "active"),
        db_text(partner->account_manager_id), db_text(partner->last_review_date),
        db_text(partner->next_review_date), known(partner->employees),
        db_text(status_of(partner)), db_integer(partner->no_advertising), db_integer(now_us));
    if (!status) status = partner_chain_begin(tx, id, partner->parent_id, error);
    return status ? status : words_write(tx, id, partner, error);
}

/* ---- reading -------------------------------------------------------------------------------- */
int partner_starved(struct error *error) {
    return error_set(error, ERROR_TOO_LARGE, "partners need more scratch memory");
}

void partner_copy(struct copying *copying, struct partner *partner) {
    struct db_rows *rows = copying->rows;
    const char *status = db_column_text(rows, 25, NULL);
    *partner = (struct partner){.id = copying_text(copying, 0),
                                .parent_id = copying_text(copying, 1),
                                .kind = copying_text(copying, 2),
                                .name = copying_text(copying, 3),
                                .legal_name = copying_text(copying, 4),
                                .legal_form = copying_text(copying, 5),
                                .trade_register_number = copying_text(copying, 6),
                                .trade_register_branch = copying_text(copying, 7),
                                .rsin = copying_text(copying, 8),
                                .vat_number = copying_text(copying, 9),
                                .iban = copying_text(copying, 10),
                                .licence_number = copying_text(copying, 11),
                                .street = copying_text(copying, 12),
                                .postcode = copying_text(copying, 13),
                                .city = copying_text(copying, 14),
                                .country = copying_text(copying, 15),
                                .website = copying_text(copying, 16),
                                .email = copying_text(copying, 17),
                                .telephone = copying_text(copying, 18),
                                .grade = copying_text(copying, 19),
                                .stage = copying_text(copying, 20),
                                .account_manager_id = copying_text(copying, 21),
                                .last_review_date = copying_text(copying, 22),
                                .next_review_date = copying_text(copying, 23),
                                .employees = db_column_integer(rows, 24),
                                .suspended = status && strcmp(status, "suspended") == 0,
                                .no_advertising = db_column_integer(rows, 26) != 0,
                                .revision = db_column_integer(rows, 27),
                                .created_us = db_column_integer(rows, 28),
                                .changed_us = db_column_integer(rows, 29),
                                .parent_name = copying_text(copying, 30),
                                .account_manager = copying_text(copying, 31)};
}

int partner_present(struct db_tx *tx, const char *id, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select p.id from partner p where p.id = $1 and $scope(p.id)",
                          db_text(id));
    if (status) return status;
    status = db_next(rows, error);
    db_rows_close(rows);
    if (status == 0) return error_set(error, ERROR_NOT_FOUND, "there is no partner %.60s", id);
    return status < 0 ? status : 0;
}

int partner_read(struct db_tx *tx, const char *id, struct scratch *scratch, struct error *error,
                 struct partner *ret_partner) {
    struct copying copying = {.scratch = scratch};
    int status = db_query(tx, error, &copying.rows,
                          PARTNER_COLUMNS " where p.id = $1 and $scope(p.id)", db_text(id));
    if (status) return status;
    status = db_next(copying.rows, error);
    if (status > 0) partner_copy(&copying, ret_partner);
    db_rows_close(copying.rows);
    if (copying.failed) return partner_starved(error);
    if (status == 0) return error_set(error, ERROR_NOT_FOUND, "there is no partner %.60s", id);
    return status < 0 ? status : 0;
}

/* ---- changing ------------------------------------------------------------------------------- */
int partner_update(struct db_tx *tx, const struct partner *partner, int64_t now_us,
                   struct error *error) {
    int64_t changed = 0;
    int status = db_run(
        tx, error, &changed,
        "update partner as p set kind = $3, name = $4, legal_name = $5, legal_form = $6,"
        " trade_register_number = $7, trade_register_branch = $8, rsin = $9, vat_number = $10,"
        " iban = $11, licence_number = $12, street = $13, postcode = $14, city = $15,"
        " country = $16, website = $17, email = $18, telephone = $19, grade = $20, stage = $21,"
        " account_manager_id = $22, last_review_date = $23, next_review_date = $24,"
        " employees = $25, status = $26, no_advertising = $27, revision = $2, changed_us = $28"
        " where p.id = $1 and p.revision = $2 - 1 and $scope(p.id)",
        db_text(partner->id), db_integer(partner->revision), db_text(partner->kind),
        db_text(partner->name), db_text(partner->legal_name), db_text(partner->legal_form),
        db_text(partner->trade_register_number), db_text(partner->trade_register_branch),
        db_text(partner->rsin), db_text(partner->vat_number), db_text(partner->iban),
        db_text(partner->licence_number), db_text(partner->street), db_text(partner->postcode),
        db_text(partner->city), db_text(partner->country), db_text(partner->website),
        db_text(partner->email), db_text(partner->telephone), db_text(partner->grade),
        db_text(partner->stage), db_text(partner->account_manager_id),
        db_text(partner->last_review_date), db_text(partner->next_review_date),
        known(partner->employees), db_text(status_of(partner)),
        db_integer(partner->no_advertising), db_integer(now_us));
    if (!status && !changed)
        status = error_set(error, ERROR_CONFLICT, "%s was changed just now", partner->id);
    return status ? status : words_write(tx, partner->id, partner, error);
}
