import com.vpcp.services.model.Agency;
import com.vpcp.services.model.BasicResult;
import com.vpcp.services.model.GetAgenciesResult;
import com.vpcp.services.model.GetEdocResult;
import com.vpcp.services.model.GetReceivedEdocResult;
import com.vpcp.services.model.GetSendEdocResult;
import com.vpcp.services.model.GetSynchronizeUnit;
import com.vpcp.services.model.Knobstick;
import com.vpcp.services.model.SendEdocResult;
import com.vpcp.services.model.StatusResult;
import com.vpcp.services.model.UnitSynchronize;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What the client's objects hold, by the names that the interface gives them. Packets are told by their SHA-256. */
class Told {
  Map<String, Object> basic(BasicResult result) {
    if (result == null) return null;
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("status", result.getStatus());
    fields.put("ErrorCode", result.getErrorCode());
    fields.put("ErrorDesc", result.getErrorDesc());
    return fields;
  }

  Map<String, Object> sent(SendEdocResult result) {
    return with(basic(result), "DocId", result == null ? null : result.getDocID());
  }

  Map<String, Object> packet(GetEdocResult result) throws IOException {
    Map<String, Object> fields = basic(result);
    if (fields == null) return null;
    String data = result.getData();
    fields.put("data", data == null || data.isEmpty() ? data : sha256(data.getBytes(StandardCharsets.UTF_8)));
    String path = result.getFilePath();
    boolean isFile = path != null && !path.isEmpty();
    return with(fields, "file", isFile ? sha256(Files.readAllBytes(new File(path).toPath())) : path);
  }

  Map<String, Object> agencies(GetAgenciesResult result) {
    return with(basic(result), "data", result == null ? null : each(result.getAgencies(), this::agency));
  }

  Map<String, Object> units(GetSynchronizeUnit result) {
    return with(basic(result), "data", result == null ? null : each(result.getUnitSynchronize(), this::unit));
  }

  Map<String, Object> received(GetReceivedEdocResult result) {
    return with(basic(result), "data", result == null ? null : each(result.getKnobsticks(), this::item));
  }

  Map<String, Object> statuses(GetSendEdocResult result) {
    return with(basic(result), "data", result == null ? null : each(result.getStatusResult(), this::status));
  }

  Map<String, Object> agency(Agency agency) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", agency.getId());
    fields.put("pid", agency.getPid());
    fields.put("code", agency.getCode());
    fields.put("name", agency.getName());
    fields.put("mail", agency.getMail());
    return fields;
  }

  Map<String, Object> unit(UnitSynchronize unit) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", unit.getId());
    fields.put("pid", unit.getPid());
    fields.put("code", unit.getCode());
    fields.put("name", unit.getName());
    fields.put("mail", unit.getMail());
    fields.put("version", unit.getVersion());
    fields.put("centerCode", unit.getCenterCode());
    fields.put("deleted", unit.isDeleted());
    return fields;
  }

  private Map<String, Object> item(Knobstick item) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("docId", item.getId());
    fields.put("serviceType", item.getServiceType());
    fields.put("messageType", item.getMessageType());
    fields.put("created_time", item.getCreatedTime());
    fields.put("updated_time", item.getUpdatedTime());
    fields.put("from", item.getFrom());
    fields.put("to", item.getTo());
    fields.put("status", item.getStatus());
    fields.put("status_desc", item.getStatusDesc());
    return fields;
  }

  private Map<String, Object> status(StatusResult status) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("serviceType", status.getServiceType());
    fields.put("messageType", status.getMessageType());
    fields.put("senderDocId", status.getSenderDocId());
    fields.put("receiverDocId", status.getReceiverDocId());
    fields.put("fromCode", status.getFromCode());
    fields.put("toCode", status.getToCode());
    fields.put("sendStatus", status.getSendStatus());
    fields.put("sendStatusDesc", status.getSendStatusDesc());
    fields.put("receiveStatus", status.getReceiveStatus());
    fields.put("receiveStatusDesc", status.getReceiveStatusDesc());
    fields.put("title", status.getTitle());
    fields.put("notation", status.getNotation());
    fields.put("sentTime", status.getSentTime());
    fields.put("receivedTime", status.getReceivedTime());
    return fields;
  }

  private static Map<String, Object> with(Map<String, Object> fields, String name, Object value) {
    if (fields != null) fields.put(name, value);
    return fields;
  }

  private static <T> List<Object> each(List<T> items, Function<T, Map<String, Object>> told) {
    if (items == null) return null;
    List<Object> all = new ArrayList<>();
    for (T item : items) all.add(told.apply(item));
    return all;
  }

  private static String sha256(byte[] octets) {
    try {
      StringBuilder hex = new StringBuilder();
      for (byte octet : MessageDigest.getInstance("SHA-256").digest(octets)) hex.append(String.format("%02x", octet));
      return hex.toString();
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
