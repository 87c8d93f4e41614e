/* Axis 1, with stubs that WSDL2Java made from both WSDLs (SOAP 1.1, HTTP/1.0): over the generic
 * service and over the product's own, a quote, its acceptance, and a typed fault. Called as:
 * AxisClient KEY GROUP.NAME=VALUE…, with the groups answers, applicant, payment and acceptance;
 * prints one JSON line. The addresses are those of the WSDLs; the trust store is named to Java. */
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.axis.client.Stub;

public class AxisClient {
    static final Map<String, String> given = new LinkedHashMap<>();
    static final StringBuilder told = new StringBuilder("{");

    static String value(String name) {
        return given.get(name);
    }

    static boolean truth(String name) {
        return Boolean.parseBoolean(value(name));
    }

    static Date date(String name) {
        return java.sql.Date.valueOf(value(name));
    }

    static void tell(String name, Object value) {
        told.append(told.length() > 1 ? ", " : "").append('"').append(name).append("\": ");
        told.append(value instanceof Integer ? value : "\"" + value + "\"");
    }

    static <T> T authorized(T port, String key) {
        ((Stub) port).setUsername("koppel");
        ((Stub) port).setPassword(key);
        return port;
    }

    static koppel.generic.Answers byName(String group, String without) {
        List<koppel.generic.Answer> list = new ArrayList<>();
        for (Map.Entry<String, String> one : given.entrySet()) {
            String name = one.getKey();
            if (!name.startsWith(group + ".") || name.equals(group + "." + without)) continue;
            koppel.generic.Answer answer = new koppel.generic.Answer(one.getValue());
            answer.setName(name.substring(group.length() + 1));
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
        applicant.setKind(koppel.generic.ApplicantKind.fromValue(value("applicant.kind")));
        applicant.setInitials(value("applicant.initials"));
        applicant.setLast_name(value("applicant.last_name"));
        applicant.setBirth_date(date("applicant.birth_date"));
        applicant.setEmail(value("applicant.email"));
        applicant.setStreet(value("applicant.street"));
        applicant.setHouse_number(value("applicant.house_number"));
        applicant.setPostcode(value("applicant.postcode"));
        applicant.setCity(value("applicant.city"));
        applicant.setCountry(value("applicant.country"));
        koppel.generic.Consent consent = new koppel.generic.Consent();
        consent.setVersion(asked.getConsent_version());
        consent.setGiven(true);
        accept.setId(id);
        accept.setApplicant(applicant);
        accept.setIban(value("payment.iban"));
        accept.setAccount_holder(value("payment.account_holder"));
        accept.setTerm(value("payment.term"));
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
        tell("total", quote.getPremium().getTotal());
        tell("again", port.getQuote(read).getPremium().getTotal());
        tell("covers", quote.getPremium().getCovers().length);
        tell("date", new java.text.SimpleDateFormat("yyyy-MM-dd").format(
            quote.getEffective_date()));
        tell("application", application.getId());
        tell("status", application.getStatus());
        request.setAnswers(byName("answers", "birth_date"));
        try {
            port.requestQuote(request);
        } catch (koppel.generic.ServiceFault fault) {
            tell("fault_code", fault.getCode());
            tell("fault_pointer", fault.getFields()[0].getPointer());
            tell("fault_text", fault.getFaultString());
        }
    }

    static koppel.auto.Answers answers() {
        koppel.auto.Answers answers = new koppel.auto.Answers();
        answers.setFirst_registration_date(date("answers.first_registration_date"));
        answers.setVehicle_weight_kg(Long.parseLong(value("answers.vehicle_weight_kg")));
        answers.setCatalogue_value(new BigDecimal(value("answers.catalogue_value")));
        answers.setFuel(koppel.auto.AnswersFuel.fromValue(value("answers.fuel")));
        answers.setUsage(koppel.auto.AnswersUsage.fromValue(value("answers.usage")));
        answers.setKilometres_per_year(koppel.auto.AnswersKilometres_per_year.fromValue(
            value("answers.kilometres_per_year")));
        answers.setBirth_date(date("answers.birth_date"));
        answers.setPostcode(value("answers.postcode"));
        answers.setClaim_free_years(Long.parseLong(value("answers.claim_free_years")));
        answers.setOther_driver(truth("answers.other_driver"));
        answers.setCover(koppel.auto.AnswersCover.fromValue(value("answers.cover")));
        answers.setCasco_excess(
            koppel.auto.AnswersCasco_excess.fromValue(value("answers.casco_excess")));
        answers.setAccident_occupants(truth("answers.accident_occupants"));
        answers.setLegal_aid(truth("answers.legal_aid"));
        return answers;
    }

    static koppel.auto.AcceptQuote acceptTyped(String id,
                                               koppel.auto.GetAcceptanceResponse asked) {
        koppel.auto.AcceptQuote accept = new koppel.auto.AcceptQuote();
        koppel.auto.Applicant applicant = new koppel.auto.Applicant();
        applicant.setKind(koppel.auto.ApplicantKind.fromValue(value("applicant.kind")));
        applicant.setInitials(value("applicant.initials"));
        applicant.setLast_name(value("applicant.last_name"));
        applicant.setBirth_date(date("applicant.birth_date"));
        applicant.setEmail(value("applicant.email"));
        applicant.setStreet(value("applicant.street"));
        applicant.setHouse_number(value("applicant.house_number"));
        applicant.setPostcode(value("applicant.postcode"));
        applicant.setCity(value("applicant.city"));
        applicant.setCountry(value("applicant.country"));
        koppel.auto.Consent consent = new koppel.auto.Consent();
        consent.setVersion(asked.getConsent_version());
        consent.setGiven(true);
        koppel.auto.AcceptanceAnswers answers = new koppel.auto.AcceptanceAnswers();
        answers.setReporting_code(value("acceptance.reporting_code"));
        answers.setDriving_disqualified(truth("acceptance.driving_disqualified"));
        accept.setId(id);
        accept.setApplicant(applicant);
        accept.setIban(value("payment.iban"));
        accept.setAccount_holder(value("payment.account_holder"));
        accept.setTerm(value("payment.term"));
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
        tell("typed", quote.getPremium().getTotal());
        tell("typed_application", application.getId());
        tell("typed_status", application.getStatus());
        try {
            port.acceptQuote(accept);
        } catch (koppel.auto.ServiceFault fault) {
            tell("typed_fault_code", fault.getCode());
        }
    }

    public static void main(String[] arguments) throws Exception {
        for (int at = 1; at < arguments.length; at++) {
            String[] parts = arguments[at].split("=", 2);
            given.put(parts[0], parts[1]);
        }
        generic(arguments[0]);
        typed(arguments[0]);
        System.out.println(told.append('}'));
    }
}
