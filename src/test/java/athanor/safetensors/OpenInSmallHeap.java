package athanor.safetensors;

import athanor.error.AthanorException;
import athanor.tensor.StateDict;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.json.JsonFactory;

/** Opens a file or an index in a Java process of its own with little memory. */
final class OpenInSmallHeap {
  private OpenInSmallHeap() {}

  /** What became of it: {@code opened N}, or the problem's kind and line, or a stack trace. */
  static String outcome(Path file, String maxHeap) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + maxHeap,
                "-XX:+UseSerialGC",
                "-cp",
                classPath(),
                OpenInSmallHeap.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return "hangs";
    }
    return text.strip();
  }

  /** Where this class, the program and the JSON parser were loaded from. */
  private static String classPath() {
    return Stream.of(OpenInSmallHeap.class, SafetensorsFile.class, JsonFactory.class)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
        .map(url -> Path.of(URI.create(url.toString())).toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Opens the file named by the argument and prints the outcome. */
  public static void main(String[] args) {
    Path path = Path.of(args[0]);
    try (StateDict file =
        path.toString().endsWith(".json")
            ? ShardedSafetensors.open(path)
            : SafetensorsFile.open(path)) {
      System.out.println("opened " + file.tensors().size());
    } catch (AthanorException e) {
      System.out.println(e.problem().kind() + " " + e.getMessage());
    }
  }
}
