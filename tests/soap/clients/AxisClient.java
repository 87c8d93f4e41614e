/* Axis 1, with stubs that WSDL2Java made from both WSDLs (SOAP 1.1, HTTP/1.0): over the generic
 * service and over the product's own, a quote, its acceptance, and a typed fault. Called as:
 * AxisClient KEY GROUP.NAME=VALUE…, with the groups answers, applicant, payment and acceptance;
 * prints one JSON line. The addresses are those of the WSDLs; the trust store is named to Java. */
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.apache.axis.client.Stub;

public class AxisClient {
    static Date date(String name) {
        return java.sql.Date.valueOf(Given.value(name));
    }

    static <T> T authorized(T port, String key) {
        ((Stub) port).setUsername("koppel");
        ((Stub) port).setPassword(key);
        return port;
    }

    static koppel.generic.Answers byName(String group, String without) {
        List<koppel.generic.Answer> list = new ArrayList<>();
        for (Map.Entry<String, String> one : Given.group(group, without).entrySet()) {
            koppel.generic.Answer answer = new koppel.generic.Answer(one.getValue());
            answer.setName(one.getKey());
            list.add(answer);
        }
        koppel.generic.Answers answers = new koppel.generic.Answers();
        answers.setAnswer(list.toArray(new koppel.generic.Answer[0]));
        return answers;
    }

    static koppel.generic.AcceptQuote accept(String id,
                                             koppel.generic.GetAcceptanceResponse asked) {
        koppel.generic.AcceptQuote accept = new koppel.generic.AcceptQuote();
        koppel.generic.Applicant applicant = new koppel.generic.Applicant();
        applicant.setKind(koppel.generic.ApplicantKind.fromValue(Given.value("applicant.kind")));
        applicant.setInitials(Given.value("applicant.initials"));
        applicant.setLast_name(Given.value("applicant.last_name"));
        applicant.setBirth_date(date("applicant.birth_date"));
        applicant.setEmail(Given.value("applicant.email"));
        applicant.setStreet(Given.value("applicant.street"));
        applicant.setHouse_number(Given.value("applicant.house_number"));
        applicant.setPostcode(Given.value("applicant.postcode"));
        applicant.setCity(Given.value("applicant.city"));
        applicant.setCountry(Given.value("applicant.country"));
        koppel.generic.Consent consent = new koppel.generic.Consent();
        consent.setVersion(asked.getConsent_version());
        consent.setGiven(true);
        accept.setId(id);
        accept.setApplicant(applicant);
        accept.setIban(Given.value("payment.iban"));
        accept.setAccount_holder(Given.value("payment.account_holder"));
        accept.setTerm(Given.value("payment.term"));
        accept.setAnswers(byName("acceptance", ""));
        accept.setConsent(consent);
        accept.setCommission(asked.getCommission());
        accept.setDocuments_shown(asked.getDocuments());
        return accept;
    }

    static void generic(String key) throws Exception {
        koppel.generic.QuotePort port =
            authorized(new koppel.generic.QuoteServiceLocator().getQuote(), key);
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
        Given.tell("covers", quote.getPremium().getCovers().length);
        Given.tell("date", new java.text.SimpleDateFormat("yyyy-MM-dd").format(
            quote.getEffective_date()));
        Given.tell("application", application.getId());
        Given.tell("status", application.getStatus());
        request.setAnswers(byName("answers", "birth_date"));
        try {
            port.requestQuote(request);
        } catch (koppel.generic.ServiceFault fault) {
            Given.tell("fault_code", fault.getCode());
            Given.tell("fault_pointer", fault.getFields()[0].getPointer());
            Given.tell("fault_text", fault.getFaultString());
        }
    }

    static koppel.auto.Answers answers() {
        koppel.auto.Answers answers = new koppel.auto.Answers();
        answers.setFirst_registration_date(date("answers.first_registration_date"));
        answers.setVehicle_weight_kg(Long.parseLong(Given.value("answers.vehicle_weight_kg")));
        answers.setCatalogue_value(new BigDecimal(Given.value("answers.catalogue_value")));
        answers.setFuel(koppel.auto.AnswersFuel.fromValue(Given.value("answers.fuel")));
        answers.setUsage(koppel.auto.AnswersUsage.fromValue(Given.value("answers.usage")));
        answers.setKilometres_per_year(koppel.auto.AnswersKilometres_per_year.fromValue(
            Given.value("answers.kilometres_per_year")));
        answers.setBirth_date(date("answers.birth_date"));
        answers.setPostcode(Given.value("answers.postcode"));
        answers.setClaim_free_years(Long.parseLong(Given.value("answers.claim_free_years")));
        answers.setOther_driver(Given.truth("answers.other_driver"));
        answers.setCover(koppel.auto.AnswersCover.fromValue(Given.value("answers.cover")));
        answers.setCasco_excess(
            koppel.auto.AnswersCasco_excess.fromValue(Given.value("answers.casco_excess")));
        answers.setAccident_occupants(Given.truth("answers.accident_occupants"));
        answers.setLegal_aid(Given.truth("answers.legal_aid"));
        return answers;
    }

    static koppel.auto.AcceptQuote acceptTyped(String id,
                                               koppel.auto.GetAcceptanceResponse asked) {
        koppel.auto.AcceptQuote accept = new koppel.auto.AcceptQuote();
        koppel.auto.Applicant applicant = new koppel.auto.Applicant();
        applicant.setKind(koppel.auto.ApplicantKind.fromValue(Given.value("applicant.kind")));
        applicant.setInitials(Given.value("applicant.initials"));
        applicant.setLast_name(Given.value("applicant.last_name"));
        applicant.setBirth_date(date("applicant.birth_date"));
        applicant.setEmail(Given.value("applicant.email"));
        applicant.setStreet(Given.value("applicant.street"));
        applicant.setHouse_number(Given.value("applicant.house_number"));
        applicant.setPostcode(Given.value("applicant.postcode"));
        applicant.setCity(Given.value("applicant.city"));
        applicant.setCountry(Given.value("applicant.country"));
        koppel.auto.Consent consent = new koppel.auto.Consent();
        consent.setVersion(asked.getConsent_version());
        consent.setGiven(true);
        koppel.auto.AcceptanceAnswers answers = new koppel.auto.AcceptanceAnswers();
        answers.setReporting_code(Given.value("acceptance.reporting_code"));
        answers.setDriving_disqualified(Given.truth("acceptance.driving_disqualified"));
        accept.setId(id);
        accept.setApplicant(applicant);
        accept.setIban(Given.value("payment.iban"));
        accept.setAccount_holder(Given.value("payment.account_holder"));
        accept.setTerm(Given.value("payment.term"));
        accept.setAnswers(answers);
        accept.setConsent(consent);
        accept.setCommission(asked.getCommission());
        accept.setDocuments_shown(asked.getDocuments());
        return accept;
    }

    static void typed(String key) throws Exception {
        koppel.auto.QuotePort port =
            authorized(new koppel.auto.QuoteServiceLocator().getQuote(), key);
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
        } catch (koppel.auto.ServiceFault fault) {
            Given.tell("typed_fault_code", fault.getCode());
        }
    }

    public static void main(String[] arguments) throws Exception {
        Given.read(arguments);
        generic(arguments[0]);
        typed(arguments[0]);
        Given.print();
    }
}
