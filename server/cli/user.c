/* koppel user: the people who can log in, as the operator sees them. The first administrator
 * begins here; from then on administrators look after people in the extranet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/command_deed.h"
#include "auth/login.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/installation.h"
#include "domain/mail.h"
#include "domain/mail_text.h"
#include "message/json.h"
#include "message/record.h"

enum { LINK_MAX = CONFIG_VALUE_MAX + 100, DEMO_BYTES_MAX = 1024 * 1024, SCRATCH_BYTES = 1 << 22 };

static const char usage[] =
    "usage: koppel user create --data DIR --email ADDRESS --name NAME --role ROLE\n"
    "                          [--partner ID] [--scope SCOPE] [--language nl|en]\n"
    "       koppel user list --data DIR [--partner ID]\n"
    "       koppel user invite|disable|enable|reset-factor --data DIR ADDRESS\n"
    "       koppel user totp --data DIR ADDRESS\n"
    "\n"
    "create invites somebody: it prints the address at which they choose a password and set up\n"
    "an authenticator app, once, and sends it by mail. With --partner they work at that firm, as\n"
    "administrator, adviser or assistant; without, on the organisation's side, as administrator,\n"
    "account_manager, product_manager, marketer, underwriter or analyst. --scope narrows how far\n"
    "they reach: person, office, children or chain. invite sends such an address anew. disable\n"
    "ends all sessions. reset-factor takes the second factor away, which is then set up again at\n"
    "the next login. totp prints the present code of a demo user, in demo installations only.\n";

struct arguments {
    const char *folder, *email, *name, *role, *partner, *scope, *language;
};

static int misused(struct error *error, const char *text) {
    error_set(error, ERROR_INVALID, "%s", text);
    return command_misused("user", error);
}

/* ---- what the verbs share ------------------------------------------------------------------- */
struct work {
    struct installation installation;
    struct keys *keys;
    struct encryption *encryption;
    struct people *people;
    char operator[OPERATOR_MAX], key[USER_EMAIL_MAX];
    const char *verb;
    struct user user;
    struct user_token token;
    struct mail_message mail;
    bool is_new, invites;
    int64_t now_us;
};

static int work_open(struct work *work, const char *folder, struct error *error) {
    memset(work, 0, sizeof *work);
    work->now_us = clock_now_us();
    command_operator(work->operator);
    int status = installation_open_keys(folder, error, &work->installation, &work->keys);
    const char *path = work->installation.config.encryption_keys;
    if (!status && *path) status = encryption_open(path, error, &work->encryption);
    if (!status)
        status = people_new(work->installation.db, work->keys, work->encryption,
                            &people_options_default, error, &work->people);
    return status;
}

static void work_close(struct work *work) {
    if (work->invites) mail_message_done(&work->mail);
    people_free(work->people);
    encryption_free(work->encryption);
    keys_free(work->keys);
    installation_close(&work->installation);
    explicit_bzero(&work->token, sizeof work->token);
}

static int find_body(struct db_tx *tx, void *context, struct error *error) {
    struct work *work = context;
    return user_read_email(tx, work->key, error, &work->user);
}

static int user_find(struct work *work, const char *email, struct error *error) {
    if (!user_email_key(email, work->key))
        return error_set(error, ERROR_INVALID, "an e-mail address has at most %d characters",
                         USER_EMAIL_MAX - 1);
    int status = db_read(work->installation.db, &db_scope_all, find_body, work, error);
    if (status || *work->user.id) return status;
    return error_set(error, ERROR_NOT_FOUND,
                     "nobody has the address %.100s: see koppel user list", email);
}

/* ---- inviting ------------------------------------------------------------------------------- */
struct firm {
    const char *id;
    struct user *user;
    bool found;
};

