package athanor.hub;

import athanor.error.AthanorException;
import athanor.net.Json;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are the listing of a repository or of a model of Civitai, or are refused. */
class HubAnswerFuzz {
  private static final Link.HubRepo REPO =
      new Link.HubRepo(new Link.Repo(RepoType.MODEL, "a/b", Optional.empty()), "main", "");

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isAListingOrRefused(byte[] bytes) {
    try {
      Json json = Json.parse(bytes);
      for (RemoteFile file : Choice.of(REPO, HubListing.files(REPO, json)).files()) {
        requireHarmless(file.localName());
      }
      Listing listing =
          CivitaiListing.of(json.get("model"), json, Link.Selection.NONE, Optional.empty());
      listing.files().forEach(file -> requireHarmless(file.localName()));
    } catch (IOException | AthanorException e) {
      // Refused.
    }
  }

  private static void requireHarmless(String name) {
    if (name.isEmpty() || name.startsWith(".") || name.contains("/") || name.contains("\\")) {
      throw new AssertionError(name);
    }
  }

  static List<byte[]> seeds() {
    return Stream.of(
            "{\"sha\":\"0123456789abcdef0123456789abcdef01234567\",\"tags\":[\"lora\"],\"siblings\":"
                + "[{\"rfilename\":\"a/b.safetensors\",\"size\":5,\"lfs\":{\"sha256\":\"00\"}}]}",
            "{\"id\":2,\"modelId\":1,\"model\":{\"name\":\"m\"},\"files\":[{\"id\":3,\"name\":\"a.ckpt\","
                + "\"sizeKB\":2.5,\"type\":\"Model\",\"primary\":true,\"metadata\":{\"fp\":\"fp16\"}}]}")
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
