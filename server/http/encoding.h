/* In which form of a file an answer is sent: as it is, or compressed beforehand. Pure. */
#ifndef KOPPEL_HTTP_ENCODING_H
#define KOPPEL_HTTP_ENCODING_H

enum encoding { ENCODING_PLAIN, ENCODING_GZIP, ENCODING_BROTLI, ENCODING_COUNT };

/* The one that the header wants most, the smaller of two that are wanted alike; NULL: no header.
 * What refuses everything is answered plainly all the same (RFC 9110, 12.5.3). */
enum encoding encoding_choose(const char *accept_encoding);
/* "gzip", "br"; NULL of the plain one. */
const char *encoding_name(enum encoding encoding);

#endif
