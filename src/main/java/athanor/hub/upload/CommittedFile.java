package athanor.hub.upload;

import athanor.file.InputFile;
import athanor.net.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/** One file of the commit to come. */
sealed interface CommittedFile {
  String path();

  /** By what the Hub shows that it has these very bytes. */
  String tag();

  /** Its line in the commit, without the line end. */
  Json line();

  /** A small file, whose content is part of the commit. */
  record Small(String path, String base64, String tag) implements CommittedFile {
    @Override
    public Json line() {
      Map<String, Json> value = new LinkedHashMap<>();
      value.put("content", Json.of(base64));
      value.put("path", Json.of(path));
      value.put("encoding", Json.of("base64"));
      return keyed("file", value);
    }
  }

  /**
   * A large file, which goes to the storage first.
   *
   * @param tag its SHA-256
   */
  record Large(String path, String tag, InputFile file) implements CommittedFile {
    @Override
    public Json line() {
      Map<String, Json> value = new LinkedHashMap<>();
      value.put("path", Json.of(path));
      value.put("algo", Json.of("sha256"));
      value.put("oid", Json.of(tag));
      value.put("size", Json.of(file.size()));
      return keyed("lfsFile", value);
    }
  }

  private static Json keyed(String key, Map<String, Json> value) {
    Map<String, Json> line = new LinkedHashMap<>();
    line.put("key", Json.of(key));
    line.put("value", Json.of(value));
    return Json.of(line);
  }
}
