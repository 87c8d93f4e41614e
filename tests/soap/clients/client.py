# Python zeep: a quote over the generic service, one over the product's own, and a typed fault.
# Called as: client.py ADDRESS WSDL_QUERY KEY CA_FILE ANSWERS_JSON; prints one JSON line.
import json
import sys

import requests
import zeep

address, query, key, ca_file, answers = sys.argv[1:]
answers = json.loads(answers)
session = requests.Session()
session.verify = ca_file
session.trust_env = False
session.auth = ("koppel", key)
transport = zeep.Transport(session=session)

generic = zeep.Client(f"{address}?{query}", transport=transport)
named = [{"name": name, "_value_1": str(value).lower() if isinstance(value, bool) else value}
         for name, value in answers.items()]
incomplete = [answer for answer in named if answer["name"] != "birth_date"]
quote = generic.service.RequestQuote(product="auto", answers={"answer": named})
again = generic.service.GetQuote(id=quote.id)

typed = zeep.Client(f"{address}/auto?{query}", transport=transport)
estimate = typed.service.RequestEstimate(answers=answers)

try:
    generic.service.RequestQuote(product="auto", answers={"answer": incomplete})
    fault = None
except zeep.exceptions.Fault as error:
    detail = error.detail
    name = "{urn:koppel:quote:v1}ServiceFault"
    element = detail if detail.tag == name else detail.find(f".//{name}")
    parsed = generic.get_element(name).parse(element, generic.wsdl.types)
    fault = {"code": parsed.code, "pointer": parsed.fields.field[0].pointer, "text": error.message}

print(json.dumps({
    "total": str(quote.premium.total), "again": str(again.premium.total),
    "typed": str(estimate.premium.total), "covers": len(estimate.premium.covers.cover),
    "date": str(estimate.effective_date), "fault": fault,
}))
