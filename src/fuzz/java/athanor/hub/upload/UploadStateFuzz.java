package athanor.hub.upload;

import athanor.net.Json;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are the plan of an upload, from the Hub or from an earlier run, or none. */
class UploadStateFuzz {
  private static final long SIZE = 30;

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isAPlanOrNone(byte[] bytes) {
    Json json;
    try {
      json = Json.parse(bytes);
    } catch (IOException e) {
      return;
    }
    GivenHeaders.of(json.get("header"));
    MultipartPlan.of(json, Optional.empty(), SIZE, text -> URI.create("https://s3/x"))
        .ifPresent(UploadStateFuzz::use);
    MultipartPlan.fromJson(json, SIZE).ifPresent(UploadStateFuzz::use);
  }

  private static void use(MultipartPlan plan) {
    plan.isExpired(Instant.now());
    plan.uploadId();
    long end = 0;
    for (int number = 1; number <= plan.addresses().size(); number++) {
      if (plan.offset(number) != end || plan.length(number, SIZE) <= 0) {
        throw new AssertionError(plan);
      }
      end += plan.length(number, SIZE);
    }
    if (end != SIZE) {
      throw new AssertionError(plan);
    }
  }

  static List<byte[]> seeds() {
    return Stream.of(
            "{\"href\":\"https://h/c\",\"expires_in\":9,\"header\":{\"chunk_size\":\"10\",\"1\":\"https://s3/1\","
                + "\"2\":\"https://s3/2\",\"3\":\"https://s3/3\"}}",
            "{\"chunk\":10,\"completion\":\"https://h/c\",\"received\":1,\"validity\":9,\"parts\":"
                + "[\"https://s3/1\",\"https://s3/2\",\"https://s3/3\"]}")
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
