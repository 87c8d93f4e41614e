# Python zeep with WS-Security: asks for the list of products, and for one that does not exist.
# Called as: security.py ADDRESS CA_FILE KIND then, for text and digest, USER PASSWORD, or, for
# signature and binary, KEY_FILE CERTIFICATE_FILE SERVER_CERTIFICATE_FILE; prints one JSON line.
import datetime
import json
import sys

import requests
import xmlsec
import zeep
from zeep.wsse import signature, username, utils

address, ca_file, kind, *given = sys.argv[1:]


def timestamp():
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    made = utils.WSU.Timestamp()
    made.append(utils.WSU.Created(now.isoformat()))
    made.append(utils.WSU.Expires((now + datetime.timedelta(minutes=5)).isoformat()))
    return made


class Stamped:
    """Puts a Timestamp into each message, signs it, and verifies answers of the server."""

    def __init__(self, signer, server):
        self.signer, self.server = signer, server

    def apply(self, envelope, headers):
        utils.get_security_header(envelope).append(timestamp())
        return self.signer.apply(envelope, headers)

    def verify(self, envelope):
        signature.verify_envelope(envelope, self.server)
        return envelope


if kind in ("text", "digest"):
    security = username.UsernameToken(*given, use_digest=kind == "digest")
else:
    make = signature.BinarySignature if kind == "binary" else signature.Signature
    signer = make(given[0], given[1], None, xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256)
    security = Stamped(signer, given[2])

session = requests.Session()
session.verify = ca_file
session.trust_env = False
transport = zeep.Transport(session=session)
client = zeep.Client(f"{address}?wsdl", transport=transport, wsse=security)
products = [item.product for item in client.service.ListProducts().items.product]
try:
    client.service.GetProduct(product="nothing")
    fault = None
except zeep.exceptions.Fault as error:
    fault = error.message
print(json.dumps({"products": products, "fault": fault}))
