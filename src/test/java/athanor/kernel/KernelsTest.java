package athanor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which kernels a process gets. */
class KernelsTest {
  @AfterEach
  void forgetTheWish() {
    System.clearProperty("athanor.kernels");
  }

  @Test
  void usesTheVectorApiWhereItIsPresent() {
    assertThat(Kernels.create()).isInstanceOf(VectorKernels.class);
    assertThat(Kernels.create().description()).matches("Vector API, (128|256|512) bits");
  }

  @Test
  void obeysTheProperty() {
    System.setProperty("athanor.kernels", "scalar");
    assertThat(Kernels.create()).isInstanceOf(ScalarKernels.class);
    System.setProperty("athanor.kernels", "vector");
    assertThat(Kernels.create()).isInstanceOf(VectorKernels.class);
  }

  @Test
  void refusesAnotherValueOfTheProperty() {
    System.setProperty("athanor.kernels", "fast");
    assertThatThrownBy(Kernels::create)
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("fast")
        .hasMessageContaining("vector or scalar");
  }

  @Test
  void worksInPlainJavaWithoutTheVectorApi() throws Exception {
    assertThat(childProcess(List.of())).startsWith("plain Java").contains("12.0");
  }

  @Test
  void saysWhatIsMissingIfTheVectorApiIsForced() throws Exception {
    assertThat(childProcess(List.of("-Dathanor.kernels=vector")))
        .contains("the Vector API is not available");
  }

  private static String childProcess(List<String> options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }

  /** Runs in a Java machine without {@code jdk.incubator.vector}. */
  static final class Child {
    public static void main(String[] arguments) {
      Kernels kernels = Kernels.create();
      System.out.println(kernels.description());
      float[] c = {2};
      kernels.multiplyAdd(
          1, new float[] {1, 2}, 0, 2, kernels.pack(2, 1, new float[] {2, 4}, 0, 1), c, 0, 1);
      System.out.println(c[0]);
    }
  }
}
