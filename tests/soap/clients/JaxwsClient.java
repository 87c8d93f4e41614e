/* JAX-WS RI, with stubs that wsimport made from both WSDLs: over the generic service and over the
 * product's own, a quote, its acceptance, and a typed fault. Called as: JaxwsClient KEY
 * GROUP.NAME=VALUE…, with the groups answers, applicant, payment and acceptance; prints one JSON
 * line. The addresses are those of the WSDLs; the trust store is named to Java itself. */
import java.math.BigDecimal;
import java.util.Map;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import javax.xml.ws.BindingProvider;

public class JaxwsClient {
    static XMLGregorianCalendar date(String name) throws Exception {
        return DatatypeFactory.newInstance().newXMLGregorianCalendar(Given.value(name));
    }

    static <T> T authorized(T port, String key) {
        Map<String, Object> context = ((BindingProvider) port).getRequestContext();
        context.put(BindingProvider.USERNAME_PROPERTY, "koppel");
        context.put(BindingProvider.PASSWORD_PROPERTY, key);
        return port;
    }

    static koppel.generic.Answers byName(String group, String without) {
        koppel.generic.Answers answers = new koppel.generic.Answers();
        for (Map.Entry<String, String> one : Given.group(group, without).entrySet()) {
            koppel.generic.Answer answer = new koppel.generic.Answer();
            answer.setName(one.getKey());
            answer.setValue(one.getValue());
            answers.getAnswer().add(answer);
        }
        return answers;
    }

    static koppel.generic.AcceptQuote accept(String id, koppel.generic.GetAcceptanceResponse asked)
            throws Exception {
        koppel.generic.ObjectFactory make = new koppel.generic.ObjectFactory();
        koppel.generic.AcceptQuote accept = new koppel.generic.AcceptQuote();
        koppel.generic.Applicant applicant = new koppel.generic.Applicant();
        applicant.setKind(Given.value("applicant.kind"));
        applicant.setInitials(Given.value("applicant.initials"));
        applicant.setLastName(Given.value("applicant.last_name"));
        applicant.setBirthDate(make.createApplicantBirthDate(date("applicant.birth_date")));
        applicant.setEmail(Given.value("applicant.email"));
        applicant.setStreet(Given.value("applicant.street"));
        applicant.setHouseNumber(Given.value("applicant.house_number"));
        applicant.setPostcode(Given.value("applicant.postcode"));
        applicant.setCity(Given.value("applicant.city"));
        applicant.setCountry(Given.value("applicant.country"));
        koppel.generic.Consent consent = new koppel.generic.Consent();
        consent.setVersion(asked.getConsentVersion());
        consent.setGiven(true);
        accept.setId(id);
        accept.setApplicant(applicant);
        accept.setIban(Given.value("payment.iban"));
        accept.setAccountHolder(Given.value("payment.account_holder"));
        accept.setTerm(Given.value("payment.term"));
        accept.setAnswers(make.createAcceptQuoteAnswers(byName("acceptance", "")));
        accept.setConsent(consent);
        accept.setCommission(asked.getCommission());
        accept.setDocumentsShown(new koppel.generic.AcceptQuote.DocumentsShown());
        accept.getDocumentsShown().getCode().addAll(asked.getDocuments().getCode());
        return accept;
    }

    static void generic(String key) throws Exception {
        koppel.generic.QuotePort port =
            authorized(new koppel.generic.QuoteService().getQuote(), key);
        koppel.generic.RequestQuote request = new koppel.generic.RequestQuote();
        request.setProduct("auto");
        request.setAnswers(byName("answers", ""));
        koppel.generic.RequestQuoteResponse quote = port.requestQuote(request);
        koppel.generic.GetQuote read = new koppel.generic.GetQuote();
        read.setId(quote.getId());
        koppel.generic.GetAcceptance ask = new koppel.generic.GetAcceptance();
        ask.setId(quote.getId());
        koppel.generic.AcceptQuoteResponse application =
            port.acceptQuote(accept(quote.getId(), port.getAcceptance(ask)));
        Given.tell("total", quote.getPremium().getTotal());
        Given.tell("again", port.getQuote(read).getPremium().getTotal());
        Given.tell("covers", quote.getPremium().getCovers().getCover().size());
        Given.tell("date", quote.getEffectiveDate());
        Given.tell("application", application.getId());
        Given.tell("status", application.getStatus());
        request.setAnswers(byName("answers", "birth_date"));
        try {
            port.requestQuote(request);
        } catch (koppel.generic.ServiceFaultMessage fault) {
            Given.tell("fault_code", fault.getFaultInfo().getCode());
            koppel.generic.WrongField field = fault.getFaultInfo().getFields().getField().get(0);
            Given.tell("fault_pointer", field.getPointer());
            Given.tell("fault_text", fault.getMessage());
        }
    }

