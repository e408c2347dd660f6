import com.vpcp.services.model.Agency;
import com.vpcp.services.model.CountReceiveEdoc;
import com.vpcp.services.model.UnitSynchronize;
import java.util.Map;

/** What version 2.0.1 of the client has beside 2.0.0. Compiled only against a client that has it. */
public final class DriverSince201 {
  public static void main(String[] args) throws Exception {
    Told told = new ToldSince201();
    Map<String, Driver.Operation> all = Operations.all(told);
    all.put("getAgenciesListQD20",
        (client, headers, second) -> told.agencies(client.agencies.getAgenciesListQD20(headers)));
    all.put("countReceiveEdoc",
        (client, headers, second) -> count(told, client.packets.countReceiveEdoc(headers)));
    all.put("countReceiveStatus",
        (client, headers, second) -> count(told, client.packets.countReceiveStatus(headers)));
    all.put("downloadEdoc", (client, headers, second) -> told.packet(client.packets.downloadEdoc(headers)));
    new Driver(all).run();
  }

  private static Map<String, Object> count(Told told, CountReceiveEdoc result) {
    Map<String, Object> fields = told.basic(result);
    if (fields != null) fields.put("count", result.getCount());
    return fields;
  }

  private static final class ToldSince201 extends Told {
    @Override
    Map<String, Object> agency(Agency agency) {
      Map<String, Object> fields = super.agency(agency);
      fields.put("oldCode", agency.getOldCode());
      fields.put("code102", agency.getCode102());
      return fields;
    }

    @Override
    Map<String, Object> unit(UnitSynchronize unit) {
      Map<String, Object> fields = super.unit(unit);
      fields.put("modifyDate", unit.getModifyDate());
      fields.put("isAgency", unit.getIsAgency());
      return fields;
    }
  }
}
