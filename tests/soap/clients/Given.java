/* What the Java clients were called with, GROUP.NAME=VALUE behind the key, and what they tell at
 * the end as one JSON line. */
import java.util.LinkedHashMap;
import java.util.Map;

final class Given {
    private static final Map<String, String> values = new LinkedHashMap<>();
    private static final StringBuilder told = new StringBuilder();

    static void read(String[] arguments) {
        for (int at = 1; at < arguments.length; at++) {
            String[] parts = arguments[at].split("=", 2);
            values.put(parts[0], parts[1]);
        }
    }

    static String value(String name) {
        return values.get(name);
    }

    static boolean truth(String name) {
        return Boolean.parseBoolean(value(name));
    }

    /* The values of a group by their names, without one of them. */
    static Map<String, String> group(String group, String without) {
        Map<String, String> found = new LinkedHashMap<>();
        for (Map.Entry<String, String> one : values.entrySet())
            if (one.getKey().startsWith(group + "."))
                found.put(one.getKey().substring(group.length() + 1), one.getValue());
        found.remove(without);
        return found;
    }

    static void tell(String name, Object value) {
        told.append(told.length() > 0 ? ", " : "{").append('"').append(name).append("\": ");
        told.append(value instanceof Integer ? value : "\"" + value + "\"");
    }

    static void print() {
        System.out.println(told.append('}'));
    }

    private Given() {}
}
