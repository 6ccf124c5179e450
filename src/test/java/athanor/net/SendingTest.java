package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.file.InputFile;
import athanor.progress.Cancellation;
import athanor.testkit.Gen;
import athanor.testkit.web.FakeServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that carry something. */
class SendingTest {
  private static final Secret TOKEN = Secret.of("tok3n-that-must-not-leak");

  @TempDir private Path folder;
  private final FakeServer own = new FakeServer();
  private final FakeServer other = new FakeServer();
  private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
  private final Http http =
      Http.open(
          HttpSettings.from(Map.of(), note -> {})
              .with(
                  new HttpSettings.Timeouts(
                      Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofMillis(400))));

  @AfterEach
  void stop() {
    http.close();
    own.close();
    other.close();
  }

  private InputFile file(byte[] content) throws IOException {
    return InputFile.open(Files.write(folder.resolve("file"), content));
  }

  private Content.Slice slice(InputFile file, long offset, long length) {
    return new Content.Slice(file, offset, length, sent -> {});
  }

  private URI take(FakeServer server, String path) {
    server.handle(
        path,
        (exchange, body) -> {
          bodies.add(body);
          FakeServer.send(exchange, 200, "text/plain", new byte[0]);
        });
    return URI.create(server.address() + path);
  }

  private void redirect(String path, int status, String location) {
    own.handle(
        path,
        (exchange, body) -> {
          exchange.getResponseHeaders().set("Location", location);
          exchange.sendResponseHeaders(status, -1);
        });
  }

  private int status(Call call) throws IOException {
    try (Reply reply = http.send(call, new Cancellation())) {
      return reply.status();
    }
  }

  @Test
  void sendsExactlyTheSliceWithItsLengthAndNothingElse() throws IOException {
    Gen gen = Gen.seeded("slices");
    byte[] content = gen.bytes(1_500_000);
    URI address = take(own, "/put");
    try (InputFile file = file(content)) {
      for (int i = 0; i < 20; i++) {
        int from = gen.between(0, content.length - 1);
        int length = gen.between(0, Math.min(600_000, content.length - from));
        assertThat(status(Call.put(address, slice(file, from, length)))).isEqualTo(200);
        assertThat(bodies.getLast()).isEqualTo(Arrays.copyOfRange(content, from, from + length));
        String head = own.log().getLast().head().toLowerCase(java.util.Locale.ROOT);
        assertThat(head)
            .contains("content-length: [" + length + "]")
            .doesNotContain("transfer-encoding", "content-type", "authorization", "expect:");
      }
    }
  }

  @Test
  void beginsAgainAtTheStartOfTheSliceAndTellsHowFarItIs() throws IOException {
    byte[] content = Gen.seeded("again").bytes(700_000);
    List<Long> reached = new ArrayList<>();
    URI address = take(own, "/put");
    try (InputFile file = file(content)) {
      Call call = Call.put(address, new Content.Slice(file, 100_000, 600_000, reached::add));
      assertThat(status(call)).isEqualTo(200);
      assertThat(status(call)).isEqualTo(200);
    }
    assertThat(bodies).hasSize(2);
    assertThat(bodies.get(0)).isEqualTo(bodies.get(1));
    assertThat(reached.subList(0, reached.size() / 2))
        .isSorted()
        .startsWith(0L)
        .endsWith(600_000L)
        .isEqualTo(reached.subList(reached.size() / 2, reached.size()));
  }

  @Test
  void postsATextWithItsMediaType() throws IOException {
    Json json = Json.of(Map.of("name", Json.of("größe \uD83D\uDE00 \u2028")));
    assertThat(status(Call.post(take(own, "/post"), Content.json(json)))).isEqualTo(200);
    assertThat(Json.parse(bodies.getFirst())).isEqualTo(json);
    assertThat(own.log().getFirst().head()).contains("Content-type: [application/json]");
  }

