/* The type is a URN made of the code: stable, and nothing has to be served under it. */
#include "problem.h"

#include <stdio.h>
#include <string.h>

#include "message/json.h"
#include "operation/problem_title.h"
#include "reply.h"

enum { DETAIL_BOTH_MAX = 800 };

static void write_member(struct buffer *text, const char *name, const char *value) {
    if (text->length > 0 && text->data[text->length - 1] != '{') buffer_char(text, ',');
    json_write_text(name, strlen(name), text);
    buffer_char(text, ':');
    json_write_text(value, strlen(value), text);
}

static void write_faults(struct buffer *text, const struct field_faults *faults) {
    buffer_text(text, ",\"errors\":[");
    for (int i = 0; i < faults->count; i++) {
        const struct field_fault *fault = &faults->items[i];
        buffer_text(text, i > 0 ? ",{" : "{");
        write_member(text, "pointer", fault->pointer);
        write_member(text, "code", fault->code);
        write_member(text, "message", fault->message);
        buffer_char(text, '}');
    }
    buffer_text(text, faults->more ? "],\"more_errors\":true" : "]");
}

void problem_write(const struct problem_parts *problem, enum language language,
                   struct buffer *text) {
    char type[128], both[128];
    snprintf(type, sizeof type, "urn:koppel:problem:%s", problem->code);
    buffer_char(text, '{');
    write_member(text, "type", type);
    const char *title = problem_title(problem->status, language);
    if (title && problem->both_languages) {
        snprintf(both, sizeof both, "%s / %s", problem_title(problem->status, LANGUAGE_NL),
                 problem_title(problem->status, LANGUAGE_EN));
        title = both;
    }
    write_member(text, "title", title ? title : reply_reason(problem->status));
    buffer_format(text, ",\"status\":%d", problem->status);
    write_member(text, "detail", problem->detail);
    if (problem->path) write_member(text, "instance", problem->path);
    write_member(text, "code", problem->code);
    if (problem->reason && *problem->reason) write_member(text, "reason", problem->reason);
    if (problem->faults && problem->faults->count > 0) write_faults(text, problem->faults);
    if (problem->request_id) write_member(text, "request_id", problem->request_id);
    buffer_char(text, '}');
}

void problem_send(struct exchange *exchange, int status, const char *code, const char *detail,
                  const struct field_faults *faults) {
    if (exchange->refuse) {
        struct refusal refusal = {.status = status};
        snprintf(refusal.code, sizeof refusal.code, "%s", code);
        snprintf(refusal.detail, sizeof refusal.detail, "%s", detail);
        exchange->refuse(exchange, &refusal, faults);
        return;
    }
    struct buffer *text = &exchange->space->answer_text;
    const struct problem_parts problem = {.status = status,
                                    .code = code,
                                    .detail = detail,
                                    .reason = exchange->reason,
                                    .path = exchange->head->path,
                                    .request_id = exchange->request_id,
                                    .faults = faults,
                                    .both_languages = exchange->both_languages};
    buffer_clear(text);
    problem_write(&problem, exchange->language, text);
    exchange->cache_control = NULL;
    if (exchange->both_languages) reply_header_text(exchange, "Content-Language", "nl, en");
    else reply_language(exchange, exchange->language);
    reply_send(exchange, status, "application/problem+json", text->failed ? "{}" : text->data,
               text->failed ? 2 : text->length);
}

void problem_say(struct exchange *exchange, int status, const char *code, const char *nl,
                 const char *en) {
    char both[DETAIL_BOTH_MAX];
    const char *detail = exchange->language == LANGUAGE_EN ? en : nl;
    if (exchange->both_languages) {
        snprintf(both, sizeof both, "%s / %s", nl, en);
        detail = both;
    }
    problem_send(exchange, status, code, detail, NULL);
}

void problem_point(struct exchange *exchange, int status, const char *code, const char *pointer,
                   const char *nl, const char *en) {
    const char *detail = exchange->language == LANGUAGE_EN ? en : nl;
    struct field_faults *faults = &exchange->space->answer.faults;
    field_faults_clear(faults);
    field_fault_add(faults, pointer, code, "%s", detail);
    problem_send(exchange, status, status == 422 ? "invalid_fields" : code, detail, faults);
}
