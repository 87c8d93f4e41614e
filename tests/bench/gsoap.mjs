// The peer of the SOAP rows: a server that gSOAP makes of a header with a like contract, as one would
// write it by its guide: stubs from soapcpp2, TLS, connections kept open, a thread for each. It reads
// the same messages, and answers with a premium that is always the same: no rating, no key, no store,
// no log. Everything is made below `folder` when the benchmark runs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from './measure.mjs';

const header = `//gsoap q service name: Peer
//gsoap q service style: document
//gsoap q service encoding: literal
//gsoap q service namespace: urn:koppel:quote:v1
//gsoap q schema elementForm: qualified
struct q__Answer { char *__item; @char *name 1; };
struct q__Record { $int __sizeanswer; struct q__Answer *answer; @char *name 1; };
struct q__Answers { $int __sizeanswer; struct q__Answer *answer;
                    $int __sizerecord; struct q__Record *record; };
struct q__Cover { char *code 1; char *net 1; char *tax 1; char *total 1; };
struct q__Covers { $int __sizecover; struct q__Cover *cover; };
struct q__Term { char *code 1; LONG64 instalments 1; char *instalment 1; char *total 1; };
struct q__Terms { $int __sizeterm; struct q__Term *term; };
struct q__Premium { char *currency 1; char *net 1; char *tax 1; char *total 1;
                    struct q__Covers *covers 1; struct q__Terms *terms 1; };
struct q__Document { char *code 1; char *title 1; char *url 1; };
struct q__Documents { $int __sizedocument; struct q__Document *document; };
struct q__RequestEstimateResponse {
    char *status 1; char *product 1; LONG64 product_USCOREversion 1; char *product_USCOREhash 1;
    char *effective_USCOREdate 1; struct q__Premium *premium 1; struct q__Documents *documents 1; };
//gsoap q service method-action: RequestEstimate ""
int q__RequestEstimate(char *product 1, struct q__Answers *answers 1, char *effective_USCOREdate,
                       struct q__RequestEstimateResponse *response);
`;

const server = `#include <pthread.h>
#include <signal.h>
#include "soapH.h"
#include "Peer.nsmap"

static struct q__Cover cover[] = {
    {"liability", "400.00", "84.00", "484.00"}, {"full_casco", "240.00", "50.40", "290.40"},
    {"accident_occupants", "60.00", "12.60", "72.60"}, {"legal_aid", "45.33", "9.52", "54.85"}};
static struct q__Term term[] = {
    {"yearly", 1, "901.85", "901.85"}, {"half_yearly", 2, "455.43", "910.86"},
    {"quarterly", 4, "229.97", "919.88"}, {"monthly", 12, "77.41", "928.92"}};
static struct q__Document document[] = {
    {"information_document", "Verzekeringskaart", "https://localhost:8443/d/auto/1/information_document"},
    {"terms_and_conditions", "Polisvoorwaarden", "https://localhost:8443/d/auto/1/terms_and_conditions"}};
static struct q__Covers covers = {4, cover};
static struct q__Terms terms = {4, term};
static struct q__Documents documents = {2, document};
static struct q__Premium premium = {"EUR", "745.33", "156.52", "901.85", &covers, &terms};

int q__RequestEstimate(struct soap *soap, char *product, struct q__Answers *answers, char *date,
                       struct q__RequestEstimateResponse *response) {
    if (answers->__sizeanswer + answers->__sizerecord == 0)
        return soap_sender_fault(soap, "no answers", NULL);
    response->status = "offered";
    response->product = product;
    response->product_USCOREversion = 1;
    response->product_USCOREhash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    response->effective_USCOREdate = date ? date : "2026-11-23";
    response->premium = &premium;
    response->documents = &documents;
    return SOAP_OK;
}

static void *serve(void *context) {
    struct soap *soap = context;
    pthread_detach(pthread_self());
    if (soap_ssl_accept(soap) == SOAP_OK) soap_serve(soap);
    soap_destroy(soap);
    soap_end(soap);
    soap_free(soap);
    return NULL;
}

int main(int count, char **arguments) {
    struct sockaddr_in bound;
    socklen_t length = sizeof bound;
    struct soap *soap = soap_new1(SOAP_IO_KEEPALIVE | SOAP_C_UTFSTRING);
    signal(SIGPIPE, SIG_IGN);
    soap_ssl_init();
    soap->max_keep_alive = 1 << 30;
    soap->accept_timeout = 0;
    if (count != 2 || soap_ssl_server_context(soap, SOAP_SSL_DEFAULT, arguments[1], NULL, NULL, NULL,
                                              NULL, NULL, NULL) ||
        !soap_valid_socket(soap_bind(soap, "127.0.0.1", 0, 1024))) {
        soap_print_fault(soap, stderr);
        return 1;
    }
    getsockname(soap->master, (struct sockaddr *)&bound, &length);
    printf("%d\\n", ntohs(bound.sin_port));
    fflush(stdout);
    while (soap_valid_socket(soap_accept(soap))) {
        pthread_t thread;
        pthread_create(&thread, NULL, serve, soap_copy(soap));
    }
    return 1;
}
`;

function run(command, args, folder) {
  const result = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command}: ${result.error ?? result.stderr + result.stdout}`);
}

// What of it is not installed, or ''.
export function gsoapMissing() {
  if (spawnSync('soapcpp2', ['-V']).status !== 0) return 'gsoap is not installed';
  return existsSync('/usr/include/stdsoap2.h') ? '' : 'libgsoap-dev is not installed';
}

// Makes, builds and starts it: { pid, port, stop() }. `pem` holds the certificate and its key.
export function startGsoap(folder, pem) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'peer.h'), header);
  writeFileSync(join(folder, 'peer.c'), server);
  run('soapcpp2', ['-c', '-S', '-L', '-x', '-w', '-I/usr/share/gsoap/import', 'peer.h'], folder);
  run('cc', ['-O2', '-w', '-DWITH_OPENSSL', '-I.', '-o', 'peer', 'peer.c', 'soapC.c', 'soapServer.c',
    '-lgsoapssl', '-lssl', '-lcrypto', '-lz', '-pthread'], folder);
  return start(join(folder, 'peer'), [pem], { log: join(folder, 'peer.log'), pattern: /^(\d+)\n/ });
}