    static koppel.auto.Answers answers() throws Exception {
        koppel.auto.Answers answers = new koppel.auto.Answers();
        answers.setFirstRegistrationDate(date("answers.first_registration_date"));
        answers.setVehicleWeightKg(Integer.parseInt(Given.value("answers.vehicle_weight_kg")));
        answers.setCatalogueValue(new BigDecimal(Given.value("answers.catalogue_value")));
        answers.setFuel(Given.value("answers.fuel"));
        answers.setUsage(Given.value("answers.usage"));
        answers.setKilometresPerYear(Given.value("answers.kilometres_per_year"));
        answers.setBirthDate(date("answers.birth_date"));
        answers.setPostcode(Given.value("answers.postcode"));
        answers.setClaimFreeYears(Integer.parseInt(Given.value("answers.claim_free_years")));
        answers.setOtherDriver(Given.truth("answers.other_driver"));
        answers.setCover(Given.value("answers.cover"));
        answers.setCascoExcess(new koppel.auto.ObjectFactory()
            .createAnswersCascoExcess(Given.value("answers.casco_excess")));
        answers.setAccidentOccupants(Given.truth("answers.accident_occupants"));
        answers.setLegalAid(Given.truth("answers.legal_aid"));
        return answers;
    }

    static koppel.auto.AcceptQuote acceptTyped(String id, koppel.auto.GetAcceptanceResponse asked)
            throws Exception {
        koppel.auto.ObjectFactory make = new koppel.auto.ObjectFactory();
        koppel.auto.AcceptQuote accept = new koppel.auto.AcceptQuote();
        koppel.auto.Applicant applicant = new koppel.auto.Applicant();
        applicant.setKind(Given.value("applicant.kind"));
        applicant.setInitials(Given.value("applicant.initials"));
        applicant.setLastName(Given.value("applicant.last_name"));
        applicant.setBirthDate(make.createApplicantBirthDate(date("applicant.birth_date")));
        applicant.setEmail(Given.value("applicant.email"));
        applicant.setStreet(Given.value("applicant.street"));
        applicant.setHouseNumber(Given.value("applicant.house_number"));
        applicant.setPostcode(Given.value("applicant.postcode"));
        applicant.setCity(Given.value("applicant.city"));
        applicant.setCountry(Given.value("applicant.country"));
        koppel.auto.Consent consent = new koppel.auto.Consent();
        consent.setVersion(asked.getConsentVersion());
        consent.setGiven(true);
        koppel.auto.AcceptanceAnswers answers = new koppel.auto.AcceptanceAnswers();
        answers.setReportingCode(Given.value("acceptance.reporting_code"));
        answers.setDrivingDisqualified(Given.truth("acceptance.driving_disqualified"));
        accept.setId(id);
        accept.setApplicant(applicant);
        accept.setIban(Given.value("payment.iban"));
        accept.setAccountHolder(Given.value("payment.account_holder"));
        accept.setTerm(Given.value("payment.term"));
        accept.setAnswers(make.createAcceptQuoteAnswers(answers));
        accept.setConsent(consent);
        accept.setCommission(asked.getCommission());
        accept.setDocumentsShown(new koppel.auto.AcceptQuote.DocumentsShown());
        accept.getDocumentsShown().getCode().addAll(asked.getDocuments().getCode());
        return accept;
    }

    static void typed(String key) throws Exception {
        koppel.auto.QuotePort port = authorized(new koppel.auto.QuoteService().getQuote(), key);
        koppel.auto.RequestQuote request = new koppel.auto.RequestQuote();
        request.setAnswers(answers());
        koppel.auto.RequestQuoteResponse quote = port.requestQuote(request);
        koppel.auto.GetAcceptance ask = new koppel.auto.GetAcceptance();
        ask.setId(quote.getId());
        koppel.auto.AcceptQuote accept = acceptTyped(quote.getId(), port.getAcceptance(ask));
        koppel.auto.AcceptQuoteResponse application = port.acceptQuote(accept);
        Given.tell("typed", quote.getPremium().getTotal());
        Given.tell("typed_application", application.getId());
        Given.tell("typed_status", application.getStatus());
        try {
            port.acceptQuote(accept);
        } catch (koppel.auto.ServiceFaultMessage fault) {
            Given.tell("typed_fault_code", fault.getFaultInfo().getCode());
        }
    }

    public static void main(String[] arguments) throws Exception {
        Given.read(arguments);
        generic(arguments[0]);
        typed(arguments[0]);
        Given.print();
    }
}