  @Test
  void repeatsContentOnlyWhereTheRedirectKeepsTheMethodAndTheTargetIsAllowed() throws IOException {
    URI target = take(own, "/target");
    URI foreign = take(other, "/target");
    redirect("/kept", 307, "/target");
    redirect("/changed", 303, "/target");
    redirect("/away", 307, foreign.toString());
    Call call =
        Call.post(URI.create(own.address() + "/kept"), new Content.Text("text/plain", "body"))
            .with(Credential.bearer(TOKEN, Set.of(Origin.of(own.address())), "HF_TOKEN"))
            .following(address -> Origin.of(address).equals(Origin.of(target)));
    assertThat(status(call)).isEqualTo(200);
    assertThat(new String(bodies.getFirst(), StandardCharsets.UTF_8)).isEqualTo("body");
    for (String path : List.of("/changed", "/away")) {
      Call moved =
          new Call(
              "POST",
              URI.create(own.address() + path),
              call.headers(),
              call.credentials(),
              call.follow(),
              call.content(),
              call.patience());
      assertThat(status(moved)).isGreaterThan(300);
    }
    assertThat(bodies).hasSize(1);
    assertThat(other.log()).isEmpty();
  }

  @Test
  void isPatientWithAServerThatTakesItsTimeButMoves() throws Exception {
    byte[] content = new byte[8 << 20];
    HttpSettings settings =
        http.settings()
            .with(
                new HttpSettings.Timeouts(
                    Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)));
    try (ServerSocket slow = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Http patient = Http.open(settings);
        InputFile file = file(content)) {
      slow.setReceiveBufferSize(64 << 10);
      Thread server = Thread.ofVirtual().start(() -> readSlowly(slow, content.length, 5_000));
      URI address = URI.create("http://127.0.0.1:" + slow.getLocalPort() + "/put");
      long begin = System.nanoTime();
      Call call = Call.put(address, slice(file, 0, content.length));
      try (Reply reply = patient.send(call, new Cancellation())) {
        assertThat(reply.status()).isEqualTo(200);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isGreaterThan(settings.timeouts().headers());
      server.join();
    }
  }

  private static void readSlowly(ServerSocket server, int length, int bytesPerMilli) {
    try (Socket socket = server.accept()) {
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[256 << 10];
      for (long read = 0; read < length; ) {
        int count = Math.max(0, in.read(buffer));
        Thread.sleep(count / bytesPerMilli);
        read += count;
      }
      socket
          .getOutputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      in.read();
    } catch (IOException | InterruptedException e) {
      // The test fails by itself.
    }
  }

  @Test
  void givesUpOnAServerThatTakesNothingMore() throws IOException {
    byte[] content = new byte[24 << 20];
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        InputFile file = file(content)) {
      URI address = URI.create("http://127.0.0.1:" + deaf.getLocalPort() + "/put");
      assertThatThrownBy(() -> status(Call.put(address, slice(file, 0, content.length))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("has taken no data");
    }
  }

  @Test
  void givesUpOnAServerThatTakesEverythingAndSaysNothing() throws IOException {
    var hold = new AtomicInteger();
    own.handle(
        "/silent",
        (exchange, body) -> {
          hold.incrementAndGet();
          try {
            Thread.sleep(6000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    try (InputFile file = file(new byte[1000])) {
      Call call = Call.put(URI.create(own.address() + "/silent"), slice(file, 0, 1000));
      assertThatThrownBy(() -> status(call)).isInstanceOf(java.net.http.HttpTimeoutException.class);
    }
    assertThat(hold).hasValue(1);
  }

  @Test
  void saysThatTheFileBecameShorterInsteadOfBlamingTheNetwork() throws IOException {
    URI address = take(own, "/put");
    try (InputFile file = file(new byte[900_000])) {
      try (var writer = new RandomAccessFile(folder.resolve("file").toFile(), "rw")) {
        writer.setLength(300_000);
      }
      assertThatThrownBy(() -> status(Call.put(address, slice(file, 0, 900_000))))
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("changed while it was read");
    }
    assertThat(bodies).isEmpty();
  }

  @Test
  void stopsSendingWhenCancelled() throws Exception {
    byte[] content = new byte[24 << 20];
    var cancellation = new Cancellation();
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        InputFile file = file(content)) {
      URI address = URI.create("http://127.0.0.1:" + deaf.getLocalPort() + "/put");
      Thread.ofVirtual()
          .start(() -> {
            try {
              Thread.sleep(150);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            cancellation.request();
          });
      assertThatThrownBy(
              () -> http.send(Call.put(address, slice(file, 0, content.length)), cancellation))
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("cancelled");
    }
  }
}
