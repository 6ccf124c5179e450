package athanor.testkit.web;

import athanor.testkit.web.FakeCivitai.File;
import athanor.testkit.web.FakeCivitai.Rule;
import athanor.testkit.web.FakeHuggingFace.Visibility;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Runs the fakes as a process of their own until standard input ends, for clients in other
 * languages and for benchmarks. Prints one {@code NAME=value} a line, then {@code ready}; then
 * obeys the commands of {@link FakeHubCommands}, a line each, and prints {@code done} after each.
 * Arguments: size of {@code bench/large/large.dat} in bytes (default 0: none), latency of every
 * answer in milliseconds.
 */
public final class FakeHubMain {
  private FakeHubMain() {}

  /** Starts the fakes. */
  public static void main(String[] args) throws IOException {
    long large = args.length > 0 ? Long.parseLong(args[0]) : 0;
    long latency = args.length > 1 ? Long.parseLong(args[1]) : 0;
    try (FakeWeb web = new FakeWeb()) {
      publish(web);
      if (large > 0) {
        byte[] block = new byte[1 << 20];
        new SplittableRandom(1).nextBytes(block);
        Blob blob = Blob.repeated(block, large);
        web.huggingFace()
            .file(web.huggingFace().repo("bench/large", Visibility.PUBLIC), "large.dat", blob);
        System.out.println("LARGE_SHA256=" + blob.sha256());
        System.out.println("LARGE_ADDRESS=" + web.storage().sign(blob));
      }
      web.huggingFace().latency(Duration.ofMillis(latency));
      web.civitai().latency(Duration.ofMillis(latency));
      web.storage().latency(Duration.ofMillis(latency));
      introduce(web);
      obey(web);
      System.out.println("STORAGE_REQUESTS=" + web.storage().log().size());
      System.out.println("TOKEN_AT_STORAGE=" + web.publishing().tokenSeenAtStorage());
    }
    System.exit(0);
  }

  private static void introduce(FakeWeb web) {
    System.out.println("HF_ENDPOINT=" + web.huggingFace().address());
    System.out.println("CIVITAI_ENDPOINT=" + web.civitai().address());
    System.out.println("TOKEN=" + FakeHuggingFace.TOKEN);
    System.out.println("WRITE_TOKEN=" + Tokens.WRITE.secret());
    System.out.println("USER_SCOPED_TOKEN=" + Tokens.USER_SCOPED.secret());
    System.out.println("REPO_SCOPED_TOKEN=" + Tokens.REPO_SCOPED.secret());
    System.out.println("OTHER_SCOPED_TOKEN=" + Tokens.OTHER_SCOPED.secret());
    System.out.println("PUT_ADDRESS=" + web.publishing().receiving().plainAddress());
    System.out.println("ready");
  }

  private static void obey(FakeWeb web) throws IOException {
    var commands = new FakeHubCommands(web);
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      commands.obey(line.strip());
      System.out.println("done");
    }
  }

  private static void publish(FakeWeb web) {
    FakeHuggingFace hub = web.huggingFace();
    var repo = hub.repo("alice/pixel", Visibility.PUBLIC);
    hub.file(repo, "pixel.safetensors", published(1, 1_000_003));
    hub.file(repo, "sub/deep er/ink.safetensors", published(2, 70_001));
    hub.file(repo, "README.md", Blob.of("# Pixel\n".getBytes(StandardCharsets.UTF_8)));
    hub.file(hub.repo("alice/gated", Visibility.GATED), "g.safetensors", published(3, 9001));
    hub.file(hub.repo("alice/secret", Visibility.PRIVATE), "s.safetensors", published(4, 9001));
    for (int i = 0; i < 4; i++) {
      String name = "lora" + i + ".safetensors";
      Blob blob = published(10 + i, 500_009);
      web.civitai()
          .version(
              100 + i,
              200 + i,
              Rule.ANYONE,
              new File(300 + i, name, "Model", "SafeTensor", "fp16", true, blob));
    }
  }

  private static Blob published(int seed, int values) {
    return Blob.of(FakeWeb.safetensors(values, seed));
  }
}