static int firm_body(struct db_tx *tx, void *context, struct error *error) {
    struct firm *firm = context;
    struct db_rows *rows = NULL;
    firm->found = false;
    int status = db_query(tx, error, &rows, "select p.name from partner p where p.id = $1",
                          db_text(firm->id));
    if (!status && (status = db_next(rows, error)) > 0) {
        db_column_copy(rows, 0, firm->user->partner_name, sizeof firm->user->partner_name);
        firm->found = true;
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int user_fill(struct work *work, const struct arguments *arguments, struct error *error) {
    struct user *user = &work->user;
    struct firm firm = {.id = arguments->partner, .user = user};
    id_make("usr", user->id);
    user->status = USER_INVITED;
    user->created_us = work->now_us;
    user->role = role_read(arguments->role, !arguments->partner);
    user->scope = scope_read(arguments->scope);
    user->language = arguments->language && strcmp(arguments->language, "en") == 0 ? LANGUAGE_EN
                                                                                   : LANGUAGE_NL;
    snprintf(user->name, sizeof user->name, "%s", arguments->name);
    snprintf(user->email, sizeof user->email, "%s", arguments->email);
    if (!arguments->partner) return 0;
    snprintf(user->partner_id, sizeof user->partner_id, "%s", arguments->partner);
    int status = db_read(work->installation.db, &db_scope_all, firm_body, &firm, error);
    if (status || firm.found) return status;
    return error_set(error, ERROR_NOT_FOUND, "there is no partner %.60s: see koppel key list",
                     arguments->partner);
}

static int deed_record(struct db_tx *tx, const struct work *work, const char *name,
                       struct error *error) {
    const struct command_deed deed = {.name = name, .subject_id = work->user.id};
    return command_deed_record(tx, &deed, work->operator, error);
}

static int invite_body(struct db_tx *tx, void *context, struct error *error) {
    const struct work *work = context;
    int status = work->is_new ? user_insert(tx, &work->user, error) : 0;
    if (!status) status = user_token_insert(tx, &work->token, work->user.id, error);
    if (!status) status = mail_enqueue(tx, &work->mail, error);
    return status ? status
                  : deed_record(tx, work, work->is_new ? "CreateUser" : "InviteUser", error);
}

static int invite_write(struct work *work, struct error *error) {
    const struct user *user = &work->user;
    char link[LINK_MAX];
    struct mail_text text;
    user_token_make(work->people, TOKEN_INVITATION, work->now_us, &work->token);
    snprintf(link, sizeof link, "%s/invitation/%s", work->installation.config.public_url,
             work->token.token);
    mail_text_invitation(user->language, user->name, user->partner_name, link, INVITATION_DAYS,
                         &text);
    work->invites = true;
    const struct mail mail = {.kind = "invitation",
                              .subject_id = user->id,
                              .language = user->language,
                              .to = user->email,
                              .to_name = user->name,
                              .subject = text.subject,
                              .text = text.text.data,
                              .html = text.html.data};
    int status = mail_make(work->encryption, &mail, work->now_us, error, &work->mail);
    struct error own = {0};
    if (!status)
        status = db_write(work->installation.db, &db_scope_all, invite_body, work, &own);
    if (status == ERROR_CONFLICT)
        error_set(error, status, "%.100s is a user's address already", user->email);
    else if (status && own.code) error_set(error, status, "%s", own.text);
    if (!status) printf("%s\n", link);
    if (!status)
        fprintf(stderr, "koppel user: %s is invited; the address holds for %d days, once, and "
                        "goes by mail as well\n", user->email, INVITATION_DAYS);
    mail_text_done(&text);
    explicit_bzero(link, sizeof link);
    return status;
}

static int create(const struct arguments *arguments) {
    struct error error = {0};
    struct work work;
    const char *email = arguments->email;
    if (!email || !strchr(email, '@') || strlen(email) >= USER_EMAIL_MAX ||
        strpbrk(email, " \t\r\n<>,;"))
        return misused(&error, "--email takes an address such as a.voorbeeld@example.nl");
    if (!arguments->name || !*arguments->name || strlen(arguments->name) >= USER_NAME_MAX)
        return misused(&error, "--name is missing or too long: what is the user called?");
    if (role_read(arguments->role, !arguments->partner) == ROLE_NONE)
        return misused(&error, arguments->partner
                                   ? "--role takes administrator, adviser or assistant"
                                   : "--role takes administrator, account_manager, "
                                     "product_manager, marketer, underwriter or analyst (or give "
                                     "--partner)");
    if (arguments->scope && (scope_read(arguments->scope) == SCOPE_NONE || !arguments->partner))
        return misused(&error, "--scope takes person, office, children or chain, of users of a "
                               "partner");
    if (arguments->language && strcmp(arguments->language, "nl") != 0 &&
        strcmp(arguments->language, "en") != 0)
        return misused(&error, "--language takes nl or en");
    int status = work_open(&work, arguments->folder, &error);
    work.is_new = true;
    if (!status) status = user_fill(&work, arguments, &error);
    if (!status) status = invite_write(&work, &error);
    work_close(&work);
    return status ? command_fail("user", &error) : EXIT_DONE;
}

static int invite(const char *folder, const char *email) {
    struct error error = {0};
    struct work work;
    int status = work_open(&work, folder, &error);
    if (!status) status = user_find(&work, email, &error);
    if (!status && work.user.status != USER_INVITED)
        status = error_set(&error, ERROR_CONFLICT, "%.100s has begun already, or is disabled",
                           email);
    if (!status) status = invite_write(&work, &error);
    work_close(&work);
    return status ? command_fail("user", &error) : EXIT_DONE;
}

/* ---- changing ------------------------------------------------------------------------------- */
static int change_body(struct db_tx *tx, void *context, struct error *error) {
    struct work *work = context;
    bool disables = strcmp(work->verb, "disable") == 0;
    int64_t changed = 0;
    if (strcmp(work->verb, "reset-factor") == 0) {
        int status = factor_reset(tx, work->user.id, work->now_us, error);
        return status ? status : deed_record(tx, work, "ResetSecondFactor", error);
    }
    work->user.status = disables                    ? USER_DISABLED
                        : *work->user.password_hash ? USER_ACTIVE
                                                    : USER_INVITED;
    int status = user_update(tx, &work->user, true, work->now_us, error, &changed);
    if (!status && !changed)
        status = error_set(error, ERROR_BUSY, "the user was changed just now: try again");
    if (!status) status = session_end(tx, work->user.id, NULL, NULL, error, NULL);
    if (!status) status = user_tokens_end(tx, work->user.id, error);
    return status ? status
                  : deed_record(tx, work, disables ? "DisableUser" : "EnableUser", error);
}

static int change(const char *folder, const char *verb, const char *email) {
    struct error error = {0};
    struct work work;
    int status = work_open(&work, folder, &error);
    work.verb = verb;
    if (!status) status = user_find(&work, email, &error);
    if (!status) status = db_write(work.installation.db, &db_scope_all, change_body, &work, &error);
    if (!status && strcmp(verb, "reset-factor") == 0)
        printf("%s has no second factor any more, and sets one up at the next login.\n",
               work.user.email);
    else if (!status)
        printf("%s is %s.\n", work.user.email, user_status_text(work.user.status));
    work_close(&work);
    return status ? command_fail("user", &error) : EXIT_DONE;
}

/* ---- listing -------------------------------------------------------------------------------- */
struct listing {
    const char *partner;
    struct buffer text;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    struct db_rows *rows = NULL;
    char firm[ID_MAX] = "none";
    buffer_clear(&listing->text);
    int status = db_query(tx, error, &rows,
                          "select coalesce(u.partner_id, ''), coalesce(p.name, 'the organisation'),"
                          " u.email, u.role, u.status, u.totp_on, u.name, u.logged_in_us"
                          " from app_user u left join partner p on p.id = u.partner_id"
                          " where (cast($1 as text) is null or u.partner_id = $1) and $scope(u)"
                          " order by coalesce(p.name, ''), coalesce(u.partner_id, ''), u.email",
                          db_text(listing->partner));
    while (!status && (status = db_next(rows, error)) > 0) {
        char since[CLOCK_INSTANT_MAX] = "never";
        if (strcmp(firm, db_column_text(rows, 0, NULL)) != 0) {
            db_column_copy(rows, 0, firm, sizeof firm);
            buffer_format(&listing->text, "%s  %s\n", db_column_text(rows, 1, NULL), firm);
        }
        if (!db_column_null(rows, 7)) clock_write_instant(db_column_integer(rows, 7), since);
        buffer_format(&listing->text, "    %-40s  %-15s  %-8s  %s  last login %s\n",
                      db_column_text(rows, 2, NULL), db_column_text(rows, 3, NULL),
                      db_column_text(rows, 4, NULL),
                      db_column_integer(rows, 5) ? "second factor" : "no second factor", since);
        status = 0;
    }
    db_rows_close(rows);
    if (!status && !listing->text.length) buffer_text(&listing->text, "There are no users.\n");
    return status;
}

/* ---- codes of demo users -------------------------------------------------------------------- */
static const struct value *demo_user_in(const struct value *holder, const char *email) {
    const struct value *users = record_get(holder, "users");
    for (uint32_t i = 0; users && users->kind == VALUE_LIST && i < users->length; i++)
        if (record_text_is(&users->items[i], "email", email)) return &users->items[i];
    return NULL;
}

static int code_print(const struct value *demo, const char *email, struct scratch *scratch,
                      struct error *error) {
    const struct value *found = NULL, *organisation = record_get(demo, "organisation");
    const struct value *partners = record_get(demo, "partners");
    uint8_t secret[TOTP_SECRET_BYTES];
    char code[9];
    if (organisation) found = demo_user_in(organisation, email);
    for (uint32_t i = 0; !found && partners && partners->kind == VALUE_LIST && i < partners->length;
         i++)
        found = demo_user_in(&partners->items[i], email);
    const char *text = found ? record_get_text(found, "totp_secret", scratch) : NULL;
    if (!text || !totp_secret_read(text, secret))
        return error_set(error, ERROR_NOT_FOUND, "demo.json has no user %.100s", email);
    bool made = totp_code(secret, sizeof secret, totp_step_at(clock_now_us()), TOTP_DIGITS, code);
    explicit_bzero(secret, sizeof secret);
    if (!made) return error_set(error, ERROR_NO_MEMORY, "there is no memory left");
    puts(code);
    return 0;
}

static int totp(const char *folder, const char *email) {
    struct error error = {0}, own = {0};
    struct config config;
    struct scratch scratch;
    struct json_fault fault;
    struct value demo;
    char path[CONFIG_VALUE_MAX], *text = NULL, *memory = malloc(SCRATCH_BYTES);
    size_t length = 0;
    int status = memory ? config_read(folder, &error, &config)
                        : error_set(&error, ERROR_NO_MEMORY, "there is no memory left");
    if (!status) status = file_path(config.folder, "demo.json", sizeof path, &error, path);
    if (!status && file_read(path, DEMO_BYTES_MAX, &own, &text, &length))
        status = error_set(&error, ERROR_INVALID, "%s is no demo installation: codes of people are "
                                                  "theirs alone", config.folder);
    if (!status) {
        scratch_init(&scratch, memory, SCRATCH_BYTES);
        status = json_read(text, length, NULL, &scratch, &fault, &demo)
                     ? error_set(&error, ERROR_INVALID, "%s is not whole", path)
                     : code_print(&demo, email, &scratch, &error);
    }
    free(text);
    free(memory);
    return status ? command_fail("user", &error) : EXIT_DONE;
}

/* ---- the command ---------------------------------------------------------------------------- */
static int verb_run(const struct arguments *arguments, const struct option_operands *operands) {
    struct error error = {0};
    const char *verb = operands->count ? operands->items[0] : "";
    bool create_verb = strcmp(verb, "create") == 0, list_verb = strcmp(verb, "list") == 0;
    if (operands->count > 0 && operands->count != (create_verb || list_verb ? 1 : 2))
        return misused(&error, create_verb || list_verb
                                   ? "what stands behind the verb? See koppel user --help"
                                   : "name one user by address: see koppel user --help");
    if (create_verb) return create(arguments);
    if (list_verb) {
        struct listing listing = {.partner = arguments->partner};
        return command_list("user", arguments->folder, list_body, &listing, &listing.text);
    }
    if (strcmp(verb, "invite") == 0) return invite(arguments->folder, operands->items[1]);
    if (strcmp(verb, "totp") == 0) return totp(arguments->folder, operands->items[1]);
    if (strcmp(verb, "disable") == 0 || strcmp(verb, "enable") == 0 ||
        strcmp(verb, "reset-factor") == 0)
        return change(arguments->folder, verb, operands->items[1]);
    return misused(&error, "use create, list, invite, disable, enable, reset-factor or totp");
}

static int run(int argc, char **argv) {
    struct arguments arguments = {0};
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &arguments.folder},
        {.name = "email", .kind = OPTION_TEXT, .argument = "ADDRESS",
         .help = "create: what they log in by", .ret_value = &arguments.email},
        {.name = "name", .kind = OPTION_TEXT, .argument = "NAME", .help = "create: their name",
         .ret_value = &arguments.name},
        {.name = "role", .kind = OPTION_TEXT, .argument = "ROLE", .help = "create: see above",
         .ret_value = &arguments.role},
        {.name = "partner", .kind = OPTION_TEXT, .argument = "ID",
         .help = "create: at which partner; list: only this partner's",
         .ret_value = &arguments.partner},
        {.name = "scope", .kind = OPTION_TEXT, .argument = "SCOPE",
         .help = "create: narrower than the role's", .ret_value = &arguments.scope},
        {.name = "language", .kind = OPTION_TEXT, .argument = "nl|en",
         .help = "create: of mail and pages (default: nl)", .ret_value = &arguments.language}};
    struct option_operands operands = {0};
    int status;
    if (command_verb_options("user", usage, options, sizeof options / sizeof *options, argc, argv,
                             &operands, &status))
        return status;
    return verb_run(&arguments, &operands);
}

extern const struct command command_user;
const struct command command_user = {
    .name = "user", .summary = "invite, list and disable the people who can log in", .run = run};
