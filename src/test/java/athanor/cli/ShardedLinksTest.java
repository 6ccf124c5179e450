package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.FakeServer;
import athanor.testkit.web.Repo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Models in several files that an index joins, given as links to the index. */
class ShardedLinksTest extends LinkFixture {
  private static final String INDEX = "sub/base.safetensors.index.json";
  private static final String FIRST = "base-00001-of-00002.safetensors";
  private static final String SECOND = "base-00002-of-00002.safetensors";

  private final Repo repo =
      web.huggingFace().repo("alice/sharded", FakeHuggingFace.Visibility.PUBLIC);
  private final List<Blob> shards = new ArrayList<>();
  private Path whole = Path.of("");

  @BeforeEach
  void publishShards() throws IOException {
    List<TensorInfo> tensors = Sample.sd1(DType.F16);
    var all = new TensorFile();
    var weightMap = new ArrayList<String>();
    for (int i = 0; i < 2; i++) {
      int half = tensors.size() / 2;
      var part = new TensorFile();
      for (TensorInfo tensor : tensors.subList(i * half, i == 0 ? half : tensors.size())) {
        byte[] bytes = gen.bytes((int) tensor.byteSize());
        part.put(tensor, bytes);
        all.put(tensor, bytes);
        weightMap.add("\"" + tensor.key() + "\":\"" + (i == 0 ? FIRST : SECOND) + "\"");
      }
      shards.add(blob(write(part, "part" + i)));
    }
    whole = write(all, "whole");
    String index = "{\"weight_map\":{" + String.join(",", weightMap) + "}}";
    web.huggingFace().file(repo, INDEX, Blob.of(index.getBytes(StandardCharsets.UTF_8)));
    web.huggingFace().file(repo, "sub/" + FIRST, shards.get(0));
    web.huggingFace().file(repo, "sub/" + SECOND, shards.get(1));
  }

  private static String link() {
    return "hf:alice/sharded/" + INDEX;
  }

  @Test
  void judgesAllFilesByTheirHeaders() {
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));
    CommandLineRun check = run("check", "--base", link(), pixel);
    assertThat(check.code()).as(check.err()).isZero();
    assertThat(check.out()).contains("SD 1.x", "1 of 1", "fits", FIRST, SECOND, "to download: ");
    assertThat(largestRequest()).isLessThanOrEqualTo(512 << 10);
  }

  @Test
  void inspectsByTheHeaders() {
    CommandLineRun inspect = run("inspect", link());
    assertThat(inspect.code()).as(inspect.out()).isZero();
    assertThat(inspect.out()).contains("SD 1.x checkpoint", "tensors: 63", "bytes: ");
    assertThat(largestRequest()).isLessThanOrEqualTo(512 << 10);
  }

  @Test
  void convertsThemIntoOneFile() {
    CommandLineRun run = run("convert", link(), "--out", out().toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains(FIRST + ": downloaded", SECOND + ": downloaded");
    assertThat(TensorFile.allBytes(out()))
        .containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(whole));
  }

  @Test
  void mergesIntoThem() {
    Path pixel = write(lora(TO_Q), "pixel");
    CommandLineRun run = merge("--base", link(), pixel.toString());
    assertThat(run.code()).as(run.err()).isZero();
    Map<String, byte[]> linked = TensorFile.allBytes(out());
    assertThat(merge("--base", whole.toString(), pixel.toString(), "--overwrite").code()).isZero();
    assertThat(linked).containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(out()));
    Path again = home.resolve("again.safetensors");
    int before = web.storage().log().size();
    assertThat(run("merge", "--base", link(), "" + pixel, "--out", "" + again).code()).isZero();
    assertThat(web.storage().log()).hasSize(before);
  }

  @Test
  void chooseTheIndexInARepositoryAndScanItOnceItIsHere() {
    CommandLineRun run = run("convert", "hf:alice/sharded", "--out", out().toString());
    assertThat(run.code()).as(run.err()).isZero();
    CommandLineRun scan = run("inspect", "--scan", "hf:alice/sharded");
    assertThat(scan.out()).contains("SD 1.x");
    assertThat(scan.code()).isIn(0, 4);
  }

  @Test
  void downloadsAllFilesIntoAFolder() throws IOException {
    Path folder = home.resolve("models");
    CommandLineRun run = run("get", link(), "--to", folder.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(3);
    assertThat(folder.resolve(SECOND)).hasBinaryContent(bytes(shards.get(1)));
    Path index = folder.resolve("base.safetensors.index.json");
    assertThat(TensorFile.allBytes(index))
        .containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(whole));
  }

  private static byte[] bytes(Blob blob) throws IOException {
    var out = new java.io.ByteArrayOutputStream();
    blob.write(out, 0, blob.size());
    return out.toByteArray();
  }

  @Test
  void warnsWhenAnotherFileHasTheNameOfAShard() throws IOException {
    Path folder = Files.createDirectories(home.resolve("models"));
    Files.writeString(folder.resolve(FIRST), "mine");
    CommandLineRun run = run("get", link(), "--to", folder.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(folder.resolve(FIRST)).hasContent("mine");
    assertThat(run.err()).contains("warning: ", "the index calls this file " + FIRST);
  }

  @Test
  void saysWhichFileIsMissing() {
    repo.files().remove("sub/" + SECOND);
    CommandLineRun run = run("convert", link(), "--out", out().toString());
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err()).contains(SECOND, "it has: ");
    assertThat(out()).doesNotExist();
  }

  @Test
  void findsTheFilesBesideAnIndexOnAnyServer() throws IOException {
    try (FakeServer site = new FakeServer()) {
      for (String name : List.of(INDEX, "sub/" + FIRST, "sub/" + SECOND)) {
        byte[] content = bytes(repo.files().get(name).blob());
        site.handle("/" + name, (exchange, body) -> FakeServer.send(exchange, 200, "x/y", content));
      }
      CommandLineRun run = run("convert", site.address() + "/" + INDEX, "--out", out().toString());
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(TensorFile.allBytes(out()))
          .containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(whole));
      Files.delete(out());
      CommandLineRun signed =
          run("convert", site.address() + "/" + INDEX + "?sig=1", "--out", out().toString());
      assertThat(signed.code()).isEqualTo(2);
      assertThat(signed.err()).contains("only the index", "into one folder").doesNotContain("sig");
    }
  }
}
