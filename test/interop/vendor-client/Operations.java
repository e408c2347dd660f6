import java.util.HashMap;
import java.util.Map;

/** The calls that every version of the client has. */
final class Operations {
  private Operations() {}

  static Map<String, Driver.Operation> all(Told told) {
    Map<String, Driver.Operation> all = new HashMap<>();
    all.put("getAgenciesList",
        (client, headers, second) -> told.agencies(client.agencies.getAgenciesList(headers)));
    all.put("getSynchronizeUnit",
        (client, headers, second) -> told.units(client.agencies.getSynchronizeUnit(headers)));
    all.put("registerAgency",
        (client, headers, body) -> told.basic(client.agencies.registerAgency(headers, body)));
    all.put("deleteAgency", (client, headers, second) -> told.basic(client.agencies.deleteAgency(headers)));
    all.put("sendEdoc", (client, headers, file) -> told.sent(client.packets.sendEdoc(headers, file)));
    all.put("getReceivedEdocList",
        (client, headers, second) -> told.received(client.packets.getReceivedEdocList(headers)));
    all.put("getSentEdocList",
        (client, headers, second) -> told.statuses(client.packets.getSentEdocList(headers)));
    all.put("getEdoc", (client, headers, second) -> told.packet(client.packets.getEdoc(headers)));
    all.put("updateStatus", (client, headers, second) -> told.basic(client.packets.updateStatus(headers)));
    return all;
  }
}
