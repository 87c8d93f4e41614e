# Python zeep: over the generic service and over the product's own, a quote, its acceptance, a change
# of the policy, and a typed fault. Called as: client.py ADDRESS WSDL_QUERY KEY CA_FILE GIVEN_JSON; prints one JSON line.
import json
import sys

import requests
import zeep

address, query, key, ca_file, given = sys.argv[1:]
given = json.loads(given)
session = requests.Session()
session.verify = ca_file
session.trust_env = False
session.auth = ("koppel", key)
transport = zeep.Transport(session=session)


def by_name(answers):
    return [{"name": name, "_value_1": str(value).lower() if isinstance(value, bool) else value}
            for name, value in answers.items()]


def accept(client, quote, answers):
    asked = client.service.GetAcceptance(id=quote.id)
    return client.service.AcceptQuote(
        id=quote.id, applicant=given["applicant"], **given["payment"], answers=answers,
        consent={"version": asked.consent_version, "given": True}, commission=asked.commission,
        documents_shown={"code": asked.documents.code})


def fault_of(client, namespace, call):
    try:
        call()
    except zeep.exceptions.Fault as error:
        name = f"{{{namespace}}}ServiceFault"
        detail = error.detail
        element = detail if detail.tag == name else detail.find(f".//{name}")
        parsed = client.get_element(name).parse(element, client.wsdl.types)
        fields = parsed.fields.field if parsed.fields else []
        return {"code": parsed.code, "pointer": fields[0].pointer if fields else "",
                "text": error.message}
    return None


generic = zeep.Client(f"{address}?{query}", transport=transport)
named = by_name(given["answers"])
incomplete = [answer for answer in named if answer["name"] != "birth_date"]
quote = generic.service.RequestQuote(product="auto", answers={"answer": named})
again = generic.service.GetQuote(id=quote.id)
application = accept(generic, quote, {"answer": by_name(given["acceptance"])})
fault = fault_of(generic, "urn:koppel:quote:v1", lambda: generic.service.RequestQuote(
    product="auto", answers={"answer": incomplete}))

own = zeep.Client(f"{address}/auto?{query}", transport=transport)
typed = own.service.RequestQuote(answers=given["answers"])
typed_application = accept(own, typed, given["acceptance"])
typed_fault = fault_of(own, "urn:koppel:quote:auto:i1",
                       lambda: accept(own, typed, given["acceptance"]))



def change(client, accepted, answers):
    asked = client.service.RequestChange(id=accepted.policy_id, answers=answers)
    return {"names": asked.changed.name, "total": str(asked.total)}


changed = {"claim_free_years": given["answers"]["claim_free_years"] + 1}

print(json.dumps({
    "change": change(generic, application, {"answer": by_name(changed)}),
    "typed_change": change(own, typed_application, changed),
    "total": str(quote.premium.total), "again": str(again.premium.total),
    "typed": str(typed.premium.total), "covers": len(quote.premium.covers.cover),
    "date": str(quote.effective_date), "application": application.id,
    "status": application.status, "typed_application": typed_application.id,
    "typed_status": typed_application.status, "fault": fault, "typed_fault": typed_fault,
}))
