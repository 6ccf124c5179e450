package athanor.testkit.web;

import athanor.testkit.web.upload.Publishing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Both hubs and their storage, with an environment that leads there and nowhere else. */
public final class FakeWeb implements AutoCloseable {
  private final FakeStorage storage = new FakeStorage();
  private final FakeHuggingFace huggingFace = new FakeHuggingFace(storage);
  private final Publishing publishing = new Publishing(huggingFace, storage);
  private final FakeCivitai civitai = new FakeCivitai(storage);

  /** The storage. */
  public FakeStorage storage() {
    return storage;
  }

  /** The Hugging Face Hub. */
  public FakeHuggingFace huggingFace() {
    return huggingFace;
  }

  /** The Hub's write side. */
  public Publishing publishing() {
    return publishing;
  }

  /** Civitai. */
  public FakeCivitai civitai() {
    return civitai;
  }

  /** Variables for a user whose home is this folder and who has no token. */
  public Map<String, String> environment(Path home) {
    Map<String, String> variables = new HashMap<>();
    variables.put("HF_ENDPOINT", huggingFace.address().toString());
    variables.put("CIVITAI_ENDPOINT", civitai.address().toString());
    variables.put("HF_HOME", home.resolve("hf").toString());
    variables.put("ATHANOR_CACHE", home.resolve("cache").toString());
    variables.put("ATHANOR_CONFIG", home.resolve("config").toString());
    return variables;
  }

  /** A small but complete safetensors file with one F16 tensor of so many values. */
  public static byte[] safetensors(int values, long seed) {
    String header =
        "{\"w\":{\"dtype\":\"F16\",\"shape\":["
            + values
            + "],\"data_offsets\":[0,"
            + 2 * values
            + "]}}";
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + 2 * values);
    file.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
    var random = new java.util.SplittableRandom(seed);
    while (file.hasRemaining()) {
      file.put((byte) random.nextInt());
    }
    return file.array();
  }

  @Override
  public void close() {
    huggingFace.close();
    civitai.close();
    storage.close();
    publishing.close();
  }
}
