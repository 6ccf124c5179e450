package athanor.testkit.web.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.net.Json;
import athanor.testkit.web.Tokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The fake's storage must be as strict as the real one, or tests against it prove nothing. */
class ObjectsTest extends PublishingFixture {
  @Test
  void takesAWholeObjectOnlyAsItWasSigned() {
    BodyPublisher body = BodyPublishers.ofByteArray(model);
    URI address = whole();
    String changed = address.toString().replace("%2B", "+");
    var chunked = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(model));
    var authorized = HttpRequest.newBuilder(address).header("Authorization", "Bearer x");

    assertThat(send(authorized.PUT(body)).statusCode()).isEqualTo(400);
    assertThat(put(address, chunked).body()).contains("NotImplemented");
    assertThat(put(URI.create(changed), body).body()).contains("SignatureDoesNotMatch");
    assertThat(put(address, BodyPublishers.ofByteArray(model, 1, 9)).statusCode()).isEqualTo(400);
    publishing.receiving().expireAll();
    assertThat(put(address, body).body()).contains("Request has expired");
    assertThat(publishing.objects().has(oid, model.length)).isFalse();

    assertThat(put(whole(), body).headers().firstValue("ETag").orElseThrow()).startsWith("\"");
    assertThat(publishing.objects().has(oid, model.length)).isTrue();
    assertThat(batch()).isEqualTo(Json.NOTHING);
  }

  @Test
  void refusesAnAddressWhoseTimeIsOver() {
    publishing.receiving().linksExpireAfter(Duration.ofSeconds(-1));

    assertThat(put(whole(), BodyPublishers.ofByteArray(model)).statusCode()).isEqualTo(403);
  }

  @Test
  void doesNotHaveAnObjectWhoseContentIsAnother() {
    byte[] other = model.clone();
    other[200_000] ^= 1;

    assertThat(put(whole(), BodyPublishers.ofByteArray(other)).statusCode()).isEqualTo(200);
    assertThat(publishing.objects().has(oid, model.length)).isFalse();
    assertThat(commit("", lfsFile()).statusCode()).isEqualTo(400);
  }

  @Test
  void takesPartsInAnyOrder() throws IOException {
    publishing.settings().multipart(CHUNK);
    Json upload = batch();

    assertThat(complete(upload, putParts(upload)).statusCode()).isEqualTo(200);
    var stored = new java.io.ByteArrayOutputStream();
    publishing.objects().find(oid).orElseThrow().write(stored, 0, model.length);
    assertThat(stored.toByteArray()).isEqualTo(model);
    assertThat(publishing.receiving().received(oid, 3)).containsExactly(50_001L);
    assertThat(publishing.receiving().received(oid)).isEqualTo(model.length);
  }

  @Test
  void completesOnlyWithEveryPartAndItsLastTag() {
    publishing.settings().multipart(CHUNK);
    Json upload = batch();
    List<String> etags = putParts(upload);
    List<String> bare = etags.stream().map(etag -> etag.replace("\"", "")).toList();
    List<String> swapped = List.of(etags.get(1), etags.get(0), etags.get(2));

    assertThat(complete(upload, etags.subList(0, 2)).statusCode()).isEqualTo(400);
    assertThat(complete(upload, bare).statusCode()).isEqualTo(400);
    assertThat(complete(upload, swapped).statusCode()).isEqualTo(400);
    put(part(upload, 2), content(2));
    assertThat(complete(upload, etags).statusCode()).as("an older tag").isEqualTo(400);
    assertThat(complete(upload, putParts(upload)).statusCode()).isEqualTo(200);
  }

  @Test
  void doesNotCompleteWrongContentButARepeatedPartMendsIt() {
    publishing.settings().multipart(CHUNK);
    Json upload = batch();
    List<String> etags = new ArrayList<>(putParts(upload));
    etags.set(
        0,
        put(part(upload, 1), BodyPublishers.ofByteArray(model, 1, (int) CHUNK))
            .headers()
            .firstValue("ETag")
            .orElseThrow());

    assertThat(complete(upload, etags).statusCode()).isEqualTo(400);
    Json another = batch();
    put(part(another, 1), BodyPublishers.ofByteArray(model, 1, (int) CHUNK));
    assertThat(complete(another, putParts(another)).statusCode()).isEqualTo(200);
  }

  @Test
  void givesARepeatedBatchAnotherUploadUnlessToldOtherwise() {
    publishing.settings().multipart(CHUNK);
    String first = batch().get("href").text().orElseThrow();
    assertThat(batch().get("href").text().orElseThrow()).isNotEqualTo(first);

    publishing.settings().sameUploadWhenRepeated();
    Json upload = batch();
    put(part(upload, 1), content(1));
    Json repeated = batch();
    assertThat(repeated.get("href")).isEqualTo(upload.get("href"));
    assertThat(part(repeated, 1)).as("signed anew").isNotEqualTo(part(upload, 1));
  }

  @Test
  void failsAsToldAndThenWorks() {
    publishing.settings().multipart(CHUNK);
    Json upload = batch();
    publishing.troubles().part(2, UploadFaults.requestTimeout());
    publishing.troubles().part(2, UploadFaults.cutAfter(10_000));
    publishing.troubles().part(2, UploadFaults.without("ETag"));

    assertThat(put(part(upload, 2), content(2)).body()).contains("RequestTimeout");
    assertThatThrownBy(() -> put(part(upload, 2), content(2)))
        .hasCauseInstanceOf(IOException.class);
    assertThat(put(part(upload, 2), content(2)).headers().firstValue("ETag")).isEmpty();
    assertThat(publishing.troubles().allMet()).isTrue();
    assertThat(complete(upload, putParts(upload)).statusCode()).isEqualTo(200);
  }

  @Test
  void seesACredentialAtTheStorage() {
    assertThat(publishing.tokenSeenAtStorage()).isFalse();
    put(URI.create(whole() + "&token=" + Tokens.WRITE.secret()), content(1));
    assertThat(publishing.tokenSeenAtStorage()).isTrue();
  }
}
