import java.util.List;
import java.util.Map;

/** Writes JSON in ASCII: the console of a Windows server spoils everything else. */
final class Json {
  private Json() {}

  static String of(Object value) {
    StringBuilder text = new StringBuilder();
    write(text, value);
    return text.toString();
  }

  private static void write(StringBuilder text, Object value) {
    if (value instanceof Map) writeObject(text, (Map<?, ?>) value);
    else if (value instanceof List) writeArray(text, (List<?>) value);
    else if (value instanceof String) writeString(text, (String) value);
    else text.append(value);
  }

  private static void writeObject(StringBuilder text, Map<?, ?> fields) {
    String before = "{";
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      text.append(before);
      writeString(text, (String) field.getKey());
      text.append(':');
      write(text, field.getValue());
      before = ",";
    }
    text.append(fields.isEmpty() ? "{}" : "}");
  }

  private static void writeArray(StringBuilder text, List<?> items) {
    text.append('[');
    for (int at = 0; at < items.size(); at++) {
      if (at > 0) text.append(',');
      write(text, items.get(at));
    }
    text.append(']');
  }

  private static void writeString(StringBuilder text, String value) {
    text.append('"');
    for (char one : value.toCharArray())
      if (one < 0x20 || one > 0x7e || one == '"' || one == '\\') text.append(String.format("\\u%04x", (int) one));
      else text.append(one);
    text.append('"');
  }
}
