import com.vpcp.services.AgencyServiceImp;
import com.vpcp.services.KnobstickServiceImp;
import com.vpcp.services.VnptProperties;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Uses the vendor's client library as an integrator would, by its public classes alone. Reads one call a line (fields
 * parted by tabs, UTF-8), and prints what the client's objects hold afterwards as one line of JSON:
 *
 *   open       name  endpoint  systemId  secret  folder     new service objects, kept under the name
 *   operation  name  header JSON  [file or body]            one call of them
 */
public class Driver {
  /** The service objects of one system: made once, used for all its calls, as document systems do. */
  static final class Client {
    final AgencyServiceImp agencies;
    final KnobstickServiceImp packets;

    Client(VnptProperties properties) {
      agencies = new AgencyServiceImp(properties);
      packets = new KnobstickServiceImp(properties);
    }
  }

  interface Operation {
    /** Returns what the result holds; null where the client gives no result. */
    Map<String, Object> call(Client client, String headers, String second) throws Exception;
  }

  private static final int CONNECTIONS = 10;
  private static final int RETRIES = 2;
  private static final int MOST_PRINTED = 2000;

  private final Map<String, Operation> operations;
  private final Map<String, Client> clients = new HashMap<>();
  /** The client catches its own exceptions, and prints them: that is how a lost answer shows. */
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  Driver(Map<String, Operation> operations) {
    this.operations = operations;
  }

  public static void main(String[] args) throws Exception {
    new Driver(Operations.all(new Told())).run();
  }

  void run() throws Exception {
    PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, "US-ASCII");
    // The client tells standard output every header and every answer.
    System.setOut(new PrintStream(new Nowhere()));
    System.setErr(new PrintStream(printed, true, "UTF-8"));
    BufferedReader calls = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    for (String line = calls.readLine(); line != null; line = calls.readLine())
      answers.println(Json.of(make(line.split("\t", -1))));
  }

  private Map<String, Object> make(String[] call) {
    Map<String, Object> told = new LinkedHashMap<>();
    printed.reset();
    Object result = null;
    String thrown = null;
    try {
      result = call[0].equals("open") ? open(call) : ask(call);
    } catch (Exception | LinkageError error) {
      thrown = error.toString();
    }
    told.put("result", result);
    told.put("thrown", thrown);
    told.put("printed", firstOf(printed.toString()));
    return told;
  }

  private Object open(String[] call) {
    VnptProperties properties =
        new VnptProperties(call[2], call[3], call[4], call[5], CONNECTIONS, RETRIES);
    clients.put(call[1], new Client(properties));
    return new LinkedHashMap<String, Object>();
  }

  private Object ask(String[] call) throws Exception {
    Operation operation = operations.get(call[0]);
    if (operation == null) throw new IllegalArgumentException("no such operation: " + call[0]);
    return operation.call(clients.get(call[1]), call[2], call.length > 3 ? call[3] : "");
  }

  private static String firstOf(String text) {
    return text.isEmpty() ? null : text.substring(0, Math.min(MOST_PRINTED, text.length()));
  }

  private static final class Nowhere extends OutputStream {
    @Override
    public void write(int octet) {}

    @Override
    public void write(byte[] octets, int from, int length) {}
  }
}
