package athanor.hub.upload;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.net.Json;
import athanor.testkit.Gen;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MultipartPlanTest {
  private static Optional<MultipartPlan> parts(
      long size, long chunk, List<Integer> numbers, String id) {
    Map<String, Json> header = new LinkedHashMap<>();
    header.put("chunk_size", Json.of(Long.toString(chunk)));
    numbers.forEach(number ->
        header.put(
            "%05d".formatted(number),
            Json.of("https://s3/x?partNumber=" + number + "&X-Amz-Expires=900&sig=a%2Bb")));
    Json upload =
        Json.of(
            Map.of(
                "href", Json.of("https://hub/complete?uploadId=" + id),
                "header", Json.of(header)));
    return MultipartPlan.of(upload, Optional.empty(), size, URI::create);
  }

  private static List<Integer> upTo(long count) {
    return IntStream.rangeClosed(1, (int) count).boxed().collect(Collectors.toList());
  }

  @Test
  void coversEveryByteOnceForAnySizeAndChunk() {
    Gen gen = Gen.seeded("parts");
    for (int i = 0; i < 200; i++) {
      long chunk = gen.between(1, 1000);
      long size = gen.coin() ? chunk * gen.between(1, 50) : gen.between(1, (int) (chunk * 500));
      List<Integer> numbers = upTo((size + chunk - 1) / chunk);
      Collections.shuffle(numbers, new java.util.Random(gen.anyLong()));
      MultipartPlan parts = parts(size, chunk, numbers, "u").orElseThrow();
      long at = 0;
      for (int number = 1; number <= numbers.size(); number++) {
        assertThat(parts.offset(number)).isEqualTo(at);
        assertThat(parts.length(number, size)).isPositive().isLessThanOrEqualTo(chunk);
        assertThat(parts.addresses().get(number - 1).toString())
            .contains("partNumber=" + number + "&", "a%2Bb");
        at += parts.length(number, size);
      }
      assertThat(at).isEqualTo(size);
    }
  }

  @Test
  void refusesPlansThatDoNotFitTheFile() {
    assertThat(parts(100, 10, upTo(9), "u")).isEmpty();
    assertThat(parts(100, 10, upTo(11), "u")).isEmpty();
    assertThat(parts(100, 0, upTo(1), "u")).isEmpty();
    assertThat(parts(30, 10, List.of(1, 2, 4), "u")).isEmpty();
    assertThat(parts(30, 10, List.of(0, 1, 2), "u")).isEmpty();
    assertThat(parts(30, 10, List.of(), "u")).isEmpty();
  }

  @Test
  void knowsWhenItsAddressesAreTooOldAndWhetherAnotherPlanContinuesIt() {
    MultipartPlan parts = parts(100, 10, upTo(10), "one").orElseThrow();
    assertThat(parts.validity()).contains(Duration.ofSeconds(900));
    assertThat(parts.isExpired(Instant.now())).isFalse();
    assertThat(parts.isExpired(Instant.now().plusSeconds(890))).isTrue();
    assertThat(parts(100, 10, upTo(10), "one").orElseThrow().continues(parts)).isTrue();
    assertThat(parts(100, 10, upTo(10), "two").orElseThrow().continues(parts)).isFalse();
    assertThat(parts(100, 20, upTo(5), "one").orElseThrow().continues(parts)).isFalse();
    MultipartPlan nameless = parts(100, 10, upTo(10), "").orElseThrow();
    assertThat(nameless.continues(nameless)).isFalse();
  }

  @Test
  void survivesBeingWrittenDownAndShowsNoAddress() throws IOException {
    MultipartPlan parts = parts(100, 10, upTo(10), "one").orElseThrow();
    Json json = Json.parse(parts.toJson().toBytes());
    MultipartPlan read = MultipartPlan.fromJson(json, 100).orElseThrow();
    assertThat(read.addresses()).isEqualTo(parts.addresses());
    assertThat(read.completion()).isEqualTo(parts.completion());
    assertThat(read.continues(parts)).isTrue();
    assertThat(MultipartPlan.fromJson(json, 101)).isEmpty();
    assertThat(MultipartPlan.fromJson(Json.NOTHING, 100)).isEmpty();
    assertThat(parts.toString()).doesNotContain("http", "sig");
  }

  @Test
  void isGoodForSevenDaysAtMostWhateverTheHubSays() throws java.io.IOException {
    for (String number :
        List.of("9223372036854775807", "-9223372036854775808", "0", "1e99", "-1")) {
      String text =
          "{\"href\":\"https://hub/complete\",\"expires_in\":"
              + number
              + ",\"header\":{\"chunk_size\":\"10\",\"1\":\"https://s3/x\"}}";
      Json upload = Json.parse(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));

      MultipartPlan parts =
          MultipartPlan.of(upload, Optional.empty(), 10, URI::create).orElseThrow();

      assertThat(parts.validity().orElse(Duration.ofDays(7))).isEqualTo(Duration.ofDays(7));
      assertThat(parts.isExpired(Instant.now())).isFalse();
      assertThat(MultipartPlan.fromJson(parts.toJson(), 10)).isPresent();
    }
  }

  @Test
  void refusesMorePartsThanAStorageKnowsAndChunksThatOverflow() {
    assertThat(parts(10_000, 1, upTo(10_000), "u")).isPresent();
    assertThat(parts(10_001, 1, upTo(10_001), "u")).isEmpty();
    assertThat(parts(Long.MAX_VALUE, 999_999_999_999L, upTo(1), "u")).isEmpty();
    Json state =
        Json.of(
            Map.of(
                "chunk", Json.of(Long.MAX_VALUE),
                "completion", Json.of("https://hub/c"),
                "received", Json.of(Long.MAX_VALUE),
                "validity", Json.of(Long.MAX_VALUE),
                "parts", new Json.Items(List.of(Json.of("https://s3/x")))));
    assertThat(MultipartPlan.fromJson(state, 10).orElseThrow().isExpired(Instant.now())).isFalse();
    assertThat(MultipartPlan.fromJson(state, 0)).isEmpty();
  }
}
