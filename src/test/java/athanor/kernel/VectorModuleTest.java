package athanor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.junit.jupiter.api.Test;

class VectorModuleTest {
  @Test
  void comesWithoutAWarningIntoAProcessStartedWithoutIt() throws Exception {
    String output =
        run(
            "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED",
            "-XX:+UnlockExperimentalVMOptions");

    assertThat(output.lines()).containsExactly("available", "lanes: 48.0", "vector support: true");
  }

  @Test
  void isUnavailableWhereTheJdkDoesNotLetItIn() throws Exception {
    assertThat(run().lines()).containsExactly("unavailable");
  }

  @Test
  void isAvailableWhereItWasThereFromTheStart() {
    assertThat(VectorModule.isAvailable()).isTrue();
  }

  /** Standard output and error of {@link Probe} in a process of its own. */
  private static String run(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Probe.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var output = process.getInputStream()) {
      String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(text).isZero();
      return text;
    }
  }

  /** What the other process runs. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] args) {
      if (!VectorModule.isAvailable()) {
        System.out.println("unavailable");
        return;
      }
      System.out.println("available");
      UsesVectors.print();
    }
  }

  /** Linked only once the module is there. */
  static final class UsesVectors {
    private UsesVectors() {}

    static void print() {
      FloatVector three = FloatVector.broadcast(FloatVector.SPECIES_512, 3);
      System.out.println("lanes: " + three.reduceLanes(VectorOperators.ADD));
      System.out.println("vector support: " + vectorSupport());
    }

    private static String vectorSupport() {
      return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .getVMOption("EnableVectorSupport")
          .getValue();
    }
  }
}
