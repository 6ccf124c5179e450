package athanor.job;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.hub.Credentials;
import athanor.hub.HubSettings;
import athanor.hub.Service;
import athanor.kernel.Kernels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What of this computer matters for a merge. Tokens and passwords of proxies are not part of it,
 * only where they come from.
 *
 * @param kernels {@code vector} or {@code scalar}
 * @param folder where results go that are named without a folder
 * @param freeBytes on the disk of that folder; empty if it cannot be told
 * @param writeRate bytes a second that the disk of that folder takes durably; empty if it cannot be
 *     written to
 * @param cache folder of fetched files
 * @param proxies names of the variables that send requests to a proxy
 * @param offline variables that forbid the network
 * @param tokens for each service where its token comes from, or that there is none
 */
public record SystemCheck(
    String kernels,
    Path folder,
    OptionalLong freeBytes,
    OptionalLong writeRate,
    Path cache,
    List<String> proxies,
    List<String> offline,
    List<String> tokens) {
  private static final List<String> PROXIES =
      List.of("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY");

  private static final int PIECE = 4 << 20;
  private static final int PIECES = 16;

  /**
   * Looks at this computer; writes 64 MiB into a temporary file of the folder and removes it.
   *
   * @param folder the current folder
   * @param hub the settings of the hubs
   * @param credentials their tokens
   */
  public static SystemCheck of(Path folder, HubSettings hub, Credentials credentials) {
    return new SystemCheck(
        kernelsHere(),
        folder,
        freeOn(folder),
        writeRateOf(folder),
        hub.cache(),
        proxiesOf(hub.environment()),
        hub.offline().stream().toList(),
        Stream.of(Service.HUGGING_FACE, Service.CIVITAI)
            .map(service -> token(service, credentials))
            .toList());
  }

  private static String kernelsHere() {
    return Kernels.create().getClass().getSimpleName().startsWith("Vector") ? "vector" : "scalar";
  }

  private static OptionalLong freeOn(Path folder) {
    try {
      return OptionalLong.of(Files.getFileStore(folder).getUsableSpace());
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  private static OptionalLong writeRateOf(Path folder) {
    Path file = folder.resolve(".athanor-doctor-" + ProcessHandle.current().pid() + ".partial");
    byte[] noise = new byte[PIECE];
    new Random(1).nextBytes(noise); // some disks compress
    long begun = System.nanoTime();
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int piece = 0; piece < PIECES; piece++) {
        ByteBuffer rest = ByteBuffer.wrap(noise);
        while (rest.hasRemaining()) {
          out.write(rest);
        }
      }
      out.force(true);
      return OptionalLong.of(PIECES * (long) PIECE * 1_000_000_000 / (System.nanoTime() - begun));
    } catch (IOException e) {
      return OptionalLong.empty();
    } finally {
      remove(file);
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw Problem.badFile("a temporary file cannot be removed (" + e.getMessage() + ")")
          .at(file.toString())
          .toException(e);
    }
  }

  private static List<String> proxiesOf(Map<String, String> environment) {
    List<String> set = new ArrayList<>();
    for (String name : PROXIES) {
      if (!environment.getOrDefault(name, "").isBlank()) {
        set.add(name);
      }
    }
    return set;
  }

  private static String token(Service service, Credentials credentials) {
    try {
      return service.label()
          + ": "
          + credentials.token(service).map(token -> "from " + token.source()).orElse("none");
    } catch (AthanorException e) {
      return service.label() + ": " + e.problem().line();
    }
  }
}
